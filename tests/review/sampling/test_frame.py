"""A frame is what it holds, whatever the order; strata part it, and small ones are joined."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.sampling.errors import InvalidDesign, InvalidFrame
from app.review.sampling.frame import Decided, Frame, frames
from app.review.sampling.strata import Stratification, stratify
from tests.review.sampling.parts import a_frame, a_unit

COUNTS = st.lists(
    st.tuples(
        st.sampled_from(["urban_dibao", "rural_dibao"]),
        st.sampled_from([f"2299{number:02d}" for number in range(8)]),
        st.sampled_from([0.0, 0.05, 0.06, 0.15, 0.3, 1.0]),
        st.integers(1, 30),
    ),
    min_size=1,
    max_size=20,
)


def test_the_order_of_units_changes_nothing() -> None:
    units = [a_unit(number) for number in range(10)]
    assert Frame.of(units) == Frame.of(reversed(units))
    assert Frame.of(units).digest == Frame.of(reversed(units)).digest


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "vf_other"},
        {"programme": "rural_dibao"},
        {"region": "229902"},
        {"risk": 0.021},
        {"monthly_fen": None},
        {"decided": Decided.REFUSED},
    ],
)
def test_the_digest_tells_any_change(changes: dict[str, Any]) -> None:
    assert Frame.of([a_unit()]).digest != Frame.of([a_unit(**changes)]).digest


def test_each_kind_of_decision_has_its_frame() -> None:
    kinds = [Decided.CONFIRMED, Decided.REFUSED, Decided.CONFIRMED]
    parted = frames(a_unit(number, decided=kind) for number, kind in enumerate(kinds))
    assert {kind: len(frame.units) for kind, frame in parted.items()} == {
        Decided.CONFIRMED: 2,
        Decided.REFUSED: 1,
    }


def test_what_is_no_frame() -> None:
    with pytest.raises(InvalidFrame, match="none"):
        Frame.of([])
    with pytest.raises(InvalidFrame, match="one kind"):
        Frame.of([a_unit(0), a_unit(1, decided=Decided.STOPPED)])
    with pytest.raises(InvalidFrame, match="more than once: vf_000001"):
        Frame.of([a_unit(1), a_unit(1)])


@pytest.mark.parametrize("changes", [{"risk": 1.1}, {"risk": float("nan")}, {"monthly_fen": -1}])
def test_what_is_no_unit(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidFrame, match="vf_000000"):
        a_unit(**changes)


@pytest.mark.parametrize(
    ("risk", "band"), [(0.0, 0), (0.05, 0), (0.0501, 1), (0.15, 1), (0.1501, 2), (1.0, 2)]
)
def test_a_cut_belongs_to_the_band_below(risk: float, band: int) -> None:
    (stratum,) = stratify(Frame.of([a_unit(risk=risk)]), Stratification())
    assert stratum.cells[0].band == band
    assert stratum.name == f"urban_dibao/229901/{band}"


JOININGS = [
    ("nothing is small", [("a", "229901", 0.0, 10), ("a", "229901", 0.1, 10)], [10, 10]),
    (
        "a small band joins the lower one",
        [("a", "229901", 0.0, 20), ("a", "229901", 0.1, 3), ("a", "229901", 0.2, 12)],
        [23, 12],
    ),
    ("or the upper one", [("a", "229901", 0.0, 3), ("a", "229901", 0.1, 12)], [15]),
    (
        "a small region joins the next small one, not a large one between",
        [("a", "229901", 0.0, 4), ("a", "229902", 0.0, 50), ("a", "229903", 0.2, 6)],
        [10, 50],
    ),
    (
        "what is left over joins the last pool",
        [("a", f"22990{number}", 0.0, 6) for number in range(3)],
        [18],
    ),
    ("or the smallest stratum", [("a", "229901", 0.0, 90), ("a", "229902", 0.0, 3)], [93]),
    ("never another programme", [("a", "229901", 0.0, 90), ("b", "229901", 0.0, 3)], [90, 3]),
]


@pytest.mark.parametrize(("_why", "counts", "sizes"), JOININGS, ids=[row[0] for row in JOININGS])
def test_small_strata_are_joined(
    _why: str, counts: list[tuple[str, str, float, int]], sizes: list[int]
) -> None:
    strata = stratify(a_frame(counts), Stratification(smallest=10))
    assert [len(stratum.units) for stratum in strata] == sizes


@given(COUNTS, st.integers(1, 40))
def test_strata_part_the_frame_within_programmes(
    counts: list[tuple[str, str, float, int]], smallest: int
) -> None:
    frame = a_frame(counts)
    strata = stratify(frame, Stratification(smallest=smallest))
    ids = sorted(unit.id for stratum in strata for unit in stratum.units)
    assert ids == [unit.id for unit in frame.units]
    assert len({stratum.name for stratum in strata}) == len(strata)
    for stratum in strata:
        (programme,) = {unit.programme for unit in stratum.units}
        alone = sum(one.cells[0].programme == programme for one in strata) == 1
        assert len(stratum.units) >= smallest or alone


def test_towns_and_counties() -> None:
    units = [a_unit(n, region=f"2299010{1 + n % 2:02d}") for n in range(40)]
    assert len(stratify(Frame.of(units), Stratification())) == 1
    assert len(stratify(Frame.of(units), Stratification(region_digits=9))) == 2


@pytest.mark.parametrize("region", ["2299", "22990x", ""])
def test_a_region_that_cannot_be_placed(region: str) -> None:
    with pytest.raises(InvalidFrame, match="has not 6 digits"):
        stratify(Frame.of([a_unit(region=region)]), Stratification())


@pytest.mark.parametrize(
    "changes",
    [{"region_digits": 7}, {"cuts": (0.2, 0.1)}, {"cuts": (0.0,)}, {"smallest": 0}],
)
def test_what_is_no_stratification(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidDesign):
        Stratification(**changes)
