"""Strips and bars: parts make the whole, what is there is seen, and what is said is escaped."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.web.charts_desk import day_strip, shares, stage_bar
from app.web.words_facts import in_words


@given(st.lists(st.integers(1, 1_000_000), min_size=1, max_size=7))
def test_parts_make_the_whole_and_none_vanishes(numbers: list[int]) -> None:
    widths = shares(numbers, 600, 2.0)
    assert abs(sum(widths) - 600) < 1e-6
    assert min(widths) >= 1.9


def test_nothing_has_no_parts() -> None:
    assert shares([], 600, 2.0) == []
    assert stage_bar([("g-done", 0)], "none").count("<rect") == 1


def test_a_cell_with_failures_shows_both() -> None:
    drawn = day_strip([(0, 0)] * 143 + [(4, 1)], 'tax: <4> replies, "1" failed')
    assert len(re.findall('class="m1"', drawn)) == 1
    assert len(re.findall('class="fail"', drawn)) == 1
    assert "<4>" not in drawn
    assert 'role="img"' in drawn


def test_facts_in_words() -> None:
    def same(text: str, **_: object) -> str:
        return text

    said = in_words("plate=吉A3K58C; kind=passenger_car", same, same)
    assert said == "号牌 吉A3K58C，种类 小型客车"
    assert in_words("as it was", same, same) == "as it was"
    assert in_words("", same, same) == ""
