"""Takes replies and tickets in, those of many questions in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from app.audit.chain import AuditTrail, Entry
from app.store.evidence import Replies, StoredReply
from app.store.gathered import Gathered
from app.store.manual_tasks import ManualTask, ManualTasks
from app.store.session import Database
from app.store.tickets import StoredTicket, Tickets
from app.store.verifications import StoredVerification
from app.verification.clockwork import Clockwork
from app.verification.gate import ConsentGate, kept_out


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one question brought: replies, and the ticket for what is outstanding."""

    verification: StoredVerification
    replies: tuple[StoredReply, ...]
    ticket: StoredTicket | None = None
    tasks: tuple[ManualTask, ...] = ()
    """Of clerks, who are to answer."""
    over: tuple[str, ...] = ()
    """Tasks of clerks that nobody answers any more."""


Stores = tuple[Replies, Tickets, ManualTasks]
EXPIRED: Final = "expired"
"""Why a task of clerks is closed whose time is over."""


class Admission:
    """Keeps out what comes after the consent was taken back, and puts on record that it came."""

    def __init__(self, gate: ConsentGate, audit: AuditTrail, clockwork: Clockwork) -> None:
        self._gate = gate
        self._audit = audit
        self.now = clockwork.now

    def admitted(
        self, tx: sa.Connection, came: Sequence[tuple[StoredVerification, StoredReply]]
    ) -> list[StoredReply]:
        """Each reply, or what stands in its place, in their order."""
        now = self.now()
        withheld = self._gate.withheld(tx, came, now)
        if not withheld:
            return [reply for _, reply in came]
        rows, entries = [], []
        for verification, reply in came:
            is_out = (verification.id, reply.source, reply.person) in withheld
            if not is_out or reply.state == "unknown":
                rows.append(reply)
                continue
            rows.append(kept_out(reply, now))
            entries.append(_entry(verification, reply))
        self._audit.append_many(tx, entries)
        return rows


class Intake:
    """Stores arrivals in groups; what came while one group was written goes with the next."""

    def __init__(self, database: Database, stores: Stores, admission: Admission) -> None:
        self._replies, self._tickets, self._manual = stores
        self.admission = admission
        self._gathered: Gathered[Arrival, None] = Gathered(database, self.write)

    @classmethod
    def over(
        cls,
        database: Database,
        stores: Stores,
        admits: tuple[ConsentGate, AuditTrail, Clockwork],
    ) -> "Intake":
        """With the gate, the trail and the time that its admission needs."""
        return cls(database, stores, Admission(*admits))

    async def put(self, arrival: Arrival) -> None:
        """Stored when this returns."""
        await self._gathered.put(arrival)

    def write(self, tx: sa.Connection, arrivals: Sequence[Arrival]) -> list[Exception | None]:
        came = [(one.verification, reply) for one in arrivals for reply in one.replies]
        self._tickets.put_many(tx, [one.ticket for one in arrivals if one.ticket is not None])
        self._replies.put(tx, self.admission.admitted(tx, came))
        self._manual.add(tx, [task for one in arrivals for task in one.tasks])
        over = [id_ for one in arrivals for id_ in one.over]
        if over:
            self._manual.close(tx, over, EXPIRED, self.admission.now())
        return [None for _ in arrivals]


def _entry(verification: StoredVerification, reply: StoredReply) -> Entry:
    consent, _ = verification.request.consent.of(reply.person)
    return Entry(
        actor="service",
        action="answer_after_withdrawal",
        object=verification.id,
        region=verification.request.region,
        details={
            "source": reply.source,
            "institution": reply.institution,
            "persons": reply.person,
            "consent": consent,
        },
    )
