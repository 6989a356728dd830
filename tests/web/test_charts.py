"""The waterfall adds up: bars, total and the probability shown say the same."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from app.web.charts import (
    WIDTH,
    HeadWords,
    Percents,
    ScaleWords,
    Waterfall,
    Zone,
    log2_odds,
    prob_scale,
    probability_of,
)
from app.web.formats import Formats
from app.web.review_pair import signed

ZONE = Zone(0.2, 0.98)
WEIGHTS = st.lists(st.floats(-60, 60), min_size=1, max_size=14)


@given(WEIGHTS)
def test_bars_add_up_to_the_total_and_the_total_is_the_probability(weights: list[float]) -> None:
    fall = Waterfall.of(weights, ZONE)
    assert math.isclose(fall.total, math.fsum(weights), abs_tol=1e-9)
    assert fall.bars[0].start == 0.0
    for bar, following in zip(fall.bars, fall.bars[1:], strict=False):
        assert math.isclose(bar.end, following.start, abs_tol=1e-9)
    assert math.isclose(fall.bars[-1].end, fall.total, abs_tol=1e-9)
    probability = probability_of(fall.total)
    if 1e-12 < probability < 1 - 1e-12:
        assert math.isclose(log2_odds(probability), fall.total, rel_tol=1e-3, abs_tol=1e-6)


@given(WEIGHTS)
def test_every_bar_is_drawn_within_the_chart(weights: list[float]) -> None:
    fall = Waterfall.of(weights, ZONE)
    for place, weight in enumerate(weights):
        drawn = re.search(
            r'<rect class="(prior|for|against)" x="([\d.]+)"[^>]*width="([\d.]+)"', fall.row(place)
        )
        assert (drawn is None) == (weight == 0)
        if drawn is not None:
            assert 0 <= float(drawn[2]) <= float(drawn[2]) + float(drawn[3]) <= WIDTH
            assert drawn[1] == ("prior" if place == 0 else "for" if weight > 0 else "against")


def test_the_drawn_bars_stand_where_the_row_above_ended() -> None:
    fall = Waterfall.of([-14.0, 5.6, -1.2, 0.0, 9.1], ZONE)
    assert [round(bar.end, 1) for bar in fall.bars] == [-14.0, -8.4, -9.6, -9.6, -0.5]
    at = f"{fall.x(-8.4):.1f}"
    assert f'x1="{at}" x2="{at}" y1="50%"' in fall.row(1)
    assert f'x1="{at}" x2="{at}" y1="0"' in fall.row(2)
    assert "<circle" in fall.row(3)
    assert 'class="total"' in fall.sum_row()


def test_charts_have_a_sentence_and_escape_it() -> None:
    words = HeadWords("a", "b", '<b> & "c"', Percents())
    assert 'role="img" aria-label="&lt;b&gt; &amp; &#34;c&#34;"' in Waterfall.of([1.0], ZONE).head(
        words
    )
    scale = prob_scale(0.85, (0.78, 0.9), ZONE, ScaleWords("x", "y", "z", "<i>"))
    assert 'role="img" aria-label="&lt;i&gt;"' in scale
    assert "20%" in scale
    assert "98%" in scale
    assert "style" not in scale


def test_numbers_as_they_are_shown() -> None:
    assert [signed(one) for one in (5.64, -1.25, 0.04, -0.04, 0.0)] == [
        "+5.6",
        "−1.2",
        "0.0",
        "0.0",
        "0.0",
    ]
    form = Formats("zh")
    assert form.percent(0.9995) == "> 99.9%"
    assert form.percent(0.99949) == "99.9%"
    assert form.percent(0.0005) == "< 0.1%"
    assert form.percent(0.85) == "85.0%"


@given(st.floats(0.01, 0.98), st.floats(0.001, 0.98))
def test_the_scale_keeps_the_size_of_its_letters_in_any_box(low: float, more: float) -> None:
    """Nothing is scaled with the box; places are parts of its width."""
    zone = Zone(low, min(0.99, low + more))
    scale = prob_scale(0.5, (0.4, 0.6), zone, ScaleWords("x", "y", "z", "i"))
    assert "viewBox" not in scale
    assert "preserveAspectRatio" not in Waterfall.of([1.0, 0.0], zone).row(1)
    places = [float(one) for one in re.findall(r'<text x="([\d.]+)%" y="11"', scale)]
    assert all(0 <= one <= 100 for one in places)
    assert len(places) == 1 or places[1] - places[0] >= 25
