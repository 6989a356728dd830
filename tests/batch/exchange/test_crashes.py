"""Broken off between any two steps: the same file, the same persons, each reply once.

`HEDUI_CASES=full` breaks off at every write on PostgreSQL, too.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from app.store.session import Database, Work
from connectors.contract import Permit
from connectors.contract_bulk import BulkRequest, Outstanding, Reading
from connectors.failure import Failure
from tests.batch.exchange.office import an_office, answer, banks

FULL: Final = os.environ.get("HEDUI_CASES") == "full"
NAME = "HDREQ_220102_20261124_0001"


class Crash(Exception):  # noqa: N818 - the end of a process
    """The process ends here."""


class Breaking:
    """A database that is gone at the given write, and with it the process."""

    def __init__(self, database: Database, at: int, *, committed: bool) -> None:
        self._database = database
        self._at = at
        self._committed = committed
        self.dialect = database.dialect
        self.writes = 0

    async def write(self, work: Work[Any]) -> Any:
        self.writes += 1
        if self.writes != self._at:
            return await self._database.write(work)
        if self._committed:
            await self._database.write(work)
        raise Crash

    async def read(self, work: Work[Any]) -> Any:
        return await self._database.read(work)

    async def aclose(self) -> None:
        """The real one is closed by whoever opened it."""


class BreakingBank:
    """A bank at which the process ends before or after a file is handed over."""

    def __init__(self, real: Any, *, after: bool) -> None:
        self.institutions = real.institutions
        self.in_bulk = self
        self._real = real.in_bulk
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def hand_over(self, request: BulkRequest, body: bytes, permit: Permit) -> Failure | None:
        if self._after:
            await self._real.hand_over(request, body, permit)
        raise Crash

    async def look(self, request: Outstanding) -> Reading | None:
        reading: Reading | None = await self._real.look(request)
        return reading


def places(most: int) -> list[Any]:
    """Each write on SQLite, and in the build every third on PostgreSQL."""
    server, some = pytest.mark.postgresql, range(1, most + 1, 1 if FULL else 3)
    lite = [pytest.param("sqlite", at, id=f"sqlite-{at}") for at in range(1, most + 1)]
    return [
        *lite,
        *(pytest.param("postgresql", at, id=f"server-{at}", marks=server) for at in some),
    ]


async def _rounds(call: Callable[[], Any]) -> None:
    try:
        await call()
    except (Crash, ExceptionGroup):
        return


@pytest.mark.parametrize("committed", [False, True], ids=["lost", "committed"])
@pytest.mark.parametrize(("database_url", "at"), places(8), indirect=["database_url"])
async def test_the_writer_broken_off_at_any_write(
    database: Database, tmp_path: Path, at: int, committed: bool
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        steady = an_office(database, {"bank": there.source})
        await steady.enlist(300)
        office = an_office(Breaking(database, at, committed=committed), {"bank": there.source})
        await _rounds(office.write)
        before = {name: there.lines(name) for name in there.waiting()}
        steady.clock.forward(minutes=10)
        await steady.exchange.write_due()
        [file] = await steady.files()
        assert (file.name, file.state) == (NAME, "handed_over")
        assert there.waiting() == [f"{NAME}.txt"]
        lines = there.lines(f"{NAME}.txt")
        assert len(lines) == len({line[3] for line in lines}) == 600
        assert before in ({}, {f"{NAME}.txt": lines}), "whatever had left, left the same"
        assert min((await steady.asked_about()).values()) >= 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_the_writer_broken_off_at_the_bank(
    database: Database, tmp_path: Path, after: bool
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        steady = an_office(database, {"bank": there.source})
        await steady.enlist(5)
        office = an_office(database, {"bank": BreakingBank(there.source, after=after)})
        await _rounds(office.write)
        assert len(there.waiting()) == int(after)
        before = {name: there.lines(name) for name in there.waiting()}
        steady.clock.forward(minutes=10)
        assert await steady.exchange.write_due() == 1
        if after:
            assert before == {f"{NAME}.txt": there.lines(f"{NAME}.txt")}
        assert set((await steady.asked_about()).values()) == {2}, "each sending is on record"


@pytest.mark.parametrize("committed", [False, True], ids=["lost", "committed"])
@pytest.mark.parametrize(("database_url", "at"), places(6), indirect=["database_url"])
async def test_the_reader_broken_off_at_any_write(
    database: Database, tmp_path: Path, at: int, committed: bool
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        steady = an_office(database, {"bank": there.source})
        await steady.enlist(300)
        await steady.write()
        answer(there, f"{NAME}.txt", of=2)
        office = an_office(Breaking(database, at, committed=committed), {"bank": there.source})
        office.clock.forward(minutes=20)
        await _rounds(office.exchange.read_due)
        steady.clock.forward(hours=1)
        await steady.exchange.read_due()
        assert await steady.states() == {"found": 200, "no_record": 400}
        assert await steady.persons() == {"answered": 600}
        assert len(await steady.replies()) == 600
        settled = set(office.asked.settled) | set(steady.asked.settled)
        assert len(settled) == 300


async def test_two_processes_at_once(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc", persons=50) as there:
        one = an_office(database, {"bank": there.source})
        other = an_office(database, {"bank": there.source})
        await one.enlist(100)
        await asyncio.gather(one.write(), other.write())
        names = there.waiting()
        assert len(names) == 4
        numbers = [line[3] for name in names for line in there.lines(name)]
        assert len(numbers) == len(set(numbers)) == 200
        for name in names:
            answer(there, name, of=2)
        await asyncio.gather(one.read(), other.read())
        assert (await one.persons()) == {"answered": 200}
        assert (await one.states()).total() == 200
