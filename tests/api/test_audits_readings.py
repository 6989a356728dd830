"""Readers see nothing of the score, nor of each other's words; results are the estimator's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from pydantic import BaseModel

from app.api.schemas.audit_answers import AuditOut, AuditsOut, FoundOut, WorklistOut
from app.api.schemas.audit_results import ResultsOut
from app.review.sampling.amounts import money_errors
from app.review.sampling.design import DrawnStratum
from app.review.sampling.estimate import Estimate, TooFew, measured
from app.review.sampling.frame import Decided, Unit
from app.review.sampling.readings import Audit, Fault, Reading, Reviewed
from app.review.sampling.second_reading import Corrected, corrected
from app.store.audit_samples import AuditSamples, StoredItem
from app.store.judgements import StoredJudgement
from tests.openapi.documents import faults_of
from tests.review.audited import Auditing, auditing, seed, some_decisions
from tests.service_parts import running

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONFIRMED = some_decisions(60)
REFUSED = some_decisions(24, start=100, outcome="not_confirmed", paid=None)
SEEN = {"verification_id", "case_reference", "programme", "region", "position", "reading"}
"""All that a reader is told of a decision."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def audits(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Auditing]:
    async with running(tmp_path_factory.mktemp("service"), []) as service:
        await seed(service, [*CONFIRMED, *REFUSED])
        yield await auditing(service)


async def stored(audits: Auditing, id_: str) -> list[StoredItem]:
    database = audits.service.parts.shelf.database
    return await database.read(lambda tx: AuditSamples().items(tx, id_))


def values(part: Any) -> Iterator[Any]:
    """Every value of a document, and every key."""
    if isinstance(part, dict):
        yield from part
        for value in part.values():
            yield from values(value)
    elif isinstance(part, list):
        for value in part:
            yield from values(value)
    else:
        yield part


async def test_a_worklist_tells_nothing_of_the_score(audits: Auditing) -> None:
    """Not in any field, and not by order, ids or which reading is due."""
    drawn = await audits.draw(
        kinds=["confirmed", "refused"], size=16, risk_supplement=12, second_reading_share=0.5
    )
    reader, other = await audits.reader(), await audits.reader()
    listed = await audits.worklist(drawn["id"], reader)
    items = {one.verification_id: one for one in await stored(audits, drawn["id"])}
    assert len(listed) == len(items) == 52  # of the refused eight are left for the risk part
    forbidden = {
        *("confirmed", "refused", "stopped", "not_confirmed", "random", "risk", "second", "score"),
        *("outcome", "kind", "part", "stratum", "probability", "predicted", "error_rate", "band"),
        *{one.stratum for one in items.values()},
        *{str(one.predicted) for one in items.values()},
        *{str(one.probability) for one in items.values()},
        *{str(one.inclusion) for one in items.values()},
    }
    for one in listed:
        assert set(one) == SEEN
        assert not [value for value in values(one) if str(value) in forbidden]
    # The order is one shuffle of all parts and kinds; a reader's place in it says nothing.
    assert [one["position"] for one in listed] == list(range(1, 53))
    for name in ("part", "kind"):
        in_order = [getattr(items[one["verification_id"]], name) for one in listed]
        runs = sum(left != right for left, right in pairwise(in_order))
        assert runs > 10, name
    # Before anybody has read, nobody can see who is to read again.
    assert {one["reading"] for one in listed} == {1}
    for one in listed:
        await audits.find(drawn["id"], reader, one["verification_id"])
    again = [one["verification_id"] for one in await audits.worklist(drawn["id"], other)]
    shares = {}
    for part in ("random", "risk"):
        of_part = [id_ for id_, one in items.items() if one.part == part]
        shares[part] = len(set(again) & set(of_part)) / len(of_part)
    assert shares == {"random": 0.5, "risk": 0.5}
    assert await audits.worklist(drawn["id"], reader) == []


async def test_a_finding_answers_nothing_of_the_score(audits: Auditing) -> None:
    drawn = await audits.draw()
    reader = await audits.reader()
    [first, *_] = await audits.worklist(drawn["id"], reader)
    told = await audits.find(drawn["id"], reader, first["verification_id"])
    assert set(told) == {
        *("audit", "verification_id", "programme", "reading", "version", "found_at"),
    }


async def test_the_second_reader_is_another_and_sees_nothing_of_the_first(
    audits: Auditing,
) -> None:
    drawn = await audits.draw(second_reading_share=1.0)
    id_ = drawn["id"]
    one, two, three = [await audits.reader() for _ in range(3)]
    of = (await audits.worklist(id_, one))[0]["verification_id"]
    await audits.find(id_, one, of, true_outcome="not_confirmed", note="the first's own words")
    await audits.find(id_, one, of, 409, reading=2)
    listed = {line["verification_id"]: line for line in await audits.worklist(id_, two)}
    assert (listed[of]["reading"], set(listed[of])) == (2, SEEN)
    assert of not in {line["verification_id"] for line in await audits.worklist(id_, one)}
    assert (await audits.find(id_, two, of))["reading"] == 2
    await audits.find(id_, three, of, 409)
    assert (await audits.find(id_, one, of, reading=1))["version"] == 2
    progress = (await audits.results(id_))["readings"]
    assert progress["first"] == {"due": 20, "done": 1, "cannot_tell": 0}
    assert progress["second"] == {"due": 20, "done": 1, "cannot_tell": 0}
    assert (progress["outstanding"], progress["response_rate"]) == (38, 0.05)


async def test_two_who_read_at_once_do_not_read_the_same_twice(audits: Auditing) -> None:
    id_ = (await audits.draw())["id"]
    readers = [await audits.reader() for _ in range(4)]
    of = (await audits.worklist(id_, readers[0]))[0]["verification_id"]
    body = {"verification_id": of, "programme": "urban_dibao", "true_outcome": "confirmed"}
    replies = await asyncio.gather(
        *(
            audits.service.http.post(f"/v1/audits/{id_}/findings", json=body, headers=reader)
            for reader in readers
        )
    )
    assert sorted(one.status_code for one in replies) == [201, 409, 409, 409]


async def test_who_had_a_word_in_a_decision_does_not_read_it(audits: Auditing) -> None:
    id_ = (await audits.draw())["id"]
    headers, parts = await audits.reader(), audits.service.parts
    reader = parts.tokens.check(headers["Authorization"].removeprefix("Bearer ")).actor
    before = await audits.worklist(id_, headers)
    of = before[0]["verification_id"]
    word = StoredJudgement(
        evidence_id="ev_1",
        record="ev_1/00",
        same_person=True,
        reviewer=reader,
        reason="seen",
        decided_at=audits.service.clock(),
    )
    where = (of, "220102003")
    await parts.shelf.database.write(lambda tx: parts.shelf.judgements.add(tx, where, "jd_1", word))
    assert await audits.worklist(id_, headers) == before[1:]
    await audits.find(id_, headers, of, 409)
    await audits.find(id_, await audits.reader(), of)


async def test_a_reader_is_given_the_decisions_of_his_region(audits: Auditing) -> None:
    drawn = await audits.draw()
    reader = await audits.reader("220102004")
    listed = await audits.worklist(drawn["id"], reader)
    assert listed
    assert {one["region"] for one in listed} == {"220102004"}
    elsewhere = next(
        one.verification_id
        for one in await stored(audits, drawn["id"])
        if one.region == "220102003"
    )
    await audits.find(drawn["id"], reader, elsewhere, 404)


def by_hand(drawn: dict[str, Any], items: list[StoredItem], found: dict[str, Any]) -> Audit:
    """The audit as the estimators take it, put together from the answers alone."""
    strata = tuple(
        DrawnStratum(
            name=one["stratum"],
            cells=(),
            size=one["frame"],
            drawn=one["drawn"],
            twice=one["second"],
        )
        for one in drawn["strata"]
    )
    reviewed = tuple(
        Reviewed(
            unit=Unit(
                id=one.verification_id,
                programme=one.programme,
                region=one.region,
                decided=Decided.CONFIRMED,
                risk=one.predicted,
                monthly_fen=30_000,
            ),
            stratum=one.stratum,
            twice=one.second_probability is not None,
            first=found[one.verification_id][0],
            second=found[one.verification_id][1],
        )
        for one in items
        if one.part == "random"
    )
    return Audit(Decided.CONFIRMED, strata, reviewed)


def rate_of(document: dict[str, Any]) -> tuple[Any, ...]:
    few = document.get("too_few")
    return (document["rate"], *document["interval"], document["n"], few and few["needed"])


def shown(rate: Estimate | TooFew) -> tuple[Any, ...]:
    point = round(rate.rate, 6) if isinstance(rate, Estimate) else None
    ends = [round(end, 6) for end in rate.interval]
    return (point, *ends, rate.n, rate.needed if isinstance(rate, TooFew) else None)


RIGHT = Reading(programme="urban_dibao", monthly_fen=30_000)
OTHER = Reading(programme="dibao_edge", monthly_fen=10_000)
NONE = Reading(programme=None)
OVERPAID = Reading(programme="urban_dibao", monthly_fen=20_000)
SAID: dict[Reading | None, dict[str, Any]] = {
    RIGHT: {"true_outcome": "confirmed", "due_monthly": "300.00"},
    OVERPAID: {"true_outcome": "confirmed", "due_monthly": "200.00", "procedure": ["no_visit"]},
    NONE: {"true_outcome": "not_confirmed", "staff_relation": True, "error_causes": ["source_gap"]},
    OTHER: {
        "true_outcome": "not_confirmed",
        "true_programme": "dibao_edge",
        "due_monthly": "100.00",
    },
    None: {"true_outcome": "cannot_tell"},
}
"""A reading as the estimators take it, and the finding that says so."""


async def test_results_are_those_of_the_estimator(audits: Auditing) -> None:
    drawn = await audits.draw(
        size=40, risk_supplement=10, second_reading_share=0.5, tolerance={"inclusion": 0.9}
    )
    id_ = drawn["id"]
    one, two = await audits.reader(), await audits.reader()
    items = await stored(audits, id_)
    found: dict[str, Any] = {}
    for place, item in enumerate(items):
        if item.part == "risk":  # would make the rate 10 of 50 more, if it entered
            await audits.find(id_, one, item.verification_id, **SAID[NONE])
            continue
        first = (NONE, NONE, OTHER, OVERPAID, None, RIGHT, RIGHT, RIGHT, RIGHT)[place % 9]
        second = RIGHT if place % 2 == 0 else first
        twice = item.second_probability is not None
        found[item.verification_id] = (first, second if twice else None)
        await audits.find(id_, one, item.verification_id, **SAID[first])
        if twice:
            await audits.find(id_, two, item.verification_id, **SAID[second])
    results = await audits.results(id_)
    audit = by_hand(drawn, items, found)
    told = {one["measure"]: one for one in results["measures"]}
    assert set(told) == {"inclusion", "class", "amount"}
    for fault in (Fault.INCLUSION, Fault.CLASS, Fault.AMOUNT):
        assert rate_of(told[fault]["overall"]) == shown(measured(audit, (fault,))), fault
    by_second = corrected(audit, (Fault.INCLUSION,))
    assert isinstance(by_second, Corrected)
    inclusion = told["inclusion"]
    assert rate_of(inclusion["second_reading"]["corrected"]) == shown(by_second.rate)
    difference = inclusion["second_reading"]["difference"]
    assert difference["rate"] == round(by_second.difference.mean, 6)
    for region, group in zip(("220102003", "220102004"), inclusion["regions"], strict=True):
        in_region = replace(
            audit, units=tuple(one for one in audit.units if one.unit.region == region)
        )
        within = measured(in_region, (Fault.INCLUSION,))
        assert (group["region"], *rate_of(group)) == (region, *shown(within))
    assert [one["band"] for one in inclusion["bands"]] == ["high", "low", "middle"]
    assert (inclusion["tolerance"], inclusion["verdict"]) == (0.9, "below")
    money = money_errors(audit)
    assert rate_of(results["money"]["over"]) == shown(money.over.rate)
    assert results["money"]["under"]["error_monthly"] == "0.00"
    assert results["money"]["total"]["paid_monthly"] == f"{money.total.paid_fen / 100:.2f}"
    assert results["readings"]["response_rate"] == sum(
        first is not None for first, _ in found.values()
    ) / len(found)
    assert results["risk_supplement"] == [
        {
            "kind": "confirmed",
            "drawn": 10,
            "told": 10,
            "wrong": 10,
            "predicted_wrong": round(sum(one.predicted for one in items if one.part == "risk"), 6),
        }
    ]
    [agreement] = results["agreement"]
    assert 0.0 < agreement["kappa"] < 1.0
    visits = {one["procedure"]: one["found"] for one in results["procedure"]}
    assert visits == {
        "no_consent": 0,
        "no_visit": sum(first is OVERPAID for first, _ in found.values()),
        "no_publicity": 0,
        "late": 0,
        "no_record": 0,
    }
    wrong = sum(first is NONE for first, _ in found.values())
    assert results["staff_relation"]["found"] == wrong
    assert results["causes"] == {"source_gap": wrong}


async def test_where_too_few_are_read_there_is_no_point(audits: Auditing) -> None:
    id_ = (await audits.draw(kinds=["confirmed", "refused"], size=10))["id"]
    reader = await audits.reader()
    for one in (await audits.worklist(id_, reader))[:6]:
        await audits.find(id_, reader, one["verification_id"])
    results = await audits.results(id_)
    for one in results["measures"]:
        overall = one["overall"]
        assert overall["rate"] is None
        assert 0.0 <= overall["interval"][0] < overall["interval"][1] <= 1.0
        assert overall["too_few"]["n"] == overall["n"] < overall["too_few"]["needed"]
    assert results["readings"]["outstanding"] == 14


async def test_before_anything_is_read(audits: Auditing) -> None:
    results = await audits.results((await audits.draw(tolerance={"inclusion": 0.02}))["id"])
    [inclusion, *_] = results["measures"]
    assert (inclusion["overall"]["interval"], inclusion["overall"]["rate"]) == ([0.0, 1.0], None)
    assert inclusion["verdict"] == "cannot_tell"
    assert "unknown" in results["money"]
    assert results["agreement"] == []


async def test_answers_are_as_documented(audits: Auditing) -> None:
    drawn = await audits.draw(size=30, second_reading_share=0.2, tolerance={"money": 0.5})
    id_ = drawn["id"]
    one, two = await audits.reader(), await audits.reader()
    listed = await audits.seen(f"/{id_}/worklist", one)
    filed = await audits.find(id_, one, listed["decisions"][0]["verification_id"])
    for line in listed["decisions"][1:]:
        await audits.find(id_, one, line["verification_id"], **SAID[RIGHT])
    for line in await audits.worklist(id_, two):
        await audits.find(id_, two, line["verification_id"], **SAID[RIGHT])
    answers: list[tuple[type[BaseModel], Any]] = [
        (AuditOut, drawn),
        (AuditsOut, await audits.seen("?limit=3", audits.drawer)),
        (WorklistOut, listed),
        (FoundOut, filed),
        (ResultsOut, await audits.results(id_)),
        (ResultsOut, await audits.results((await audits.draw(kinds=["refused"]))["id"])),
    ]
    whole = audits.service.app.openapi()
    for model, answer in answers:
        assert faults_of(whole, model.__name__, answer) == []
        dumped = model.model_validate(answer).model_dump(mode="json", exclude_unset=True)
        assert dumped == answer
