"""What there is beside a report: endorsements, prints, and signatures of providers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.domain.errors import NotFound
from app.store.crypto import Cell, FieldCipher
from app.store.reports import IssuedReport
from app.store.subject_keys import SubjectKeys
from app.store.tables import report
from app.store.tables_reports import report_endorsement, report_print, report_signature

OPEN: Final = "open"
SIGNED: Final = "signed"
RETURNED: Final = "returned"
_OF = report_endorsement.c
_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsement:
    """Two persons issue a report; `checklist` is what was open when it was prepared."""

    id: str
    state: str
    prepared_by: str
    prepared_at: datetime
    preparer: str = field(repr=False)
    checklist: Sequence[Mapping[str, Any]] = field(repr=False)
    decided_by: str | None = None
    decided_at: datetime | None = None
    signer: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """One copy that left; `stamp` has the name and what stood on the paper."""

    copy: int
    actor: str
    format: str
    variant: str
    language: str
    printed_at: datetime
    stamp: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSignature:
    """Made by a program outside of this service."""

    key_id: str
    algorithm: str
    signature: bytes = field(repr=False)
    signed_at: datetime


class ReportPapers:
    """Queries over them; each names the report that it is of."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def endorsements(self, tx: sa.Connection, of: IssuedReport) -> list[Endorsement]:
        """The oldest first."""
        rows = tx.execute(
            sa.select(report_endorsement)
            .where(_OF.number == of.number, _OF.version == of.version)
            .order_by(_OF.prepared_at, _OF.id)
        ).all()
        cipher = self._keys.opener(tx, of.verification_id) if rows else None
        return [] if cipher is None else [_endorsement(row, cipher) for row in rows]

    def is_endorsed(self, tx: sa.Connection, of: IssuedReport) -> bool:
        """Whether two persons issued it; opens no names."""
        asked = sa.select(_OF.id).where(
            _OF.number == of.number, _OF.version == of.version, _OF.state == SIGNED
        )
        return tx.execute(asked.limit(1)).first() is not None

    def prepare(self, tx: sa.Connection, of: IssuedReport, new: Endorsement) -> None:
        cipher = self._keys.sealer(tx, of.verification_id, of.region)
        tx.execute(
            report_endorsement.insert().values(
                id=new.id,
                number=of.number,
                version=of.version,
                verification_id=of.verification_id,
                region=of.region,
                state=OPEN,
                prepared_by=new.prepared_by,
                prepared_at=new.prepared_at,
                sealed_preparer=cipher.seal(_cell(new.id, "preparer"), new.preparer.encode()),
                sealed_checklist=cipher.seal(
                    _cell(new.id, "checklist"), orjson.dumps(list(new.checklist))
                ),
            )
        )

    def decide(self, tx: sa.Connection, of: IssuedReport, decided: Endorsement) -> bool:
        """Signed or given back; false where it was not open any more."""
        cipher = self._keys.sealer(tx, of.verification_id, of.region)
        signer = None
        if decided.signer is not None:
            signer = cipher.seal(_cell(decided.id, "signer"), decided.signer.encode())
        done = tx.execute(
            report_endorsement.update()
            .where(_OF.id == decided.id, _OF.state == OPEN)
            .values(
                state=decided.state,
                decided_by=decided.decided_by,
                decided_at=decided.decided_at,
                sealed_signer=signer,
            )
        )
        return bool(done.rowcount == 1)

    def add_print(self, tx: sa.Connection, of: IssuedReport, new: Print) -> Print:
        """With the next number of the report's version; nobody else takes it meanwhile."""
        place = report.c.number == of.number, report.c.version == of.version
        tx.execute(sa.select(report.c.number).where(*place).with_for_update())
        its = report_print.c
        last: int | None = tx.execute(
            sa.select(sa.func.max(its.copy)).where(
                its.number == of.number, its.version == of.version
            )
        ).scalar()
        copy = (last or 0) + 1
        cipher = self._keys.sealer(tx, of.verification_id, of.region)
        stamp = cipher.seal(_stamp_cell(of, copy), orjson.dumps(dict(new.stamp)))
        tx.execute(
            report_print.insert().values(
                number=of.number,
                version=of.version,
                copy=copy,
                verification_id=of.verification_id,
                region=of.region,
                actor=new.actor,
                format=new.format,
                variant=new.variant,
                language=new.language,
                printed_at=new.printed_at,
                sealed_stamp=stamp,
            )
        )
        return Print(
            copy=copy,
            actor=new.actor,
            format=new.format,
            variant=new.variant,
            language=new.language,
            printed_at=new.printed_at,
            stamp=new.stamp,
        )

    def prints(self, tx: sa.Connection, of: IssuedReport) -> list[Print]:
        """The newest first, at most two hundred."""
        its = report_print.c
        rows = tx.execute(
            sa.select(report_print)
            .where(its.number == of.number, its.version == of.version)
            .order_by(its.copy.desc())
            .limit(_MOST)
        ).all()
        cipher = self._keys.opener(tx, of.verification_id) if rows else None
        return [] if cipher is None else [_print(of, row, cipher) for row in rows]

    def print_of(self, tx: sa.Connection, of: IssuedReport, copy: int) -> Print:
        """Raises `NotFound`."""
        its = report_print.c
        row = tx.execute(
            sa.select(report_print).where(
                its.number == of.number, its.version == of.version, its.copy == copy
            )
        ).one_or_none()
        if row is None:
            raise NotFound("this report has no such copy")
        return _print(of, row, self._keys.opener(tx, of.verification_id))

    def add_signature(self, tx: sa.Connection, of: IssuedReport, new: ProviderSignature) -> None:
        tx.execute(
            report_signature.insert().values(
                number=of.number,
                version=of.version,
                key_id=new.key_id,
                verification_id=of.verification_id,
                region=of.region,
                algorithm=new.algorithm,
                signature=new.signature,
                signed_at=new.signed_at,
            )
        )

    def signatures(self, tx: sa.Connection, of: IssuedReport) -> list[ProviderSignature]:
        its = report_signature.c
        rows = tx.execute(
            sa.select(report_signature)
            .where(its.number == of.number, its.version == of.version)
            .order_by(its.signed_at, its.key_id)
        )
        return [
            ProviderSignature(
                key_id=row.key_id,
                algorithm=row.algorithm,
                signature=row.signature,
                signed_at=row.signed_at,
            )
            for row in rows
        ]

    def unsigned(self, tx: sa.Connection, key_id: str, limit: int) -> list[tuple[str, int]]:
        """Reports, by number and version, that a provider's key has not signed; newest first."""
        its = report_signature.c
        signed = sa.exists().where(
            its.number == report.c.number,
            its.version == report.c.version,
            its.key_id == key_id,
        )
        rows = tx.execute(
            sa.select(report.c.number, report.c.version)
            .where(~signed, report.c.superseded_at.is_(None))
            .where(sa.func.length(report.c.sealed_content) > 0)
            .order_by(report.c.issued_at.desc())
            .limit(limit)
        )
        return [(row.number, row.version) for row in rows]


def _endorsement(row: Any, cipher: FieldCipher) -> Endorsement:
    signer = None
    if row.sealed_signer is not None:
        signer = cipher.open(_cell(row.id, "signer"), row.sealed_signer).decode()
    return Endorsement(
        id=row.id,
        state=row.state,
        prepared_by=row.prepared_by,
        prepared_at=row.prepared_at,
        preparer=cipher.open(_cell(row.id, "preparer"), row.sealed_preparer).decode(),
        checklist=orjson.loads(cipher.open(_cell(row.id, "checklist"), row.sealed_checklist)),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        signer=signer,
    )


def _print(of: IssuedReport, row: Any, cipher: FieldCipher) -> Print:
    return Print(
        copy=row.copy,
        actor=row.actor,
        format=row.format,
        variant=row.variant,
        language=row.language,
        printed_at=row.printed_at,
        stamp=orjson.loads(cipher.open(_stamp_cell(of, row.copy), row.sealed_stamp)),
    )


def _cell(id_: str, column: str) -> Cell:
    return Cell("report_endorsement", f"sealed_{column}", id_)


def _stamp_cell(of: IssuedReport, copy: int) -> Cell:
    return Cell("report_print", "sealed_stamp", f"{of.number}/{of.version}/{copy}")
