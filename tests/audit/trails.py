"""A trail of 200 entries under ten heads, anchored in a file, with what a verifier is given."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from app.audit.anchors import Anchor, anchors_of, heads_in
from app.audit.chain import AuditTrail, Entry
from app.audit.signing import Ed25519Signer, PublicKeys
from app.audit.verify import Given, Report, examine, trail_in
from app.jobs.anchoring import Anchoring
from app.store.audit_entries import AuditEntries
from app.store.audit_heads import Head
from app.store.migrate import sync_engine
from app.store.session import Database, connect
from tests.new_databases import brought_up
from tests.service_parts import REGION, Clock

KEY = bytes(range(32))
SEED = bytes(range(1, 33))
ENTRIES, A_HEAD = 200, 20
TABLES = ("audit_entry", "audit_signed_head", "audit_head", "audit_anchored")
WHOLE = os.environ.get("HEDUI_CASES") == "full"


@dataclass
class Bench:
    """A database with its trail, and the job that anchors it."""

    url: str
    folder: Path
    clock: Clock
    database: Database
    trail: AuditTrail
    anchoring: Anchoring

    @property
    def anchor_file(self) -> Path:
        return self.folder / "anchor.jsonl"

    async def append(self, count: int, first: int = 1) -> None:
        entries = [
            Entry(
                "cl_01JD4Z6M4Q",
                "source_asked",
                f"vf_{number:04}",
                REGION,
                {"source": "tax", "persons": "m1,m2", "consent": f"SQ-{number}", "说明": "核对"},
            )
            for number in range(first, first + count)
        ]
        await self.database.write(lambda tx: self.trail.append_many(tx, entries))

    async def fill(self, entries: int = ENTRIES, a_head: int = A_HEAD) -> None:
        """So many entries, a head after each `a_head` of them."""
        for first in range(1, entries + 1, a_head):
            await self.append(a_head, first)
            self.clock.forward(seconds=61)
            await self.anchoring.run()

    def given(self, *, key: bytes | None = None, anchored: bool = True) -> Given:
        """What a verifier without any secret has; with `key`, the HMAC key as well."""
        heads = list(heads_in(self.anchor_file.read_bytes())) if anchored else None
        keys = [PublicKeys.read(Ed25519Signer.of(SEED).public_pem)]
        return Given(key=key, head_keys=keys, anchored=heads, now=self.clock())


async def a_bench(
    url: str,
    folder: Path,
    *,
    anchor: str = "",
    algorithm: str = "sha256",
    http: httpx.AsyncClient | None = None,
) -> Bench:
    """The caller closes the database."""
    brought_up(url)
    clock, database = Clock(), connect(url)
    trail = AuditTrail(KEY, AuditEntries(), clock, f"hmac-{algorithm}")
    anchors: Sequence[Anchor] = anchors_of(
        anchor or f"file:{folder / 'anchor.jsonl'}", http or httpx.AsyncClient(trust_env=False)
    )
    anchoring = Anchoring(
        database,
        AuditEntries(),
        KEY,
        Ed25519Signer.of(SEED),
        anchors,
        now=clock,
        algorithm=algorithm,
    )
    return Bench(url, folder, clock, database, trail, anchoring)


def filled(url: str, folder: Path, **more: Any) -> Bench:
    """The same with its 200 entries, and nobody connected any more."""

    async def work() -> Bench:
        bench = await a_bench(url, folder, **more)
        await bench.fill()
        await bench.database.aclose()
        return bench

    return asyncio.run(work())


@contextmanager
def intruding(url: str) -> Iterator[sa.Connection]:
    """Somebody who may change every table."""
    engine = sync_engine(url)
    try:
        with engine.connect() as tx:
            if tx.dialect.name == "sqlite":
                tx.exec_driver_sql("PRAGMA synchronous=OFF")
            yield tx
    finally:
        engine.dispose()


@contextmanager
def taken_back(tx: sa.Connection) -> Iterator[None]:
    """What is done in the block is undone after it."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        if tx.dialect.name == "sqlite":
            tx.exec_driver_sql("ROLLBACK")
        else:
            tx.rollback()


def found(tx: sa.Connection, given: Given) -> Report:
    return examine(trail_in(tx), given)


def heads_of(bench: Bench) -> list[Head]:
    return list(heads_in(bench.anchor_file.read_bytes()))
