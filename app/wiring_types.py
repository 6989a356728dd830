"""The parts that wiring builds, as a type that the interface can name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.access.approvals import Approvals
from app.access.case_looks import LookDesk
from app.access.cookie import CookieRule
from app.access.gate import ClientGate
from app.access.oidc import Provider
from app.access.sessions import Sessions
from app.access.sign_in import SignIn
from app.access.staff import Staffing
from app.access.tokens import Tokens
from app.alerts.handling import Handling
from app.alerts.muting import Muting
from app.assistance.desk import AssistanceDesk
from app.audit.chain import AuditTrail
from app.batch.exchange.exchange import Exchange
from app.batch.service import Batching
from app.dci.desk import RegistryDesk
from app.domain.evidence import SourceStatus
from app.erasure.requests import Requests as ErasureRequests
from app.jobs.checkup import Checkup
from app.jobs.engine import Engine
from app.jobs.outgoing import Allowed
from app.jobs.signing import NoticeSigner
from app.jobs.source_desk import SourceDesk
from app.jobs.trail_reading import TrailReading
from app.observe.metrics import Observed
from app.programmes.standard import Standards
from app.recipients.relief import Relief
from app.reconciliation.answer import Reconciliation
from app.reconciliation.passes import Passes
from app.report.desk import ReportDesk
from app.report.statistics import Reader as StatisticsReader
from app.review.audit_objections import ObjectionDesk
from app.review.audits import Auditing
from app.review.blind import BlindQueues
from app.review.failures import Failures
from app.review.judgement import Reviewing
from app.review.objections import ObjectionHandling
from app.review.settling import Settling
from app.store.askings import Askings
from app.store.clients import Clients
from app.store.crypto import FieldCipher
from app.store.proofs import Proofs
from app.store.reports import Reports
from app.store.subscriptions import Subscriptions
from app.verification.by_hand import HandWork
from app.verification.conclude import Knowledge
from app.verification.errands import Desk
from app.verification.follow_up import FollowUps
from app.verification.persist import Shelf
from app.verification.receive import Counter
from app.verification.reuse import Reuse
from app.verification.run import Verifier
from connectors.transport.signatures import MessageSigner


@dataclass(frozen=True, slots=True)
class Assisting:
    """How questions of other centres 异地协查 are answered, and what signs the answers."""

    desk: AssistanceDesk
    engine: Engine
    signer: MessageSigner


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The service, built once."""

    shelf: Shelf
    desk: Desk
    verifier: Verifier
    counter: Counter
    exchange: Exchange
    engine: Engine
    assistance: Assisting
    standards: Standards
    knowledge: Knowledge
    reviewing: Reviewing
    settling: Settling
    blind_queues: BlindQueues
    failures: Failures
    tokens: Tokens
    sessions: Sessions
    cookie: CookieRule
    sign_in: SignIn
    staffing: Staffing
    approvals: Approvals
    provider: Provider | None
    gate: ClientGate
    cipher: FieldCipher
    clients: Clients
    looks: LookDesk
    trail: TrailReading
    askings: Askings
    reports: Reports
    report_desk: ReportDesk
    proofs: Proofs
    statistics: StatisticsReader
    objections: ObjectionDesk
    objection_handling: ObjectionHandling
    follow_ups: FollowUps
    hand_work: HandWork
    auditing: Auditing
    batching: Batching
    relief: Relief
    reconciliation: Reconciliation
    passes: Passes
    reuse: Reuse
    handling: Handling
    muting: Muting
    source_desk: SourceDesk
    subscriptions: Subscriptions
    erasures: ErasureRequests
    addresses: Allowed
    registry: RegistryDesk
    audit: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]
    notice_key: Callable[[str], bytes]
    notice_signer: NoticeSigner
    observed: Observed
    metrics: str
    checkup: Checkup
    public_url: str
    areas: Mapping[str, str]
    institutions: Mapping[str, Mapping[str, str]]
    health: Mapping[str, str]
    plan: Callable[..., tuple[SourceStatus, ...]]
