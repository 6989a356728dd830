"""Findings of audits 抽查结论: versions of each reading, their content sealed."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import SubjectKeys
from app.store.tables import judgement
from app.store.tables_audits import audit_finding, audit_item
from app.store.tables_review import review_decision

_OF = audit_finding.c
_WHICH = (_OF.sample_id, _OF.verification_id, _OF.programme, _OF.reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """One version of what one reader found; `content` is the finding's JSON."""

    id: str
    sample_id: str
    verification_id: str
    programme: str
    region: str
    reading: int
    version: int
    reviewer: str
    true_outcome: str
    content: bytes = field(repr=False)
    found_at: datetime


@dataclass(frozen=True, slots=True)
class ReadBy:
    """Whose reading of a decision it is: all versions of one reading are of one reader."""

    verification_id: str
    programme: str
    reading: int
    reviewer: str


class AuditFindings:
    """Queries over findings; nothing is overwritten, the newest version of a reading holds."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add(self, tx: sa.Connection, new: StoredFinding) -> None:
        cell = Cell("audit_finding", "sealed_finding", new.id)
        cipher = self._keys.sealer(tx, new.verification_id, new.region)
        tx.execute(
            audit_finding.insert().values(
                id=new.id,
                sample_id=new.sample_id,
                verification_id=new.verification_id,
                programme=new.programme,
                region=new.region,
                reading=new.reading,
                version=new.version,
                reviewer=new.reviewer,
                true_outcome=new.true_outcome,
                sealed_finding=cipher.seal(cell, new.content),
                found_at=new.found_at,
            )
        )

    def readers(self, tx: sa.Connection, sample_id: str) -> list[ReadBy]:
        """Who did which reading of the sample, whatever was found."""
        rows = tx.execute(
            sa.select(_OF.verification_id, _OF.programme, _OF.reading, _OF.reviewer)
            .where(_OF.sample_id == sample_id, _OF.version == 1)
            .order_by(_OF.found_at, _OF.id)
        )
        return [ReadBy(*row) for row in rows]

    def judged_by(self, tx: sa.Connection, sample_id: str, person: str) -> set[str]:
        """The sample's verifications in whose decision this person had a word."""
        drawn = sa.select(audit_item.c.verification_id).where(audit_item.c.sample_id == sample_id)
        words = (
            sa.select(table.c.verification_id).where(
                table.c.reviewer == person, table.c.verification_id.in_(drawn)
            )
            for table in (judgement, review_decision)
        )
        return {row.verification_id for row in tx.execute(sa.union(*words))}

    def of_sample(self, tx: sa.Connection, sample_id: str) -> list[StoredFinding]:
        """The newest version of every reading of the sample."""
        return self._newest(tx, _OF.sample_id == sample_id)

    def of_verification(self, tx: sa.Connection, verification_id: str) -> list[StoredFinding]:
        """The newest version of every reading of the verification, in all samples."""
        return self._newest(tx, _OF.verification_id == verification_id)

    def _newest(self, tx: sa.Connection, where: sa.ColumnElement[bool]) -> list[StoredFinding]:
        newest = (
            sa.select(*_WHICH, sa.func.max(_OF.version).label("version"))
            .where(where, sa.func.length(_OF.sealed_finding) > 0)  # erased: as if never read
            .group_by(*_WHICH)
            .subquery()
        )
        same = [_OF[name] == newest.c[name] for name in newest.c.keys()]  # noqa: SIM118
        rows = tx.execute(
            sa.select(audit_finding).join(newest, sa.and_(*same)).order_by(_OF.found_at, _OF.id)
        ).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return [_opened(row, ciphers[row.verification_id]) for row in rows]


def _opened(row: "sa.Row[tuple[object, ...]]", cipher: FieldCipher) -> StoredFinding:
    cell = Cell("audit_finding", "sealed_finding", row.id)
    return StoredFinding(
        id=row.id,
        sample_id=row.sample_id,
        verification_id=row.verification_id,
        programme=row.programme,
        region=row.region,
        reading=row.reading,
        version=row.version,
        reviewer=row.reviewer,
        true_outcome=row.true_outcome,
        content=cipher.open(cell, row.sealed_finding),
        found_at=row.found_at,
    )
