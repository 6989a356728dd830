"""What an objection 复核 comes to by the verification that followed from it, once that is final."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.domain.decision import Outcome
from app.store.audit_outcomes import AuditOutcomes, KnownOutcome
from app.store.crypto import FieldCipher
from app.store.objections import Objections, StoredObjection
from app.store.verifications import StoredVerification
from app.verification.persist import Concluded, Shelf

ORIGIN: Final = "objection"
UPHOLD: Final = "uphold"
CORRECT: Final = "correct"
_BY_ITSELF: Final = 1.0
"""Nobody drew the decision: its household objected."""


def upheld_outcomes(before: Mapping[str, str], after: Mapping[str, str]) -> Mapping[str, str]:
    """By programme, the outcomes that turned out to be others than they had been.

    An outcome that is undetermined now shows nothing of the one before.
    """
    return {
        programme: outcome
        for programme, outcome in after.items()
        if programme in before and outcome not in (before[programme], Outcome.UNDETERMINED.value)
    }


def proposed(before: Mapping[str, str], after: Mapping[str, str]) -> str | None:
    """`correct` where an outcome became another, `uphold` where all are as they were.

    None where nothing changed and something is undetermined: a person must say by other proof.
    """
    if upheld_outcomes(before, after):
        return CORRECT
    unknown = Outcome.UNDETERMINED.value
    return None if any(after.get(one, unknown) == unknown for one in before) else UPHOLD


class ObjectionDesk:
    """Files objections; each has its proposal from the transaction that makes its recheck final."""

    def __init__(
        self,
        shelf: Shelf,
        objections: Objections,
        outcomes: AuditOutcomes,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._shelf = shelf
        self.stored = objections
        self._outcomes = outcomes
        self._now = now

    @classmethod
    def over(
        cls, shelf: Shelf, cipher: FieldCipher, *, now: Callable[[], datetime]
    ) -> "ObjectionDesk":
        """On its stores."""
        return cls(shelf, Objections(cipher), AuditOutcomes(), now=now)

    def file(self, tx: sa.Connection, new: StoredObjection) -> None:
        """Store an objection; where its recheck was quicker and is final, with its proposal."""
        self.stored.add(tx, new)
        self.look_again(tx, new)

    def look_again(self, tx: sa.Connection, one: StoredObjection) -> None:
        """Where the recheck is final already."""
        if one.recheck_id is None:
            return
        # Held by whoever makes it final: either this sees the end, or the end sees the objection.
        status = self._shelf.verifications.status_of(tx, one.recheck_id)
        result = self._shelf.results.newest(tx, one.recheck_id)
        if status == "final" and result is not None:
            recheck = self._shelf.verifications.get(tx, one.recheck_id, region=one.region)
            self._settle_by(tx, recheck, result.body)

    def settle(self, tx: sa.Connection, recheck: StoredVerification, concluded: Concluded) -> None:
        """The objection that waits for this final verification has its proposal; a person decides.

        Nothing where none waits. What turned out to be another is known of the first decision.
        """
        self._settle_by(tx, recheck, concluded.result.body)

    def _settle_by(self, tx: sa.Connection, recheck: StoredVerification, body: bytes) -> None:
        of = recheck.recheck_of
        if of is None:
            return
        id_ = self.stored.waiting_for(tx, recheck.id, recheck_of=of)
        if id_ is None:
            return
        before, after = self._outcomes.decided(tx, of), _outcomes(orjson.loads(body))
        self.stored.propose(tx, id_, proposed(before, after))
        known = [
            KnownOutcome(programme, outcome, _BY_ITSELF, self._now())
            for programme, outcome in upheld_outcomes(before, after).items()
        ]
        self._outcomes.learn(tx, (of, recheck.request.region), ORIGIN, known)


def _outcomes(document: Mapping[str, Any]) -> dict[str, str]:
    return {one["programme"]: one["outcome"] for one in document["decisions"]}
