"""What a message to a DCI partner needs beside the outbox: whose records it holds, its token."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TypeAlias

import sqlalchemy as sa

from app.store.base import upsert
from app.store.crypto import Cell, FieldCipher
from app.store.tables import outbox
from app.store.tables_dci_later import dci_bearer, dci_told


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where a partner gives out the tokens that it asks for (client credentials).

    `secret` is where the secret stands (`env:NAME`, `file:PATH`), never the secret.
    """

    url: str
    client_id: str
    secret: str = field(repr=False)
    scope: str = ""


Bearer: TypeAlias = str | TokenPlace
"""What a partner is called with: a token that stays, or where one is asked for; empty: nothing."""


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

    def is_there(self, tx: sa.Connection, event_id: str) -> bool:
        """Whether the notice waits still."""
        query = sa.select(sa.exists().where(outbox.c.event_id == event_id))
        return bool(tx.scalar(query))

    def set_bearer(self, tx: sa.Connection, client_id: str, region: str, bearer: Bearer) -> None:
        """An empty token: none is sent any more."""
        tx.execute(dci_bearer.delete().where(dci_bearer.c.client_id == client_id))
        if bearer:
            text = bearer if isinstance(bearer, str) else json.dumps(asdict(bearer))
            sealed = self._cipher.seal(Cell("dci_bearer", "sealed_token", client_id), text.encode())
            values = {"client_id": client_id, "region": region, "sealed_token": sealed}
            tx.execute(dci_bearer.insert().values(**values))

    def bearer(self, tx: sa.Connection, client_id: str) -> Bearer:
        query = sa.select(dci_bearer.c.sealed_token).where(dci_bearer.c.client_id == client_id)
        sealed = tx.execute(query).scalar_one_or_none()
        if sealed is None:
            return ""
        text = self._cipher.open(Cell("dci_bearer", "sealed_token", client_id), sealed).decode()
        # No token begins with a brace (RFC 6750 §2.1).
        return TokenPlace(**json.loads(text)) if text.startswith("{") else text
