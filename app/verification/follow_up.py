"""A verification that follows on another 后续核对: chosen sources are asked anew, the rest stays.

It rests on the earlier one's replies about all else, and on what reviewers said of them; its report
is the next version of the one that it follows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.domain.evidence import SourceStatus
from app.store.evidence import StoredReply
from app.store.verifications import StoredVerification
from app.verification.intake import Admission
from app.verification.persist import Shelf

Pair = tuple[str, str]
"""A source and a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What is made: `base`: whose replies are kept; `planned`: all statuses as planned anew.

    `again`: of whom which source is asked anew.
    """

    new: StoredVerification
    base: str
    planned: Sequence[SourceStatus]
    again: frozenset[Pair]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """Makes them, in a transaction of the caller's."""

    shelf: Shelf
    admission: Admission
    audit: AuditTrail
    new_id: Callable[[str], str]

    def make(self, tx: sa.Connection, wanted: FollowUp, actor: str) -> None:
        """Stored, to be run: what is not asked anew has its reply already."""
        shelf, new = self.shelf, wanted.new
        shelf.verifications.add(tx, new)
        before = {(one.source, one.person): one for one in shelf.tasks.all_of(tx, wanted.base)}
        for key in wanted.again:
            before.pop(key, None)
        statuses = [before.get((one.source, one.person), one) for one in wanted.planned]
        shelf.tasks.add(tx, new.id, new.request.region, statuses)
        kept = [
            _copy(one, new)
            for one in shelf.replies.all_of(tx, wanted.base)
            if (one.source, one.person) not in wanted.again
        ]
        shelf.replies.put(tx, self.admission.admitted(tx, [(new, one) for one in kept]))
        shelf.judgements.carry_over(tx, wanted.base, new.id, self.new_id)
        self.audit.append(
            tx,
            actor=actor,
            action="verification_accepted",
            about=(new.id, new.request.region),
            details={
                "case": new.request.case_reference,
                "purpose": new.request.purpose.value,
                "of": new.recheck_of or "",
                "sources": ",".join(sorted({source for source, _ in wanted.again})),
            },
        )


def _copy(one: StoredReply, new: StoredVerification) -> StoredReply:
    return replace(one, verification_id=new.id, reused_from=one.reused_from or one.id)
