"""The gate at every sending: consent holds now, and the intent is on record before it leaves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from app.audit.chain import AuditTrail, Entry
from app.domain.household import VerificationRequest
from app.store.askings import Asking, Askings
from app.store.gathered import Gathered
from app.store.session import Database
from app.store.tasks import Tasks
from app.verification.clockwork import Clockwork
from app.verification.gate import ConsentGate, Intent, not_permitted

__all__ = ["Intent", "Intents"]


class Intents:
    """Enters intents in groups; whose consent does not hold is refused, and nothing may leave."""

    def __init__(
        self,
        database: Database,
        gate: ConsentGate,
        tasks: Tasks,
        audit: AuditTrail,
        clockwork: Clockwork,
    ) -> None:
        self._gate = gate
        self._askings = Askings()
        self._tasks = tasks
        self._audit = audit
        self._clockwork = clockwork
        self._gathered: Gathered[Intent, None] = Gathered(database, self.write)

    async def enter(self, intent: Intent) -> None:
        """On record when this returns; raises `NotPermitted`."""
        await self._gathered.put(intent)

    def write(self, tx: sa.Connection, intents: Sequence[Intent]) -> list[Exception | None]:
        """For each, why it may not leave; those that may are on record with this transaction."""
        now = self._clockwork.now()
        refusals = self._gate.refusals(tx, intents, now)
        permitted = [one for one, why in zip(intents, refusals, strict=True) if why is None]
        self._askings.add_many(tx, [row for one in permitted for row in self._askings_of(one, now)])
        self._tasks.count_attempts(
            tx, [(one.verification.id, one.source, ref) for one in permitted for ref in one.refs]
        )
        # Last: appending holds up everybody else's.
        self._audit.append_many(tx, [_entry(one) for one in permitted])
        return [None if why is None else not_permitted(why) for why in refusals]

    def _askings_of(self, intent: Intent, now: datetime) -> Iterable[Asking]:
        """One row a consent that the question rests on."""
        request = intent.verification.request
        by_consent: dict[str, list[str]] = defaultdict(list)
        for ref in intent.refs:
            by_consent[request.consent.of(ref)[0]].append(ref)
        for consent, refs in by_consent.items():
            yield Asking(
                id=self._clockwork.new_id("as"),
                verification_id=intent.verification.id,
                region=request.region,
                reference=intent.reference,
                source=intent.source,
                persons=tuple(refs),
                consent_reference=consent,
                purpose=request.purpose.value,
                asked_at=now,
            )


def _entry(intent: Intent) -> Entry:
    request: VerificationRequest = intent.verification.request
    consents = dict.fromkeys(request.consent.of(ref)[0] for ref in intent.refs)
    return Entry(
        actor=intent.verification.client_id,
        action="source_asked",
        object=intent.verification.id,
        region=request.region,
        details={
            "source": intent.source,
            "persons": ",".join(intent.refs),
            "consent": ",".join(consents),
            "purpose": request.purpose.value,
            **({} if intent.centre is None else {"centre": intent.centre}),
        },
    )
