"""Where an answer goes that is given later, and how it waits to be sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.dci.endpoints import Endpoint
from app.dci.envelope import Header
from app.dci.refusals import MessageRefused
from app.store.dci_senders import Sender
from connectors.dci.codes import Action, ErrorCode
from connectors.dci.signatures import Dialect


def callback_of(endpoint: Endpoint, header: Header, sender: Sender) -> str:
    """The header's address as it is written, or the one that was registered for such answers.

    Raises `MessageRefused` where it is not one of the sender's.
    """
    uri = header.sender_uri or _registered(endpoint, sender)
    if not uri:
        words = "header.sender_uri is missing, and no address was registered for the answer"
        raise MessageRefused(ErrorCode.SENDER_URI, words)
    if not sender.may_be_called_at(uri):
        words = "header.sender_uri is no address that was registered for this sender"
        raise MessageRefused(ErrorCode.SENDER_URI, words)
    return uri


def _registered(endpoint: Endpoint, sender: Sender) -> str:
    """One that ends as the answer's address does, else the only one, else below a beginning."""
    ending = _ending(endpoint.reply)
    whole = [one for one in sender.sender_uris if not one.endswith(("/", "*"))]
    for uri in whole:
        if uri.endswith(f"/{ending}"):
            return uri
    if len(whole) == 1:
        return whole[0]
    below = next((one for one in sender.sender_uris if one.endswith("/")), "")
    return f"{below}{ending}" if below else ""


def notices_of(sender: Sender, answered: str) -> str:
    """Where a subscription's notices go: to an address that was registered for them, else beside
    the one that its answer went to, else there. The standard has an address for each."""
    for uri in sender.sender_uris:
        if uri.endswith(f"/{Action.NOTIFY}"):
            return uri
    ending = f"/{Action.ON_SUBSCRIBE}"
    beside = f"{answered.removesuffix(ending)}/{Action.NOTIFY}"
    is_beside = answered.endswith(ending) and sender.may_be_called_at(beside)
    return beside if is_beside else answered


def _ending(reply: Action | None) -> str:
    return "txn/on-status" if reply is Action.TXN_ON_STATUS else str(reply)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message to a partner before it is signed: it is signed anew for each sending, for
    signatures end; what it says stays the same."""

    header: Mapping[str, Any]
    message: Mapping[str, Any] = field(repr=False)
    dialect: Dialect

    def dumped(self) -> bytes:
        return orjson.dumps(
            {"header": self.header, "message": self.message, "dialect": self.dialect.value}
        )

    @classmethod
    def loaded(cls, stored: bytes) -> "Waiting":
        found = orjson.loads(stored)
        return cls(found["header"], found["message"], Dialect(found["dialect"]))
