"""Takes replies and tickets in, those of many questions in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.store.evidence import Replies, StoredReply
from app.store.gathered import Gathered
from app.store.session import Database
from app.store.tickets import StoredTicket, Tickets


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one question brought: replies, and the ticket for what is outstanding."""

    replies: tuple[StoredReply, ...]
    ticket: StoredTicket | None = None


class Intake:
    """Stores arrivals in groups; what came while one group was written goes with the next."""

    def __init__(self, database: Database, replies: Replies, tickets: Tickets) -> None:
        self._replies = replies
        self._tickets = tickets
        self._gathered: Gathered[Arrival, None] = Gathered(database, self.write)

    async def put(self, arrival: Arrival) -> None:
        """Stored when this returns."""
        await self._gathered.put(arrival)

    def write(self, tx: sa.Connection, arrivals: Sequence[Arrival]) -> list[Exception | None]:
        self._replies.put(tx, [reply for one in arrivals for reply in one.replies])
        self._tickets.put_many(tx, [one.ticket for one in arrivals if one.ticket is not None])
        return [None for _ in arrivals]
