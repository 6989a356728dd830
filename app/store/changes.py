"""What changed 变化 since a household's previous verification, sealed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.store.base import upsert_in
from app.store.crypto import Cell, FieldCipher
from app.store.reach import CaseColumns, Reach, within_reach
from app.store.subject_keys import SubjectKeys
from app.store.tables import verification
from app.store.tables_relief import change

_OF = change.c
_HAS: Final = sa.select(sa.literal(1)).where(
    _OF.verification_id == sa.bindparam("of", type_=sa.String())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChange:
    """One change; `before` and `after` are words for a person, empty where there is nothing."""

    verification_id: str
    position: int
    region: str
    batch_id: str | None
    kind: str
    person: str | None
    decisive: bool
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangePlace:
    """A place in a batch's changes: after this change the next page begins."""

    verification_id: str
    position: int


@dataclass(frozen=True, slots=True)
class BatchChanges:
    """Which changes of a batch: those within reach; `decisive`: those alone that flip a test."""

    batch_id: str
    reach: Reach | None = None
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class ListedChange:
    """A change with its household's case number."""

    change: StoredChange
    case_reference: str

    @property
    def place(self) -> ChangePlace:
        return ChangePlace(self.change.verification_id, self.change.position)


@cache
def _adding(dialect: str) -> Any:
    return upsert_in(dialect, change).on_conflict_do_nothing()


class Changes:
    """Queries over changes."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add(self, tx: sa.Connection, new: Sequence[StoredChange]) -> None:
        """All of a verification; what is there already stays."""
        if new:
            ciphers = self._keys.sealers(tx, {one.verification_id: one.region for one in new})
            rows = [_values(one, ciphers[one.verification_id]) for one in new]
            tx.execute(_adding(tx.dialect.name), rows)

    def has_changes(self, tx: sa.Connection, verification_id: str) -> bool:
        """Whether anything is other than at the household's previous verification."""
        return tx.execute(_HAS, {"of": verification_id}).first() is not None

    def of_verification(self, tx: sa.Connection, verification_id: str) -> list[StoredChange]:
        query = sa.select(change).where(_OF.verification_id == verification_id)
        rows = tx.execute(query.order_by(_OF.position)).all()
        cipher = self._keys.opener(tx, verification_id)
        return [_opened(row, cipher) for row in rows]

    def of_batch(
        self, tx: sa.Connection, of: BatchChanges, *, after: ChangePlace | None, limit: int
    ) -> list[ListedChange]:
        """A page of a batch's changes, in a fixed order; or of those alone that flip a test."""
        its = verification.c
        case = CaseColumns(_OF.verification_id, its.case_reference, its.region)
        query = (
            sa.select(change, verification.c.case_reference)
            .join(verification, verification.c.id == _OF.verification_id)
            .where(_OF.batch_id == of.batch_id, *within_reach(of.reach, case))
        )
        if of.decisive:
            query = query.where(_OF.decisive)
        if after is not None:
            place = sa.tuple_(_OF.verification_id, _OF.position)
            query = query.where(place > sa.tuple_(after.verification_id, after.position))
        rows = tx.execute(query.order_by(_OF.verification_id, _OF.position).limit(limit)).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return [
            ListedChange(_opened(row, ciphers[row.verification_id]), row.case_reference)
            for row in rows
        ]


def _values(one: StoredChange, cipher: FieldCipher) -> dict[str, Any]:
    words = {"before": one.before, "after": one.after}
    return {
        "verification_id": one.verification_id,
        "position": one.position,
        "region": one.region,
        "batch_id": one.batch_id,
        "kind": one.kind,
        "person": one.person,
        "decisive": one.decisive,
        "sealed_change": cipher.seal(_cell(one), orjson.dumps(words)),
    }


def _opened(row: Any, cipher: FieldCipher) -> StoredChange:
    cell = Cell("change", "sealed_change", f"{row.verification_id}/{row.position}")
    words = orjson.loads(cipher.open(cell, row.sealed_change))
    return StoredChange(
        verification_id=row.verification_id,
        position=row.position,
        region=row.region,
        batch_id=row.batch_id,
        kind=row.kind,
        person=row.person,
        decisive=row.decisive,
        before=words["before"],
        after=words["after"],
    )


def _cell(one: StoredChange) -> Cell:
    return Cell("change", "sealed_change", f"{one.verification_id}/{one.position}")
