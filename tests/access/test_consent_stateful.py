"""No question without an authorisation that holds as it leaves: the sources' own logs judge.

Retries, polls, batches, files that lie somewhere, re-use, clocks, kills, in any order.
"""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from app.domain.household import Purpose
from app.jobs.worker import Loop
from app.settings import Settings
from app.store.batches import NewBatch
from app.store.session import Database
from app.store.tables import reply
from app.store.verifications import StoredVerification
from app.verification.clockwork import Clockwork
from app.verification.errands import Patience
from app.verification.plan import plan
from app.verification.reuse import Reuse
from app.verification.withdrawal import TakenBack, Taking
from app.wiring import Given, Stages, new_id, stages
from app.wiring_batches import WORKER, batch_loops, batching_of, exchange_of, presence_of
from tests.access.asked_sources import Asking, FileSource, Killed, LoggedSource, Watch
from tests.access.granted import NEEDED, Grant, Granted, Withdrawn
from tests.new_databases import new_sqlite
from tests.quick_folder import quick_folder
from tests.service_parts import Clock

T = TypeVar("T")
FULL = os.environ.get("HEDUI_CASES") == "full"
EXAMPLES, STEPS = (500, 40) if FULL else (40, 30)
REFERENCES = st.sampled_from(["SQ-1", "SQ-2", "SQ-3"])
SOURCES = ("tax", "bank", "vehicle", "securities")
TODAY = date(2026, 11, 24)
ROUNDS = (
    *("run",) * 3,
    *("units",) * 2,
    *("exchange_write",) * 2,
    "exchange_read",
    "pick_up",
    *("poll",) * 2,
    "tickets",
    "settle",
)
WIDE: dict[str, Any] = {
    "reference": "SQ-1",
    "signed": frozenset({"m1", "m2", "s1"}),
    "guardian": None,
    "sources": None,
    "days": (-3, 30),
    "programme": "urban_dibao",
    "own": None,
}
SEEN: Counter[str] = Counter()
"""What all the runs together did: a machine that asks nothing shows nothing."""

grants = st.fixed_dictionaries(
    {
        "reference": REFERENCES,
        "signed": st.frozensets(st.sampled_from(["m1", "m2", "s1"]), min_size=1),
        "guardian": st.sampled_from([None, None, None, "m1", "s1"]),
        "sources": st.none() | st.none() | st.frozensets(st.sampled_from(SOURCES), min_size=1),
        "days": st.sampled_from([*[(-3, 30)] * 4, (-3, 0), (0, 1), (1, 9), (-9, -1)]),
        "programme": st.sampled_from(["urban_dibao", "urban_dibao", "retrenched_workers"]),
        "own": st.none() | st.tuples(st.sampled_from(["m1", "m2"]), REFERENCES, st.integers(-1, 9)),
    }
)


class Machine(RuleBasedStateMachine):
    """The service's own parts, step by step; its loops' rounds are the rules."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(dir=quick_folder()))
        new_sqlite(self.folder)
        self.clock = Clock()
        self.watch = Watch(self.clock)
        self.model = Granted()
        self.judged = 0
        self.sources = [
            LoggedSource("tax", self.watch),
            LoggedSource("vehicle", self.watch, persons_a_query=10),
            LoggedSource("bank", self.watch, ("icbc", "abc"), 10, answers_later=True),
            FileSource("securities", self.watch, persons_a_query=10, answers_later=True),
        ]
        self.closing = AsyncExitStack()

    @property
    def files(self) -> FileSource:
        source = self.sources[-1]
        assert isinstance(source, FileSource)
        return source

    @initialize(far=st.sampled_from([0, 1, 2, 2, 2]))
    def begin(self, far: int) -> None:
        """How far the first batch has come: not begun, asked about singly, in a file that lies."""
        self.runner.run(self._open())
        self.grant(WIDE)
        self.grant({**WIDE, "reference": "SQ-2"})
        self.begin_batch([WIDE])
        if far:
            self._step(self.loops["units"].work)
        if far > 1:
            self.clock.forward(seconds=61)
            self._step(self.loops["exchange_write"].work)

    async def _open(self) -> None:
        patience = Patience(deadline=timedelta(days=2), tries=3, reuse_days=5)
        connected: Any = (
            {one.name: one for one in self.sources},
            {one.name: patience for one in self.sources},
        )
        config = Settings(data_dir=self.folder, worker="w1")
        given = Given(clock=self.clock, sources=connected)
        self.closing = AsyncExitStack()
        self.built: Stages = await self.closing.enter_async_context(stages(config, given))
        presence = presence_of(self.built, config, WORKER)
        await presence.begin()
        self.loops: dict[str, Loop] = {
            one.name: one for one in batch_loops(self.built, config, presence)
        }
        self.batching = batching_of(self.built, config)
        self.exchange = exchange_of(self.built)
        self.reuse = Reuse(self.built.desk, self.built.cipher)

    @property
    def database(self) -> Database:
        return self.built.shelf.database

    def _step(self, work: Callable[[], Awaitable[Any]]) -> None:
        """A round, or a process that was killed in it and begun anew; then the logs are read."""
        before = [(one.cancelled, one.id) for one in self.model.grants], len(self.model.taken)
        started = self.clock()
        self.runner.run(self._survived(work))
        for entry in self.watch.seen[self.judged :]:
            self._judge(entry, before[1], started)
        SEEN["files taken back"] += len(self.files.back)
        self.files.back.clear()
        self.judged = len(self.watch.seen)

    async def _survived(self, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            await work()
        except BaseExceptionGroup as group:
            killed, others = group.split(Killed)
            if others is not None:
                raise others from None
            assert killed is not None
            await self._restart()
        except Killed:
            await self._restart()

    async def _restart(self) -> None:
        SEEN["kills"] += 1
        await self.closing.aclose()
        for one in self.sources:
            one.script.clear()
            one.meanwhile.clear()
        self.files.at_the_folder.clear()
        await self._open()

    def _judge(self, entry: Asking, taken_before: int, started: Any) -> None:
        """What happened while a round ran may have come after the gate, but for strict ones."""
        SEEN[entry.kind] += 1
        for number_ in entry.numbers:
            grant = (
                self.model.of_number(number_)
                if entry.region is None
                else self.model.of_region(entry.region)
            )
            ref, taken = grant.ref_of(number_), self.model.taken
            why = grant.why_not(ref, entry.source, entry.at, taken)
            if why is not None and not entry.strict:
                why = grant.why_not(ref, entry.source, started, taken[:taken_before])
            assert why is None, f"{entry.kind} {entry.source} about {ref}: {why}"

    @rule(made=grants)
    def grant(self, made: dict[str, Any]) -> None:
        """A verification is taken: planned, answers re-used, nothing asked yet."""
        new = self._grant(made, len(self.model.grants), shared=True)
        new.id = new_id("vf")

        def work(tx: sa.Connection) -> None:
            shelf, desk = self.built.shelf, self.built.desk
            stored = self._stored(new)
            shelf.verifications.add(tx, stored)
            planned = plan(stored.request, desk.sources, desk.gate.needs)
            shelf.tasks.add(tx, new.id, new.region, planned)
            self.reuse.copy(tx, [stored], {new.id: planned})

        self._step(lambda: self.database.write(work))
        self._reused_is_covered(new)

    def _grant(self, made: dict[str, Any], place: int, *, shared: bool) -> Grant:
        today = (self.clock() + timedelta(hours=8)).date()
        first, last = (today + timedelta(days=days) for days in made["days"])
        own = made["own"]
        new = Grant(
            place=place,
            reference=made["reference"],
            signed=made["signed"],
            guardian=made["guardian"],
            sources=made["sources"],
            signed_on=first,
            until=last,
            programme=made["programme"],
            own=own and (own[0], own[1], today + timedelta(days=own[2])),
            numbers=self.model.numbers_of(place, shared=shared),
        )
        self.model.grants.append(new)
        return new

    def _stored(self, one: Grant) -> StoredVerification:
        now = self.clock()
        return StoredVerification(
            id=one.id,
            client_id="cl_1",
            status="accepted",
            request=one.request(),
            requested_at=now,
            changed_at=now,
            final_at=None,
            recheck_of=None,
        )

    def _reused_is_covered(self, new: Grant) -> None:
        query = sa.select(reply.c.person, reply.c.source).where(reply.c.verification_id == new.id)
        rows = self.runner.run(self.database.read(lambda tx: tx.execute(query).all()))
        for row in rows:
            SEEN["reused"] += 1
            why = new.why_not(row.person, row.source, self.clock(), self.model.taken)
            assert why is None, f"{row.source} about {row.person} used again: {why}"

    @rule(made=st.lists(grants, min_size=1, max_size=2))
    def begin_batch(self, made: list[dict[str, Any]]) -> None:
        """Households of a roster, each with persons of its own."""
        place = 500 + len(self.model.grants)
        new = [self._grant(one, place + n, shared=False) for n, one in enumerate(made)]
        batch = NewBatch(
            id=new_id("bt"),
            region="220102",
            client_id="cl_1",
            origin="roster",
            format="csv",
            purpose=Purpose.APPLICATION,
            as_of=TODAY,
            created_at=self.clock(),
        )
        households = [(new_id("rc"), one.request()) for one in new]
        create = self.batching.control.create_from_households
        self._step(lambda: self.database.write(lambda tx: create(tx, batch, households)))

    @rule(rounds=st.lists(st.sampled_from(ROUNDS), min_size=1, max_size=5), data=st.data())
    def work(self, rounds: list[str], data: st.DataObject) -> None:
        """Rounds of the service's loops, and of the institution that takes files up."""
        self._rounds(rounds, data)

    def _rounds(self, rounds: list[str], data: st.DataObject) -> None:
        for name in rounds:
            if name == "run":
                self._run(data)
            elif name == "pick_up":
                self._step(self.loops["exchange_read"].work)
                self._files_that_lie_name_nobody_who_took_it_back()
                self.files.pick_up()
            elif name == "poll":
                self._step(self.built.verifier.collect_due)
            else:
                self._step(self.loops[name].work)
            if name == "exchange_read":
                self._files_that_lie_name_nobody_who_took_it_back()

    def _run(self, data: st.DataObject) -> None:
        """Ask what is due of one verification, again and again."""
        ids = [one.id for one in self.model.grants if one.id]
        if ids:
            id_ = data.draw(st.sampled_from(ids))
            self._step(lambda: self.built.verifier.run(id_))

    def _files_that_lie_name_nobody_who_took_it_back(self) -> None:
        SEEN["looked"] += 1
        for persons in self.files.lying.values():
            for person in persons.values():
                SEEN["lying"] += 1
                grant = self.model.of_number(person.id_number)
                ref = grant.ref_of(person.id_number)
                why = grant.why_not(ref, "securities", self.clock(), self.model.taken)
                assert why in (None, "cancelled"), f"a file that lies there: {ref} {why}"

    @rule(
        which=st.sampled_from(["tax", "vehicle", "bank"]),
        what=st.sampled_from(["is_busy", "faults", "dies_before", "dies_after"]),
    )
    def next_asking(self, which: str, what: str) -> None:
        source = next(one for one in self.sources if one.name == which)
        source.script.append(what)

    @rule(ready=st.booleans())
    def answers(self, ready: bool) -> None:
        for one in self.sources:
            one.ready = ready

    @rule(
        source=st.sampled_from([*[None] * 4, *SOURCES]),
        whose=st.sampled_from([*[None] * 3, "m1", "m3", "s1"]),
        at=st.sampled_from([None, None, "tax"]),
        then=st.lists(st.sampled_from(ROUNDS), max_size=4),
        data=st.data(),
    )
    def take_back(
        self,
        source: str | None,
        whose: str | None,
        at: str | None,
        then: list[str],
        data: st.DataObject,
    ) -> None:
        """Now, or at the moment in which a source is about to be asked; life goes on."""
        one = data.draw(st.sampled_from(self.model.grants))
        reference = one.reference
        if one.own is not None and one.own[0] == whose:
            reference = one.own[1]
        number_ = None if whose is None else one.numbers[whose]

        async def work() -> None:
            await self._taken_back(reference, number_, source)

        if at is None:
            self._step(work)
        else:
            self.sources[0].meanwhile.append(work)
        self._rounds([*then, "exchange_read"], data)

    @rule(
        at_the_folder=st.booleans(),
        whose=st.sampled_from([None, "m1", "m2"]),
        source=st.sampled_from([None, "securities"]),
        data=st.data(),
    )
    def take_back_from_a_file(
        self, at_the_folder: bool, whose: str | None, source: str | None, data: st.DataObject
    ) -> None:
        """Of somebody in a batch: while the file lies there, or just as it is handed over."""
        one = data.draw(st.sampled_from([one for one in self.model.grants if one.place >= 500]))
        number_ = None if whose is None else one.numbers[whose]

        async def work() -> None:
            await self._taken_back(one.reference, number_, source)

        if at_the_folder:
            self._step(self.loops["units"].work)
            self.clock.forward(seconds=61)
            self.files.at_the_folder.append(work)
            self._rounds(["exchange_write", "exchange_write"], data)
        else:
            self._step(work)
        self._rounds(["exchange_read", "exchange_write"], data)

    async def _taken_back(self, reference: str, number_: str | None, source: str | None) -> None:
        built = self.built
        taking = Taking(
            shelf=built.shelf,
            askings=built.desk.askings,
            withdrawals=built.desk.gate.withdrawals,
            audit=built.desk.audit,
            clockwork=Clockwork(self.clock, new_id),
        )
        sources = None if source is None else (source,)
        new = TakenBack("220102", reference, "cl_1", number_, sources)

        def work(tx: sa.Connection) -> None:
            self.exchange.look_again(tx, "220102")
            taking.take_back(tx, new)

        await self.database.write(work)
        self.model.taken.append(Withdrawn(reference, self.clock(), number_, source))
        SEEN["taken back"] += 1

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        some = [one for one in self.model.grants if one.id and not one.cancelled]
        if some:
            one = data.draw(st.sampled_from(some))

            async def work() -> None:
                verification = await self.built.verifier.load(one.id)
                if verification.status != "final":
                    await self.built.verifier.cancel(verification, "not_given")
                    one.cancelled = True

            self._step(work)

    @rule(by=st.sampled_from([31, 61, 61, 1000, 14 * 3600, 86_400]))
    def time_goes_by(self, by: int) -> None:
        """The trail is anchored meanwhile: without that nothing would leave after some hours."""
        self.clock.forward(seconds=by)
        self._step(self.built.anchoring.run)

    @rule(often=st.sampled_from([True, False, False]))
    def the_process_is_killed(self, often: bool) -> None:
        if often:
            self.runner.run(self._restart())

    def teardown(self) -> None:
        self.runner.run(self.closing.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)


@pytest.mark.promise(12)
@pytest.mark.timeout(0 if FULL else 900)
def test_nothing_is_asked_that_is_not_authorised_as_it_leaves(
    record_property: Callable[[str, object], None],
) -> None:
    """All of them: `HEDUI_CASES=full pytest tests/access/test_consent_stateful.py`.

    Planted: the gate let everything through that was planned (consent looked at as the request
    came, and no more): "file securities about m1: taken back". Withdrawals of one person, and of
    one source, that counted for nobody: "asked tax about s1: taken back". No file taken back: "a
    file that lies there: m1 taken back". No look for withdrawals between a file's gate and its
    hand-over: "file securities about m1: taken back". Each was found within 45 seconds.
    """
    how = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not FULL,
        phases=(Phase.generate, Phase.shrink) if FULL else (Phase.generate,),
        print_blob=True,
    )
    SEEN.clear()
    run_state_machine_as_test(Machine, settings=how)  # type: ignore[no-untyped-call]
    print(dict(SEEN))  # noqa: T201 - the count of what was shown
    for kind in ("asked", "polled", "file", "taken back", "kills", "lying", "files taken back"):
        assert SEEN[kind], kind
    assert set(NEEDED) == {"urban_dibao", "retrenched_workers"}
    record_property("cases", EXAMPLES)
