"""Reviewers' words on whose record it is."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from app.store.crypto import Cell, FieldCipher
from app.store.tables import judgement

_ALL = (
    sa.select(judgement)
    .where(judgement.c.verification_id == sa.bindparam("of"))
    .order_by(judgement.c.decided_at, judgement.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJudgement:
    """A reviewer's word on whose record it is; found again by the record's own digest."""

    evidence_id: str
    record: str
    same_person: bool
    reviewer: str
    reason: str = field(repr=False)
    decided_at: datetime


class Judgements:
    """Reviewers' decisions, kept as versions: the newest of a record holds."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(
        self, tx: sa.Connection, where: tuple[str, str], id_: str, new: StoredJudgement
    ) -> None:
        verification_id, region = where
        tx.execute(
            judgement.insert().values(
                id=id_,
                verification_id=verification_id,
                region=region,
                evidence_id=new.evidence_id,
                record_index=new.record.encode(),
                same_person=new.same_person,
                reviewer=new.reviewer,
                sealed_reason=self._cipher.seal(
                    Cell("judgement", "sealed_reason", id_), new.reason.encode()
                ),
                decided_at=new.decided_at,
            )
        )

    def all_of(self, tx: sa.Connection, verification_id: str) -> dict[str, tuple[bool, str]]:
        """Record digest → (same person, reviewer); the newest where there are several."""
        rows = tx.execute(_ALL, {"of": verification_id})
        return {row.record_index.decode(): (row.same_person, row.reviewer) for row in rows}
