"""API clients: case-management systems and what they may do."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from app.store.base import storable
from app.store.tables import client


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client 接入系统: its region's subtree and scopes are all it may touch."""

    client_id: str
    name: str
    region: str
    scopes: tuple[str, ...]
    secret_hash: str = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None = None


class Clients:
    """Queries over clients."""

    def add(self, tx: sa.Connection, new: Client) -> None:
        tx.execute(
            client.insert().values(
                client_id=new.client_id,
                name=new.name,
                region=new.region,
                scopes=" ".join(new.scopes),
                secret_hash=new.secret_hash,
                created_at=new.created_at,
            )
        )

    def get(self, tx: sa.Connection, client_id: str) -> Client | None:
        if not storable(client_id):
            return None
        row = tx.execute(sa.select(client).where(client.c.client_id == client_id)).one_or_none()
        if row is None:
            return None
        return Client(
            client_id=row.client_id,
            name=row.name,
            region=row.region,
            scopes=tuple(row.scopes.split()),
            secret_hash=row.secret_hash,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
