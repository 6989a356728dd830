"""A final verification of a recipient's household moves on when it is due next."""

from dataclasses import replace

import sqlalchemy as sa

from app.domain.instants import china_day
from app.domain.recipient import RecipientState, WhyDue
from app.recipients.due import due_by_cadence
from app.recipients.rules import NoCadenceInForce, Rules
from app.store.crypto import FieldCipher
from app.store.recipients import Recipients, StoredRecipient
from app.store.verifications import StoredVerification
from app.verification.persist import Concluded


class Following:
    """Called in the transaction that makes a verification final.

    What is not final, or failed, changes nothing: the household stays due.
    """

    def __init__(self, cipher: FieldCipher, rules: Rules) -> None:
        self._recipients = Recipients(cipher)
        self._rules = rules

    def on_final(
        self, tx: sa.Connection, verification: StoredVerification, concluded: Concluded
    ) -> None:
        """Verified as of its day of judgement: an older one than the last tells nothing new."""
        request = verification.request
        case = (request.region, request.case_reference)
        old = self._recipients.of_verification(tx, verification.id, case)
        if old is None or old.state is RecipientState.ENDED:
            return
        if old.last_verified_on is not None and request.as_of < old.last_verified_on:
            return
        self._recipients.verified(tx, self._verified(old, verification, concluded))

    def _verified(
        self, old: StoredRecipient, verification: StoredVerification, concluded: Concluded
    ) -> StoredRecipient:
        today, as_of = china_day(concluded.at), verification.request.as_of
        try:
            cadence = self._rules.cadence(old.class_, old.region, today)
        except NoCadenceInForce:
            cadence = old.cadence  # the rules no longer know the class: as it was
        one = replace(
            old,
            cadence=cadence,
            last_verification_id=verification.id,
            last_verified_on=as_of,
        )
        told_since = old.why_due not in (WhyDue.CADENCE, WhyDue.NEW)
        if told_since and old.changed_at > verification.requested_at:
            return one  # what was reported after it was asked for is still to be looked into
        due = due_by_cadence(as_of, cadence, today)
        return replace(one, due_on=due.on, why_due=due.why, changed_at=concluded.at)
