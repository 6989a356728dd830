"""Subscriptions 订阅: clients who want to hear of a household's changes and alerts."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import NotFound
from app.store.base import in_region, storable, upsert
from app.store.crypto import Cell, FieldCipher
from app.store.tables import client, verification
from app.store.tables_relief import subscription

_OF = subscription.c
_COUNTY: Final = 6
_OF_CASE: Final = (
    sa.select(subscription, client.c.region.label("client_region"))
    .join(client, client.c.client_id == _OF.client_id)
    .where(
        _OF.case_reference == sa.bindparam("case"),
        _OF.ended_at.is_(None),
        client.c.revoked_at.is_(None),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Of one client and one case; `events`: which notices it wants."""

    id: str
    region: str
    client_id: str
    case_reference: str
    events: tuple[str, ...]
    url: str = field(repr=False)
    created_at: datetime


class Subscriptions:
    """Queries over subscriptions; a client sees its own alone."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def id_of(self, new: Subscription) -> str:
        """The same for the same client, case, address and events: asking twice makes one."""
        words = "\n".join((new.client_id, new.region, new.case_reference, new.url, *new.events))
        return f"sb_{self._cipher.blind('subscription.id', words).hex()[:32]}"

    def add(self, tx: sa.Connection, new: Subscription) -> Subscription:
        """The subscription as it stands from now on; one that was ended begins again."""
        one = replace(new, id=self.id_of(new))
        cell = Cell("subscription", "sealed_url", one.id)
        values = {
            "id": one.id,
            "region": one.region,
            "client_id": one.client_id,
            "case_reference": one.case_reference,
            "events": " ".join(one.events),
            "sealed_url": self._cipher.seal(cell, one.url.encode()),
            "created_at": one.created_at,
            "ended_at": None,
        }
        adding = upsert(tx, subscription).values(**values)
        tx.execute(adding.on_conflict_do_update(index_elements=["id"], set_={"ended_at": None}))
        return one

    def of_client(self, tx: sa.Connection, client_id: str) -> list[Subscription]:
        """Those that have not ended, the newest first."""
        query = (
            sa.select(subscription)
            .where(_OF.client_id == client_id, _OF.ended_at.is_(None))
            .order_by(_OF.created_at.desc(), _OF.id)
        )
        return [self._opened(row) for row in tx.execute(query)]

    def end(self, tx: sa.Connection, id_: str, *, client_id: str, now: datetime) -> Subscription:
        """Nothing more is told. Raises `NotFound` alike for another client's and for none."""
        mine = sa.and_(_OF.id == id_, _OF.client_id == client_id, _OF.ended_at.is_(None))
        row = None
        if storable(id_):
            row = tx.execute(sa.select(subscription).where(mine)).one_or_none()
        if row is None:
            raise NotFound("no such subscription")
        tx.execute(subscription.update().where(mine).values(ended_at=now))
        return self._opened(row)

    def wanting(
        self, tx: sa.Connection, case_reference: str, *, region: str, event: str
    ) -> list[Subscription]:
        """Who is to hear of it: clients whose region the household still stands in."""
        rows = tx.execute(_OF_CASE, {"case": case_reference})
        return [
            self._opened(row)
            for row in rows
            if event in row.events.split()
            and row.region[:_COUNTY] == region[:_COUNTY]
            and region.startswith(row.client_region)
        ]

    def verified_case(
        self, tx: sa.Connection, *, region: str, case_reference: str | None, id_: str | None
    ) -> tuple[str, str]:
        """Case number and region of a verification there. Raises `NotFound` where none is."""
        of = verification.c
        wanted = of.id == id_ if id_ is not None else of.case_reference == case_reference
        query = sa.select(of.case_reference, of.region).where(wanted, in_region(of.region, region))
        row = None
        if storable(id_ or case_reference or ""):
            row = tx.execute(query.order_by(of.requested_at.desc()).limit(1)).one_or_none()
        if row is None:
            raise NotFound("no verification of that household in the client's region")
        return row.case_reference, row.region

    def _opened(self, row: Any) -> Subscription:
        cell = Cell("subscription", "sealed_url", row.id)
        return Subscription(
            id=row.id,
            region=row.region,
            client_id=row.client_id,
            case_reference=row.case_reference,
            events=tuple(row.events.split()),
            url=self._cipher.open(cell, row.sealed_url).decode(),
            created_at=row.created_at,
        )
