"""Asking: the gate first, the intent on record before anything leaves, and nothing twice."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.evidence import SourceState
from app.settings import Settings
from app.store.tables import asking, audit_entry
from app.verification.answers import ticket_bytes, to_stored
from app.verification.conclude import conclude
from app.verification.persist import Keeper, basis_of
from app.verification.plan import plan
from app.wiring import Given, Stages, stages
from connectors.contract import (
    AskAgain,
    NoRecord,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
)
from connectors.failure import Failure, FailureKind
from tests.service_parts import REGION, Clock, ScriptedSource, connected, registry
from tests.store.test_tickets import a_ticket
from tests.store.test_verifications import a_verification

ID = "vf_1"
BANKS = ("icbc", "abc")


@dataclass
class WatchedSource(ScriptedSource):
    """Looks at what is on record at the moment that it is asked."""

    stages: Stages | None = None
    on_record: list[tuple[int, int]] = field(default_factory=list)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        progress = await super().ask(query, permit)
        assert self.stages is not None
        counts = [
            await self.stages.shelf.database.read(
                lambda tx, table=table: tx.execute(  # type: ignore[misc]
                    sa.select(sa.func.count()).select_from(table)
                ).scalar_one()
            )
            for table in (asking, audit_entry)
        ]
        self.on_record.append((counts[0], counts[1]))
        return progress


@dataclass
class StubbornSource(ScriptedSource):
    """Whose institutions give a damaged reply so many times before a good one."""

    damaged: dict[str, int] = field(default_factory=dict)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        progress = await super().ask(query, permit)
        bad = {name for name in query.institutions or self.institutions if self.damaged.get(name)}
        for name in bad:
            self.damaged[name] -= 1
        failure = Failure(FailureKind.MALFORMED, "a damaged part")
        return Progress(
            replies=tuple(one for one in progress.replies if one.institution not in bad),
            again=tuple(
                AskAgain(person.ref, name, failure) for name in bad for person in query.persons
            ),
        )


@asynccontextmanager
async def begun(
    folder: Path,
    sources: Sequence[ScriptedSource],
    *,
    clock: Clock | None = None,
    tries: int = 3,
    status: str = "accepted",
) -> AsyncIterator[Stages]:
    """The stages over these sources, with one verification planned."""
    clock = clock or Clock()
    given = connected(sources, tries=tries)
    async with stages(Settings(data_dir=folder), Given(clock, given)) as built:
        new = replace(a_verification(), status=status)

        def store(tx: sa.Connection) -> None:
            built.shelf.verifications.add(tx, new)
            built.shelf.tasks.add(
                tx, ID, REGION, plan(new.request, given[0], built.desk.gate.needs)
            )

        await built.shelf.database.write(store)
        yield built


async def states(built: Stages, source: str) -> Mapping[str, SourceState]:
    rows = await built.shelf.database.read(lambda tx: built.shelf.tasks.all_of(tx, ID))
    return {one.person: one.state for one in rows if one.source == source and one.person != "s1"}


async def status(built: Stages) -> str:
    return (await built.verifier.load(ID)).status


async def put_reply(built: Stages, person: str, institution: str, source: str = "bank") -> None:
    reply = SourceReply(person=person, outcome=NoRecord(), institution=institution)
    row = to_stored(reply, where=(ID, REGION), source=source, now=built.desk.now())
    await built.shelf.database.write(lambda tx: built.shelf.replies.put(tx, [row]))


async def test_the_intent_is_on_record_before_anything_leaves(tmp_path: Path) -> None:
    tax = WatchedSource("tax", persons_a_query=10)
    async with begun(tmp_path, [tax]) as built:
        tax.stages = built
        await built.verifier.run(ID)
        assert tax.on_record == [(1, 2)]  # the asking; its audit entry, after that of the start
        [row] = await built.shelf.database.read(lambda tx: list(tx.execute(sa.select(asking))))
        assert (row.persons, row.source, row.purpose) == ("m1,m2,m3", "tax", "application")
        assert row.consent_reference == "SQ-2026-000123"


@pytest.mark.parametrize(
    ("days", "reason"),
    [(-10, "the consent is not signed yet"), (400, "the consent has expired")],
)
async def test_without_a_consent_nothing_leaves(tmp_path: Path, days: int, reason: str) -> None:
    clock, tax = Clock(), ScriptedSource("tax")
    async with begun(tmp_path, [tax], clock=clock) as built:
        clock.forward(days=days)
        await built.verifier.run(ID)
        rows = await built.shelf.database.read(lambda tx: built.shelf.tasks.all_of(tx, ID))
        details = {one.detail for one in rows if one.source == "tax" and one.person != "s1"}
        assert details == {f"no_consent: {reason}"}
        assert set((await states(built, "tax")).values()) == {SourceState.NOT_ASKED}
        count = sa.select(sa.func.count()).select_from(asking)
        assert await built.shelf.database.read(lambda tx: tx.execute(count).scalar()) == 0
    assert tax.asked == []


async def test_what_is_answered_or_awaited_is_not_asked_again(tmp_path: Path) -> None:
    bank = ScriptedSource(
        "bank", institutions=BANKS, persons_a_query=10, answers_later=True, ready=False
    )
    tax = ScriptedSource("tax")
    async with begun(tmp_path, [bank, tax], status="querying") as built:
        for institution in BANKS:
            await put_reply(built, "m1", institution)
        await put_reply(built, "m2", "icbc")
        await put_reply(built, "m1", "", "tax")
        waiting = ticket_bytes(Ticket("aq_1", ("m3",), timedelta(seconds=1)))
        await built.shelf.database.write(
            lambda tx: built.shelf.tickets.put(tx, a_ticket(1, ticket=waiting))
        )
        await built.verifier.run(ID)
        assert [(q.institutions, [p.ref for p in q.persons]) for q in bank.queries] == [
            (("abc",), ["m2"])
        ]
        assert sorted(tax.asked) == [("m2",), ("m3",)]
        assert await status(built) == "partial"


async def test_a_damaged_part_is_asked_for_again_and_only_that(tmp_path: Path) -> None:
    bank = StubbornSource("bank", institutions=BANKS, persons_a_query=10, damaged={"abc": 2})
    async with begun(tmp_path, [bank]) as built:
        await built.verifier.run(ID)
        assert [query.institutions for query in bank.queries] == [None, ("abc",), ("abc",)]
        assert len({query.reference for query in bank.queries}) == 3
        rows = await built.shelf.database.read(lambda tx: built.shelf.tasks.all_of(tx, ID))
        [row] = [one for one in rows if (one.source, one.person) == ("bank", "m1")]
        assert (row.state, row.complete, row.attempts) == (SourceState.NO_RECORD, True, 3)


async def test_when_the_tries_are_used_up_the_answer_is_unknown(tmp_path: Path) -> None:
    bank = StubbornSource("bank", institutions=BANKS, persons_a_query=10, damaged={"abc": 99})
    async with begun(tmp_path, [bank], tries=3) as built:
        await built.verifier.run(ID)
        assert len(bank.queries) == 3
        rows = await built.shelf.database.read(lambda tx: built.shelf.tasks.all_of(tx, ID))
        [row] = [one for one in rows if (one.source, one.person) == ("bank", "m1")]
        assert (row.state, row.complete) == (SourceState.FAILED, False)
        assert row.detail == "abc: malformed: a damaged part"


async def test_an_asking_lost_between_two_steps_is_made_up_for(tmp_path: Path) -> None:
    """The process ended after a damaged part was noted and before it was asked for again."""
    clock = Clock()
    bank = ScriptedSource("bank", institutions=BANKS, persons_a_query=10)
    async with begun(tmp_path, [bank], clock=clock, status="partial") as built:
        for person in ("m1", "m2", "m3"):
            await put_reply(built, person, "icbc")
        await built.shelf.database.write(
            lambda tx: built.shelf.tickets.put(tx, a_ticket(1, ticket=None, state="done"))
        )

        async def left_behind(now: datetime) -> list[str]:
            return await built.shelf.database.read(
                lambda tx: built.shelf.verifications.left_behind(tx, now=now, older_than_seconds=5)
            )

        assert await left_behind(clock()) == []
        clock.forward(minutes=20)
        assert await left_behind(clock()) == [ID]
        await built.verifier.run(ID)
        assert [query.institutions for query in bank.queries] == [("abc",)]
        assert await status(built) in ("final", "in_review")
        assert await left_behind(clock()) == []


async def test_a_withdrawal_after_some_institutions_answered_ends_as_failed(
    tmp_path: Path,
) -> None:
    clock = Clock()
    bank = ScriptedSource(
        "bank", institutions=BANKS, persons_a_query=10, answers_later=True, ready=False
    )
    async with begun(tmp_path, [bank], clock=clock) as built:
        await built.verifier.run(ID)
        await put_reply(built, "m1", "icbc")
        request = (await built.verifier.load(ID)).request
        await built.shelf.database.write(
            lambda tx: built.desk.askings.withdraw(
                tx,
                region=REGION,
                reference=request.consent.reference,
                client_id="cl_1",
                now=clock(),
            )
        )
        clock.forward(seconds=200)
        await built.verifier.collect_due()
        assert bank.polled == 0
        assert await states(built, "bank") == {
            "m1": SourceState.FAILED,
            "m2": SourceState.NOT_ASKED,
            "m3": SourceState.NOT_ASKED,
        }
        assert await status(built) in ("final", "in_review")


async def test_days_in_files_are_days_in_china(tmp_path: Path) -> None:
    clock = Clock()
    clock.forward(hours=13)  # 17:00 in UTC, 1:00 of the next day in China
    bank = ScriptedSource("bank", answers_later=True, persons_a_query=10)
    async with begun(tmp_path, [bank], clock=clock) as built:
        await built.verifier.run(ID)
        [query] = bank.queries
        assert query.sent_on.isoformat() == "2026-11-25"
        assert query.sequence == 1
        assert (query.window.first.isoformat(), query.window.last.isoformat()) == (
            "2025-11-01",
            "2026-10-31",
        )


async def test_a_conclusion_from_before_the_last_reply_is_not_kept(tmp_path: Path) -> None:
    """A reply comes in while it is computed: what was read is no longer what is there."""
    bank = ScriptedSource(
        "bank", institutions=BANKS, persons_a_query=10, answers_later=True, ready=False
    )
    async with begun(tmp_path, [bank, registry()]) as built:
        await built.verifier.run(ID)
        verification = await built.verifier.load(ID)
        case, basis = await built.verifier.case_of(verification)
        knowledge = built.verifier._knowledge
        conclusion = conclude(case, knowledge)
        keeper = Keeper(
            built.shelf,
            built.desk.audit,
            on_final=lambda *_: None,
            now=built.desk.now,
            model=knowledge.model,
        )

        async def keep() -> bool:
            return await built.shelf.database.write(
                lambda tx: keeper.keep(tx, verification, (case, basis), conclusion)
            )

        assert await keep() is True
        await put_reply(built, "m1", "icbc")
        assert await keep() is False
        now = await built.shelf.database.read(lambda tx: basis_of(built.shelf, tx, ID))
        assert len(now.replies) == len(basis.replies) + 1


async def test_a_run_that_is_under_way_is_not_begun_a_second_time(tmp_path: Path) -> None:
    tax = ScriptedSource("tax", gate=asyncio.Event(), persons_a_query=10)
    async with begun(tmp_path, [tax]) as built:
        runs = [asyncio.create_task(built.verifier.run(ID)) for _ in range(4)]
        done, _ = await asyncio.wait(runs, return_when=asyncio.FIRST_COMPLETED)
        assert done
        assert tax.gate is not None
        tax.gate.set()
        await asyncio.gather(*runs)
        assert tax.asked == [("m1", "m2", "m3")]


async def test_two_polls_at_once_take_a_ticket_once(tmp_path: Path) -> None:
    clock = Clock()
    bank = ScriptedSource("bank", persons_a_query=10, answers_later=True)
    async with begun(tmp_path, [bank], clock=clock) as built:
        await built.verifier.run(ID)
        clock.forward(seconds=5)
        counts = await asyncio.gather(*(built.verifier.collect_due() for _ in range(4)))
        assert sorted(counts) == [0, 0, 0, 1]
        assert bank.polled == 1
        assert await status(built) in ("final", "in_review")
