"""Takes in a late, repeated or partial answer, once: callbacks of sources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.errors import NotFound
from app.store.session import Database
from app.store.tickets import StoredTicket, Tickets
from connectors.contract import Callback, Progress, ReceivesCallbacks, SourceQuery, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Where sources' calls are taken in."""

    database: Database
    tickets: Tickets
    receivers: Mapping[str, ReceivesCallbacks]
    now: Callable[[], datetime]


async def ticket_of(counter: Counter, source: str, callback: Callback) -> StoredTicket | None:
    """The asking that a callback answers; None where its replies are all in already.

    Raises `CallbackRefused` (wrong signature, old timestamp) before anything of the body is used,
    `NotFound` for an asking that is not known.
    """
    receiver = counter.receivers.get(source)
    if receiver is None:
        raise NotFound("this source does not call back")
    reference = receiver.reference_of(callback)
    stored = await counter.database.read(lambda tx: counter.tickets.get(tx, reference))
    if stored is None or stored.source != source:
        raise NotFound("no such asking")
    return stored if stored.state == "waiting" and stored.ticket is not None else None


def read(
    counter: Counter, source: str, callback: Callback, asked: tuple[Ticket, SourceQuery]
) -> Progress:
    """The replies in a callback."""
    return counter.receivers[source].receive(callback, *asked)
