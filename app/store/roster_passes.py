"""Passes 名册比对通行证: made, found by their secret's hash, counted, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import NotFound
from app.store.base import in_region, storable
from app.store.tables_rosters import roster_pass

_OF: Final = roster_pass.c


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPass:
    """A pass as it stands; `kind` is the holder's: `client` or `staff`."""

    id: str
    region: str
    holder: str
    kind: str
    purpose: str | None
    reference: str
    rows: int
    asked: int
    token_hash: bytes = field(repr=False)
    created_at: datetime
    until_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None

    def holds_at(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.until_at


class RosterPasses:
    """Queries over passes; they end, and are never taken away before."""

    def add(self, tx: sa.Connection, new: RosterPass) -> None:
        tx.execute(roster_pass.insert(), {name: getattr(new, name) for name in _COLUMNS})

    def find(self, tx: sa.Connection, token_hash: bytes) -> RosterPass | None:
        """Whatever state it is in."""
        query = sa.select(roster_pass).where(_OF.token_hash == token_hash)
        row = tx.execute(query).one_or_none()
        return None if row is None else _pass(row)

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> RosterPass:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere."""
        row = None
        if storable(id_):
            where = (_OF.id == id_, in_region(_OF.region, region))
            row = tx.execute(sa.select(roster_pass).where(*where)).one_or_none()
        if row is None:
            raise NotFound("no such roster pass")
        return _pass(row)

    def of_holder(self, tx: sa.Connection, holder: str, since: datetime) -> list[RosterPass]:
        """Those that were made since then, the newest first."""
        where = (_OF.holder == holder, _OF.created_at >= since)
        return self._newest(tx, *where)

    def within(self, tx: sa.Connection, region: str, since: datetime) -> list[RosterPass]:
        """All of a region's that were made since then, the newest first."""
        return self._newest(tx, in_region(_OF.region, region), _OF.created_at >= since)

    def _newest(self, tx: sa.Connection, *where: "sa.ColumnElement[bool]") -> list[RosterPass]:
        query = sa.select(roster_pass).where(*where).order_by(_OF.id.desc())
        return [_pass(row) for row in tx.execute(query)]

    def count(self, tx: sa.Connection, id_: str, rows: int, most: int) -> bool:
        """So many more rows are asked about; False, and nothing counted, where they are too many.

        The count stands in the one statement: two processes cannot both take the last row.
        """
        done = tx.execute(
            roster_pass.update()
            .where(_OF.id == id_, _OF.asked + rows <= most)
            .values(asked=_OF.asked + rows)
        )
        return bool(done.rowcount == 1)

    def end(self, tx: sa.Connection, id_: str, *, by: str, now: datetime) -> bool:
        """False where it has ended already."""
        done = tx.execute(
            roster_pass.update()
            .where(_OF.id == id_, _OF.ended_at.is_(None))
            .values(ended_at=now, ended_by=by)
        )
        return bool(done.rowcount == 1)


_COLUMNS: Final[Sequence[str]] = RosterPass.__slots__


def _pass(row: Any) -> RosterPass:
    return RosterPass(**{name: getattr(row, name) for name in _COLUMNS})
