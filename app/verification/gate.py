"""The gate 授权闸口: may this leave now, may that be taken in now. Asked at every sending."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from app.access.consent import consent_holds, withdrawn_since
from app.domain.consent import Refusal, Withdrawal
from app.domain.evidence import Unasked
from app.domain.household import VerificationRequest
from app.programmes.needs import Needs
from app.store.crypto import FieldCipher
from app.store.evidence import StoredReply
from app.store.verifications import CLOSED_STATUSES, StoredVerification, Verifications
from app.store.withdrawals import Withdrawals
from app.verification.answers import to_stored
from connectors.contract import SourceReply, Unknown
from connectors.failure import Failure, FailureKind, NotPermitted

CANCELLED: Final = Refusal(Unasked.CANCELLED, "cancelled: nothing more is asked")
AFTER_WITHDRAWAL: Final = Failure(
    FailureKind.NOT_PERMITTED,
    "no_consent: the consent was withdrawn after the question had left",
    code=Unasked.WITHDRAWN.value,
)
_Taken = Mapping[str, Sequence[Withdrawal]]
"""Withdrawals by consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A question about to leave: which source, about whom, under which reference."""

    verification: StoredVerification
    source: str
    refs: tuple[str, ...]
    reference: str
    centre: str | None = None
    """The other centre that is asked, where one is."""


class ConsentGate:
    """Decides within the transaction that acts on it, by the time that the service keeps."""

    def __init__(
        self, verifications: Verifications, withdrawals: Withdrawals, needs: Needs
    ) -> None:
        self._verifications = verifications
        self.withdrawals = withdrawals
        self.needs = needs

    @classmethod
    def over(
        cls, verifications: Verifications, cipher: FieldCipher, programmes: Path | None
    ) -> "ConsentGate":
        """With the shipped table of needs, and that of the county's folder of programmes."""
        return cls(verifications, Withdrawals(cipher), Needs.load(programmes))

    def refusals(
        self, tx: sa.Connection, intents: Sequence[Intent], now: datetime
    ) -> list[Refusal | None]:
        """For each, why it may not leave."""
        statuses = self._verifications.statuses_of(tx, {one.verification.id for one in intents})
        taken = self._taken(tx, (one.verification for one in intents))
        return [self._refusal(one, statuses, taken, now) for one in intents]

    def withheld(
        self,
        tx: sa.Connection,
        replies: Iterable[tuple[StoredVerification, StoredReply]],
        now: datetime,
    ) -> frozenset[tuple[str, str, str]]:
        """(verification, source, person) of replies that came after the consent was taken back.

        Whoever takes a consent back wants no more to be known 个人信息保护法 15: what comes then is
        not taken in. What was asked before a consent merely ran out was lawfully asked, and is.
        """
        given = [(each, reply) for each, reply in replies if reply.state != "unknown"]
        taken = self._taken(tx, (each for each, _ in given))
        if not taken:
            return frozenset()
        found = set()
        for each, reply in given:
            since = withdrawn_since(
                each.request, reply.person, reply.source, _of(each.request, taken)
            )
            if since is not None and since <= now:
                found.add((each.id, reply.source, reply.person))
        return frozenset(found)

    def lost(
        self,
        tx: sa.Connection,
        asked: Sequence[tuple[StoredVerification, str]],
        source: str,
        now: datetime,
    ) -> Mapping[tuple[str, str], Refusal]:
        """By verification and person: who was asked about, and might not be by now."""
        taken = self._taken(tx, (each for each, _ in asked))
        decided = {
            (each.id, ref): consent_holds(
                each.request, (ref,), source, withdrawals=_of(each.request, taken), now=now
            ).refusal
            for each, ref in asked
        }
        return {key: refusal for key, refusal in decided.items() if refusal is not None}

    def _taken(self, tx: sa.Connection, verifications: Iterable[StoredVerification]) -> _Taken:
        references = {
            reference for one in verifications for reference in one.request.consent.references
        }
        return self.withdrawals.of(tx, references) if references else {}

    def _refusal(
        self, intent: Intent, statuses: Mapping[str, str], taken: _Taken, now: datetime
    ) -> Refusal | None:
        if statuses[intent.verification.id] in CLOSED_STATUSES:
            return CANCELLED
        request = intent.verification.request
        unneeded = self.needs.refusal(request.programmes, intent.source)
        if unneeded is not None:
            return unneeded
        decision = consent_holds(
            request,
            intent.refs,
            intent.source,
            withdrawals=_of(request, taken),
            now=now,
        )
        if decision.refusal is None:
            return None
        return Refusal(decision.refusal.reason, f"no_consent: {decision.refusal.words}")


def _of(request: VerificationRequest, taken: _Taken) -> list[Withdrawal]:
    return [one for name in request.consent.references for one in taken.get(name, ())]


def not_permitted(refusal: Refusal) -> NotPermitted:
    """What a connector meets when the gate is shut."""
    return NotPermitted(refusal.words, refusal.reason.value)


def refusal_of(met: NotPermitted) -> Refusal:
    """The other way round."""
    return Refusal(Unasked(met.code) if met.code else Unasked.LAPSED, met.detail)


def kept_out(reply: StoredReply, now: datetime) -> StoredReply:
    """What stands in the place of a reply that came after the consent was taken back."""
    gap = SourceReply(
        person=reply.person, institution=reply.institution, outcome=Unknown(AFTER_WITHDRAWAL)
    )
    where = (reply.verification_id, reply.region)
    return to_stored(gap, where=where, source=reply.source, now=now)
