"""Live processes, duties that one of them does for all, and the time of the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.store.base import upsert
from app.store.tables_running import duty, worker


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveWorker:
    """A process as its last heartbeat tells; `kind`: `api` or `worker`."""

    name: str
    kind: str
    version: str
    started_at: datetime
    beat_at: datetime


class Workers:
    """Heartbeats, elections by lease, and who has died."""

    def beat(self, tx: sa.Connection, one: LiveWorker) -> None:
        values = {
            "kind": one.kind,
            "version": one.version,
            "started_at": one.started_at,
            "beat_at": one.beat_at,
        }
        tx.execute(
            upsert(tx, worker)
            .values(name=one.name, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values)
        )

    def leave(self, tx: sa.Connection, name: str) -> None:
        """An orderly end: nobody waits for this process any more."""
        tx.execute(worker.delete().where(worker.c.name == name))
        tx.execute(duty.delete().where(duty.c.holder == name))

    def all(self, tx: sa.Connection) -> Sequence[LiveWorker]:
        return [
            LiveWorker(**row._mapping)
            for row in tx.execute(sa.select(worker).order_by(worker.c.name))
        ]

    def take_duty(
        self, tx: sa.Connection, name: str, holder: str, *, now: datetime, lease: timedelta
    ) -> bool:
        """Whether the duty is this process's until the lease ends: free, its own, or run out."""
        free = sa.or_(duty.c.holder == holder, duty.c.until < now)
        statement = upsert(tx, duty).values(name=name, holder=holder, until=now + lease, fence=1)
        done = tx.execute(
            statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": holder, "until": now + lease, "fence": duty.c.fence + 1},
                where=free,
            )
        )
        return bool(done.rowcount == 1)


def database_time(tx: sa.Connection) -> datetime | None:
    """The database server's time; None for SQLite, which has none but the process's own."""
    if tx.dialect.name != "postgresql":
        return None
    at: datetime = tx.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return at.astimezone(UTC)
