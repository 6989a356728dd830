"""Subscriptions of DCI partners: what each wants to hear of, and what it is to be told."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.store import leases
from app.store.base import storable, upsert
from app.store.crypto import Cell, FieldCipher
from app.store.tables_dci_later import dci_news, dci_subscription, dci_subscription_key

_OF: Final = dci_subscription.c
_KEY: Final = dci_subscription_key.c
_NEWS: Final = dci_news.c
_WORDS: Final = "dci_subscription.fact_index"
_LEVELS: Final = range(2, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySubscription:
    """Of one partner; `content`: what it asked for and how it is told, as JSON.

    `persons`, `numbers`: of whom alone; none of both: it is wide.
    """

    id: str
    client_id: str
    region: str
    events: tuple[str, ...]
    persons: tuple[int, ...] = field(default=(), repr=False)
    numbers: tuple[str, ...] = field(default=(), repr=False)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    created_at: datetime
    ended_at: datetime | None = None
    content: Mapping[str, Any] = field(repr=False)

    def holds(self, now: datetime) -> bool:
        begun = self.starts_at is None or self.starts_at <= now
        over = self.ends_at is not None and self.ends_at <= now
        return self.ended_at is None and begun and not over


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A subscription is to be told of a verification: `event` is our word for why."""

    id: str
    region: str
    subscription: str
    client_id: str
    verification_id: str
    event: str
    refs: tuple[str, ...] = ()
    attempts: int = 0
    created_at: datetime


class RegistrySubscriptions:
    """Queries over subscriptions and news; a partner sees its own alone."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(
        self, tx: sa.Connection, new: RegistrySubscription, words: bytes
    ) -> RegistrySubscription | None:
        """None: it is added. Else the one that asks for the same (`words`) already."""
        index = self._cipher.blind(_WORDS, words.decode())
        cell = Cell("dci_subscription", "sealed_content", new.id)
        adding = upsert(tx, dci_subscription).values(
            id=new.id,
            client_id=new.client_id,
            region=new.region,
            fact_index=index,
            events=" ".join(new.events),
            is_wide=not new.persons and not new.numbers,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            created_at=new.created_at,
            sealed_content=self._cipher.seal(cell, orjson.dumps(new.content)),
        )
        if tx.execute(adding.on_conflict_do_nothing()).rowcount != 1:
            same = _OF.client_id == new.client_id, _OF.fact_index == index
            return self._opened(tx.execute(sa.select(dci_subscription).where(*same)).one())
        keys = [(person, None) for person in new.persons]
        rows = [*keys, *((None, number) for number in new.numbers)]
        for place, (person, number) in enumerate(rows):
            tx.execute(
                dci_subscription_key.insert().values(
                    id=new.id,
                    place=place,
                    region=new.region,
                    person_key=person,
                    case_reference=number,
                )
            )
        return None

    def count(self, tx: sa.Connection, client_id: str) -> int:
        """Those that have not ended."""
        query = sa.select(sa.func.count()).where(_OF.client_id == client_id, _OF.ended_at.is_(None))
        return int(tx.execute(query.select_from(dci_subscription)).scalar_one())

    def get(self, tx: sa.Connection, id_: str, client_id: str) -> RegistrySubscription | None:
        if not storable(id_):
            return None
        query = sa.select(dci_subscription).where(_OF.id == id_, _OF.client_id == client_id)
        row = tx.execute(query).one_or_none()
        return None if row is None else self._opened(row)

    def end(self, tx: sa.Connection, id_: str, now: datetime) -> None:
        """Nothing more is told, and what it asked for is forgotten."""
        tx.execute(dci_subscription_key.delete().where(_KEY.id == id_))
        cell = Cell("dci_subscription", "sealed_content", id_)
        gone = self._cipher.seal(cell, b"{}")
        tx.execute(
            dci_subscription.update()
            .where(_OF.id == id_)
            .values(ended_at=now, fact_index=os.urandom(32), sealed_content=gone)
        )

    def over(self, tx: sa.Connection, now: datetime) -> list[str]:
        """Ids of those whose time is over, a page of them."""
        query = sa.select(_OF.id).where(_OF.ended_at.is_(None), _OF.ends_at <= now).limit(500)
        return list(tx.execute(query).scalars())

    def is_there_any(self, tx: sa.Connection) -> bool:
        query = sa.select(_OF.id).where(_OF.ended_at.is_(None)).limit(1)
        return tx.execute(query).first() is not None

    def wanting(
        self, tx: sa.Connection, region: str, persons: Iterable[int], numbers: Sequence[str]
    ) -> list[tuple[str, str, tuple[str, ...]]]:
        """Id, client and events of those who are to hear of a household in the region."""
        named = sa.select(_KEY.id).where(
            sa.or_(_KEY.person_key.in_(list(persons)), _KEY.case_reference.in_(numbers))
        )
        query = sa.select(_OF.id, _OF.client_id, _OF.events).where(
            _OF.ended_at.is_(None),
            _OF.region.in_(["", *(region[:end] for end in _LEVELS if end <= len(region))]),
            sa.or_(_OF.is_wide.is_(True), _OF.id.in_(named)),
        )
        rows = tx.execute(query.order_by(_OF.id))
        return [(row.id, row.client_id, tuple(row.events.split())) for row in rows]

    def add_news(self, tx: sa.Connection, new: Sequence[News]) -> None:
        """To be told once this is committed; what is there already stays."""
        for one in new:
            tx.execute(
                upsert(tx, dci_news)
                .values(
                    id=one.id,
                    region=one.region,
                    request_id=one.subscription,
                    client_id=one.client_id,
                    verification_id=one.verification_id,
                    type=one.event,
                    refs=" ".join(one.refs)[:1000],
                    state="waiting",
                    attempts=0,
                    next_at=one.created_at,
                    created_at=one.created_at,
                )
                .on_conflict_do_nothing()
            )

    def is_any_news(self, tx: sa.Connection, now: datetime) -> bool:
        return leases.is_any_due(tx, dci_news, now)

    def take_news(
        self, tx: sa.Connection, *, now: datetime, limit: int, lease: timedelta
    ) -> list[News]:
        """Those that are due, the oldest first."""
        rows = leases.take_due(tx, dci_news, now=now, limit=limit, lease=lease)
        return sorted(map(_news, rows), key=lambda one: (one.created_at, one.id))

    def settle_news(self, tx: sa.Connection, id_: str) -> bool:
        """Whether it was this call that ended it; nothing of it is kept."""
        where = _NEWS.id == id_, _NEWS.state == "waiting"
        return bool(tx.execute(dci_news.delete().where(*where)).rowcount)

    def _opened(self, row: Any) -> RegistrySubscription:
        cell = Cell("dci_subscription", "sealed_content", row.id)
        return RegistrySubscription(
            id=row.id,
            client_id=row.client_id,
            region=row.region,
            events=tuple(row.events.split()),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            created_at=row.created_at,
            ended_at=row.ended_at,
            content=orjson.loads(self._cipher.open(cell, row.sealed_content)),
        )


def _news(row: Any) -> News:
    return News(
        id=row.id,
        region=row.region,
        subscription=row.request_id,
        client_id=row.client_id,
        verification_id=row.verification_id,
        event=row.type,
        refs=tuple(row.refs.split()),
        attempts=row.attempts,
        created_at=row.created_at,
    )
