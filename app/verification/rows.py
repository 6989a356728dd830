"""A conclusion as the store keeps it: result, decisions, evidence; and the notice of a status."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import orjson

from app.domain.instants import rfc3339
from app.store.outbox import Notice
from app.store.results import DecisionRow, EvidenceRow, StoredResult
from app.store.verifications import StoredVerification
from app.verification.conclude import Conclusion
from app.verification.document import (
    comparison_document,
    decision_document,
    evidence_document,
    finding_document,
    profile_document,
)


def result_of(
    conclusion: Conclusion, model: dict[str, str], now: datetime, version: int
) -> StoredResult:
    """The result's canonical JSON and its digest."""
    body = orjson.dumps(
        {
            "profile": profile_document(conclusion.profile),
            "findings": [finding_document(one) for one in conclusion.profile.findings],
            "decisions": [decision_document(one) for one in conclusion.decisions],
            "also_confirmed_for": list(conclusion.also_confirmed_for),
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return StoredResult(
        version=version,
        body=body,
        digest=f"sha256:{sha256(body).hexdigest()}",
        model=model,
        computed_at=now,
    )


def decision_rows(conclusion: Conclusion) -> Sequence[DecisionRow]:
    """What statistics read of each decision."""
    return [
        DecisionRow(
            programme=one.programme,
            standard=one.standard,
            outcome=one.outcome.value,
            favours=one.favours.value,
            error_rate=one.error.rate,
            interval=one.error.interval,
        )
        for one in conclusion.decisions
    ]


def evidence_rows(conclusion: Conclusion) -> Sequence[EvidenceRow]:
    """Every record with its judgement, in the order of the evidence."""
    # A year of wages is twelve records of one comparison: it is written once.
    shown = {id(one.comparison): one.comparison for one in conclusion.evidence}
    written = {
        key: orjson.Fragment(orjson.dumps(comparison_document(comparison)))
        for key, comparison in shown.items()
    }
    return [
        EvidenceRow(
            id=one.id,
            source=one.source,
            person=one.person,
            link=one.link.value,
            body=orjson.dumps(evidence_document(one, written[id(one.comparison)])),
        )
        for one in conclusion.evidence
    ]


def status_notice(verification: StoredVerification, status: str, now: datetime) -> Notice | None:
    """That a verification has another status; none where nobody wants to be told."""
    request = verification.request
    if request.callback_url is None:
        return None
    event_id = f"ev_{sha256(f'{verification.id}/{status}'.encode()).hexdigest()[:32]}"
    body = {
        "event_id": event_id,
        "type": "verification.status_changed",
        "verification": verification.id,
        "case_reference": request.case_reference,
        "status": status,
        "at": rfc3339(now),
    }
    return Notice(
        event_id=event_id,
        verification_id=verification.id,
        region=request.region,
        client_id=verification.client_id,
        url=request.callback_url,
        body=orjson.dumps(body),
        attempts=0,
        created_at=now,
    )
