"""Samples, findings, what follows from them: regions apart, versions kept, frames seen again."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.errors import NotFound
from app.store.audit_findings import AuditFindings, StoredFinding
from app.store.audit_outcomes import AuditOutcomes, KnownOutcome, SourceObservation
from app.store.audit_samples import AuditSamples, FrameQuery, StoredItem, StoredSample
from app.store.crypto import FieldCipher
from app.store.facts import DecisionFacts
from app.store.judgements import Judgements, StoredJudgement
from app.store.session import Database
from app.store.tables_audits import audit_finding, known_outcome, source_observation
from app.store.tables_facts import decision_fact
from tests.review.audited import some_decisions, store
from tests.service_parts import NOON, REGION

DAY = timedelta(days=1)
SAMPLES, OUTCOMES = AuditSamples(), AuditOutcomes()
FRAME = FrameQuery(
    programmes=("urban_dibao",), region="2201", since=NOON - DAY, until=NOON + DAY, at=NOON
)


def a_fact(id_: str, **changes: object) -> dict[str, object]:
    """A row of decision_fact: a final, current confirmation at noon."""
    return {
        "verification_id": id_,
        "programme": "urban_dibao",
        "region": REGION,
        "area": "urban",
        "purpose": "application",
        "as_of": date(2026, 11, 24),
        "standard": "urban_dibao@2026-01-01/220102",
        "outcome": "confirmed",
        "favours": "confirmed",
        "error_rate": 0.03,
        "error_rate_low": 0.01,
        "error_rate_high": 0.06,
        "household_index": id_.encode(),
        "household_size": 3,
        "status": "final",
        "concluded_at": NOON,
        "final_at": NOON,
        "current": True,
        "stopped": False,
        "sealed_totals": b"",
        **changes,
    }


def a_sample(**changes: Any) -> StoredSample:
    values = StoredSample(
        id="as_1",
        region="220102",
        client_id="cl_1",
        state="open",
        seed=7,
        frame_digest="sha256:00",
        details={"programmes": ["urban_dibao"]},
        drawn_at=NOON,
    )
    return replace(values, **changes)


def an_item(id_: str = "vf_1", **changes: Any) -> StoredItem:
    values = StoredItem(
        verification_id=id_,
        programme="urban_dibao",
        part="random",
        region=REGION,
        position=1,
        kind="confirmed",
        stratum="confirmed/urban_dibao/220102",
        probability=0.25,
        inclusion=0.4,
        predicted=0.03,
        second_probability=None,
    )
    return replace(values, **changes)


def a_finding(number: int, **changes: Any) -> StoredFinding:
    values = StoredFinding(
        id=f"af_{number}",
        sample_id="as_1",
        verification_id="vf_1",
        programme="urban_dibao",
        region=REGION,
        reading=1,
        version=1,
        reviewer="cl_2",
        true_outcome="not_confirmed",
        content=b'{"note": "a car"}',
        found_at=NOON,
    )
    return replace(values, **changes)


async def seeded(database: Database, *facts: dict[str, object]) -> None:
    await database.write(lambda tx: tx.execute(decision_fact.insert(), list(facts)))


async def drawn_from(database: Database, query: FrameQuery = FRAME) -> list[str]:
    rows = await database.read(lambda tx: SAMPLES.frame(tx, query))
    return sorted(row.verification_id for row in rows)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "in_review", "final_at": None},
        {"outcome": "undetermined"},
        {"current": False},
        {"region": "220202003"},
        {"programme": "rural_dibao"},
        {"final_at": NOON - DAY - DAY},
        {"final_at": NOON + timedelta(seconds=1)},  # not yet, when it is looked at
    ],
    ids=str,
)
async def test_what_is_not_in_the_frame(migrated: Database, changes: dict[str, object]) -> None:
    await seeded(migrated, a_fact("vf_1"), a_fact("vf_2", **changes))
    assert await drawn_from(migrated) == ["vf_1"]


async def test_the_period_holds_its_start_and_not_its_end(migrated: Database) -> None:
    query = replace(FRAME, since=NOON, until=NOON + DAY, at=NOON + DAY + DAY)
    await seeded(migrated, a_fact("vf_1"), a_fact("vf_2", final_at=NOON + DAY))
    assert await drawn_from(migrated, query) == ["vf_1"]


async def test_a_frame_is_the_same_when_it_is_looked_at_later(migrated: Database) -> None:
    """What was decided again since then is in it still, what had been decided again is not."""
    household = {"household_index": b"h"}
    await seeded(
        migrated,
        a_fact("vf_0", **household, final_at=NOON - DAY, current=False),
        a_fact("vf_1", **household, final_at=NOON - timedelta(hours=1)),
        a_fact("vf_2"),
    )
    before = await migrated.read(lambda tx: SAMPLES.frame(tx, FRAME))
    assert [row.verification_id for row in before] == ["vf_1", "vf_2"]

    def again(tx: sa.Connection) -> None:
        tx.execute(decision_fact.update().values(current=False))
        later = NOON + timedelta(hours=3)
        for id_, index in (("vf_3", b"h"), ("vf_4", b"vf_2")):
            tx.execute(decision_fact.insert(), a_fact(id_, household_index=index, final_at=later))

    await migrated.write(again)
    assert await migrated.read(lambda tx: SAMPLES.frame(tx, FRAME)) == before
    now = replace(FRAME, at=NOON + timedelta(hours=4))
    assert await drawn_from(migrated, now) == ["vf_3", "vf_4"]


async def test_a_sample_is_read_back_in_its_region_alone(migrated: Database) -> None:
    items = [an_item("vf_2", position=1), an_item("vf_1", position=2, second_probability=0.1)]
    await migrated.write(lambda tx: SAMPLES.add(tx, a_sample(), items))
    for region in ("", "22", "220102"):
        assert await migrated.read(lambda tx, r=region: SAMPLES.get(tx, "as_1", region=r)) == (  # type: ignore[misc]
            a_sample()
        )
    assert await migrated.read(lambda tx: SAMPLES.items(tx, "as_1")) == items
    told = set()
    for region in ("220102003", "220103", "2202", "%"):
        for id_ in ("as_1", "as_none", "as_\x00", "as_\ud800"):
            with pytest.raises(NotFound) as refusal:
                await migrated.read(lambda tx, i=id_, r=region: SAMPLES.get(tx, i, region=r))  # type: ignore[misc]
            told.add(str(refusal.value))
    assert len(told) == 1


async def test_a_reader_sees_the_items_of_his_own_region(migrated: Database) -> None:
    items = [an_item(), an_item("vf_2", region="220102004", position=2)]
    await migrated.write(lambda tx: SAMPLES.add(tx, a_sample(), items))

    def read(tx: sa.Connection, region: str) -> list[StoredItem]:
        SAMPLES.for_reader(tx, "as_1", region=region)
        return SAMPLES.items(tx, "as_1", region=region)

    assert await migrated.read(lambda tx: read(tx, "220102004")) == items[1:]
    assert await migrated.read(lambda tx: read(tx, "22")) == items
    with pytest.raises(NotFound):
        await migrated.write(lambda tx: SAMPLES.held_by_reader(tx, "as_1", region="220103"))


async def test_samples_come_newest_first_and_in_pages(migrated: Database) -> None:
    regions = {1: "220102", 2: "220103", 3: "220102"}
    for number, region in regions.items():
        new = a_sample(id=f"as_{number}", region=region)
        await migrated.write(lambda tx, n=new: SAMPLES.add(tx, n, []))  # type: ignore[misc]

    async def page(**which: Any) -> list[str]:
        rows = await migrated.read(lambda tx: SAMPLES.all(tx, **which))
        return [one.id for one in rows]

    assert await page(region="2201") == ["as_3", "as_2", "as_1"]
    assert await page(region="220102") == ["as_3", "as_1"]
    assert await page(region="22", limit=1) == ["as_3"]
    assert await page(region="22", limit=1, after="as_3") == ["as_2"]


async def test_an_audit_is_closed_once(migrated: Database) -> None:
    await migrated.write(lambda tx: SAMPLES.add(tx, a_sample(), []))
    assert await migrated.write(lambda tx: SAMPLES.close(tx, "as_1", NOON))
    assert not await migrated.write(lambda tx: SAMPLES.close(tx, "as_1", NOON + DAY))
    closed = await migrated.read(lambda tx: SAMPLES.get(tx, "as_1", region=""))
    assert (closed.state, closed.closed_at) == ("closed", NOON)


async def test_findings_are_versions_and_sealed(migrated: Database, cipher: FieldCipher) -> None:
    findings = AuditFindings(cipher)
    second = a_finding(3, reading=2, reviewer="cl_3", true_outcome="confirmed")
    corrected = a_finding(2, version=2, content=b"{}")
    elsewhere = a_finding(4, sample_id="as_2")
    for new in (a_finding(1), corrected, second, elsewhere):
        await migrated.write(lambda tx, n=new: findings.add(tx, n))  # type: ignore[misc]
    assert await migrated.read(lambda tx: findings.of_sample(tx, "as_1")) == [corrected, second]
    assert await migrated.read(lambda tx: findings.of_verification(tx, "vf_1")) == [
        corrected,
        second,
        elsewhere,
    ]
    rows = await migrated.read(lambda tx: list(tx.execute(sa.select(audit_finding))))
    assert len(rows) == 4
    assert all(b"a car" not in bytes(row.sealed_finding) for row in rows)


async def test_who_read_and_who_had_a_word_before(migrated: Database, cipher: FieldCipher) -> None:
    findings = AuditFindings(cipher)
    second = a_finding(3, reading=2, reviewer="cl_3")
    for new in (a_finding(1), a_finding(2, version=2), second, a_finding(4, sample_id="as_2")):
        await migrated.write(lambda tx, n=new: findings.add(tx, n))  # type: ignore[misc]
    read = await migrated.read(lambda tx: findings.readers(tx, "as_1"))
    assert [(one.reading, one.reviewer) for one in read] == [(1, "cl_2"), (2, "cl_3")]
    items = [an_item("vf_1"), an_item("vf_2", position=2)]
    await migrated.write(lambda tx: SAMPLES.add(tx, a_sample(), items))
    word = StoredJudgement(
        evidence_id="ev_1",
        record="ev_1/00",
        same_person=True,
        reviewer="cl_5",
        reason="seen",
        decided_at=NOON,
    )
    judgements = Judgements(cipher)
    for number, of in enumerate(("vf_2", "vf_9")):  # the other was not drawn
        where = (of, REGION)
        await migrated.write(lambda tx, w=where, n=number: judgements.add(tx, w, f"jd_{n}", word))  # type: ignore[misc]
    assert await migrated.read(lambda tx: findings.judged_by(tx, "as_1", "cl_5")) == {"vf_2"}
    assert await migrated.read(lambda tx: findings.judged_by(tx, "as_1", "cl_6")) == set()


async def test_what_is_looked_up_for_drawn_decisions(
    migrated: Database, cipher: FieldCipher
) -> None:
    decided = [
        *some_decisions(2, paid="120.50"),
        *some_decisions(1, start=2, outcome="not_confirmed", paid=None),
        *some_decisions(1, start=3),
    ]
    items = [
        an_item("vf_0000"),
        an_item("vf_0001", position=2, inclusion=0.75),
        an_item("vf_0002", position=3, kind="refused"),
    ]
    await migrated.write(lambda tx: store(tx, cipher, decided))
    await migrated.write(lambda tx: SAMPLES.add(tx, a_sample(), items))
    facts = await migrated.read(lambda tx: SAMPLES.confirmed_facts(tx, "as_1"))
    opened = await migrated.read(lambda tx: DecisionFacts(cipher).open_totals(tx, facts))
    gaps = opened["gap"]
    assert sorted(row.verification_id for row in facts) == ["vf_0000", "vf_0001"]
    assert list(gaps) == [12_050, 12_050]
    assert await migrated.read(lambda tx: SAMPLES.case_references(tx, "as_1")) == {
        one.verification_id: f"case-{one.verification_id}" for one in items
    }
    found = await migrated.read(lambda tx: SAMPLES.inclusion(tx, "as_1", "vf_0001", "urban_dibao"))
    assert found == 0.75


async def test_a_reading_has_each_version_once(migrated: Database, cipher: FieldCipher) -> None:
    findings = AuditFindings(cipher)
    await migrated.write(lambda tx: findings.add(tx, a_finding(1)))
    with pytest.raises(sa.exc.IntegrityError):
        await migrated.write(lambda tx: findings.add(tx, a_finding(2)))


def seen(source: str = "bank", **changes: Any) -> SourceObservation:
    values = SourceObservation(
        source=source,
        kind="missed",
        hits=0,
        trials=1,
        months=None,
        log_ratio=None,
        observed_at=NOON,
    )
    return replace(values, **changes)


async def test_what_is_learned_of_a_verification_is_replaced_whole(migrated: Database) -> None:
    where = ("vf_1", REGION)

    async def learn(
        origin: str, known: list[KnownOutcome], observed: list[SourceObservation]
    ) -> None:
        await migrated.write(lambda tx: OUTCOMES.relearn(tx, where, origin, known, observed))

    async def held() -> tuple[list[Any], list[Any]]:
        def read(tx: sa.Connection) -> tuple[list[Any], list[Any]]:
            outcomes = sa.select(known_outcome.c.origin, known_outcome.c.true_outcome)
            sources = sa.select(source_observation.c.source, source_observation.c.hits)
            return sorted(map(tuple, tx.execute(outcomes))), sorted(map(tuple, tx.execute(sources)))

        return await migrated.read(read)

    outcome = KnownOutcome("urban_dibao", "confirmed", 0.4, NOON)
    await learn("audit", [outcome], [seen(), seen(), seen("tax")])
    await learn("correction", [outcome], [seen("vehicle")])
    assert await held() == (
        [("audit", "confirmed"), ("correction", "confirmed")],
        [("bank", 0), ("bank", 0), ("tax", 0), ("vehicle", 0)],
    )
    changed = replace(outcome, true_outcome="not_confirmed")
    await migrated.write(lambda tx: OUTCOMES.learn(tx, where, "audit", [changed]))
    assert (await held())[0] == [("audit", "not_confirmed"), ("correction", "confirmed")]
    await learn("audit", [], [seen(hits=1)])
    assert await held() == ([("correction", "confirmed")], [("bank", 1), ("vehicle", 0)])


async def test_the_instants_are_kept(migrated: Database) -> None:
    known = [KnownOutcome("urban_dibao", "confirmed", 0.125, NOON)]
    await migrated.write(lambda tx: OUTCOMES.learn(tx, ("vf_1", REGION), "audit", known))
    [row] = await migrated.read(lambda tx: list(tx.execute(sa.select(known_outcome))))
    found: tuple[datetime, float, str] = (row.known_at, row.probability, row.region)
    assert found == (NOON, 0.125, REGION)
