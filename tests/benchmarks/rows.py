"""Where rivals of the service keep replies and profiles: hand-made SQL, a commit a group."""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Final, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

import asyncpg
import orjson


class Reply(NamedTuple):
    """What one source said about one person (or all of a job)."""

    source: str
    refs: tuple[str, ...]
    body: bytes


class Gathered(NamedTuple):
    """All that is known of one household."""

    number: int
    replies: list[Reply]
    profile: bytes


_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS rival_reply (
        id TEXT, person TEXT, source TEXT, state TEXT, raw {blob}, digest TEXT, answered_at TEXT,
        PRIMARY KEY (id, person, source)
    )""",
    "CREATE TABLE IF NOT EXISTS rival_profile (id TEXT PRIMARY KEY, body {blob})",
)
_REPLY: Final = "INSERT INTO rival_reply VALUES ({0}) ON CONFLICT DO NOTHING"
_PROFILE: Final = "INSERT INTO rival_profile VALUES ({0}) ON CONFLICT DO NOTHING"
_AT: Final = "2026-11-24T04:00:00Z"


class Rows(Protocol):
    """Stores groups of households; each group is committed when `put` returns."""

    async def put(self, group: Sequence[Gathered]) -> None: ...

    async def aclose(self) -> None: ...


def reply_rows(group: Sequence[Gathered]) -> list[tuple[object, ...]]:
    """A row a person and source."""
    return [
        (
            f"vf_{one.number:020d}",
            ref,
            reply.source,
            "answered",
            reply.body,
            sha256(reply.body).hexdigest(),
            _AT,
        )
        for one in group
        for reply in one.replies
        for ref in reply.refs
    ]


def profile_rows(group: Sequence[Gathered]) -> list[tuple[object, ...]]:
    """A row a household."""
    return [(f"vf_{one.number:020d}", one.profile) for one in group]


def profile_of(number: int, replies: Sequence[Reply]) -> bytes:
    """A profile of the size that is stored of a household, without any work in it."""
    told = [{"source": one.source, "persons": one.refs, "bytes": len(one.body)} for one in replies]
    return orjson.dumps({"household": number, "sources": told, "income": "0.00", "assets": "0.00"})


class SqliteRows:
    """One writer thread, WAL, each commit synced as the service's are."""

    def __init__(self, path: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=30
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        for table in _TABLES:
            self._connection.execute(table.format(blob="BLOB"))

    async def put(self, group: Sequence[Gathered]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._put, group)

    def _put(self, group: Sequence[Gathered]) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_REPLY.format("?,?,?,?,?,?,?"), reply_rows(group))
        connection.executemany(_PROFILE.format("?,?"), profile_rows(group))
        connection.execute("COMMIT")

    async def aclose(self) -> None:
        self._thread.shutdown()
        self._connection.close()


class PostgresRows:
    """One connection, whose commits are synced."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    @classmethod
    async def connect(cls, url: str) -> "PostgresRows":
        parts = urlsplit(url)
        host = parse_qs(parts.query)["host"][0]
        connection = await asyncpg.connect(
            user=parts.username, host=host, port=5432, database=parts.path.lstrip("/")
        )
        await connection.execute("SET synchronous_commit = on")
        for table in _TABLES:
            await connection.execute(table.format(blob="BYTEA"))
        return cls(connection)

    async def put(self, group: Sequence[Gathered]) -> None:
        async with self._turn, self._connection.transaction():
            await self._connection.executemany(
                _REPLY.format("$1,$2,$3,$4,$5,$6,$7"), reply_rows(group)
            )
            await self._connection.executemany(_PROFILE.format("$1,$2"), profile_rows(group))

    async def aclose(self) -> None:
        await self._connection.close()


async def rows_at(url: str) -> Rows:
    """The store behind a URL of the tests: `sqlite:///…` or that of the tests' PostgreSQL."""
    if url.startswith("sqlite"):
        return SqliteRows(url.partition(":///")[2])
    return await PostgresRows.connect(url)
