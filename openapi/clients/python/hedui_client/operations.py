"""The operations as functions that give a call 调用, which `send` of a client makes.

Generated from the interface's document by `make client`; change nothing here.
"""

from collections.abc import Mapping
from typing import Any, Literal

from hedui_client.call import Call, Upload, new_key, quoted
from hedui_client.models import (
    AlertCountsOut,
    AlertPageOut,
    AlertState,
    AlertWholeOut,
    BatchesOut,
    BatchOut,
    CancelIn,
    CasesOut,
    ChangeKind,
    ChangesForm,
    ClassChangeIn,
    EligibilityOut,
    EventPageOut,
    EventWithBodyOut,
    EvidencePageOut,
    ExplanationIn,
    Form,
    GenuineOut,
    HandlingIn,
    HistoryOut,
    Identities,
    LookPurpose,
    NoticeKeyOut,
    ObjectionFiledOut,
    ObjectionIn,
    ObjectionOut,
    ObjectionPageOut,
    Outcome,
    ProgressStateOut,
    Purpose,
    ReasonedStepIn,
    RecipientIn,
    RecipientOut,
    RecipientsOut,
    RecipientState,
    RecordOut,
    ReportIn,
    ReportKeysOut,
    ReverifiedOut,
    ReverifyIn,
    RosterTakenOut,
    RowErrorsOut,
    SubscriptionIn,
    SubscriptionOut,
    SubscriptionsOut,
    Variant,
    VerificationIn,
    VerificationOut,
    WhatIfIn,
    WhatIfOut,
    WhyDue,
    WithdrawalIn,
    WithdrawalOut,
)


def create_verification(
    body: VerificationIn,
    *,
    hedui_purpose: LookPurpose | None = None,
    prefer: str | None = None,
    idempotency_key: str | None = None,
) -> Call[VerificationOut]:
    """Verify one household: POST /v1/verifications."""
    return Call(
        "POST",
        "/v1/verifications",
        headers={
            "Hedui-Purpose": hedui_purpose,
            "Prefer": prefer,
            "Idempotency-Key": idempotency_key or new_key(),
        },
        json=body,
        reads="json",
    )


def verifications(
    *,
    q: str | None = None,
    region: str | None = None,
    status: Literal["accepted", "querying", "partial", "in_review", "final", "cancelled"]
    | None = None,
    programme: str | None = None,
    outcome: Outcome | None = None,
    purpose: Purpose | None = None,
    since: str | None = None,
    until: str | None = None,
    open_items: bool | None = None,
    township: bool | None = None,
    sort: Literal["-requested", "requested", "-changed", "changed", "case", "-case"] | None = None,
    after: str | None = None,
    limit: int | None = None,
    hedui_purpose: LookPurpose | None = None,
) -> Call[CasesOut]:
    """Verifications: GET /v1/verifications."""
    return Call(
        "GET",
        "/v1/verifications",
        query={
            "q": q,
            "region": region,
            "status": status,
            "programme": programme,
            "outcome": outcome,
            "purpose": purpose,
            "since": since,
            "until": until,
            "open_items": open_items,
            "township": township,
            "sort": sort,
            "after": after,
            "limit": limit,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def verification(
    verification_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[VerificationOut]:
    """A verification as it stands: GET /v1/verifications/{verification_id}."""
    return Call(
        "GET",
        f"/v1/verifications/{quoted(verification_id)}",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def cancel_verification(
    verification_id: str,
    body: CancelIn,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[VerificationOut]:
    """Ask nothing more: POST /v1/verifications/{verification_id}/cancel."""
    return Call(
        "POST",
        f"/v1/verifications/{quoted(verification_id)}/cancel",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        json=body,
        reads="json",
    )


def recheck_verification(
    verification_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
    prefer: str | None = None,
) -> Call[VerificationOut]:
    """Verify again: POST /v1/verifications/{verification_id}/recheck."""
    return Call(
        "POST",
        f"/v1/verifications/{quoted(verification_id)}/recheck",
        headers={
            "Hedui-Purpose": hedui_purpose,
            "Prefer": prefer,
        },
        reads="json",
    )


def evidence(
    verification_id: str,
    *,
    after: int | None = None,
    limit: int | None = None,
    hedui_purpose: LookPurpose | None = None,
) -> Call[EvidencePageOut]:
    """Every record that came back: GET /v1/verifications/{verification_id}/evidence."""
    return Call(
        "GET",
        f"/v1/verifications/{quoted(verification_id)}/evidence",
        query={
            "after": after,
            "limit": limit,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def evidence_record(
    verification_id: str,
    evidence_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[RecordOut]:
    """One record: GET /v1/verifications/{verification_id}/evidence/{evidence_id}."""
    return Call(
        "GET",
        f"/v1/verifications/{quoted(verification_id)}/evidence/{quoted(evidence_id)}",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def history(
    verification_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[HistoryOut]:
    """What happened: GET /v1/verifications/{verification_id}/history."""
    return Call(
        "GET",
        f"/v1/verifications/{quoted(verification_id)}/history",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def progress(
    verification_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[ProgressStateOut]:
    """How many answers there are: GET /v1/verifications/{verification_id}/progress."""
    return Call(
        "GET",
        f"/v1/verifications/{quoted(verification_id)}/progress",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def eligibility(
    verification_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[EligibilityOut]:
    """Eligibility alone: GET /v1/verifications/{verification_id}/eligibility."""
    return Call(
        "GET",
        f"/v1/verifications/{quoted(verification_id)}/eligibility",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def try_out_decisions(
    verification_id: str,
    body: WhatIfIn,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[WhatIfOut]:
    """What if: POST /v1/verifications/{verification_id}/decisions."""
    return Call(
        "POST",
        f"/v1/verifications/{quoted(verification_id)}/decisions",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        json=body,
        reads="json",
    )


def withdraw_consent(
    body: WithdrawalIn,
) -> Call[WithdrawalOut]:
    """Withdraw a consent: POST /v1/consents/withdrawals."""
    return Call(
        "POST",
        "/v1/consents/withdrawals",
        json=body,
        reads="json",
    )


def report(
    verification_id: str,
    *,
    copy: int | None = None,
    variant: Variant | None = None,
    language: Literal["zh", "en"] | None = None,
    hedui_purpose: LookPurpose | None = None,
    accept: Literal["application/json", "application/pdf", "text/html"],
) -> Call[bytes]:
    """The verification report: GET /v1/verifications/{verification_id}/report."""
    return Call(
        "GET",
        f"/v1/verifications/{quoted(verification_id)}/report",
        query={
            "copy": copy,
            "variant": variant,
            "language": language,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
            "Accept": accept,
        },
        reads="bytes",
    )


def check_report(
    number: str,
    *,
    code: str,
) -> Call[GenuineOut]:
    """Is this report genuine and unchanged?: GET /v1/reports/{number}."""
    return Call(
        "GET",
        f"/v1/reports/{quoted(number)}",
        query={
            "code": code,
        },
        reads="json",
    )


def report_keys() -> Call[ReportKeysOut]:
    """The public keys of the signatures on reports: GET /v1/reports/keys."""
    return Call(
        "GET",
        "/v1/reports/keys",
        reads="json",
    )


def file_objection(
    verification_id: str,
    body: ObjectionIn,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[ObjectionFiledOut]:
    """File an objection: POST /v1/verifications/{verification_id}/objections."""
    return Call(
        "POST",
        f"/v1/verifications/{quoted(verification_id)}/objections",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        json=body,
        reads="json",
    )


def objections(
    *,
    region: str | None = None,
    state: Literal["filed", "in_progress", "upheld", "corrected", "withdrawn"] | str | None = None,
    mine: bool | None = None,
    overdue: bool | None = None,
    programme: str | None = None,
    limit: int | None = None,
    after: str | None = None,
    hedui_purpose: LookPurpose | None = None,
) -> Call[ObjectionPageOut]:
    """Objections, what is due first: GET /v1/objections."""
    return Call(
        "GET",
        "/v1/objections",
        query={
            "region": region,
            "state": state,
            "mine": mine,
            "overdue": overdue,
            "programme": programme,
            "limit": limit,
            "after": after,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def objection(
    objection_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[ObjectionOut]:
    """An objection with its steps: GET /v1/objections/{objection_id}."""
    return Call(
        "GET",
        f"/v1/objections/{quoted(objection_id)}",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def withdraw_objection(
    objection_id: str,
    body: ReasonedStepIn,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[ObjectionOut]:
    """Take it back: POST /v1/objections/{objection_id}/withdraw."""
    return Call(
        "POST",
        f"/v1/objections/{quoted(objection_id)}/withdraw",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        json=body,
        reads="json",
    )


def create_batch(
    roster: Upload,
    *,
    programmes: str | None = None,
    purpose: Purpose | None = None,
    as_of: str | None = None,
    callback_url: str | None = None,
    hold: bool | None = None,
    idempotency_key: str | None = None,
) -> Call[BatchOut]:
    """Have a roster verified: POST /v1/batches."""
    return Call(
        "POST",
        "/v1/batches",
        query={
            "programmes": programmes,
            "purpose": purpose,
            "as_of": as_of,
            "callback_url": callback_url,
            "hold": hold,
        },
        headers={
            "Idempotency-Key": idempotency_key or new_key(),
        },
        files={"roster": roster},
        reads="json",
    )


def batches(
    *,
    before: str | None = None,
    limit: int | None = None,
) -> Call[BatchesOut]:
    """Batches of the region, the newest first: GET /v1/batches."""
    return Call(
        "GET",
        "/v1/batches",
        query={
            "before": before,
            "limit": limit,
        },
        reads="json",
    )


def batch(
    batch_id: str,
) -> Call[BatchOut]:
    """A batch as it stands: GET /v1/batches/{batch_id}."""
    return Call(
        "GET",
        f"/v1/batches/{quoted(batch_id)}",
        reads="json",
    )


def confirm_batch(
    batch_id: str,
) -> Call[BatchOut]:
    """Begin what was held: POST /v1/batches/{batch_id}/confirm."""
    return Call(
        "POST",
        f"/v1/batches/{quoted(batch_id)}/confirm",
        reads="json",
    )


def pause_batch(
    batch_id: str,
) -> Call[BatchOut]:
    """Begin nothing new: POST /v1/batches/{batch_id}/pause."""
    return Call(
        "POST",
        f"/v1/batches/{quoted(batch_id)}/pause",
        reads="json",
    )


def resume_batch(
    batch_id: str,
) -> Call[BatchOut]:
    """Go on: POST /v1/batches/{batch_id}/resume."""
    return Call(
        "POST",
        f"/v1/batches/{quoted(batch_id)}/resume",
        reads="json",
    )


def cancel_batch(
    batch_id: str,
) -> Call[BatchOut]:
    """Ask nothing more: POST /v1/batches/{batch_id}/cancel."""
    return Call(
        "POST",
        f"/v1/batches/{quoted(batch_id)}/cancel",
        reads="json",
    )


def batch_errors(
    batch_id: str,
    *,
    after: int | None = None,
    limit: int | None = None,
) -> Call[RowErrorsOut]:
    """Rejected rows: GET /v1/batches/{batch_id}/errors."""
    return Call(
        "GET",
        f"/v1/batches/{quoted(batch_id)}/errors",
        query={
            "after": after,
            "limit": limit,
        },
        reads="json",
    )


def batch_changes(
    batch_id: str,
    *,
    format: ChangesForm | None = None,
    decisive: bool | None = None,
    limit: int | None = None,
    after: str | None = None,
    hedui_purpose: LookPurpose | None = None,
) -> Call[bytes]:
    """Changes: GET /v1/batches/{batch_id}/changes."""
    return Call(
        "GET",
        f"/v1/batches/{quoted(batch_id)}/changes",
        query={
            "format": format,
            "decisive": decisive,
            "limit": limit,
            "after": after,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="bytes",
    )


def batch_results(
    batch_id: str,
    *,
    format: Form | None = None,
    identities: Identities | None = None,
    hedui_purpose: LookPurpose | None = None,
) -> Call[bytes]:
    """Results as a file: GET /v1/batches/{batch_id}/results."""
    return Call(
        "GET",
        f"/v1/batches/{quoted(batch_id)}/results",
        query={
            "format": format,
            "identities": identities,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="bytes",
    )


def subscribe(
    body: SubscriptionIn,
) -> Call[SubscriptionOut]:
    """Subscribe to a household: POST /v1/subscriptions."""
    return Call(
        "POST",
        "/v1/subscriptions",
        json=body,
        reads="json",
    )


def subscriptions() -> Call[SubscriptionsOut]:
    """Your subscriptions: GET /v1/subscriptions."""
    return Call(
        "GET",
        "/v1/subscriptions",
        reads="json",
    )


def end_subscription(
    subscription_id: str,
) -> Call[None]:
    """End a subscription: DELETE /v1/subscriptions/{subscription_id}."""
    return Call(
        "DELETE",
        f"/v1/subscriptions/{quoted(subscription_id)}",
        reads="nothing",
    )


def events(
    *,
    state: Literal["waiting", "delivered", "dead"] | None = None,
    after: str | None = None,
    limit: int | None = None,
    hedui_purpose: LookPurpose | None = None,
) -> Call[EventPageOut]:
    """Notices to this client: GET /v1/events."""
    return Call(
        "GET",
        "/v1/events",
        query={
            "state": state,
            "after": after,
            "limit": limit,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def event(
    event_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[EventWithBodyOut]:
    """A notice and what it says: GET /v1/events/{event_id}."""
    return Call(
        "GET",
        f"/v1/events/{quoted(event_id)}",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def replay_event(
    event_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[EventWithBodyOut]:
    """Send a notice again: POST /v1/events/{event_id}/replay."""
    return Call(
        "POST",
        f"/v1/events/{quoted(event_id)}/replay",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def notice_key() -> Call[NoticeKeyOut]:
    """The key that notices to this client are signed with: GET /v1/notices/key."""
    return Call(
        "GET",
        "/v1/notices/key",
        reads="json",
    )


def notice_keys() -> Call[Mapping[str, Any]]:
    """The public key of the HTTP message signatures on notices: GET /v1/notices/keys."""
    return Call(
        "GET",
        "/v1/notices/keys",
        reads="json",
    )


def recipients(
    *,
    region: str | None = None,
    due: bool | None = None,
    class_: str | None = None,
    state: RecipientState | None = None,
    why: WhyDue | None = None,
    consent_expiring_within: int | None = None,
    after: str | None = None,
    limit: int | None = None,
    hedui_purpose: LookPurpose | None = None,
) -> Call[RecipientsOut]:
    """Recipients of the region, and who is due: GET /v1/recipients."""
    return Call(
        "GET",
        "/v1/recipients",
        query={
            "region": region,
            "due": due,
            "class": class_,
            "state": state,
            "why": why,
            "consent_expiring_within": consent_expiring_within,
            "after": after,
            "limit": limit,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def recipient(
    recipient_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[RecipientOut]:
    """A recipient as it stands: GET /v1/recipients/{recipient_id}."""
    return Call(
        "GET",
        f"/v1/recipients/{quoted(recipient_id)}",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def add_recipient(
    body: RecipientIn,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[RecipientOut | RosterTakenOut]:
    """A roster of recipients, or one household: POST /v1/recipients."""
    return Call(
        "POST",
        "/v1/recipients",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        json=body,
        reads="json",
    )


def import_recipients(
    roster: Upload,
    *,
    hedui_purpose: LookPurpose | None = None,
    programmes: str | None = None,
    region: str | None = None,
    replace: Literal["true", "false"] | None = None,
) -> Call[RecipientOut | RosterTakenOut]:
    """A roster of recipients, or one household: POST /v1/recipients."""
    return Call(
        "POST",
        "/v1/recipients",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        files={"roster": roster},
        form={
            "programmes": programmes,
            "region": region,
            "replace": replace,
        },
        reads="json",
    )


def reverify_recipients(
    body: ReverifyIn,
) -> Call[ReverifiedOut]:
    """Verify who is due: POST /v1/recipients/reverify."""
    return Call(
        "POST",
        "/v1/recipients/reverify",
        json=body,
        reads="json",
    )


def change_recipient(
    recipient_id: str,
    body: ClassChangeIn,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[RecipientOut]:
    """Another class: PATCH /v1/recipients/{recipient_id}."""
    return Call(
        "PATCH",
        f"/v1/recipients/{quoted(recipient_id)}",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        json=body,
        reads="json",
    )


def report_change(
    recipient_id: str,
    body: ReportIn,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[RecipientOut]:
    """Due at once: POST /v1/recipients/{recipient_id}/report-change."""
    return Call(
        "POST",
        f"/v1/recipients/{quoted(recipient_id)}/report-change",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        json=body,
        reads="json",
    )


def suspend_recipient(
    recipient_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[RecipientOut]:
    """No relief for now: POST /v1/recipients/{recipient_id}/suspend."""
    return Call(
        "POST",
        f"/v1/recipients/{quoted(recipient_id)}/suspend",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def resume_recipient(
    recipient_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[RecipientOut]:
    """Relief again: POST /v1/recipients/{recipient_id}/resume."""
    return Call(
        "POST",
        f"/v1/recipients/{quoted(recipient_id)}/resume",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def end_recipient(
    recipient_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[RecipientOut]:
    """No relief any more: POST /v1/recipients/{recipient_id}/end."""
    return Call(
        "POST",
        f"/v1/recipients/{quoted(recipient_id)}/end",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def alerts(
    *,
    region: str | None = None,
    kind: ChangeKind | None = None,
    state: AlertState | None = None,
    positive: bool | None = None,
    decisive: bool | None = None,
    case_reference: str | None = None,
    mine: bool | None = None,
    facts: bool | None = None,
    limit: int | None = None,
    after: str | None = None,
    hedui_purpose: LookPurpose | None = None,
) -> Call[AlertPageOut]:
    """Alerts in the order of what they bear on: GET /v1/alerts."""
    return Call(
        "GET",
        "/v1/alerts",
        query={
            "region": region,
            "kind": kind,
            "state": state,
            "positive": positive,
            "decisive": decisive,
            "case_reference": case_reference,
            "mine": mine,
            "facts": facts,
            "limit": limit,
            "after": after,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def alert_counts(
    *,
    region: str | None = None,
    kind: ChangeKind | None = None,
    state: AlertState | None = None,
    positive: bool | None = None,
    decisive: bool | None = None,
    case_reference: str | None = None,
    mine: bool | None = None,
    facts: bool | None = None,
    limit: int | None = None,
    after: str | None = None,
    hedui_purpose: LookPurpose | None = None,
) -> Call[AlertCountsOut]:
    """How many there are: GET /v1/alerts/counts."""
    return Call(
        "GET",
        "/v1/alerts/counts",
        query={
            "region": region,
            "kind": kind,
            "state": state,
            "positive": positive,
            "decisive": decisive,
            "case_reference": case_reference,
            "mine": mine,
            "facts": facts,
            "limit": limit,
            "after": after,
        },
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def alert(
    alert_id: str,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[AlertWholeOut]:
    """An alert with its steps: GET /v1/alerts/{alert_id}."""
    return Call(
        "GET",
        f"/v1/alerts/{quoted(alert_id)}",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        reads="json",
    )


def explain_alert(
    alert_id: str,
    body: ExplanationIn,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[AlertWholeOut]:
    """Hear the household: POST /v1/alerts/{alert_id}/explanation."""
    return Call(
        "POST",
        f"/v1/alerts/{quoted(alert_id)}/explanation",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        json=body,
        reads="json",
    )


def handle_alert(
    alert_id: str,
    body: HandlingIn,
    *,
    hedui_purpose: LookPurpose | None = None,
) -> Call[AlertWholeOut]:
    """Handle: POST /v1/alerts/{alert_id}/handle."""
    return Call(
        "POST",
        f"/v1/alerts/{quoted(alert_id)}/handle",
        headers={
            "Hedui-Purpose": hedui_purpose,
        },
        json=body,
        reads="json",
    )
