"""Addresses that two persons let notices go to: one proposes, another agrees, either ends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.domain.errors import Conflict, NotFound
from app.store.base import storable
from app.store.tables_addresses import outgoing_address

_columns = outgoing_address.c
_AGREED: Final = (
    sa.select(_columns.pattern).where(_columns.state == "agreed").order_by(_columns.pattern)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingAddress:
    """`state`: proposed, agreed, ended."""

    id: str
    pattern: str
    state: str
    proposed_by: str
    proposed_at: datetime
    agreed_by: str | None = None
    agreed_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None


class OutgoingAddresses:
    """Queries over them."""

    def agreed(self, tx: sa.Connection) -> Sequence[str]:
        """The patterns in force."""
        return tuple(tx.execute(_AGREED).scalars())

    def all(self, tx: sa.Connection) -> Sequence[OutgoingAddress]:
        rows = tx.execute(sa.select(outgoing_address).order_by(_columns.proposed_at, _columns.id))
        return [OutgoingAddress(**row._mapping) for row in rows]

    def propose(
        self, tx: sa.Connection, id_: str, pattern: str, *, by: str, now: datetime
    ) -> OutgoingAddress:
        """It is in force once somebody else agrees."""
        new = OutgoingAddress(
            id=id_, pattern=pattern, state="proposed", proposed_by=by, proposed_at=now
        )
        values = {name: getattr(new, name) for name in OutgoingAddress.__dataclass_fields__}
        tx.execute(outgoing_address.insert().values(**values))
        return new

    def agree(self, tx: sa.Connection, id_: str, *, by: str, now: datetime) -> OutgoingAddress:
        """Raises `Conflict` for whoever proposed it and for what waits for nobody, `NotFound`."""
        one = self._held(tx, id_)
        if one.state != "proposed":
            raise Conflict(f"{id_} is {one.state}: it waits for nobody's agreement")
        if _same(one.proposed_by, by):
            raise Conflict("whoever proposed an address cannot agree to it: a second person must")
        done = tx.execute(
            outgoing_address.update()
            .where(_columns.id == id_, _columns.state == "proposed")
            .values(state="agreed", agreed_by=by, agreed_at=now)
        )
        if done.rowcount != 1:
            raise Conflict(f"{id_} was decided upon meanwhile")
        return self._held(tx, id_)

    def end(self, tx: sa.Connection, id_: str, *, by: str, now: datetime) -> OutgoingAddress:
        """One person is enough to shut a door."""
        self._held(tx, id_)
        tx.execute(
            outgoing_address.update()
            .where(_columns.id == id_, _columns.state != "ended")
            .values(state="ended", ended_by=by, ended_at=now)
        )
        return self._held(tx, id_)

    def _held(self, tx: sa.Connection, id_: str) -> OutgoingAddress:
        query = sa.select(outgoing_address).where(_columns.id == id_)
        row = tx.execute(query).one_or_none() if storable(id_) else None
        if row is None:
            raise NotFound(f"{id_[:40]}: no such address")
        return OutgoingAddress(**row._mapping)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
