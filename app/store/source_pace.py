"""What all processes together may ask of a source: starts a second, calls at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.store.base import upsert
from app.store.tables_running import source_pace, source_share

_HOLD = sa.text("SELECT pg_advisory_xact_lock(724100)")
"""Held in PostgreSQL: two processes that take theirs at once must see each other's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A process's part of a source's calls at once."""

    source: str
    holder: str
    lane: str
    wanted: int


_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
SHARE_LEASE: Final = timedelta(seconds=15)
"""After it, a share that was not renewed is anybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Starts taken together: the first one's time; they follow each other by the interval."""

    source: str
    lane: str
    starts: int
    interval: timedelta
    burst: timedelta
    """How far back a lane that was idle may begin: so many starts need not wait."""


class SourcePace:
    """Blocks of starts by lane, and shares of calls at once."""

    def take(self, tx: sa.Connection, lanes: Sequence[Block], now: datetime) -> datetime:
        """When the block's first call may start, in whichever lane that is soonest.

        The lane is taken until after the block's last call.
        """
        if tx.dialect.name == "postgresql":
            tx.execute(_HOLD)
        source = lanes[0].source
        rows = tx.execute(
            sa.select(source_pace.c.lane, source_pace.c.next_at).where(
                source_pace.c.source == source
            )
        )
        taken_until = {row.lane: row.next_at for row in rows}
        free = [max(taken_until.get(one.lane, _EVER), now - one.burst) for one in lanes]
        start: datetime = min(free)
        block = lanes[free.index(start)]
        values = {"next_at": start + block.interval * block.starts}
        tx.execute(
            upsert(tx, source_pace)
            .values(source=source, lane=block.lane, **values)
            .on_conflict_do_update(index_elements=["source", "lane"], set_=values)
        )
        return start

    def give_back(self, tx: sa.Connection, source: str, holder: str) -> None:
        """The process does not call the source for now."""
        tx.execute(
            source_share.delete().where(
                source_share.c.source == source, source_share.c.holder == holder
            )
        )

    def share(self, tx: sa.Connection, asked: Share, limits: tuple[int, int], now: datetime) -> int:
        """Calls at once for this process, so that all together stay within the limit.

        `limits`: all calls at once, and those of them that only single verifications may use. A
        process has at least one. What others no longer want is free at their next renewal.
        """
        if tx.dialect.name == "postgresql":
            tx.execute(_HOLD)
        tx.execute(source_share.delete().where(source_share.c.until < now))
        others = tx.execute(
            sa.select(source_share).where(
                source_share.c.source == asked.source, source_share.c.holder != asked.holder
            )
        ).all()
        slots = _fair(asked, others, limits)
        values = {
            "lane": asked.lane,
            "slots": slots,
            "wanted": asked.wanted,
            "until": now + SHARE_LEASE,
        }
        tx.execute(
            upsert(tx, source_share)
            .values(source=asked.source, holder=asked.holder, **values)
            .on_conflict_do_update(index_elements=["source", "holder"], set_=values)
        )
        return slots


def _fair(
    asked: Share, others: Sequence["sa.Row[tuple[object, ...]]"], limits: tuple[int, int]
) -> int:
    everything, reserved = limits
    alike = 1 + sum(row.lane == asked.lane for row in others)
    if asked.lane == "batch":
        target = min(asked.wanted, (everything - reserved) // alike)
    else:
        hunger = sum(max(row.slots, row.wanted) for row in others if row.lane == "batch")
        target = max(reserved, everything - hunger) // alike
    taken: int = sum(row.slots for row in others)
    fair: int = max(1, min(target, everything - taken))
    return fair
