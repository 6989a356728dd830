"""Issued reports 核对报告: immutable, numbered without gaps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa

from app.domain.errors import NotFound
from app.store.askings import next_value
from app.store.base import storable
from app.store.crypto import Cell, FieldCipher
from app.store.crypto.keyring import REPORT_CODE
from app.store.subject_keys import SubjectKeys
from app.store.tables import report

_ADD = report.insert()
_NEWEST_OF = (
    sa.select(report)
    .where(report.c.verification_id == sa.bindparam("of"))
    .order_by(report.c.issued_at.desc(), report.c.version.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedReport:
    """A report as issued; `content` is the canonical JSON that the digest covers."""

    number: str
    version: int
    verification_id: str
    region: str
    code: str = field(repr=False)
    content_digest: str
    content: bytes = field(repr=False)
    issued_at: datetime
    valid_until: date
    superseded_at: datetime | None = None
    kind: str = "verification"
    sm3_digest: str | None = None
    key_id: str | None = None
    signature: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVersion:
    """One of a number's versions, without anything of its content."""

    number: str
    version: int
    verification_id: str
    kind: str
    issued_at: datetime
    valid_until: date
    superseded_at: datetime | None


class Reports:
    """Queries over reports."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self._keys = SubjectKeys(cipher)

    def next_number(self, tx: sa.Connection, region: str, year: int) -> str:
        """`HD-220102-2026-0000123`: county, year, running number."""
        county = region[:6]
        return f"HD-{county}-{year}-{next_value(tx, f'report/{county}/{year}'):07d}"

    def add(self, tx: sa.Connection, new: IssuedReport) -> None:
        row = f"{new.number}/{new.version}"
        cipher = self._keys.sealer(tx, new.verification_id, new.region)
        tx.execute(
            _ADD,
            {
                "number": new.number,
                "version": new.version,
                "verification_id": new.verification_id,
                "region": new.region,
                "code_hash": self.code_index(new.code),
                "sealed_code": cipher.seal(Cell("report", "sealed_code", row), new.code.encode()),
                "content_digest": new.content_digest,
                "sealed_content": cipher.seal(Cell("report", "sealed_content", row), new.content),
                "issued_at": new.issued_at,
                "valid_until": new.valid_until,
                "kind": new.kind,
                "sm3_digest": new.sm3_digest,
                "key_id": new.key_id,
                "signature": new.signature,
            },
        )

    def code_index(self, code: str) -> bytes:
        return self.code_indexes(code)[0]

    def code_indexes(self, code: str) -> tuple[bytes, ...]:
        """By every key that a report may stand under."""
        return self._cipher.blinds(REPORT_CODE, lambda _: code.upper().replace("-", ""))

    def of_verification(self, tx: sa.Connection, verification_id: str) -> IssuedReport | None:
        row = tx.execute(_NEWEST_OF, {"of": verification_id}).one_or_none()
        return None if row is None else self._opened(tx, row)

    def of_version(self, tx: sa.Connection, number: str, version: int) -> IssuedReport | None:
        place = report.c.number == number, report.c.version == version
        row = tx.execute(sa.select(report).where(*place)).one_or_none()
        return None if row is None else self._opened(tx, row)

    def versions(self, tx: sa.Connection, number: str) -> list[ReportVersion]:
        """All of a number, the newest first."""
        its = report.c
        columns = (
            its.number,
            its.version,
            its.verification_id,
            its.kind,
            its.issued_at,
            its.valid_until,
            its.superseded_at,
        )
        rows = tx.execute(
            sa.select(*columns).where(its.number == number).order_by(its.version.desc())
        )
        return [ReportVersion(**dict(row._mapping)) for row in rows]

    def versions_of(
        self, tx: sa.Connection, ids: Iterable[str]
    ) -> "dict[str, tuple[str, int, datetime | None]]":
        """By verification: number, version and when it was superseded, of its newest report."""
        rows = tx.execute(
            sa.select(
                report.c.verification_id, report.c.number, report.c.version, report.c.superseded_at
            )
            .where(report.c.verification_id.in_(sorted(ids)))
            .order_by(report.c.version)
        )
        return {row.verification_id: (row.number, row.version, row.superseded_at) for row in rows}

    def last_version(self, tx: sa.Connection, number: str) -> int:
        """The newest version of a number; nobody else makes one before the transaction ends."""
        if tx.dialect.name == "postgresql":
            first = sa.and_(report.c.number == number, report.c.version == 1)
            tx.execute(sa.select(report.c.number).where(first).with_for_update())
        newest: int = tx.execute(
            sa.select(sa.func.max(report.c.version)).where(report.c.number == number)
        ).scalar_one()
        return newest

    def by_code(self, tx: sa.Connection, number: str, code: str) -> IssuedReport:
        """The public check: raises `NotFound` alike for a wrong number and a wrong code."""
        refusal = NotFound("no such report, or the code is not its code")
        if not storable(number) or not storable(code):
            raise refusal
        row = tx.execute(
            sa.select(report)
            .where(report.c.number == number, report.c.code_hash.in_(self.code_indexes(code)))
            .order_by(report.c.version.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            raise refusal
        return self._opened(tx, row)

    def supersede(self, tx: sa.Connection, number: str, now: datetime) -> None:
        """All versions of the number so far."""
        tx.execute(
            report.update()
            .where(report.c.number == number, report.c.superseded_at.is_(None))
            .values(superseded_at=now)
        )

    def _opened(self, tx: sa.Connection, row: "sa.Row[tuple[object, ...]]") -> IssuedReport:
        key = f"{row.number}/{row.version}"
        cipher = self._keys.opener(tx, row.verification_id)
        return IssuedReport(
            number=row.number,
            version=row.version,
            verification_id=row.verification_id,
            region=row.region,
            code=cipher.open(Cell("report", "sealed_code", key), row.sealed_code).decode(),
            content_digest=row.content_digest,
            content=cipher.open(Cell("report", "sealed_content", key), row.sealed_content),
            issued_at=row.issued_at,
            valid_until=row.valid_until,
            superseded_at=row.superseded_at,
            kind=row.kind,
            sm3_digest=row.sm3_digest,
            key_id=row.key_id,
            signature=row.signature,
        )
