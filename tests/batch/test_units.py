"""A batch goes through: each household asked once, concluded once, whatever comes between."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.domain.household import PersonConsent
from app.store.tables import asking, reply, report, source_task, ticket, verification
from app.store.tables_batch import batch_household, batch_unit
from app.store.tables_running import worker
from app.store.workers import LiveWorker, Workers
from tests.batch.working import Working, a_request, add_batch, verification_id, working
from tests.service_parts import NINE, ScriptedSource, all_ten, an_account, found

CASES = [f"220102-2026-{number:06d}" for number in range(1, 61)]


def a_bank(**more: Any) -> ScriptedSource:
    return ScriptedSource(
        "bank", {"m1": found(an_account("m1", "15320.55"))}, persons_a_query=10, **more
    )


async def rows(work: Working, statement: "sa.Select[Any]") -> list[Any]:
    return list(await work.built.shelf.database.read(lambda tx: tx.execute(statement).all()))


async def test_every_household_is_asked_about_and_concluded_once(
    tmp_path: Path, database_url: str
) -> None:
    sources = all_ten(a_bank())
    async with working(tmp_path, sources, database_url=database_url) as work:
        await work.add([a_request(case) for case in CASES])
        await work.becomes("done")
        assert await work.states() == {"done": 60}
        finals = await rows(work, sa.select(verification.c.id, verification.c.status))
        assert {status for _, status in finals} == {"final"}
        assert sorted(id_ for id_, _ in finals) == [verification_id(n) for n in range(1, 61)]
        assert len(await rows(work, sa.select(report.c.number))) == 60
        assert len(await rows(work, sa.select(reply.c.id))) == 60 * 3 * 10
        units = await rows(work, sa.select(batch_unit.c.state, batch_unit.c.attempts))
        assert units == [("asked", 1), ("asked", 1)]
        left = await rows(work, sa.select(batch_household.c.sealed_request).distinct())
        assert left == [(None,)]
    asked = Counter(ref for source in sources for refs in source.asked for ref in refs)
    assert asked == {"m1": 600, "m2": 600, "m3": 600}


async def test_slow_answers_are_rows_and_hold_no_worker(tmp_path: Path) -> None:
    bank = a_bank(answers_later=True, ready=False)
    async with working(tmp_path, all_ten(bank)) as work:
        await work.add([a_request(case) for case in CASES[:5]])
        await work.has(waiting=5)
        assert await rows(work, sa.select(batch_unit.c.state)) == [("asked",)]
        assert await work.status() == "running"
        bank.ready = True
        await work.becomes("done")
        assert await work.states() == {"done": 5}


async def test_a_paused_batch_asks_nothing_and_goes_on_when_resumed(tmp_path: Path) -> None:
    sources = all_ten(a_bank())
    async with working(tmp_path, sources) as work:
        await work.add([a_request(case) for case in CASES[:3]], status="paused")
        await work.add([a_request(case) for case in CASES[3:5]], id_="ba_2")
        await work.becomes("done", "ba_2")
        assert await work.states() == {"todo": 3, "done": 2}
        await work.set_status("running")
        await work.becomes("done")


async def test_what_a_dead_worker_held_is_taken_up_by_another(
    tmp_path: Path, database_url: str
) -> None:
    """It held a unit and died half-way: what it stored is not asked about again."""
    sources = all_ten(a_bank())
    async with working(tmp_path, sources, database_url=database_url) as work:
        now, database = work.built.clock(), work.built.shelf.database
        dead = LiveWorker(
            name="dead",
            kind="worker",
            version="0",
            started_at=now - timedelta(hours=1),
            beat_at=now - timedelta(minutes=1),
        )

        def held(tx: sa.Connection) -> None:
            add_batch(tx, work.built, [a_request(case) for case in CASES[:2]])
            tx.execute(
                batch_unit.update().values(
                    state="running", leased_by="dead", leased_until=now + timedelta(hours=1)
                )
            )
            Workers().beat(tx, dead)

        await database.write(held)
        await work.becomes("done")
        assert await work.states() == {"done": 2}
        names = await rows(work, sa.select(worker.c.name))
        assert names == [("w1",)]
        assert await rows(work, sa.select(batch_unit.c.attempts)) == [(1,)]


async def test_after_a_crash_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    hanging = ScriptedSource("tax", gate=asyncio.Event())
    first = all_ten(a_bank(), hanging)
    async with working(tmp_path, first) as work:
        await work.add([a_request(case) for case in CASES[:4]])
        async with asyncio.timeout(30):
            while len(await rows(work, sa.select(reply.c.id))) < 4 * 3 * 9:
                await asyncio.sleep(0.02)
    second = all_ten(a_bank())
    async with working(tmp_path, second, name="w2") as work:
        await work.becomes("done")
        assert await work.states() == {"done": 4}
    assert {source.name for source in second if source.asked} == {"tax"}


async def test_an_answer_stored_by_a_worker_that_ended_right_then_is_not_forgotten(
    tmp_path: Path, database_url: str
) -> None:
    bank = a_bank(answers_later=True, ready=False)
    async with working(tmp_path, all_ten(bank), database_url=database_url) as work:
        await work.add([a_request(case) for case in CASES[:2]])
        await work.has(waiting=2)
        close = ticket.update().values(state="done")
        await work.built.shelf.database.write(lambda tx: tx.execute(close))
        refuse = source_task.update().where(source_task.c.source == "bank")
        await work.built.shelf.database.write(
            lambda tx: tx.execute(refuse.values(state="not_asked", detail="test"))
        )
        await work.becomes("done")


async def test_nobody_is_asked_about_after_the_consent_was_withdrawn(tmp_path: Path) -> None:
    """Of one person of a household; the others of it are asked about, and it is concluded."""
    sources = all_ten(a_bank())
    request = a_request(CASES[0])
    own = PersonConsent(person="m2", reference="SQ-OWN", valid_until=request.consent.valid_until)
    request = replace(request, consent=replace(request.consent, of_persons=(own,)))
    async with working(tmp_path, sources) as work:
        askings, now = work.built.desk.askings, work.built.clock()
        await work.built.shelf.database.write(
            lambda tx: askings.withdraw(
                tx, region="220102", reference="SQ-OWN", client_id="cl_1", now=now
            )
        )
        await work.add([request])
        await work.becomes("done")
        tasks = await work.built.shelf.database.read(
            lambda tx: work.built.shelf.tasks.all_of(tx, verification_id(1))
        )
        states = {(one.person, one.state.value) for one in tasks if one.source in NINE}
        assert ("m2", "not_asked") in states
        assert not [one for one in tasks if one.person == "m2" and one.attempts]
        named = await rows(work, sa.select(asking.c.persons, asking.c.consent_reference))
        assert all("m2" not in persons.split(",") for persons, _ in named)
        assert {consent for _, consent in named} == {f"SQ-{CASES[0]}"}
    assert not [refs for source in sources for refs in source.asked if "m2" in refs]


async def test_a_cancelled_batch_asks_nothing_more(tmp_path: Path) -> None:
    gate = asyncio.Event()
    sources = all_ten(a_bank(), ScriptedSource("tax", gate=gate))
    async with working(tmp_path, sources) as work:
        await work.add([a_request(case) for case in CASES[:2]])
        async with asyncio.timeout(30):
            await sources[0].reached.wait()
        await work.set_status("cancelled")
        gate.set()
        await work.has(ready=2)  # and nobody concludes them
    tax = next(source for source in sources if source.name == "tax")
    assert tax.asked == []


async def test_a_household_that_cannot_be_concluded_fails_alone(tmp_path: Path) -> None:
    """No standard is in force for it: it fails after some attempts, the others are done."""
    async with working(tmp_path, all_ten(a_bank())) as work:
        wrong = a_request(CASES[0], programmes=("nothing_of_that_name",))
        await work.add([wrong, a_request(CASES[1])])
        async with asyncio.timeout(60):
            while await work.status() != "done":
                await work.built.shelf.database.write(
                    lambda tx: tx.execute(
                        batch_household.update()
                        .where(batch_household.c.state == "ready")
                        .values(leased_until=None, leased_by=None)
                    )
                )
                await asyncio.sleep(0.05)
        assert await work.states() == {"done": 1, "failed": 1}
        failure = await rows(
            work, sa.select(batch_household.c.failure).where(batch_household.c.state == "failed")
        )
        assert failure != [(None,)]


async def test_two_workers_share_the_units(tmp_path: Path, database_url: str) -> None:
    sources = [all_ten(a_bank()) for _ in range(2)]
    async with (
        working(tmp_path, sources[0], database_url=database_url, name="w1") as work,
        working(tmp_path, sources[1], database_url=database_url, name="w2"),
    ):
        await work.add([a_request(case) for case in CASES])
        await work.becomes("done")
        assert len(await rows(work, sa.select(reply.c.id))) == 60 * 3 * 10
        assert len(await rows(work, sa.select(report.c.number))) == 60
    both = [source for some in sources for source in some]
    asked = Counter(ref for source in both for refs in source.asked for ref in refs)
    assert asked == {"m1": 600, "m2": 600, "m3": 600}
