"""What a message to a DCI partner needs beside the outbox: whose records it holds, its token."""

from collections.abc import Iterable

import sqlalchemy as sa

from app.store.base import upsert
from app.store.crypto import Cell, FieldCipher
from app.store.tables_dci_later import dci_bearer, dci_told


class DciSending:
    """Queries of the sender of registry messages."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def holds(
        self, tx: sa.Connection, event_id: str, verifications: Iterable[str], region: str
    ) -> None:
        """The notice has records of these: it goes when one of them is erased."""
        rows = [
            {"event_id": event_id, "verification_id": one, "region": region}
            for one in dict.fromkeys(verifications)
        ]
        if rows:
            tx.execute(upsert(tx, dci_told).on_conflict_do_nothing(), rows)

    def held(self, tx: sa.Connection, event_id: str) -> list[str]:
        query = sa.select(dci_told.c.verification_id).where(dci_told.c.event_id == event_id)
        return list(tx.execute(query).scalars())

    def set_token(self, tx: sa.Connection, client_id: str, region: str, token: str) -> None:
        """An empty one: none is sent any more."""
        tx.execute(dci_bearer.delete().where(dci_bearer.c.client_id == client_id))
        if token:
            sealed = self._cipher.seal(
                Cell("dci_bearer", "sealed_token", client_id), token.encode()
            )
            values = {"client_id": client_id, "region": region, "sealed_token": sealed}
            tx.execute(dci_bearer.insert().values(**values))

    def token(self, tx: sa.Connection, client_id: str) -> str:
        query = sa.select(dci_bearer.c.sealed_token).where(dci_bearer.c.client_id == client_id)
        sealed = tx.execute(query).scalar_one_or_none()
        if sealed is None:
            return ""
        return self._cipher.open(Cell("dci_bearer", "sealed_token", client_id), sealed).decode()
