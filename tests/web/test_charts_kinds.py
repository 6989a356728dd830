"""The strip of an unusual value: it stands where it is, and a sentence says the same."""

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.web.charts_kinds import RangeWords, usual_range

WORDS = RangeWords(value="<b>", low="0", high="9", label='a "value" & <more>')


def drawn(value: str, usual: tuple[str | None, str | None]) -> tuple[float, float, float]:
    """Where the value stands, and the ends of the usual range."""
    svg = str(usual_range(value, usual, WORDS))
    at = float(re.findall(r'x1="([0-9.]+)%"', svg)[0])
    left, wide = re.findall(r'class="ok" x="([0-9.]+)%" y="20" width="([0-9.]+)%"', svg)[0]
    return at, float(left), float(left) + float(wide)


def test_words_are_escaped_and_a_sentence_says_it() -> None:
    svg = str(usual_range("5", ("0", "10"), WORDS))
    assert "<b>" not in svg
    assert 'role="img"' in svg
    assert "a &#34;value&#34; &amp; &lt;more&gt;" in svg


@given(
    st.decimals(min_value=0, max_value=10**12, places=2),
    st.decimals(min_value=0, max_value=10**6, places=2),
    st.decimals(min_value=1, max_value=10**6, places=2),
)
def test_inside_is_inside_and_outside_is_outside(
    value: Decimal, low: Decimal, wide: Decimal
) -> None:
    at, left, right = drawn(str(value), (str(low), str(low + wide)))
    assert 0 <= left <= right <= 100
    assert 0 <= at <= 100
    if value > (low + wide) * 2:
        assert at >= right - 0.2
    if value * 2 < low and low > 1:
        assert at <= left + 0.2


def test_a_range_without_an_end_runs_on() -> None:
    at, left, right = drawn("0.45", ("10", None))
    assert at < left
    assert right >= 97.9
