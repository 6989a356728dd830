"""What the durability tests share: a database counted from outside, and time that passes in it."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from app.audit.verify import Verdict, verify
from app.domain.errors import StorageUnavailable
from app.keys import audit_key, master_key
from app.settings import Settings
from app.store.audit_entries import AuditEntries
from app.store.migrate import sync_engine
from app.store.schema import metadata
from app.store.tables import (
    asking,
    idempotency,
    outbox,
    reply,
    report,
    result,
    source_task,
    verification,
)
from tests.service_parts import Running, a_body

_SECOND = 1_000_000  # microseconds
_TIMES = ("leased_until", "until", "next_at")
_ROUNDS = 6
_TRIES = 10
SETTLED = ("final", "in_review")
"""One household under many case numbers: from the second on, a person must look at it."""


@contextmanager
def outside(url: str) -> Iterator[sa.Connection]:
    """A connection of the test's own, beside the service's."""
    engine = sync_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
            connection.commit()
    finally:
        engine.dispose()


def url_of(folder: Path, database_url: str = "") -> str:
    return Settings(data_dir=folder, database_url=database_url).database


def counted(tx: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(*where)
    return int(tx.execute(query).scalar_one())


def let_time_pass(url: str, *, seconds: int = 7200) -> None:
    """As if that time had passed by the database's clock: leases have run out, things are due.

    Changes rows that groups of the service's writes hold, in another order: then it tries again.
    """
    for _ in range(_TRIES):
        try:
            _earlier(url, seconds)
        except sa.exc.OperationalError as error:
            if not isinstance(error.orig, psycopg.errors.DeadlockDetected):
                raise
        else:
            return
    pytest.fail("the service holds what time changes")


def _earlier(url: str, seconds: int) -> None:
    with outside(url) as tx:
        if tx.dialect.name == "sqlite":
            tx.exec_driver_sql("BEGIN IMMEDIATE")
        for table in metadata.sorted_tables:
            for name in _TIMES:
                if name in table.c:
                    column = sa.type_coerce(table.c[name], sa.BigInteger)
                    earlier = sa.type_coerce(column - seconds * _SECOND, table.c[name].type)
                    tx.execute(
                        table.update().where(table.c[name].is_not(None)).values({name: earlier})
                    )


def the_trail(folder: Path, url: str) -> Verdict:
    """The audit trail as `hedui audit verify` reads it."""
    settings = Settings(data_dir=folder, database_url=url)
    with outside(url) as tx:
        return verify(AuditEntries().all(tx), audit_key(settings, master_key(settings)))


async def bring_on(service: Running, url: str) -> None:
    """Time passes: leases run out, what lies is begun again, what is awaited is looked for."""
    await asyncio.to_thread(let_time_pass, url)
    service.clock.forward(minutes=20)
    service.headers = await service.client()  # its token has run out, too
    try:
        await service.parts.verifier.collect_due()
    except* StorageUnavailable:
        pass  # as the poller does: its next round tries again


async def finish(service: Running, url: str, ids: Iterable[str]) -> None:
    """Everything accepted comes to its end within a few rounds of time passing."""
    left = sorted(ids)
    for _ in range(_ROUNDS):
        await bring_on(service, url)
        for id_ in left:
            with suppress(StorageUnavailable):  # as the sweep does: its next round tries again
                await service.parts.verifier.run(id_)
        left = [id_ for id_ in left if (await service.shown(id_))["status"] not in SETTLED]
        if not left:
            return
    states = {id_: (await service.shown(id_))["status"] for id_ in left}
    pytest.fail(f"never finished: {states}")


def nothing_doubled(tx: sa.Connection) -> dict[str, Any]:
    """Each of these would be empty but for a doubled effect; named for the test's message."""
    return {
        "two verifications of a key": _more_than_one(
            tx, verification, verification.c.case_reference
        ),
        "two keys of a verification": _more_than_one(
            tx, idempotency, idempotency.c.verification_id
        ),
        "two replies of one institution": _more_than_one(
            tx, reply, reply.c.verification_id, reply.c.person, reply.c.source, reply.c.institution
        ),
        "two reports of a verification": _more_than_one(tx, report, report.c.verification_id),
        "two results that are alike": _more_than_one(
            tx, result, result.c.verification_id, result.c.digest
        ),
        "replies without an asking": _unasked(tx),
        "keys without a verification": _orphans(tx),
    }


def _more_than_one(tx: sa.Connection, table: sa.Table, *by: sa.Column[Any]) -> list[Any]:
    query = sa.select(*by).group_by(*by).having(sa.func.count() > 1)
    return [tuple(row) for row in tx.execute(query.select_from(table))]


def _unasked(tx: sa.Connection) -> list[Any]:
    there = sa.exists().where(
        asking.c.verification_id == reply.c.verification_id, asking.c.source == reply.c.source
    )
    return [tuple(row) for row in tx.execute(sa.select(reply.c.id).where(~there))]


def _orphans(tx: sa.Connection) -> list[Any]:
    there = sa.exists().where(verification.c.id == idempotency.c.verification_id)
    return [tuple(row) for row in tx.execute(sa.select(idempotency.c.key).where(~there))]


def whole(tx: sa.Connection) -> None:
    """Nothing doubled, no half state: a final verification has all that belongs to it."""
    wrong = {name: rows for name, rows in nothing_doubled(tx).items() if rows}
    assert wrong == {}
    for row in tx.execute(sa.select(verification)):
        assert counted(tx, source_task, source_task.c.verification_id == row.id) > 0, row.id
        results = counted(tx, result, result.c.verification_id == row.id)
        reports = counted(tx, report, report.c.verification_id == row.id)
        if row.status in SETTLED:
            assert results >= 1, row.id
        assert reports == (row.status == "final"), row.id


def events_of(tx: sa.Connection, id_: str) -> list[str]:
    query = sa.select(outbox.c.event_id).where(outbox.c.verification_id == id_)
    return sorted(row.event_id for row in tx.execute(query))


def bodies(count: int) -> list[dict[str, Any]]:
    """Requests that differ by their case alone."""
    return [a_body(case_reference=f"220102-2026-{number:06}") for number in range(1, count + 1)]
