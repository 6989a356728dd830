"""When a batch may end: laws of the estimate, and exports that do nothing in a spreadsheet."""

import csv
import io
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.batch.csv_text import csv_lines
from app.batch.progress import Eta, eta, instants_of, stretches
from tests.service_parts import NOON

paces = st.lists(st.integers(0, 100_000), min_size=1, max_size=12)
spans = st.floats(0.5, 3_600, allow_nan=False)
counts = st.integers(0, 50_000_000)


@given(paces, spans, counts, counts)
def test_more_that_remains_never_ends_earlier(
    done: list[int], span: float, some: int, more: int
) -> None:
    first, second = eta(done, span, some), eta(done, span, some + more)
    assert (second is None) >= (first is None)
    if first is not None and second is not None:
        assert first.low <= second.low
        assert first.middle <= second.middle
        assert first.high <= second.high


@given(paces, spans, counts)
def test_the_range_holds_what_is_most_likely(done: list[int], span: float, remaining: int) -> None:
    found = eta(done, span, remaining)
    assert found is None or 0 <= found.low <= found.middle <= found.high


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=12), spans, st.integers(1, 10_000))
def test_a_steady_pace_is_known_better(done: list[int], span: float, remaining: int) -> None:
    steady = eta([max(done)] * len(done), span, remaining)
    slower = eta([max(done), *([0] * (len(done) - 1))], span, remaining)
    assert steady is not None
    assert slower is not None
    assert steady.high <= slower.high


def test_an_example() -> None:
    assert eta([100] * 12, 60.0, 1_200) == Eta(681, 720, 765)
    assert eta([0, 0], 60.0, 5) is None
    assert eta([0, 0], 60.0, 0) == Eta(0, 0, 0)


@pytest.mark.parametrize(("minutes", "length"), [(0, 12), (5, 300), (600, 1200)])
def test_spans_end_now(minutes: int, length: float) -> None:
    instants = instants_of(NOON - timedelta(minutes=minutes), NOON)
    assert instants[-1] == NOON
    assert (instants[-1] - instants[0]).total_seconds() == length
    assert len({later - sooner for sooner, later in pairwise(instants)}) == 1


@given(st.integers(0, 5_000_000))
def test_places_that_are_looked_at_lie_within(households: int) -> None:
    places = stretches(households)
    assert all(first <= last for first, last in places)
    assert all(last < max(households, 1) for _, last in places)
    assert all(one[1] < two[0] for one, two in pairwise(places))


@pytest.mark.promise(26)
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_is_a_formula(start: str) -> None:
    """Planted: `harmless` gave the cell as it was: each cell came out as a formula."""
    text = csv_lines([[f"{start}1+1", "plain", 3, None, "a,b\n"]])
    [row] = csv.reader(io.StringIO(text, newline=""))
    assert row == [f"'{start}1+1", "plain", "3", "", "a,b\n"]
