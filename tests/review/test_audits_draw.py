"""A drawn sample: known chances, the same whatever the order, kinds and parts apart."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidRequest
from app.review.audit_design import plan_of, strata_of
from app.review.audit_draw import Drawing, draw
from app.review.audit_plan import AuditPlan, Measure
from app.review.sampling.allocation import Allocation
from app.review.sampling.frame import Decided
from app.store.audit_samples import FrameRow, StoredItem, StoredSample
from tests.service_parts import NOON


def a_plan(**changes: Any) -> AuditPlan:
    values = AuditPlan(
        programmes=("urban_dibao", "rural_dibao"),
        region="220102",
        final_from=date(2026, 11, 1),
        final_until=date(2026, 11, 24),
        kinds=tuple(Decided),
        size=40,
        tolerance={Measure.INCLUSION: 0.05},
    )
    return replace(values, **changes)


def rows(number: int, seed: int = 1, **changes: Any) -> list[FrameRow]:
    """Confirmed, refused and stopped decisions, most of little risk."""
    chance = random.Random(seed)
    found = []
    for index in range(number):
        values = FrameRow(
            verification_id=f"vf_{index:06d}",
            programme=chance.choice(("urban_dibao", "urban_dibao", "rural_dibao")),
            region=f"220102{chance.randrange(1, 7):03d}",
            outcome=chance.choice(("confirmed", "confirmed", "not_confirmed")),
            stopped=chance.random() < 0.3,
            error_rate=round(chance.betavariate(0.5, 9.0), 6),
        )
        found.append(replace(values, **changes))
    return found


ROWS = rows(1200)


def chance_by_kind(drawing: Drawing, part: str) -> dict[str, list[StoredItem]]:
    kinds: dict[str, list[StoredItem]] = {}
    for one in drawing.items:
        if one.part == part:
            kinds.setdefault(one.kind, []).append(one)
    return kinds


@given(st.integers(0, 2**53 - 1), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_the_frame_changes_nothing(seed: int, chance: random.Random) -> None:
    other = list(ROWS)
    chance.shuffle(other)
    plan = a_plan(risk_supplement=6, second_reading_share=0.2)
    assert draw(plan, other, seed) == draw(plan, ROWS, seed)


def test_another_seed_draws_others_from_the_same_frame() -> None:
    one, other = draw(a_plan(), ROWS, 1), draw(a_plan(), ROWS, 2)
    assert one.frame_digest == other.frame_digest
    assert {item.verification_id for item in one.items} != {
        item.verification_id for item in other.items
    }


def test_another_frame_has_another_digest() -> None:
    changed = [replace(ROWS[0], error_rate=0.5), *ROWS[1:]]
    digests = {draw(a_plan(), some, 1).frame_digest for some in (ROWS, changed, ROWS[1:])}
    assert len(digests) == 3


@pytest.mark.parametrize("allocation", list(Allocation))
def test_chances_stand_for_the_frame(allocation: Allocation) -> None:
    drawing = draw(a_plan(allocation=allocation), ROWS, 3)
    sizes = Counter(
        "confirmed" if row.outcome == "confirmed" else "stopped" if row.stopped else "refused"
        for row in ROWS
    )
    for kind, items in chance_by_kind(drawing, "random").items():
        assert len(items) == 40
        assert sum(1 / item.probability for item in items) == pytest.approx(sizes[kind])
        assert all(item.inclusion == item.probability for item in items)  # there is no risk part


def test_how_often_a_decision_is_drawn_is_its_inclusion() -> None:
    """Over many seeds, by either part; the random part's own chance is exact, the risk part's
    hangs a little on what the random part left."""
    some = rows(120, 5, outcome="confirmed")
    plan = a_plan(kinds=(Decided.CONFIRMED,), size=20, risk_supplement=15)
    drawn: Counter[str] = Counter()
    chances: dict[str, list[float]] = {}
    for seed in range(400):
        for item in draw(plan, some, seed).items:
            drawn[item.verification_id] += 1
            chances.setdefault(item.verification_id, []).append(item.inclusion)
    off = [drawn[id_] / 400 - fmean(found) for id_, found in chances.items()]
    assert abs(fmean(off)) < 0.005
    assert max(map(abs, off)) < 0.1


def test_the_risk_part_is_apart_and_goes_where_risk_is() -> None:
    drawing = draw(a_plan(risk_supplement=30), ROWS, 4)
    by_risk, at_random = chance_by_kind(drawing, "risk"), chance_by_kind(drawing, "random")
    for kind in by_risk:
        assert len(by_risk[kind]) == 30
        assert not {one.verification_id for one in by_risk[kind]} & {
            one.verification_id for one in at_random[kind]
        }
        assert fmean(one.predicted for one in by_risk[kind]) > 2 * fmean(
            row.error_rate for row in ROWS
        )
    plain = draw(a_plan(), ROWS, 4)
    assert chance_by_kind(plain, "random").keys() == at_random.keys()
    for kind, items in chance_by_kind(plain, "random").items():
        names = {one.verification_id for one in at_random[kind]}
        assert {one.verification_id for one in items} == names


def test_both_parts_are_read_twice_at_one_share() -> None:
    drawing = draw(a_plan(size=60, risk_supplement=30, second_reading_share=0.4), ROWS, 5)
    shares: dict[str, list[float]] = {}
    for part in ("random", "risk"):
        for kind, items in chance_by_kind(drawing, part).items():
            twice = [one for one in items if one.second_probability is not None]
            assert all(0.0 < (one.second_probability or 0.0) <= 1.0 for one in twice)
            shares.setdefault(kind, []).append(len(twice) / len(items))
    for random_part, risk_part in shares.values():
        assert 0.4 <= random_part < 0.5  # two of every stratum, whatever the share
        assert risk_part == pytest.approx(random_part, abs=1 / 30)


def test_a_small_frame_is_read_whole() -> None:
    few = rows(30, outcome="confirmed")
    whole = draw(a_plan(kinds=(Decided.CONFIRMED,), risk_supplement=5), few, 6)
    assert len(whole.items) == 30
    assert {one.probability for one in whole.items} == {1.0}
    [planned] = whole.details["planned"]
    assert planned["half_width"] == pytest.approx(0.0)


@pytest.mark.parametrize("size", [24, 40, 200])
def test_strata_bind_at_most_half_of_the_sample(size: int) -> None:
    details = draw(a_plan(size=size, kinds=(Decided.CONFIRMED,)), ROWS, 7).details
    assert 2 * len(details["strata"]) <= size / 2
    if size == 200:
        assert len(details["strata"]) > 12
    assert min(one["drawn"] for one in details["strata"]) >= 2


def test_a_precision_is_kept_as_expected() -> None:
    details = draw(a_plan(size=None, half_width=0.03), ROWS, 8).details
    for one in details["planned"]:
        assert one["half_width"] <= 0.03
        assert one["drawn"] < one["frame"]
    [confirmed, *_] = details["planned"]
    assert 0.0 <= confirmed["power"] <= 1.0
    assert details["planned"][1]["power"] is None


def test_a_region_above_the_strata_is_a_place_of_its_own() -> None:
    some = [*rows(40, outcome="confirmed"), *rows(40, outcome="confirmed", region="220102")]
    some = [replace(row, verification_id=f"vf_{place}") for place, row in enumerate(some)]
    drawing = draw(a_plan(kinds=(Decided.CONFIRMED,), size=60), some, 9)
    cells = {cell.split("/")[1] for one in drawing.details["strata"] for cell in one["cells"]}
    assert "220102000" in cells
    assert {one.region for one in drawing.items} >= {"220102"}


@pytest.mark.parametrize(
    ("some", "changes", "pointer"),
    [
        ([], {}, "/frame"),
        (rows(30, outcome="confirmed"), {"kinds": (Decided.STOPPED,)}, "/frame"),
        (ROWS, {"size": 3}, "/size"),
    ],
)
def test_what_cannot_be_drawn(some: list[FrameRow], changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        draw(a_plan(**changes), some, 1)
    assert [one.pointer for one in refusal.value.errors] == [pointer]


def test_plan_and_strata_are_read_back_from_what_is_stored() -> None:
    plan = a_plan(risk_supplement=6, second_reading_share=0.2, seed=10)
    drawing = draw(plan, ROWS, 10)
    sample = StoredSample(
        id="as_1",
        region=plan.region,
        client_id="cl_1",
        state="open",
        seed=10,
        frame_digest=drawing.frame_digest,
        details=drawing.details,
        drawn_at=NOON,
    )
    assert plan_of(sample) == plan
    for kind in Decided:
        strata = strata_of(sample.details, kind)
        assert sum(one.drawn for one in strata) == 40
        assert all(one.cells for one in strata)
    assert strata_of({"strata": []}, Decided.CONFIRMED) == ()
