"""The last accepted snapshot 上次核对快照 of each household, sealed."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from app.store.base import upsert_in
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import SubjectKeys
from app.store.tables_relief import snapshot

_COUNTY: Final = 6
_TABLE: Final = snapshot.name
_OF = snapshot.c
_WITHIN: Final = sa.and_(_OF.region >= sa.bindparam("county"), _OF.region < sa.bindparam("next"))
_NEW: Final = _OF.verification_id != sa.bindparam("but")
_BY_CASE: Final = (
    sa.select(snapshot)
    .where(_OF.case_reference == sa.bindparam("case"), _WITHIN, _NEW)
    .order_by(_OF.accepted_at.desc())
    .limit(1)
    .subquery()
)
_BY_PERSONS: Final = (
    sa.select(snapshot)
    .where(_OF.household_index == sa.bindparam("household"), _WITHIN, _NEW)
    .order_by(_OF.accepted_at.desc())
    .limit(1)
    .subquery()
)
_LAST: Final = sa.union_all(sa.select(_BY_CASE), sa.select(_BY_PERSONS))
"""Each half along an index of its own: an OR of the two would read neither."""
_other: Final = snapshot.alias("other")
_REPLACE: Final = (
    snapshot.update()
    .where(
        _OF.verification_id == sa.bindparam("of"),
        ~sa.exists().where(_other.c.verification_id == sa.bindparam("to")),
    )
    .values(
        verification_id=sa.bindparam("to"),
        region=sa.bindparam("where"),
        case_reference=sa.bindparam("case"),
        household_index=sa.bindparam("household"),
        sealed_facts=sa.bindparam("sealed"),
        accepted_at=sa.bindparam("at"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSnapshot:
    """What a final verification found; `facts` is packed JSON."""

    verification_id: str
    region: str
    case_reference: str
    household_index: bytes = field(repr=False)
    facts: bytes = field(repr=False)
    accepted_at: datetime


@cache
def _add(dialect: str) -> Any:
    return (
        upsert_in(dialect, snapshot)
        .values(
            verification_id=sa.bindparam("to"),
            region=sa.bindparam("where"),
            case_reference=sa.bindparam("case"),
            household_index=sa.bindparam("household"),
            sealed_facts=sa.bindparam("sealed"),
            accepted_at=sa.bindparam("at"),
        )
        .on_conflict_do_nothing()
    )


class Snapshots:
    """Queries over snapshots; of a household the newest alone is kept."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def last(self, tx: sa.Connection, new: StoredSnapshot) -> StoredSnapshot | None:
        """The newest of the same case, or of the same persons, in the county of the new one."""
        county = new.region[:_COUNTY]
        given = {
            "case": new.case_reference,
            "household": new.household_index,
            "but": new.verification_id,
            "county": county,
            "next": f"{county}:",  # the character after the digits
        }
        rows = tx.execute(_LAST, given).all()
        if not rows:
            return None
        newest = max(rows, key=lambda row: row.accepted_at)
        return _opened(newest, self._keys.opener(tx, newest.verification_id))

    def accept(
        self, tx: sa.Connection, new: StoredSnapshot, *, replaces: StoredSnapshot | None
    ) -> None:
        """From now on the household is compared with this one."""
        cell = Cell(_TABLE, "sealed_facts", new.verification_id)
        values = {
            "to": new.verification_id,
            "where": new.region,
            "case": new.case_reference,
            "household": new.household_index,
            "sealed": self._keys.sealer(tx, new.verification_id, new.region).seal(cell, new.facts),
            "at": new.accepted_at,
        }
        if replaces is not None:
            done = tx.execute(_REPLACE, {**values, "of": replaces.verification_id})
            if done.rowcount == 1:
                return
        tx.execute(_add(tx.dialect.name), values)


def _opened(row: Any, cipher: FieldCipher) -> StoredSnapshot:
    cell = Cell(_TABLE, "sealed_facts", row.verification_id)
    return StoredSnapshot(
        verification_id=row.verification_id,
        region=row.region,
        case_reference=row.case_reference,
        household_index=row.household_index,
        facts=cipher.open(cell, row.sealed_facts),
        accepted_at=row.accepted_at,
    )
