"""A simulation is the sum of what each household's own judgement comes to."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import DraftCountsOtherwise
from app.domain.interval import Interval, Truth
from app.domain.money import as_text
from app.domain.profile import Totals
from app.programmes.conditions import monthly_gap
from app.programmes.folder import SHIPPED
from app.programmes.standard import Standards
from app.report.recount import Recounted, Sample, extrapolated, wilson
from app.report.simulation import Draft, Simulation
from app.report.simulation_tally import Tally
from app.store.facts import FactChunk
from app.store.packed_totals import Amounts, packed, unpacked
from tests.builders import shipped
from tests.cli.test_simulate import parameter
from tests.totals import TOTALS, alone

DAY: Final = date(2026, 11, 24)
REGIONS: Final = ("220102003", "220122101", "222401001")
OUTCOMES: Final = {
    Truth.YES: "confirmed",
    Truth.NO: "not_confirmed",
    Truth.OPEN: "undetermined",
}
_HIGHER = "parameters:\n" + parameter("local_standard", '"800.00"', town=True)
HOUSEHOLDS = st.lists(st.tuples(TOTALS, st.sampled_from(REGIONS)), min_size=1, max_size=12)


def a_draft(programme: str, more: str = _HIGHER) -> Draft:
    text = (SHIPPED / f"{programme}.yaml").read_text("utf-8")
    drafted, key = shipped().with_draft(text + more)
    return Draft(current=shipped(), drafted=drafted, programme=key, day=DAY)


def a_chunk(households: list[tuple[Totals, str]], programme: str = "urban_dibao") -> FactChunk:
    def amounts(totals: Totals) -> Amounts:
        return Amounts(
            totals=totals,
            identity=Truth.YES,
            ethnic_group=1,
            minors=0,
            gap=None,
            over=None,
            under=None,
        )

    count = len(households)
    return FactChunk(
        verification_ids=[f"vf_{number}" for number in range(count)],
        programmes=[programme] * count,
        regions=[region for _, region in households],
        standards=["another version"] * count,
        outcomes=["confirmed"] * count,
        household_indexes=[b""] * count,
        household_sizes=np.arange(1, count + 1),
        error_rates=np.full(count, 0.25),
        totals=unpacked([packed(amounts(totals)) for totals, _ in households]),
    )


def paid(standards: Standards, totals: Totals, region: str) -> tuple[Truth, Interval]:
    """One household's outcome, and the gap where it is confirmed."""
    standard = standards.in_force("urban_dibao", region, DAY)
    truth = alone(standard, {}, totals, Truth.YES)
    gap = monthly_gap(standard, totals)
    assert gap is not None
    return truth, gap if truth is Truth.YES else Interval.exactly(0)


def a_range(low: Decimal, high: Decimal | None) -> object:
    if low == high:
        return as_text(low)
    return {"min": as_text(low), "max": None if high is None else as_text(high)}


@settings(max_examples=60, deadline=None)
@given(HOUSEHOLDS, st.integers(0, 12))
def test_households_add_up(households: list[tuple[Totals, str]], cut: int) -> None:
    draft = a_draft("urban_dibao")
    simulation = Simulation(draft, Tally(6))
    for part in (households[:cut], households[cut:]):
        if part:
            simulation.add(a_chunk(part))
    document = simulation.tally.document()
    expected: Counter[tuple[str, str]] = Counter()
    sums = {"before": Interval.exactly(0), "after": Interval.exactly(0)}
    for totals, region in households:
        before, old = paid(draft.current, totals, region)
        after, new = paid(draft.drafted, totals, region)
        expected[OUTCOMES[before], OUTCOMES[after]] += 1
        sums = {"before": sums["before"] + old, "after": sums["after"] + new}
    found = {(one["before"], one["after"]): one["households"] for one in document["outcomes"]}
    assert found == dict(expected)
    for name, sum_ in sums.items():
        assert document["cost"][name] == a_range(sum_.low, sum_.high)
    assert document["expected_wrong"] == pytest.approx(0.25 * len(households))
    assert simulation.counted_otherwise == len(households)
    by_region = Counter(region[:6] for _, region in households)
    assert {one["region"]: one["households"] for one in document["regions"]} == dict(by_region)


@settings(max_examples=60, deadline=None)
@given(TOTALS, st.sampled_from(REGIONS[:1]), st.sampled_from(["0.50", "1.00"]))
def test_the_change_of_each_point_lies_in_the_changes_interval(
    totals: Totals, region: str, share: str
) -> None:
    """Whatever a household's income truly is, within what is known of it."""
    text = (SHIPPED / "urban_dibao.yaml").read_text("utf-8").replace('"1.00"', f'"{share}"', 1)
    drafted, key = shipped().with_draft(text + _HIGHER)
    draft = Draft(current=shipped(), drafted=drafted, programme=key, day=DAY)
    simulation = Simulation(draft, Tally(2))
    simulation.add(a_chunk([(totals, region)]))
    cost = simulation.tally.document()["cost"]["difference"]
    low, high = (cost, cost) if isinstance(cost, str) else (cost["min"], cost["max"])
    truths = {paid(one, totals, region)[0] for one in (draft.current, draft.drafted)}
    income, size = totals.monthly_income, totals.household_size
    if Truth.OPEN in truths or income.high is None or size.high is None:
        return
    for one in (income.low, (income.low + income.high) / 2, income.high):
        for heads in (size.low, size.high):
            point = replace(
                totals,
                monthly_income=Interval.exactly(one),
                household_size=Interval.exactly(heads),
            )
            old, new = (paid(each, point, region)[1].low for each in (draft.current, draft.drafted))
            assert Decimal(low) - _FEN <= new - old <= Decimal(high) + _FEN


_FEN = Decimal("0.01")


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("parameters:\n" + parameter("window_months", "6"), "window_months"),
        ("parameters:\n" + parameter("medical_above_yearly", '"0"'), "medical_above_yearly"),
    ],
)
def test_other_counting_is_named(more: str, names: str) -> None:
    simulation = Simulation(a_draft("urban_dibao", more), Tally(6))
    with pytest.raises(DraftCountsOtherwise, match=names):
        simulation.add(a_chunk([(_nothing(), REGIONS[0])]))


def test_what_makes_findings_alone_changes_no_total() -> None:
    more = "parameters:\n" + parameter("declared_tolerance", '"0.5"')
    simulation = Simulation(a_draft("urban_dibao", more), Tally(6))
    simulation.add(a_chunk([(_nothing(), REGIONS[0])]))
    assert not simulation.standard_differs


def test_a_decision_for_a_programme_that_is_gone_is_counted_otherwise() -> None:
    simulation = Simulation(a_draft("urban_dibao"), Tally(6))
    simulation.add(a_chunk([(_nothing(), REGIONS[0])], programme="of_old"))
    assert simulation.counted_otherwise == 1


def _nothing() -> Totals:
    zero = Interval.exactly(0)
    return Totals(**dict.fromkeys(Totals.__slots__, zero) | {"household_size": Interval.exactly(1)})


@given(st.integers(1, 500), st.integers(0, 500), st.integers(0, 5000))
def test_the_interval_of_a_share_holds_it_and_closes_with_the_whole(
    size: int, count: int, more: int
) -> None:
    count = min(count, size)
    low, high = wilson(count, size, size + more)
    assert 0 <= low <= count / size + 1e-12
    assert count / size - 1e-12 <= high <= 1
    assert (low == high) == (more == 0)


def test_wilson_as_in_the_books() -> None:
    """Of an endless population: 10 of 100 (Wilson 1927)."""
    low, high = wilson(10, 100, 10**12)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)


def test_a_sample_is_drawn_again_from_its_seed() -> None:
    ids = [f"vf_{number}" for number in range(100)]
    one = Sample.of(ids, 10, 3)
    assert one == Sample.of(list(reversed(ids)), 10, 3)
    assert one.ids != Sample.of(ids, 10, 4).ids
    assert len(set(one.ids)) == 10
    assert Sample.of(ids, 1000, 3).population == 100


def test_what_a_sample_found_is_drawn_out_to_all() -> None:
    found = [Recounted("confirmed", "confirmed", 100_00, 140_00)] * 6
    found += [Recounted("confirmed", "not_confirmed", 100_00, 0)] * 2
    found += [Recounted("undetermined", "confirmed", 0, None)] * 2
    told = extrapolated(Sample(1000, (), 1), found)
    assert told["changed"]["households"] == 400
    cost = told["cost"]
    assert (cost["difference"], cost["not_exact"]) == ("5000.00", 2)  # 5 yuan each
    low, high = map(Decimal, cost["interval"])
    assert low < 5000 < high
    assert low + high == 10_000


def test_a_sample_of_nothing_tells_nothing() -> None:
    told = extrapolated(Sample(0, (), 1), [])
    assert told["cost"] == {"difference": None, "interval": None, "not_exact": 0}
    assert told["changed"]["households"] == 0
