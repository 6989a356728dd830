"""Charts of the profile: what is drawn is what is said."""

import re
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.web.case_error import points
from app.web.charts_profile import bullet, error_scale, month_cells

_RECT = re.compile(r'<rect class="(\w+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"')
SHARES = st.floats(0, 1, allow_nan=False)


def test_an_end_that_is_not_known_runs_to_the_edge() -> None:
    drawn = str(bullet((Decimal("966.67"), None), Decimal(760), "bad", "over"))
    assert 'role="img" aria-label="over"' in drawn
    kinds = {kind: (float(x), float(width)) for kind, x, width in _RECT.findall(drawn)}
    x, width = kinds["maybe"]
    assert round(x + width) == 177


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_bar_is_beyond_the_limit_where_the_value_is(low: int, more: int, limit: int) -> None:
    drawn = str(bullet((Decimal(low), Decimal(low + more)), Decimal(limit), "ok", "x"))
    (mark,) = re.findall(r'<line class="limit" x1="([\d.]+)"', drawn)
    kinds = {kind: (float(x), float(width)) for kind, x, width in _RECT.findall(drawn)}
    end = sum(kinds["ok"])
    assert end <= float(mark) + 0.2 if low <= limit else end >= float(mark) - 0.2
    assert all(x >= 0 and x + width <= 178.1 for x, width in kinds.values())


def test_months_are_told_apart() -> None:
    drawn = str(month_cells(["record"] * 10 + ["none", "unknown"], "12 months", is_used=True))
    assert [kind for kind, *_ in _RECT.findall(drawn)] == ["m1"] * 10 + ["m0", "mx"]


def test_words_are_escaped() -> None:
    drawn = str(month_cells(["record"], '"><script>', is_used=False))
    assert "<script>" not in drawn


@given(SHARES, SHARES, SHARES)
def test_a_rate_lies_within_its_interval(one: float, two: float, three: float) -> None:
    low, value, high = sorted((one, two, three))
    drawn = str(error_scale((value, low, high), (0.05, 0.15), ("report", "review"), "rate"))
    (dot,) = map(float, re.findall(r'<circle class="dot" cx="([\d.]+)"', drawn))
    ends = [float(x) for x in re.findall(r'<line class="ci" x1="([\d.]+)"', drawn)]
    assert min(ends) - 0.1 <= dot <= 289.1


@given(SHARES, st.sampled_from([("可出报告", "须审核"), ("report", "review")]))
def test_no_label_lies_over_another_however_high_the_rate(
    rate: float, words: tuple[str, str]
) -> None:
    drawn = str(error_scale((rate, rate, rate), (0.05, 0.15), words, "rate"))
    ends = []
    for x, anchor, text in re.findall(
        r'<text x="([\d.]+)" y="31"(?: text-anchor="(\w+)")?>([^<]+)<', drawn
    ):
        width = sum(12 if ord(sign) > 0x2E80 or sign == "%" else 6.5 for sign in text)
        left = float(x) - {"": 0, "middle": width / 2, "end": width}[anchor]
        ends.append((left, left + width))
    ends.sort()
    assert len(ends) >= 2
    assert all(right <= left for (_, right), (left, _) in pairwise(ends))
    assert all(left >= -1 and right <= 291 for left, right in ends)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 0.12), min_size=1))
def test_causes_add_up_to_the_rate_as_it_is_shown(causes: dict[str, float]) -> None:
    rate = sum(causes.values())
    shown = points(causes, rate)
    assert sum(round(float(part) * 100) for _, part in shown) == round(rate * 10_000)
