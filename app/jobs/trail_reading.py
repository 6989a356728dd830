"""What is read from the trail: entries, reports for the person concerned, unusual access."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.audit.chain import AuditTrail
from app.audit.look_rules import LookCalendar
from app.jobs.unusual_looks import LookReader, UnusualAccess
from app.report.who_looked import AccessReports
from app.store.audit_reads import AuditReads
from app.store.crypto import FieldCipher
from app.store.session import Database


@dataclass(frozen=True, slots=True)
class TrailReading:
    """The readers, built on one set of rules."""

    reads: AuditReads
    reports: AccessReports
    unusual: UnusualAccess

    @classmethod
    def over(
        cls,
        database: Database,
        cipher: FieldCipher,
        calendar: LookCalendar,
        audit: AuditTrail,
        now: Callable[[], datetime],
    ) -> "TrailReading":
        return cls(
            reads=AuditReads(cipher),
            reports=AccessReports.over(cipher, calendar, now),
            unusual=UnusualAccess(
                database=database,
                reader=LookReader.over(cipher, calendar),
                audit=audit,
                now=now,
            ),
        )
