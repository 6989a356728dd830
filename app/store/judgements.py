"""Reviewers' words on whose record it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.store.crypto import Cell, FieldCipher
from app.store.tables import judgement

_ALL = (
    sa.select(judgement)
    .where(judgement.c.verification_id == sa.bindparam("of"))
    .order_by(judgement.c.decided_at, judgement.c.id)
)
_NONE: Final[Collection[str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJudgement:
    """A reviewer's word on whose record it is; found again by the record's own digest."""

    evidence_id: str
    record: str
    same_person: bool
    reviewer: str
    reason: str = field(repr=False)
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Who takes judgements back, why and when; `of` has a new id for each id that is taken back."""

    of: Mapping[str, str]
    reviewer: str
    reason: str = field(repr=False)
    at: datetime


class Judgements:
    """Reviewers' decisions, kept as versions: of a record, the newest not withdrawn holds."""

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
                sealed_reason=self._sealed(id_, new.reason),
                decided_at=new.decided_at,
            )
        )

    def withdraw(self, tx: sa.Connection, withdrawal: Withdrawal) -> None:
        """A row for each that no longer holds; what was said before it holds again."""
        query = sa.select(judgement).where(judgement.c.id.in_(list(withdrawal.of)))
        new_rows = [
            {
                **row,
                "id": withdrawal.of[row["id"]],
                "reviewer": withdrawal.reviewer,
                "sealed_reason": self._sealed(withdrawal.of[row["id"]], withdrawal.reason),
                "decided_at": withdrawal.at,
                "withdraws": row["id"],
            }
            for row in tx.execute(query).mappings()
        ]
        if new_rows:
            tx.execute(judgement.insert(), new_rows)

    def _sealed(self, id_: str, reason: str) -> bytes:
        return self._cipher.seal(Cell("judgement", "sealed_reason", id_), reason.encode())

    def all_of(
        self, tx: sa.Connection, verification_id: str, *, less: Collection[str] = _NONE
    ) -> dict[str, tuple[bool, str]]:
        """Record digest → (same person, reviewer); the newest where there are several.

        `less`: ids of judgements that are left out, as if they were withdrawn.
        """
        rows = tx.execute(_ALL, {"of": verification_id}).all()
        gone = {row.withdraws for row in rows} | set(less)
        return {
            row.record_index.decode(): (row.same_person, row.reviewer)
            for row in rows
            if row.withdraws is None and row.id not in gone
        }
