"""Message ids of DCI partners: each stands for one message, however often that is sent."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.store.base import upsert
from app.store.crypto import FieldCipher
from app.store.tables_dci import dci_message

_MESSAGE: Final = "dci_message.message_index"
_BODY: Final = "dci_message.body_index"


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that came: whose it is, its id, its body as it was sent."""

    client_id: str
    region: str
    message_id: str = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the id stands for: the message's own correlation id; `repeated`: it came before."""

    correlation_id: str
    repeated: bool


class MessageIdTaken(Exception):  # noqa: N818 - what is wrong, in three words
    """The sender used the id for another message before."""


class Messages:
    """Ids and bodies stand as keyed hashes alone: a partner may write anything into them."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def claim(self, tx: sa.Connection, claim: Claim, correlation_id: str, now: datetime) -> Claimed:
        """Bind the id to this message. Raises `MessageIdTaken` where it is bound to another."""
        index = self._cipher.blind(_MESSAGE, claim.message_id)
        body = self._cipher.blind(_BODY, claim.body.decode("utf-8", "replace"))
        done = tx.execute(
            upsert(tx, dci_message)
            .values(
                client_id=claim.client_id,
                message_index=index,
                region=claim.region,
                body_index=body,
                correlation_id=correlation_id,
                received_at=now,
            )
            .on_conflict_do_nothing()
        )
        if done.rowcount == 1:
            return Claimed(correlation_id, repeated=False)
        row = tx.execute(
            sa.select(dci_message.c.body_index, dci_message.c.correlation_id).where(
                dci_message.c.client_id == claim.client_id, dci_message.c.message_index == index
            )
        ).one()
        if bytes(row.body_index) != body:
            raise MessageIdTaken
        return Claimed(row.correlation_id, repeated=True)
