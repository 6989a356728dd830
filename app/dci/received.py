"""A message that passed the intake, and what a handler makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.access.looking import Looker
from app.dci.endpoints import Endpoint
from app.dci.envelope import Header
from app.store.dci_senders import Sender
from connectors.dci.codes import Status
from connectors.dci.keys import KeyPair
from connectors.dci.signatures import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Who sent what: the sender is the one that the token names, the signature holds, the message
    is open. `reply_key`: the answer is encrypted for it, for the message was encrypted. `repeated`:
    the very message came before, and its answer is to be the same."""

    endpoint: Endpoint
    look: Looker
    sender: Sender
    header: Header
    message: Mapping[str, Any] = field(repr=False)
    dialect: Dialect
    reply_key: KeyPair | None = field(default=None, repr=False)
    correlation_id: str
    repeated: bool
    at: datetime

    @property
    def us(self) -> str:
        """Our name as this sender knows us."""
        return self.header.receiver_id or self.sender.receiver_ids[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a handler answers at once: the message, and what the header says of it."""

    message: Mapping[str, Any] = field(repr=False)
    status: Status = Status.SUCCEEDED
    total: int = 1
    completed: int = 1
    reason: str = ""
    about: frozenset[str] = frozenset()
    """Verifications that it has records of."""
    meta: Mapping[str, str] = field(default_factory=dict)
