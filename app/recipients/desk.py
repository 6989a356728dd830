"""One household that receives relief: looked at, reported, suspended, ended, classed anew."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.access.tokens import Caller
from app.audit.chain import AuditTrail, Entry
from app.audit.telling import tell
from app.domain.errors import Conflict
from app.domain.instants import china_day
from app.domain.recipient import RecipientState, WhyDue
from app.recipients.due import due_by_cadence
from app.recipients.rules import Rules
from app.store.crypto import FieldCipher
from app.store.recipient_lists import RecipientLists, Wanted
from app.store.recipient_persons import RecipientPersons
from app.store.recipients import Recipients, StoredRecipient
from app.store.session import Database
from app.verification.errands import Desk

REPORTABLE: Final = (
    WhyDue.REPORTED,
    WhyDue.DOUBTFUL,
    WhyDue.MEMBER_CHANGED,
    WhyDue.AT_ONCE,
)
"""What may be told of a household so that it is verified at once 即时复核."""
Change = Callable[[StoredRecipient, datetime], StoredRecipient]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many of a region are there, are due, and have a consent that ends or has ended."""

    receiving: int
    due: int
    consent_expiring: int
    consent_expired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientDesk:
    """Use cases over recipients; each change is one transaction with its audit entry."""

    database: Database
    recipients: Recipients
    persons: RecipientPersons
    lists: RecipientLists
    rules: Rules
    audit: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]

    @classmethod
    def over(cls, desk: Desk, cipher: FieldCipher, rules: Rules) -> "RecipientDesk":
        return cls(
            database=desk.database,
            recipients=Recipients(cipher),
            persons=RecipientPersons(cipher),
            lists=RecipientLists(),
            rules=rules,
            audit=desk.audit,
            now=desk.now,
            new_id=desk.new_id,
        )

    @property
    def today(self) -> date:
        return china_day(self.now())

    async def page(
        self, who: Caller, wanted: Wanted, *, after: str, limit: int
    ) -> list[StoredRecipient]:
        """A page of the list; whoever looks is on record first."""

        def work(tx: sa.Connection) -> list[StoredRecipient]:
            found = self.lists.page(tx, wanted, after=after, limit=limit)
            self.tell(tx, who, "recipients_listed", (wanted.region or "all", wanted.region))
            return found

        return await self.database.write(work)

    async def get(self, id_: str, who: Caller) -> StoredRecipient:
        def work(tx: sa.Connection) -> StoredRecipient:
            found = self.recipients.get(tx, id_, region=who.region)
            self.tell(tx, who, "recipient_read", (found.id, found.region))
            return found

        return await self.database.write(work)

    async def summary(self, region: str, class_: str | None = None) -> Summary:
        """What a re-verification of the region begins with, and whose consent it lacks."""
        today = self.today

        def work(tx: sa.Connection) -> Summary:
            def count(**more: object) -> int:
                wanted = Wanted(
                    region=region,
                    class_=class_,
                    state=RecipientState.RECEIVING,
                    **more,  # type: ignore[arg-type]
                )
                return self.lists.count(tx, wanted)

            expired = count(consent_ends_by=today - timedelta(days=1))
            return Summary(
                receiving=count(),
                due=count(due_by=today),
                consent_expiring=count(consent_ends_by=today + timedelta(days=30)) - expired,
                consent_expired=expired,
            )

        return await self.database.read(work)

    async def report_change(self, id_: str, who: Caller, why: WhyDue) -> StoredRecipient:
        """Due at once, whatever the cadence says, until it is verified as of that day or later."""

        def reported(one: StoredRecipient, now: datetime) -> StoredRecipient:
            _refuse(one, RecipientState.ENDED)
            return replace(one, due_on=china_day(now), why_due=why, changed_at=now)

        return await self._changed(id_, who, f"recipient_{why.value}", reported)

    async def suspend(self, id_: str, who: Caller) -> StoredRecipient:
        """No payment for now, and not due meanwhile."""

        def suspended(one: StoredRecipient, now: datetime) -> StoredRecipient:
            _refuse(one, RecipientState.SUSPENDED, RecipientState.ENDED)
            return replace(one, state=RecipientState.SUSPENDED, changed_at=_kept(one, now))

        return await self._changed(id_, who, "recipient_suspended", suspended)

    async def resume(self, id_: str, who: Caller) -> StoredRecipient:
        """Paid again; what was due is due."""

        def resumed(one: StoredRecipient, now: datetime) -> StoredRecipient:
            _refuse(one, RecipientState.RECEIVING, RecipientState.ENDED)
            return replace(one, state=RecipientState.RECEIVING, changed_at=_kept(one, now))

        return await self._changed(id_, who, "recipient_resumed", resumed)

    async def end(self, id_: str, who: Caller) -> StoredRecipient:
        """Left 退保: from now on it stands in no other household's way."""

        def ended(one: StoredRecipient, now: datetime) -> StoredRecipient:
            _refuse(one, RecipientState.ENDED)
            return replace(one, state=RecipientState.ENDED, changed_at=now)

        return await self._changed(id_, who, "recipient_ended", ended)

    async def reclass(self, id_: str, who: Caller, class_: str) -> StoredRecipient:
        """Another class, and from the last verification on another cadence."""

        def reclassed(one: StoredRecipient, now: datetime) -> StoredRecipient:
            _refuse(one, RecipientState.ENDED)
            return self.classed(one, class_, china_day(now))

        return await self._changed(id_, who, "recipient_reclassed", reclassed)

    def classed(self, one: StoredRecipient, class_: str, today: date) -> StoredRecipient:
        """The recipient in the class; what is due at once stays due."""
        cadence = self.rules.cadence(class_, one.region, today)
        changed = replace(one, class_=class_, cadence=cadence)
        if one.why_due is not WhyDue.CADENCE:
            return changed
        due = due_by_cadence(one.last_verified_on, cadence, today)
        return replace(changed, due_on=due.on, why_due=due.why)

    async def _changed(self, id_: str, who: Caller, action: str, change: Change) -> StoredRecipient:
        def work(tx: sa.Connection) -> StoredRecipient:
            now = self.now()
            old = self.recipients.get(tx, id_, region=who.region, hold=True)
            new = change(old, now)
            self.recipients.replace(tx, [new])
            if new.state is RecipientState.ENDED:
                self.persons.leave_all(tx, [new.id], now)
            self.tell(tx, who, action, (new.id, new.region))
            return new

        return await self.database.write(work)

    def tell(
        self, tx: sa.Connection, who: Caller, action: str, about: tuple[str, str], **details: str
    ) -> None:
        """An entry of the audit trail."""
        tell(self.audit, tx, Entry(who.actor, action, *about, details))


def _refuse(one: StoredRecipient, *states: RecipientState) -> None:
    if one.state in states:
        raise Conflict(f"the recipient is {one.state.value} already")


def _kept(one: StoredRecipient, now: datetime) -> datetime:
    """When what is due changed last: a suspension does not make an earlier report newer."""
    return now if one.why_due is WhyDue.CADENCE else one.changed_at
