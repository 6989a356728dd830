"""API clients: case-management systems, what they may do, and by which keys they are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from app.store.base import in_region, storable, upsert
from app.store.tables import client
from app.store.tables_clients import client_assertion, client_key

KeyKind = Literal["secret", "jwk", "certificate"]
_PAGE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client 接入系统: its region's subtree and scopes are all it may touch.

    No programmes or purposes: all of them. `rates`: limits of its own instead of those in general.
    `secret_hash` is that of its first secret, for a client that is added with one.
    """

    client_id: str
    name: str
    region: str
    scopes: tuple[str, ...]
    secret_hash: str = field(default="", repr=False)
    created_at: datetime
    revoked_at: datetime | None = None
    programmes: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    rates: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """What proves a client: a secret's hash, a public key (JWK), a certificate's thumbprint."""

    id: str
    client_id: str
    kind: KeyKind
    kid: str = ""
    value: str = field(repr=False)
    created_at: datetime
    until: datetime | None = None
    revoked_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.until is None or now < self.until)


class Clients:
    """Queries over clients and their keys."""

    def add(self, tx: sa.Connection, new: Client) -> None:
        tx.execute(
            client.insert().values(
                client_id=new.client_id,
                name=new.name,
                region=new.region,
                scopes=" ".join(new.scopes),
                secret_hash="",
                created_at=new.created_at,
                programmes=" ".join(new.programmes),
                purposes=" ".join(new.purposes),
                rates=new.rates,
            )
        )
        if new.secret_hash:
            first = ClientKey(
                id=f"ck_{new.client_id}",
                client_id=new.client_id,
                kind="secret",
                value=new.secret_hash,
                created_at=new.created_at,
            )
            self.add_key(tx, first)

    def get(self, tx: sa.Connection, client_id: str) -> Client | None:
        if not storable(client_id):
            return None
        row = tx.execute(sa.select(client).where(client.c.client_id == client_id)).one_or_none()
        return None if row is None else _client(row)

    def all(self, tx: sa.Connection, *, region: str = "") -> list[Client]:
        """Those of the region's subtree, by name."""
        rows = tx.execute(
            sa.select(client)
            .where(in_region(client.c.region, region))
            .order_by(client.c.name, client.c.client_id)
        )
        return [_client(row) for row in rows]

    def set_limits(self, tx: sa.Connection, changed: Client) -> None:
        """Scopes, programmes, purposes and rates as given; the region stays."""
        tx.execute(
            client.update()
            .where(client.c.client_id == changed.client_id)
            .values(
                scopes=" ".join(changed.scopes),
                programmes=" ".join(changed.programmes),
                purposes=" ".join(changed.purposes),
                rates=changed.rates,
            )
        )

    def revoke(self, tx: sa.Connection, client_id: str, now: datetime) -> None:
        """The client and all its keys, for good."""
        for table in (client, client_key):
            tx.execute(
                table.update()
                .where(table.c.client_id == client_id, table.c.revoked_at.is_(None))
                .values(revoked_at=now)
            )

    def add_key(self, tx: sa.Connection, new: ClientKey) -> None:
        tx.execute(
            client_key.insert().values(
                id=new.id,
                client_id=new.client_id,
                kind=new.kind,
                kid=new.kid,
                value=new.value,
                created_at=new.created_at,
                until=new.until,
            )
        )

    def keys(self, tx: sa.Connection, client_id: str) -> list[ClientKey]:
        """All of them, the oldest first, those that do not hold any more too."""
        if not storable(client_id):
            return []
        rows = tx.execute(
            sa.select(client_key)
            .where(client_key.c.client_id == client_id)
            .order_by(client_key.c.created_at, client_key.c.id)
        )
        return [
            ClientKey(
                id=row.id,
                client_id=row.client_id,
                kind=row.kind,
                kid=row.kid,
                value=row.value,
                created_at=row.created_at,
                until=row.until,
                revoked_at=row.revoked_at,
            )
            for row in rows
        ]

    def end_keys(self, tx: sa.Connection, ids: Sequence[str], until: datetime) -> None:
        """They hold until then, unless they end before."""
        earlier = sa.or_(client_key.c.until.is_(None), client_key.c.until > until)
        tx.execute(client_key.update().where(client_key.c.id.in_(ids), earlier).values(until=until))

    def use_assertion(
        self, tx: sa.Connection, client_id: str, jti_digest: str, until: datetime
    ) -> bool:
        """Whether it is used for the first time; remembered until then."""
        done = tx.execute(
            upsert(tx, client_assertion)
            .values(client_id=client_id, jti_digest=jti_digest, until=until)
            .on_conflict_do_nothing()
        )
        return bool(done.rowcount == 1)

    def forget_assertions(self, tx: sa.Connection, now: datetime) -> int:
        """A page of those whose time is over, for they are refused by it anyhow."""
        key = sa.tuple_(client_assertion.c.client_id, client_assertion.c.jti_digest)
        over = (
            sa.select(client_assertion.c.client_id, client_assertion.c.jti_digest)
            .where(client_assertion.c.until < now)
            .limit(_PAGE)
        )
        return tx.execute(client_assertion.delete().where(key.in_(over))).rowcount


def _client(row: "sa.Row[tuple[object, ...]]") -> Client:
    return Client(
        client_id=row.client_id,
        name=row.name,
        region=row.region,
        scopes=tuple(row.scopes.split()),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        programmes=tuple(row.programmes.split()),
        purposes=tuple(row.purposes.split()),
        rates=row.rates,
    )
