"""Two processes on one database whose machines' clocks are an hour apart: nothing doubled or stuck.

All time comes from the database, so a process on a machine whose clock is wrong can neither take
what another works on nor keep anything for longer than it was given.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from app.settings import Settings
from app.store.tables import asking, reply, result, verification
from app.verification.plan import plan
from app.wiring import Given, Stages, stages
from tests.durability.parts import counted, let_time_pass, outside
from tests.service_parts import ScriptedSource, all_ten, connected
from tests.store.test_verifications import a_verification

pytestmark = pytest.mark.postgresql
APART = [timedelta(hours=1), timedelta(hours=-1)]
_LEASE = 150  # seconds: a little more than a process may keep anything without renewing


@asynccontextmanager
async def a_process(
    folder: Path, url: str, name: str, sources: list[ScriptedSource]
) -> AsyncIterator[Stages]:
    """The stages as a process of that name runs them, without loops of its own."""
    settings = Settings(data_dir=folder, database_url=url, worker=name)
    async with stages(settings, Given(sources=connected(sources))) as built:
        yield built


def wrongly(apart: timedelta) -> time_machine.travel:
    """The machine's clock is so far off, and runs."""
    return time_machine.travel(datetime.now(UTC) + apart, tick=True)


async def stored(process: Stages, id_: str) -> None:
    """An accepted verification under a consent that holds whenever this test is run."""
    request, now = a_verification(id_).request, process.clock()
    request = replace(request, consent=replace(request.consent, valid_until=date(2099, 12, 31)))
    new = a_verification(id_, request=request, requested_at=now, changed_at=now)
    planned = plan(new.request, process.desk.sources, process.desk.gate.needs)

    def store(tx: sa.Connection) -> None:
        process.shelf.verifications.add(tx, new)
        process.shelf.tasks.add(tx, id_, new.request.region, planned)

    await process.shelf.database.write(store)


@pytest.mark.promise(10)
@pytest.mark.parametrize("apart", APART, ids=["ahead", "behind"])
async def test_what_one_works_on_is_not_begun_by_the_other(
    tmp_path: Path, new_postgresql_url: str, apart: timedelta
) -> None:
    """Leases go by the database's time, though a machine is ahead or behind.

    Planted: the service's clock was the machine's: the other asked what was being asked.
    """
    url, gate = new_postgresql_url, asyncio.Event()
    slow = ScriptedSource("tax", gate=gate)
    ours, theirs = all_ten(slow), all_ten()
    async with a_process(tmp_path, url, "right", ours) as first:
        await stored(first, "vf_1")
        working = asyncio.create_task(first.verifier.run("vf_1"))
        await next(one for one in ours if one.name == "property").reached.wait()
        with wrongly(apart):
            async with a_process(tmp_path, url, "wrong", theirs) as second:
                await second.verifier.run("vf_1")
                asked = {one.name: one.asked for one in theirs if one.asked}
        gate.set()
        await working
    assert asked == {}, "the other asked what was being asked"
    with outside(url) as tx:
        assert counted(tx, result) == 1
        assert [row.status for row in tx.execute(sa.select(verification.c.status))] == ["final"]


async def all_but_three_stored(url: str) -> None:
    """Nothing more happens: the replies of nine sources are in, the tenth hangs."""

    def stored() -> int:
        with outside(url) as tx:
            return counted(tx, reply)

    async with asyncio.timeout(30):
        while await asyncio.to_thread(stored) < 27:
            await asyncio.sleep(0.02)


@pytest.mark.promise(10)
@pytest.mark.parametrize("apart", APART, ids=["ahead", "behind"])
async def test_what_a_dead_process_held_is_taken_up_in_time(
    tmp_path: Path, new_postgresql_url: str, apart: timedelta
) -> None:
    """No lease is kept for ever.

    Planted: the service's clock was the machine's.
    """
    url = new_postgresql_url
    hangs = ScriptedSource("tax", gate=asyncio.Event())
    theirs, ours = all_ten(hangs), all_ten()
    with wrongly(apart):
        async with a_process(tmp_path, url, "wrong", theirs) as dead:
            await stored(dead, "vf_1")
            working = asyncio.create_task(dead.verifier.run("vf_1"))
            await all_but_three_stored(url)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
    await asyncio.to_thread(let_time_pass, url, seconds=_LEASE)
    async with a_process(tmp_path, url, "right", ours) as alive:
        await alive.verifier.run("vf_1")
        tax = next(one for one in ours if one.name == "tax")
        assert sorted(tax.asked) == [("m1",), ("m2",), ("m3",)]
    with outside(url) as tx:
        assert [row.status for row in tx.execute(sa.select(verification.c.status))] == ["final"]


@pytest.mark.promise(10)
@pytest.mark.parametrize("apart", APART, ids=["ahead", "behind"])
async def test_what_is_waited_for_is_taken_in_once(
    tmp_path: Path, new_postgresql_url: str, apart: timedelta
) -> None:
    """Both look for the bank's outstanding reply at once: one result, each reply once.

    Planted: the service's clock was the machine's.
    """
    url = new_postgresql_url

    def sources() -> list[ScriptedSource]:
        return all_ten(ScriptedSource("bank", persons_a_query=10, answers_later=True))

    ours, theirs = sources(), sources()
    async with a_process(tmp_path, url, "right", ours) as first:
        await stored(first, "vf_1")
        await first.verifier.run("vf_1")
        await asyncio.to_thread(let_time_pass, url, seconds=30)
        with wrongly(apart):
            async with a_process(tmp_path, url, "wrong", theirs) as second:
                both = (first, second)
                await asyncio.gather(*(one.verifier.collect_due() for one in both * 5))
    polled = sum(one.polled for one in (*ours, *theirs))
    assert polled == 1, "looked for once"
    with outside(url) as tx:
        assert [row.status for row in tx.execute(sa.select(verification.c.status))] == ["final"]
        assert counted(tx, result) == 2, "partial, then final"


@pytest.mark.promise(10)
async def test_what_is_written_bears_the_databases_time(
    tmp_path: Path, new_postgresql_url: str
) -> None:
    """Whatever the machine's clock says.

    Planted: the service's clock was the machine's.
    """
    url, sources = new_postgresql_url, all_ten()
    before = datetime.now(UTC)
    with wrongly(timedelta(hours=1)):
        async with a_process(tmp_path, url, "wrong", sources) as process:
            await stored(process, "vf_1")
            await process.verifier.run("vf_1")
    with outside(url) as tx:
        latest = max(row.asked_at for row in tx.execute(sa.select(asking.c.asked_at)))
    assert before - timedelta(minutes=1) < latest < before + timedelta(minutes=10)
