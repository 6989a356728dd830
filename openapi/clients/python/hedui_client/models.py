"""The documents 报文 that are sent and answered, as types of JSON."""

# Generated from the interface's document by `make client`; change nothing here.

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Action: TypeAlias = Literal["raised", "assigned", "explained", "handled", "sent_back", "checked"]


ActionKind: TypeAlias = Literal[
    "ask_source", "review_record", "ask_household", "conflict", "declared", "anomaly", "undeclared"
]


class ActionOut(TypedDict):
    """
    What would make the decision surer, and the error rate expected after it.
    """

    expected_rate: float
    kind: ActionKind
    reduction: float
    subject: str


class AlertFactsOut(TypedDict):
    """
    What an alert is about: the household's head and the person (masked), and what changed.
    """

    after: str
    before: str
    household: str | None
    money_monthly: str
    person_name: str | None
    sources: list[str]


AlertOutcome: TypeAlias = Literal["no_change", "adjust", "stop", "upgrade", "false_alert"]


AlertState: TypeAlias = Literal["raised", "assigned", "handled", "checked"]


class AlertStepOut(TypedDict):
    """
    One step of the handling, which stays.
    """

    action: Action
    actor: str
    at: str
    evidence_reference: str | None
    grace_months: int | None
    number: int
    outcome: AlertOutcome | None
    to: str | None
    words: str | None


AssetKind: TypeAlias = Literal[
    "deposit",
    "wealth_product",
    "security",
    "fund",
    "insurance",
    "home",
    "other_building",
    "vehicle",
    "vessel",
    "business",
    "housing_fund",
]


class BatchSourceOut(TypedDict):
    """
    Persons of whom a source was asked, and what came of it so far.
    """

    answered: int
    asked: int
    failed: int
    outstanding: int
    source: str


class BegunOut(TypedDict):
    """
    A batch that was begun.
    """

    batch: str
    households: int
    region: str


Cadence: TypeAlias = Literal["yearly", "half_yearly", "quarterly"]


Cause: TypeAlias = Literal[
    "identity",
    "source_gap",
    "staleness",
    "conflict",
    "amount",
    "imputation",
    "composition",
    "consent_gap",
]


ChangeKind: TypeAlias = Literal[
    "death",
    "death_withdrawn",
    "marriage",
    "divorce",
    "widowed",
    "moved_out",
    "moved_back",
    "new_member",
    "registered_member_gone",
    "member_added",
    "member_left",
    "member_excluded",
    "member_included",
    "vehicle_new",
    "vehicle_gone",
    "vessel_new",
    "vessel_gone",
    "home_new",
    "home_gone",
    "building_new",
    "building_gone",
    "role_new",
    "role_gone",
    "job_started",
    "job_ended",
    "base_rose",
    "base_fell",
    "pension_started",
    "pension_ended",
    "unemployment_benefit_started",
    "unemployment_benefit_ended",
    "income_rose",
    "income_fell",
    "deposit_over_limit",
    "deposit_under_limit",
    "balance_up",
    "balance_down",
    "fund_up",
    "fund_withdrawn",
    "account_opened",
    "account_closed",
    "policy_new",
    "policy_gone",
    "duplicate_relief",
    "duplicate_relief_ended",
    "student_ended",
    "student_started",
    "consent_missing",
    "data_incomplete",
    "custom_rule",
    "medical_cost_up",
    "medical_cost_down",
    "outcome_worse",
    "missed_relief",
]


class ChangeOut(TypedDict):
    """
    What changed since it was read; `by`, `name`: by whom, where one may know.
    """

    at: str | None
    by: str | None
    name: str | None
    what: str


ChangesForm: TypeAlias = Literal["csv", "xlsx", "json"]


ClassChangeIn = TypedDict(
    "ClassChangeIn",
    {"class": str},
)


Programme: TypeAlias = str


Signatory: TypeAlias = str


Source: TypeAlias = str


class ConsentWithdrawnOut(TypedDict):
    """
    A consent 授权 was taken back while the verification was open: no more is asked under it.
    """

    at: str
    case_reference: str
    consent: str
    event_id: str
    persons: list[str] | None
    sources: list[str] | None
    type: Literal["consent.withdrawn"]
    verification: str


class CountRange(TypedDict):
    """
    A count that is not known exactly: at least, at most (null: no bound).
    """

    max: int | None
    min: int


ErrorRateIntervalItem: TypeAlias = float


class DifferenceOut(TypedDict):
    """
    A stretch of two written values: equal, or how it differs; masked but for the difference.
    """

    kind: str
    left: str
    part: NotRequired[str | None]
    right: str


class DisputedIn(TypedDict):
    """
    The value that is disputed: by its id in the verification, of a decision its programme.
    """

    id: str
    kind: Literal["finding", "income", "asset", "person", "decision"]


class DisputedOut(TypedDict):
    """
    The value that is disputed.
    """

    id: str
    kind: Literal["finding", "income", "asset", "person", "decision"]


Event: TypeAlias = Literal["household.changed", "alert.raised"]


class EventOut(TypedDict):
    """
    A notice 回调通知 and how it fared; of the ids, those are set that it is about.
    """

    alert: str | None
    attempts: int
    batch: str | None
    created_at: str
    delivered_at: str | None
    event_id: str
    last_error: str | None
    next_at: str | None
    state: Literal["waiting", "delivered", "dead"]
    type: str
    verification: str | None


class EventPageOut(TypedDict):
    """
    A page of events, the latest due first; `next` is the next page's URL.
    """

    events: list[EventOut]
    next: str | None


class EventWithBodyOut(TypedDict):
    """
    The same with what is sent.
    """

    alert: str | None
    attempts: int
    batch: str | None
    body: dict[str, Any]
    created_at: str
    delivered_at: str | None
    event_id: str
    last_error: str | None
    next_at: str | None
    state: Literal["waiting", "delivered", "dead"]
    type: str
    verification: str | None


Exclusion: TypeAlias = Literal["serving_sentence", "missing", "conscript"]


ExpenseKind: TypeAlias = Literal["medical", "education", "disability"]


class ExplanationIn(TypedDict):
    """
    What the household said 说明, and what it showed.
    """

    evidence_reference: NotRequired[str | None]
    version: int
    words: str


class FaultOut(TypedDict):
    """
    One fault of a request: JSON pointer, stable code, words.
    """

    code: str
    detail: str
    pointer: str


FindingCode: TypeAlias = Literal[
    "registered_not_declared",
    "declared_not_registered",
    "deceased",
    "identity_mismatch",
    "identity_uncertain",
    "income_above_declared",
    "income_below_declared",
    "income_not_declared",
    "asset_not_declared",
    "asset_above_declared",
    "declared_not_found",
    "wage_sources_differ",
    "business_income_unknown",
    "asset_disposed_recently",
    "household_split_recently",
    "duplicate_relief",
    "source_failed",
    "source_stale",
    "implausible_value",
    "values_differ",
    "value_settled",
]


Form: TypeAlias = Literal["csv", "xlsx"]


class GuardianIn(TypedDict):
    """
    Who signs for a minor or a person without capacity 监护人; an adult among the signatories.
    """

    guardian: str
    person: str


class HandlingIn(TypedDict):
    """
    What came of an alert 处置; what is lowered or stopped rests on named evidence.
    """

    evidence_reference: NotRequired[str | None]
    grace_months: NotRequired[int | None]
    outcome: AlertOutcome
    reason: str
    version: int


class HistoryEntryOut(TypedDict):
    """
    One entry about the case; `actor_name` of a colleague.
    """

    action: str
    actor: str
    actor_name: str | None
    at: str
    details: dict[str, Any]
    person: str | None
    position: int


class HistoryOut(TypedDict):
    """
    What happened with a case, the newest first.
    """

    entries: list[HistoryEntryOut]


class HouseholdHeadOut(TypedDict):
    """
    Of whom it is: the head's name, masked, and how many members there are.
    """

    name: str
    size: int


class HouseholdNoticeOut(TypedDict):
    """
    What a notice of a subscription tells: that there is something to read, never what.
    """

    alert: NotRequired[str | None]
    at: str
    case_reference: str
    event_id: str
    subscription: str
    type: Event
    verification: str


IdType: TypeAlias = Literal["resident_id", "passport", "hk_macau_permit", "taiwan_permit", "none"]


Identities: TypeAlias = Literal["none", "masked", "plain"]


IdentityState: TypeAlias = Literal["verified", "mismatch", "uncertain", "not_found", "deceased"]


IncomeBasis: TypeAlias = Literal[
    "employment", "odd_jobs", "gift", "care_payment", "honour_payment", "scholarship", "relief"
]


IncomeKind: TypeAlias = Literal["wage", "business", "property", "transfer"]


Link: TypeAlias = Literal["accepted", "in_review", "refused"]


class ListedChangeOut(TypedDict):
    """
    A change since the household's previous verification.
    """

    after: str
    before: str
    case_reference: str
    decisive: bool
    kind: str
    person: str | None
    verification: str


LookPurpose: TypeAlias = Literal[
    "application",
    "reverification",
    "objection",
    "spot_check",
    "audit",
    "supervision",
    "investigation",
    "access_request",
]


class MoneyErrorOut(TypedDict):
    """
    Expected yuan a month paid too much 多发 and too little 少发 under the favoured outcome.
    """

    over: str
    under: str


class MoneyRange(TypedDict):
    """
    What is not known exactly: at least, at most (null: no bound).
    """

    max: str | None
    min: str


class NoticeKeyOut(TypedDict):
    """
    The client's own key; `X-Hedui-Signature` is `sha256=` and the HMAC in hex.
    """

    algorithm: NotRequired[str]
    key: str
    signed: NotRequired[str]


class NoticeOut(TypedDict):
    """
    A change of status 回调通知; the same event can come more than once.
    """

    at: str
    case_reference: str
    event_id: str
    status: Literal["accepted", "querying", "partial", "in_review", "final", "cancelled"]
    type: Literal["verification.status_changed"]
    verification: str


class ObjectionChangedOut(TypedDict):
    """
    An objection has another state 复核通知.
    """

    at: str
    case_reference: str
    event_id: str
    objection: str
    state: Literal["filed", "in_progress", "upheld", "corrected", "withdrawn"]
    type: Literal["objection.state_changed"]
    verification: str


class ObjectionFiledOut(TypedDict):
    """
    An objection 复核申请 as filed; `recheck` is the verification that follows from it.
    """

    due_on: str
    id: str
    recheck: str
    state: Literal["filed"]


class ObjectionIn(TypedDict):
    """
    An objection 复核申请: what is disputed and why; the terms run from `received_on`.
    """

    about: str
    by: str
    reason: str
    received_on: NotRequired[str | None]
    value: NotRequired[DisputedIn | None]


class ObjectionRowOut(TypedDict):
    """
    An objection in a list; `days_left` in working days, below zero: so many over the term.
    """

    case_reference: str
    days_left: int | None
    due_on: str | None
    filed_at: str
    handler: str | None
    id: str
    in_time: bool | None
    mine: bool
    overdue: bool
    proposal: Literal["uphold", "correct"] | None
    received_on: str | None
    region: str
    state: Literal["filed", "in_progress", "upheld", "corrected", "withdrawn"]
    value_kind: Literal["finding", "income", "asset", "person", "decision"] | None
    verification: str


Outcome: TypeAlias = Literal["confirmed", "not_confirmed", "undetermined"]


class OutcomeOut(TypedDict):
    """
    A programme's outcome as disputed, and as the newest recheck has it.
    """

    after: str | None
    before: str
    programme: str


class PartOut(TypedDict):
    """
    A part that was taken back; null: of all persons, of all sources.
    """

    person: str | None
    source: str | None
    withdrawn_at: str


class Problem(TypedDict):
    """
    Problem details (RFC 9457); never holds a value that was sent.
    """

    changes: NotRequired[list[ChangeOut]]
    error: NotRequired[str]
    error_description: NotRequired[str]
    errors: NotRequired[list[FaultOut]]
    scopes: NotRequired[list[str]]
    status: int
    title: str
    type: str


class ProgressStateOut(TypedDict):
    """
    How far a verification is: persons and sources with an answer, and those still awaited.
    """

    answers: int
    changed_at: str
    pending: int
    status: Literal["accepted", "querying", "partial", "in_review", "final", "cancelled"]


Purpose: TypeAlias = Literal["application", "reverification", "objection", "spot_check"]


class ReasonedStepIn(TypedDict):
    """
    A step with its reason.
    """

    reason: str
    version: int


class RecheckOut(TypedDict):
    """
    The verification that followed, as it stands.
    """

    id: str
    status: str


RecipientState: TypeAlias = Literal["receiving", "suspended", "ended"]


class RegisteredOut(TypedDict):
    """
    Somebody registered in the household who was not declared.
    """

    evidence: str
    relation: str | None


class RejectedRowOut(TypedDict):
    """
    Why a row is rejected; row 1 is the first after the header. Never holds a person's value.
    """

    code: str
    column: str
    detail: str
    row: int


Relationship: TypeAlias = Literal[
    "head", "spouse", "child", "parent", "grandchild", "grandparent", "sibling", "other"
]


class ReplyOut(TypedDict):
    """
    The reply in which a record came; its bytes stay sealed.
    """

    answered_at: str
    data_as_of: str | None
    institution: str | None
    raw_digest: str
    state: str


class ReportIn(TypedDict):
    """
    Why a household is to be verified at once 即时复核.
    """

    why: NotRequired[Literal["reported", "doubtful", "member_changed", "at_once"]]


class ReportKeyOut(TypedDict):
    """
    An Ed25519 public key as a JWK (RFC 8037).
    """

    alg: str
    crv: str
    kid: str
    kty: str
    use: str
    x: str


class ReportKeysOut(TypedDict):
    """
    A JWK set (RFC 7517).
    """

    keys: list[ReportKeyOut]


class ReportLinkOut(TypedDict):
    """
    A report's number and version, and whether another one took its place.
    """

    number: str
    superseded: bool
    verification: str
    version: int


class ReportNumberOut(TypedDict):
    """
    The report that was issued.
    """

    number: str
    version: int


class ReportOut(TypedDict):
    """
    The report 核对报告 that was issued, and the code with which anybody can check it.
    """

    number: str
    valid_until: str
    verification_code: str
    version: int


class ReverifiedOut(TypedDict):
    """
    What was begun, or would be; and whose consent is to be renewed.

    Consent is checked at every sending: who has none is not asked about.
    """

    batches: list[BegunOut]
    consent_expired: int
    consent_expiring: int
    counties: dict[str, int]
    households: int


ReverifyIn = TypedDict(
    "ReverifyIn",
    {
        "class": NotRequired[str | None],
        "dry_run": NotRequired[bool],
        "limit": NotRequired[int],
        "region": NotRequired[str | None],
    },
)


class RosterTakenOut(TypedDict):
    """
    What became of a roster's households; `absent` are those that it does not name.
    """

    absent: int | None
    added: int
    ended: int
    errors: list[RejectedRowOut]
    rejected_rows: int
    unchanged: int
    updated: int


class RowErrorOut(TypedDict):
    """
    Why a row is rejected; row 1 is the first after the header. Never holds a person's value.
    """

    code: str
    column: str
    detail: str
    row: int


class RowErrorsOut(TypedDict):
    """
    A page of rejected rows; `next` is the next page.
    """

    errors: list[RowErrorOut]
    next: str | None


Severity: TypeAlias = Literal["info", "warning", "error"]


class SignatureOut(TypedDict):
    """
    Over the report's JSON, byte for byte; `valid` is null where nobody here can check it.
    """

    algorithm: str
    key_id: str
    valid: bool | None
    value: str


StepKind: TypeAlias = Literal[
    "filed", "taken", "released", "asked_again", "upheld", "corrected", "withdrawn"
]


class SubscriptionIn(TypedDict):
    """
    Of which household a client wants to hear what; exactly one of the two names it.
    """

    callback_url: str
    case_reference: NotRequired[str | None]
    events: NotRequired[list[Event]]
    verification: NotRequired[str | None]


class SubscriptionOut(TypedDict):
    """
    A subscription 订阅, as it stands.
    """

    callback_url: str
    case_reference: str
    created_at: str
    events: list[Event]
    id: str
    region: str


class SubscriptionsOut(TypedDict):
    """
    The client's own, the newest first.
    """

    subscriptions: list[SubscriptionOut]


Support: TypeAlias = str


class SupporterIn(TypedDict):
    """
    A supporter 赡养人 with a household of his or her own.
    """

    address: NotRequired[str | None]
    birth_date: NotRequired[str | None]
    declared_payment_monthly: NotRequired[str | None]
    former_name: NotRequired[str | None]
    household_size: int
    id_number: NotRequired[str]
    id_type: IdType
    name: str
    phone: NotRequired[str | None]
    ref: str
    registered_region: NotRequired[str | None]
    relationship: Relationship
    supports: list[Support]


SuspensionReason: TypeAlias = Literal[
    "application_withdrawn",
    "applicant_deceased",
    "consent_withdrawn",
    "not_cooperating",
    "filed_by_mistake",
    "batch_cancelled",
    "other_reason",
    "not_given",
]


class TestOut(TypedDict):
    """
    One test 核对项; `passed` is null while it is open: `missing` would settle it.
    """

    limit: str | int | None
    missing: list[str]
    passed: bool | None
    test: str
    value: str | MoneyRange | int | CountRange | None


class TotalsOut(TypedDict):
    """
    The household's totals: yuan, square metres, counts.
    """

    business_capital: str | MoneyRange
    businesses: int | CountRange
    financial_assets: str | MoneyRange
    financial_assets_per_person: str | MoneyRange
    floor_area: str | MoneyRange
    homes: int | CountRange
    household_size: int | CountRange
    housing_fund_balance: str | MoneyRange
    monthly_income: str | MoneyRange
    monthly_income_per_person: str | MoneyRange
    vehicles: int | CountRange
    vessels: int | CountRange


class TownshipQuestionOut(TypedDict):
    """
    What a county asked the township to look into 请乡镇核实; `person` and `words` masked.
    """

    asked_at: str
    kind: ActionKind
    person: str | None
    source: str | None
    words: str


Unasked: TypeAlias = Literal[
    "not_configured",
    "not_needed",
    "supporter_not_signed",
    "not_signed",
    "no_guardian",
    "not_yet_valid",
    "expired",
    "withdrawn",
    "out_of_scope",
    "lapsed",
    "cancelled",
]


Variant: TypeAlias = Literal["full", "township", "applicant"]


class WhatIfIn(TypedDict):
    """
    Which programmes, by which standards: those in force, or with a draft among them.

    Without `programmes`: the draft's own, or else those of the verification. `as_of`: the day whose
    standards judge; the evidence, the months that count and ages stay those of the verification.
    """

    as_of: NotRequired[str | None]
    programmes: NotRequired[list[str] | None]
    standard: NotRequired[str | None]


WhyDue: TypeAlias = Literal["cadence", "new", "reported", "doubtful", "member_changed", "at_once"]


class WithdrawalIn(TypedDict):
    """
    A consent taken back 撤回授权: from now on nothing is asked under it.

    With `id_number`, about the one person who has that document; with `sources`, of these sources;
    with both, of these sources about that person; with neither, of anybody anywhere.
    """

    id_number: NotRequired[str | None]
    reference: str
    region: str
    sources: NotRequired[list[Source] | None]


class WithdrawalOut(TypedDict):
    """
    What was taken back. A consent that nobody knows is on record: nothing is asked under it.
    """

    reference: str
    state: Literal["withdrawn", "narrowed"]
    verifications: int


SourceState: TypeAlias = Literal["pending", "answered", "no_record", "failed", "not_asked"]


class AlertCountOut(TypedDict):
    """
    How many of a kind are in a state.
    """

    alerts: int
    decisive: int
    kind: ChangeKind
    state: AlertState


class AlertCountsOut(TypedDict):
    """
    How many alerts there are, in all and by kind and state.
    """

    alerts: int
    counts: list[AlertCountOut]
    decisive: int


class AlertOut(TypedDict):
    """
    An alert 预警 as the list shows it; nothing that was found stands in it.

    `rank` is an order alone: decisive ones first, then the money at stake, then the error rate.
    """

    assigned_to: str | None
    case_reference: str
    changed_at: str
    decisive: bool
    due_at: str | None
    explain_until: str | None
    facts: NotRequired[AlertFactsOut | None]
    id: str
    kind: ChangeKind
    outcome: AlertOutcome | None
    overdue: bool
    person: str | None
    positive: bool
    raised_at: str
    rank: float
    recipient: str | None
    region: str
    repeated_at: str | None
    repeats: int
    state: AlertState
    verification: str
    version: int


class AlertPageOut(TypedDict):
    """
    A page of alerts, the highest rank first; `next`: the next page.
    """

    alerts: list[AlertOut]
    next: str | None


class AlertWholeOut(TypedDict):
    """
    An alert with what changed, the yuan a month at stake, and every step of its handling.
    """

    after: str
    assigned_to: str | None
    before: str
    case_reference: str
    changed_at: str
    decisive: bool
    due_at: str | None
    explain_until: str | None
    facts: NotRequired[AlertFactsOut | None]
    household: str | None
    id: str
    kind: ChangeKind
    money_monthly: str
    outcome: AlertOutcome | None
    overdue: bool
    people: dict[str, str]
    person: str | None
    person_name: str | None
    positive: bool
    raised_at: str
    rank: float
    recipient: str | None
    region: str
    repeated_at: str | None
    repeats: int
    sources: list[str]
    state: AlertState
    steps: list[AlertStepOut]
    verification: str
    version: int


class AssetIn(TypedDict):
    """
    A declared asset, yuan where it has a value.
    """

    kind: AssetKind
    person: str
    value: NotRequired[str | None]


class AssetOut(TypedDict):
    """
    One asset 财产; yuan where it has a value.
    """

    counted: bool
    details: dict[str, str]
    evidence: list[str]
    id: str
    kind: AssetKind
    on: str | None
    person: str
    sources: list[str]
    value: str | MoneyRange | None
    why: str | None


class BatchHeadOut(TypedDict):
    """
    A batch without its progress; `failure` says why its file cannot be used.
    """

    as_of: str
    created_at: str
    ended_at: str | None
    failure: str | None
    format: str
    households: int
    id: str
    origin: Literal["roster", "recipients"]
    programmes: list[str]
    purpose: Purpose
    region: str
    rejected_rows: int
    rows: int
    started_at: str | None
    status: Literal["reading", "held", "running", "paused", "cancelled", "done", "failed"]


class BatchOut(TypedDict):
    """
    A batch as it stands.

    Accepted and rejected rows are all rows. `eta_range` is where the end most probably lies; both
    are null while nothing is known. Outcomes are those of the first programme asked for.
    `sources_estimated`: counts of open households come from a sample.
    """

    as_of: str
    cancelled: int
    changed: int
    confirmed: int
    created_at: str
    done: int
    ended_at: str | None
    errors: list[RowErrorOut]
    errors_url: str | None
    eta_range: list[int] | None
    eta_seconds: int | None
    failed: int
    failure: str | None
    format: str
    households: int
    id: str
    not_confirmed: int
    origin: Literal["roster", "recipients"]
    per_hour: int | None
    programmes: list[str]
    purpose: Purpose
    region: str
    rejected_rows: int
    rows: int
    sources: list[BatchSourceOut]
    sources_estimated: bool
    stages: dict[Literal["todo", "asking", "waiting", "ready", "done", "failed", "cancelled"], int]
    started_at: str | None
    status: Literal["reading", "held", "running", "paused", "cancelled", "done", "failed"]
    undetermined: int


class BatchesOut(TypedDict):
    """
    The newest first; `next` is the next page.
    """

    batches: list[BatchHeadOut]
    next: str | None


class CancelIn(TypedDict):
    """
    Why a verification is ended 中止原因; stands in the suspension report.
    """

    reason: NotRequired[SuspensionReason]


class ChangesOut(TypedDict):
    changes: list[ListedChangeOut]
    next: str | None


class ComparedOut(TypedDict):
    """
    One field's comparison: level, weight (log2 of a Bayes factor), words.

    `differences` are given for records in review.
    """

    differences: NotRequired[list[DifferenceOut]]
    field: str
    level: str
    weight: float
    words: dict[str, str]


class CompositionOut(TypedDict):
    """
    The registered household against the declared one; `known` is false without the registry.
    """

    declared_not_registered: list[str]
    known: bool
    registered_not_declared: list[RegisteredOut]


class ConsentIn(TypedDict):
    """
    The signed authorisation 授权; of what is left out, it covers all.
    """

    data_from: NotRequired[str | None]
    document_sha256: str
    guardians: NotRequired[list[GuardianIn]]
    programmes: NotRequired[list[Programme] | None]
    purposes: NotRequired[list[Purpose] | None]
    reference: str
    signatories: list[Signatory]
    signed_on: str
    sources: NotRequired[list[Source] | None]
    valid_until: str


class ConsentOut(TypedDict):
    """
    The consent 授权 as it stands now.
    """

    parts: list[PartOut]
    reference: str
    signed_on: str | None
    state: Literal["not_yet_valid", "valid", "expired", "narrowed", "withdrawn"]
    valid_until: str
    withdrawn_at: str | None


class DecisionOut(TypedDict):
    """
    A programme's outcome 认定建议 and how likely it is to be wrong, with parts that add up.
    """

    benefit: dict[str, str]
    error_causes: dict[Cause, float]
    error_rate: float
    error_rate_interval: list[ErrorRateIntervalItem]
    favours: NotRequired[Outcome]
    missing: list[str]
    money_error: MoneyErrorOut | None
    next_actions: list[ActionOut]
    outcome: Outcome
    programme: str
    standard: str
    tests: list[TestOut]
    wrongly_confirmed: float
    wrongly_refused: float


class EligibleOut(TypedDict):
    """
    One programme's outcome 认定建议; null until the verification is final.
    """

    outcome: Outcome | None
    programme: str
    standard: str | None
    valid_until: str | None


class EvidenceOut(TypedDict):
    """
    A record that came back, with the source's own fields, and whose it is.
    """

    accepted: bool
    answered_at: str
    by_hand: NotRequired[bool]
    comparison: list[ComparedOut]
    decided_by: str
    id: str
    institution: str | None
    link: Link
    person: str
    prior: float
    probability: float
    problems: list[str]
    raw_digest: str
    record: dict[str, Any]
    rule: str | None
    source: str


class EvidencePageOut(TypedDict):
    """
    A page of evidence 核对证据; `next` is the next page's address.
    """

    evidence: list[EvidenceOut]
    next: str | None


class ExpenseIn(TypedDict):
    """
    A declared rigid expense, yuan a year.
    """

    kind: ExpenseKind
    person: str
    proven: NotRequired[bool]
    yearly: str


class FindingOut(TypedDict):
    """
    What is to be looked at 核对发现; `decisive` where it could change an outcome.
    """

    code: FindingCode
    decisive: bool | None
    declared: str | None
    detail: str | None
    evidence: list[str]
    id: str
    item: NotRequired[str]
    person: str | None
    severity: Severity
    subject: NotRequired[str]
    verified: str | None


class GenuineOut(TypedDict):
    """
    What anybody may know of a report.
    """

    content_digest: str
    endorsed: bool
    genuine: bool
    issued_at: str
    kind: Literal["verification", "suspension"]
    newest_version: int
    number: str
    signatures: list[SignatureOut]
    sm3_digest: str | None
    state: Literal["valid", "expired", "superseded"]
    valid_until: str
    version: int


class IdentityOut(TypedDict):
    """
    Who the person is by the household registry 户籍.
    """

    probability: float | None
    state: IdentityState


class IncomeIn(TypedDict):
    """
    Declared income, yuan a month.
    """

    basis: NotRequired[IncomeBasis]
    kind: IncomeKind
    monthly: str
    person: str


IncomeOut = TypedDict(
    "IncomeOut",
    {
        "counted": bool,
        "evidence": list[str],
        "from": str,
        "id": str,
        "imputed": bool,
        "kind": IncomeKind,
        "monthly": str | MoneyRange,
        "payer": str | None,
        "person": str,
        "sources": list[str],
        "to": str,
        "verified": bool,
        "why": str | None,
    },
)


class ListedDecisionOut(TypedDict):
    """
    A programme's newest outcome and predicted error rate.
    """

    error_rate: float
    favours: Outcome
    outcome: Outcome
    programme: str


class MemberIn(TypedDict):
    """
    A declared member of the household.
    """

    address: NotRequired[str | None]
    birth_date: NotRequired[str | None]
    excluded: NotRequired[Exclusion | None]
    former_name: NotRequired[str | None]
    id_number: NotRequired[str]
    id_type: IdType
    in_school: NotRequired[bool]
    name: str
    phone: NotRequired[str | None]
    ref: str
    registered_region: NotRequired[str | None]
    relationship: Relationship


class ObjectionPageOut(TypedDict):
    """
    What is due first comes first; `counts`: by state, whatever the state asked for.
    """

    counts: dict[str, int]
    next: str | None
    objections: list[ObjectionRowOut]
    people: dict[str, str]


class ObjectionStepOut(TypedDict):
    """
    What somebody did about it.
    """

    action: StepKind
    actor: str
    at: str
    number: int
    words: str | None


class PersonOut(TypedDict):
    """
    One person; `alive` is null where it is not known, `why` says why one does not count.
    """

    alive: bool | None
    counted: bool
    identity: IdentityOut
    ref: str
    why: str | None


class ProfileOut(TypedDict):
    """
    The verified profile 核对结果, so far or in the end.
    """

    as_of: str
    assets: list[AssetOut]
    composition: CompositionOut
    deductions_monthly: str
    income: list[IncomeOut]
    persons: list[PersonOut]
    totals: TotalsOut


RecipientOut = TypedDict(
    "RecipientOut",
    {
        "cadence": Cadence,
        "case_reference": str,
        "changed_at": str,
        "class": str,
        "consent_until": str,
        "created_at": str,
        "due_on": str,
        "id": str,
        "last_verification": str | None,
        "last_verified_on": str | None,
        "programmes": list[str],
        "region": str,
        "state": RecipientState,
        "why_due": WhyDue,
    },
)


class RecipientsOut(TypedDict):
    """
    In the order of region and case; `next` is the next page.
    """

    next: str | None
    recipients: list[RecipientOut]


class RecordOut(TypedDict):
    """
    One record, masked, and the reply that it came in.
    """

    evidence: EvidenceOut
    reply: ReplyOut | None


class WhatIfOut(TypedDict):
    """
    Decisions from stored evidence alone; nothing is stored, and no source was asked.
    """

    also_confirmed_for: list[str]
    as_of: str
    decisions: list[DecisionOut]
    left_to_case_system: dict[str, list[str]]
    verification: str


class SourceOut(TypedDict):
    """
    What came of asking one source about one person.

    `reason` says why it was not asked, or not at all its institutions; `detail` says it in words.
    """

    answered_at: str | None
    attempts: int
    by_hand: bool
    data_as_of: str | None
    detail: str | None
    person: str
    reason: Unasked | None
    records: int
    source: str
    state: SourceState


class CaseOut(TypedDict):
    """
    A verification as a list shows it; `household` is null where it was erased.
    """

    as_of: str
    case_reference: str
    changed_at: str
    decisions: list[ListedDecisionOut]
    final_at: str | None
    household: HouseholdHeadOut | None
    id: str
    open_items: int
    purpose: Purpose
    recheck_of: str | None
    region: str
    report: ReportNumberOut | None
    requested_at: str
    status: Literal["accepted", "querying", "partial", "in_review", "final", "cancelled"]
    township: NotRequired[list[TownshipQuestionOut]]


class CasesOut(TypedDict):
    """
    A page of cases; `next` is the next page's address.
    """

    next: str | None
    verifications: list[CaseOut]


class DeclaredIn(TypedDict):
    """
    What the household declared.
    """

    assets: NotRequired[list[AssetIn]]
    expenses: NotRequired[list[ExpenseIn]]
    income: NotRequired[list[IncomeIn]]


class EligibilityOut(TypedDict):
    """
    Per programme whether the household is eligible: nothing of its income and assets.
    """

    as_of: str
    case_reference: str
    id: str
    programmes: list[EligibleOut]
    status: Literal["accepted", "querying", "partial", "in_review", "final", "cancelled"]


class HouseholdIn(TypedDict):
    """
    Who is verified.
    """

    address: NotRequired[str | None]
    members: list[MemberIn]
    supporters: NotRequired[list[SupporterIn]]


class ObjectionOut(TypedDict):
    """
    An objection with all that was done about it.

    `handled_by_others`: you decided something of the disputed report, so another person handles it.
    """

    about: str
    answer: str | None
    by: str
    case_reference: str
    days_left: int | None
    decided_at: str | None
    decided_by: str | None
    due_on: str | None
    filed_at: str
    filed_by: str
    handled_by_others: bool
    handler: str | None
    id: str
    in_time: bool | None
    later_report: ReportLinkOut | None
    mine: bool
    outcomes: list[OutcomeOut]
    overdue: bool
    people: dict[str, str]
    proposal: Literal["uphold", "correct"] | None
    reason: str
    received_on: str | None
    recheck: RecheckOut | None
    region: str
    report: ReportLinkOut | None
    state: Literal["filed", "in_progress", "upheld", "corrected", "withdrawn"]
    steps: list[ObjectionStepOut]
    term: str
    value: DisputedOut | None
    value_kind: Literal["finding", "income", "asset", "person", "decision"] | None
    verification: str
    version: int


class VerificationIn(TypedDict):
    """
    One household to verify.
    """

    as_of: str
    callback_url: NotRequired[str | None]
    case_reference: str
    consent: ConsentIn
    declared: NotRequired[DeclaredIn]
    household: HouseholdIn
    programmes: list[str]
    purpose: Purpose
    region: str


class VerificationOut(TypedDict):
    """
    A verification 核对 as it stands.
    """

    also_confirmed_for: list[str]
    as_of: str
    case_reference: str
    consent: ConsentOut
    decisions: list[DecisionOut]
    final_at: str | None
    findings: list[FindingOut]
    id: str
    profile: ProfileOut | None
    purpose: Purpose
    recheck_of: str | None
    region: str
    report: ReportOut | None
    requested_at: str
    sources: list[SourceOut]
    status: Literal["accepted", "querying", "partial", "in_review", "final", "cancelled"]


RecipientIn = TypedDict(
    "RecipientIn",
    {
        "class": str,
        "verification": VerificationIn,
    },
)
