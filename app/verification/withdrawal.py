"""A consent 授权 is taken back: on record, told to case systems, and followed up at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import orjson
import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.domain.consent import Withdrawal
from app.domain.instants import rfc3339
from app.store.askings import Askings
from app.store.open_consents import look_now, open_under
from app.store.outbox import Notice
from app.store.verifications import StoredVerification
from app.store.withdrawals import Withdrawals
from app.verification.clockwork import Clockwork
from app.verification.consent_state import concerned
from app.verification.persist import Shelf

CONSENT_WITHDRAWN: Final = "consent.withdrawn"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What somebody takes back, by whom; `number`: of one person, `sources`: of these alone."""

    region: str
    reference: str
    client_id: str
    number: str | None = None
    sources: tuple[str, ...] | None = None

    @property
    def is_whole(self) -> bool:
        return self.number is None and self.sources is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Takes consents back, each in one transaction of the caller's."""

    shelf: Shelf
    askings: Askings
    withdrawals: Withdrawals
    audit: AuditTrail
    clockwork: Clockwork

    def take_back(self, tx: sa.Connection, new: TakenBack) -> int:
        """Gives how many open verifications it concerns; a second time nothing is new.

        A consent that nobody knows is on record all the same: nothing will be asked under it.
        """
        now = self.clockwork.now()
        parts = _parts(new, now)
        self._record(tx, new, parts, now)
        ids = open_under(tx, new.region, new.reference)
        open_ = self.shelf.verifications.get_many(tx, ids)
        ours = [open_[id_] for id_ in ids if _concerns(open_[id_], parts)]
        look_now(tx, [one.id for one in ours], now)
        notices = [_notice(one, new, parts, now) for one in ours if one.request.callback_url]
        self.shelf.outbox.add_all(tx, notices)
        details = {} if new.sources is None else {"sources": ",".join(new.sources)}
        details |= {} if new.is_whole else {"part": "person" if new.number else "sources"}
        self.audit.append(
            tx,
            actor=new.client_id,
            action="consent_withdrawn",
            about=(new.reference, new.region),
            details=details,
        )
        return len(ours)

    def _record(
        self, tx: sa.Connection, new: TakenBack, parts: Sequence[Withdrawal], now: datetime
    ) -> None:
        if new.is_whole:
            self.askings.withdraw(
                tx,
                region=new.region,
                reference=new.reference,
                client_id=new.client_id,
                now=now,
            )
            return
        before = self.withdrawals.within(tx, new.region, [new.reference])
        for one in parts:
            if not any(_holds_already(old, one) for old in before):
                id_ = self.clockwork.new_id("pw")
                self.withdrawals.add_part(tx, id_, one, client_id=new.client_id)


def _parts(new: TakenBack, now: datetime) -> list[Withdrawal]:
    """One a source, or one of all."""
    sources: Sequence[str | None] = new.sources or (None,)
    return [
        Withdrawal(
            region=new.region, reference=new.reference, at=now, number=new.number, source=source
        )
        for source in sources
    ]


def _holds_already(old: Withdrawal, new: Withdrawal) -> bool:
    return old.number in (None, new.number) and old.source in (None, new.source)


def _concerns(verification: StoredVerification, parts: Sequence[Withdrawal]) -> bool:
    return any(concerned(verification.request, one) for one in parts)


def _notice(
    verification: StoredVerification, new: TakenBack, parts: Sequence[Withdrawal], now: datetime
) -> Notice:
    """The same withdrawal of the same verification has the same event id: it is told once."""
    request = verification.request
    persons = None if new.number is None else list(concerned(request, parts[0]))
    part = "" if new.is_whole else f"/{persons}/{new.sources}"
    key = f"{verification.id}/{CONSENT_WITHDRAWN}/{new.reference}{part}"
    event_id = f"ev_{sha256(key.encode()).hexdigest()[:32]}"
    body = {
        "event_id": event_id,
        "type": CONSENT_WITHDRAWN,
        "verification": verification.id,
        "case_reference": request.case_reference,
        "consent": new.reference,
        "persons": persons,
        "sources": None if new.sources is None else list(new.sources),
        "at": rfc3339(now),
    }
    return Notice(
        event_id=event_id,
        type=CONSENT_WITHDRAWN,
        verification_id=verification.id,
        region=request.region,
        client_id=verification.client_id,
        url=request.callback_url or "",
        body=orjson.dumps(body),
        created_at=now,
    )
