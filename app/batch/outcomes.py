"""What a batch shows of a household once its verification is final, whoever made it so."""

import sqlalchemy as sa

from app.store.batch_households import BatchHouseholds, Done
from app.store.changes import Changes
from app.store.verifications import StoredVerification
from app.verification.persist import Concluded


class Outcomes:
    """Outcome for the first programme asked for, and whether something changed."""

    def __init__(self, households: BatchHouseholds, changes: Changes) -> None:
        self._households = households
        self._changes = changes

    def on_final(
        self, tx: sa.Connection, verification: StoredVerification, concluded: Concluded
    ) -> None:
        """After the changes are stored; a person's word may make it final days later."""
        if verification.batch_id is None:
            return
        outcome = concluded.conclusion.decisions[0].outcome.value
        changed = self._changes.has_changes(tx, verification.id)
        self._households.outcome(tx, Done(verification.id, outcome, changed))
