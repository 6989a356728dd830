"""The child that parses a roster, from its parent's side: started, listened to, judged."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryFile
from typing import IO, Any, Final, TypeAlias

import orjson

from app.batch.roster import child
from app.batch.roster.bounds import MOST_SECONDS, Failure, Unusable
from app.batch.roster.columns import CASE
from app.domain.errors import HeduiError

Rows: TypeAlias = list[tuple[int, list[str], list[tuple[int, str]]]]
_MOST_LINE: Final = 32 * 1024 * 1024  # bytes: a page is ended at 1 MiB, by its last household
_PATIENCE: Final = 4 * MOST_SECONDS  # seconds until the next page, on a busy machine
_KILLED: Final = -9


class RosterNotRead(HeduiError):  # noqa: N818
    """The machine could not read the roster just now (no room, no process): try again."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases with their rows; `crowds`: row numbers of cases with far too many."""

    households: list[Rows]
    crowds: list[list[int]]


@dataclass(frozen=True, slots=True)
class End:
    """The last that the child says: how many rows there were, in which format, what they fill."""

    rows: int
    format: str
    columns: tuple[str, ...] = ()


@asynccontextmanager
async def reading(roster: IO[bytes], folder: Path) -> AsyncIterator["Reading"]:
    """A child on an open file; its spool is a file without a name in the folder."""
    with TemporaryFile(dir=folder) as spool:
        handles = (roster.fileno(), spool.fileno())
        # Of our surroundings the child gets nothing: no variables, no path, no error output.
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                "-m",
                child.__name__,
                *map(str, handles),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=DEVNULL,
                pass_fds=handles,
                env={},
                limit=_MOST_LINE,
            )
        except OSError as error:
            raise RosterNotRead(f"no child process: {error.strerror}") from None
        try:
            yield Reading(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


class Reading:
    """What the child says, page by page."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self) -> Page | End:
        """Raises `Unusable` (the file's fault) and `RosterNotRead` (ours)."""
        assert self._process.stdout is not None  # noqa: S101 - it was started with a pipe
        try:
            async with asyncio.timeout(_PATIENCE):
                line = await self._process.stdout.readline()
        except (TimeoutError, ValueError):
            raise Unusable(Failure.TOO_COSTLY) from None
        if not line.endswith(b"\n"):
            raise await self._died()
        said: dict[str, Any] = await asyncio.to_thread(orjson.loads, line)
        if "failure" in said:
            raise Unusable(Failure(said["failure"]))
        if "end" in said:
            return End(
                rows=said["end"], format=said["format"], columns=tuple(said.get("columns", ()))
            )
        return Page(list(_split(said["households"])), said["crowds"])

    async def _died(self) -> Exception:
        """Why there is no more of it, by how it ended."""
        status = await self._process.wait()
        if status == child.NO_ROOM:
            return RosterNotRead("no room for the rows of a roster")
        if status == child.OUT_OF_MEMORY:
            return Unusable(Failure.TOO_LARGE)
        return Unusable(Failure.READER_DIED if status >= _KILLED else Failure.TOO_COSTLY)


def _split(households: Sequence[Rows]) -> Iterator[Rows]:
    """Cases that came together by chance, each apart."""
    for rows in households:
        case = rows[0][1][CASE]
        if all(row[1][CASE] == case for row in rows):
            yield rows
            continue
        apart: dict[str, Rows] = {}
        for row in rows:
            apart.setdefault(row[1][CASE], []).append(row)
        yield from apart.values()
