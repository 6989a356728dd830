"""Which processes leave which source alone, and what they were told to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.store.base import upsert
from app.store.tables_running import source_breaker, source_order, worker

_OF, _ORDER = source_breaker.c, source_order.c


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBreaker:
    """A process that leaves a source alone, at least until then."""

    source: str
    holder: str
    failures: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """What all processes do with a source's breaker, once each: `probe` or `restore`."""

    source: str
    action: str
    number: int


class SourceBreakers:
    """Open breakers by process, and the newest order a source."""

    def put(self, tx: sa.Connection, holder: str, open_: Sequence[OpenBreaker]) -> None:
        """All that this process leaves alone, in the place of what it told before."""
        tx.execute(source_breaker.delete().where(_OF.holder == holder))
        rows = [
            {
                "source": one.source,
                "holder": holder,
                "failures": one.failures,
                "until": one.until,
            }
            for one in open_
        ]
        if rows:
            tx.execute(source_breaker.insert(), rows)

    def all(self, tx: sa.Connection, alive_since: datetime) -> Mapping[str, list[OpenBreaker]]:
        """By source, those of processes that live."""
        rows = tx.execute(
            sa.select(source_breaker)
            .join(worker, worker.c.name == _OF.holder)
            .where(worker.c.beat_at >= alive_since)
            .order_by(_OF.source, _OF.holder)
        )
        found: dict[str, list[OpenBreaker]] = {}
        for row in rows:
            found.setdefault(row.source, []).append(OpenBreaker(**row._mapping))
        return found

    def order(
        self, tx: sa.Connection, source: str, action: str, told: tuple[str, datetime]
    ) -> None:
        """`told`: by whom, and when."""
        by, at = told
        values = {"action": action, "ordered_by": by, "at": at}
        tx.execute(
            upsert(tx, source_order)
            .values(source=source, number=1, **values)
            .on_conflict_do_update(
                index_elements=["source"], set_={**values, "number": _ORDER.number + 1}
            )
        )

    def orders(self, tx: sa.Connection) -> Mapping[str, Order]:
        """The newest, by source."""
        rows = tx.execute(sa.select(_ORDER.source, _ORDER.action, _ORDER.number))
        return {row.source: Order(*row) for row in rows}
