"""Reviewers' words on whose record it is."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import SubjectKeys
from app.store.tables import judgement

_ALL = (
    sa.select(judgement)
    .where(judgement.c.verification_id == sa.bindparam("of"))
    .order_by(judgement.c.decided_at, judgement.c.id)
)
_MANY = (
    sa.select(judgement)
    .where(judgement.c.verification_id.in_(sa.bindparam("ids", expanding=True)))
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
        self._keys = SubjectKeys(cipher)

    def add(
        self, tx: sa.Connection, where: tuple[str, str], id_: str, new: StoredJudgement
    ) -> None:
        verification_id, region = where
        cipher = self._keys.sealer(tx, verification_id, region)
        tx.execute(
            judgement.insert().values(
                id=id_,
                verification_id=verification_id,
                region=region,
                evidence_id=new.evidence_id,
                record_index=new.record.encode(),
                same_person=new.same_person,
                reviewer=new.reviewer,
                sealed_reason=_sealed(cipher, id_, new.reason),
                decided_at=new.decided_at,
            )
        )

    def withdraw(self, tx: sa.Connection, withdrawal: Withdrawal) -> None:
        """A row for each that no longer holds; what was said before it holds again."""
        query = sa.select(judgement).where(judgement.c.id.in_(list(withdrawal.of)))
        rows = tx.execute(query).mappings().all()
        ciphers = self._keys.sealers(tx, {row["verification_id"]: row["region"] for row in rows})
        new_rows = [
            {
                **row,
                "id": withdrawal.of[row["id"]],
                "reviewer": withdrawal.reviewer,
                "sealed_reason": _sealed(
                    ciphers[row["verification_id"]], withdrawal.of[row["id"]], withdrawal.reason
                ),
                "decided_at": withdrawal.at,
                "withdraws": row["id"],
            }
            for row in rows
        ]
        if new_rows:
            tx.execute(judgement.insert(), new_rows)

    def carry_over(self, tx: sa.Connection, of: str, to: str, new_id: Callable[[str], str]) -> None:
        """All that was said about one verification's records holds for the other's, too."""
        rows = tx.execute(_ALL, {"of": of}).mappings().all()
        if not rows:
            return
        ids = {row["id"]: new_id("jd") for row in rows}
        before, after = self._keys.opener(tx, of), self._keys.sealer(tx, to, rows[0]["region"])
        new_rows = [
            {
                **row,
                "id": ids[row["id"]],
                "verification_id": to,
                "withdraws": ids.get(row["withdraws"]),
                "sealed_reason": _sealed(after, ids[row["id"]], _reason(before, row)),
            }
            for row in rows
        ]
        tx.execute(judgement.insert(), new_rows)

    def all_of(
        self, tx: sa.Connection, verification_id: str, *, less: Collection[str] = _NONE
    ) -> dict[str, tuple[bool, str]]:
        """Record digest → (same person, reviewer); the newest where there are several.

        `less`: ids of judgements that are left out, as if they were withdrawn.
        """
        return _standing(tx.execute(_ALL, {"of": verification_id}).all(), less)

    def of_many(
        self, tx: sa.Connection, ids: Iterable[str]
    ) -> dict[str, dict[str, tuple[bool, str]]]:
        """The same by verification, of those that somebody has judged."""
        found: dict[str, list[sa.Row[Any]]] = {}
        for row in tx.execute(_MANY, {"ids": sorted(ids)}):
            found.setdefault(row.verification_id, []).append(row)
        return {id_: _standing(rows, _NONE) for id_, rows in found.items()}


def _reason(cipher: FieldCipher, row: "sa.RowMapping") -> str:
    cell = Cell("judgement", "sealed_reason", row["id"])
    return cipher.open(cell, row["sealed_reason"]).decode()


def _sealed(cipher: FieldCipher, id_: str, reason: str) -> bytes:
    return cipher.seal(Cell("judgement", "sealed_reason", id_), reason.encode())


def _standing(rows: "Sequence[sa.Row[Any]]", less: Collection[str]) -> dict[str, tuple[bool, str]]:
    gone = {row.withdraws for row in rows} | set(less)
    return {
        row.record_index.decode(): (row.same_person, row.reviewer)
        for row in rows
        if row.withdraws is None and row.id not in gone
    }
