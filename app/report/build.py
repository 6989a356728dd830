"""Number, code, term and seal of a report; immutable once issued."""

import secrets
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from app.domain.evidence import SourceStatus
from app.domain.instants import china_day
from app.report.content import SUSPENSION, VERIFICATION, Head, content_of, suspension_of
from app.report.signing import ReportKeys, sha256_digest, sm3_digest
from app.store.reports import IssuedReport, Reports
from app.store.verifications import StoredVerification
from app.store.withdrawals import Withdrawals
from app.verification.consent_state import consent_document
from app.verification.persist import Concluded

_CODE_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's, without I, L, O, U
VALID_MONTHS = 6


def new_code() -> str:
    """A verification code such as `7K2M-Q9XD`: 40 random bits."""
    signs = [secrets.choice(_CODE_SIGNS) for _ in range(8)]
    return "".join(signs[:4]) + "-" + "".join(signs[4:])


def valid_until(issued: date, months: int = VALID_MONTHS) -> date:
    """The same day some months later (the last of a shorter month)."""
    index = issued.year * 12 + issued.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(issued.day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Seal:
    """What this service puts on its reports: its key's signature, digests, the centre's name."""

    keys: ReportKeys
    centre: str = ""
    with_sm3: bool = False


class Issuer:
    """Issues a report in the transaction that ends a verification."""

    def __init__(
        self,
        reports: Reports,
        withdrawals: Withdrawals,
        *,
        now: Callable[[], datetime],
        seal: Seal,
    ) -> None:
        self.reports = reports
        self._withdrawals = withdrawals
        self._now = now
        self.seal = seal

    def issue(
        self, tx: sa.Connection, verification: StoredVerification, concluded: Concluded
    ) -> None:
        """A recheck's report is the next version of the earlier one, which it supersedes."""
        head = self._head(tx, verification)
        content = content_of(verification, concluded, head)
        self._add(tx, verification, (head, content), VERIFICATION)

    def suspend(
        self,
        tx: sa.Connection,
        verification: StoredVerification,
        statuses: Sequence[SourceStatus],
        reason: str,
    ) -> None:
        """中止报告: of a verification that was cancelled. It supersedes nothing."""
        region, today = verification.request.region, china_day(self._now())
        number = self.reports.next_number(tx, region, today.year)
        head = self._named(tx, verification, (number, 1))
        content = suspension_of(verification, statuses, head, reason)
        self._add(tx, verification, (head, content), SUSPENSION)

    def _head(self, tx: sa.Connection, verification: StoredVerification) -> Head:
        now, region = self._now(), verification.request.region
        earlier = None
        if verification.recheck_of is not None:
            earlier = self.reports.of_verification(tx, verification.recheck_of)
        if earlier is None or earlier.kind != VERIFICATION:
            number = self.reports.next_number(tx, region, china_day(now).year)
            return self._named(tx, verification, (number, 1))
        version = self.reports.last_version(tx, earlier.number) + 1
        self.reports.supersede(tx, earlier.number, now)
        return self._named(tx, verification, (earlier.number, version))

    def _named(
        self, tx: sa.Connection, verification: StoredVerification, name: tuple[str, int]
    ) -> Head:
        now, request = self._now(), verification.request
        taken = self._withdrawals.within(tx, request.region, request.consent.references)
        return Head(
            number=name[0],
            version=name[1],
            issued_at=now,
            valid_until=valid_until(china_day(now)).isoformat(),
            centre=self.seal.centre,
            consent=consent_document(request, taken, now),
        )

    def _add(
        self,
        tx: sa.Connection,
        verification: StoredVerification,
        made: tuple[Head, bytes],
        kind: str,
    ) -> None:
        head, content = made
        keys = self.seal.keys
        self.reports.add(
            tx,
            IssuedReport(
                number=head.number,
                version=head.version,
                verification_id=verification.id,
                region=verification.request.region,
                code=new_code(),
                content_digest=sha256_digest(content),
                content=content,
                issued_at=head.issued_at,
                valid_until=date.fromisoformat(head.valid_until),
                kind=kind,
                sm3_digest=sm3_digest(content) if self.seal.with_sm3 else None,
                key_id=keys.key_id,
                signature=keys.sign(content),
            ),
        )
