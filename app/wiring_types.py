"""The parts that wiring builds, as a type that the interface can name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.access.tokens import Tokens
from app.audit.chain import AuditTrail
from app.domain.evidence import SourceStatus
from app.jobs.engine import DurableEngine
from app.programmes.standard import Standards
from app.report.statistics import Reader as StatisticsReader
from app.review.audit_objections import ObjectionDesk
from app.review.audits import Auditing
from app.review.judgement import Reviewing
from app.store.askings import Askings
from app.store.clients import Clients
from app.store.crypto import FieldCipher
from app.store.reports import Reports
from app.verification.conclude import Knowledge
from app.verification.errands import Desk
from app.verification.persist import Shelf
from app.verification.receive import Counter
from app.verification.run import Verifier


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The service, built once."""

    shelf: Shelf
    desk: Desk
    verifier: Verifier
    counter: Counter
    engine: DurableEngine
    standards: Standards
    knowledge: Knowledge
    reviewing: Reviewing
    tokens: Tokens
    cipher: FieldCipher
    clients: Clients
    askings: Askings
    reports: Reports
    statistics: StatisticsReader
    objections: ObjectionDesk
    auditing: Auditing
    audit: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]
    notice_key: Callable[[str], bytes]
    public_url: str
    health: Mapping[str, str]
    plan: Callable[..., tuple[SourceStatus, ...]]
