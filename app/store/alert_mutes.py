"""Rules of alerts that are muted for a while 暂停规则, and how often each was wrong."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from app.store.base import in_region
from app.store.crypto import Cell, FieldCipher
from app.store.scope import Crossing, across_in
from app.store.tables_relief import alert, alert_mute

_OF = alert_mute.c
_ALERT = alert.c
_HANDLED: Final = ("handled", "checked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """No alert of the kind is raised in the region up to and including `until_on`."""

    id: str
    region: str
    kind: str
    until_on: date
    reason: str = field(repr=False)
    muted_by: str
    muted_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KindCount:
    """What came of a kind's alerts: all, those still open, those handled, and false ones."""

    kind: str
    alerts: int
    open: int
    handled: int
    false: int
    repeats: int


class AlertMutes:
    """Queries over mutes; those of a region above hold below it, and are seen there."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(self, tx: sa.Connection, new: Mute) -> None:
        values = {
            "id": new.id,
            "region": new.region,
            "kind": new.kind,
            "until_on": new.until_on,
            "sealed_reason": self._cipher.seal(_cell(new.id), new.reason.encode()),
            "muted_by": new.muted_by,
            "muted_at": new.muted_at,
        }
        tx.execute(alert_mute.insert().values(**values))

    def end(self, tx: sa.Connection, kind: str, region: str, by: str, now: datetime) -> int:
        """Those of the kind in that very region; gives how many were in force."""
        done = tx.execute(
            alert_mute.update()
            .where(_OF.kind == kind, _OF.region == region, _OF.ended_at.is_(None))
            .values(ended_by=by, ended_at=now)
        )
        return int(done.rowcount)

    def muted(
        self, tx: sa.Connection, region: str, kinds: Collection[str], day: date
    ) -> frozenset[str]:
        """Of these kinds, those that raise nothing in the region on that day."""
        if not kinds:
            return frozenset()
        wanted = sa.select(_OF.kind).where(_OF.kind.in_(sorted(kinds)), *_in_force(region, day))
        return frozenset(tx.execute(wanted).scalars())

    def in_force(self, tx: sa.Connection, region: str, day: date) -> Sequence[Mute]:
        """All that hold in the region, whichever region above set them; the newest first."""
        wanted = sa.select(alert_mute).where(*_in_force(region, day))
        with across_in(tx, Crossing.MUTES):
            rows = tx.execute(wanted.order_by(_OF.muted_at.desc())).all()
        return [self._opened(row) for row in rows]

    def _opened(self, row: Any) -> Mute:
        values = {name: value for name, value in row._mapping.items() if name != "sealed_reason"}
        reason = self._cipher.open(_cell(row.id), row.sealed_reason).decode()
        return Mute(**values, reason=reason)

    def counts(self, tx: sa.Connection, region: str, since: datetime) -> Sequence[KindCount]:
        """Of the alerts that were raised since then in the region's subtree, by kind."""
        handled = _ALERT.state.in_(_HANDLED)
        rows = tx.execute(
            sa.select(
                _ALERT.kind,
                sa.func.count(),
                _sum(_ALERT.state != "checked"),
                _sum(handled),
                _sum(sa.and_(handled, _ALERT.outcome == "false_alert")),
                sa.func.sum(_ALERT.repeats),
            )
            .where(in_region(_ALERT.region, region), _ALERT.raised_at >= since)
            .group_by(_ALERT.kind)
            .order_by(_ALERT.kind)
        )
        return [KindCount(kind, *(int(one or 0) for one in sums)) for kind, *sums in rows]


def _sum(where: "sa.ColumnElement[bool]") -> "sa.ColumnElement[int]":
    return sa.func.sum(sa.case((where, 1), else_=0))


def _in_force(region: str, day: date) -> tuple["sa.ColumnElement[bool]", ...]:
    above = [region[:length] for length in range(len(region) + 1)]
    return _OF.region.in_(above), _OF.until_on >= day, _OF.ended_at.is_(None)


def _cell(id_: str) -> Cell:
    return Cell("alert_mute", "sealed_reason", id_)
