"""A verification as the interface shows it."""

from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from app.access.limited import Limited, must_concern
from app.access.masking import Mask
from app.access.tokens import Caller
from app.domain.household import VerificationRequest
from app.domain.instants import rfc3339
from app.report.content import VERIFICATION
from app.store.reports import IssuedReport
from app.store.review_items import item_id
from app.verification.consent_state import consent_document
from app.wiring_types import Parts


async def show(service: Parts, who: Caller, id_: str) -> dict[str, Any]:
    """The verification as the interface shows it."""

    def load(tx: sa.Connection) -> dict[str, Any]:
        shelf = service.shelf
        verification = shelf.verifications.get(tx, id_, region=who.region)
        result = shelf.results.newest(tx, id_)
        body = {} if result is None else orjson.loads(result.body)
        must_concern(who, verification.request)
        document = {
            "id": id_,
            "case_reference": verification.request.case_reference,
            "region": verification.request.region,
            "purpose": verification.request.purpose.value,
            "as_of": verification.request.as_of.isoformat(),
            "status": verification.status,
            "requested_at": rfc3339(verification.requested_at),
            "final_at": rfc3339(verification.final_at),
            "recheck_of": verification.recheck_of,
            "consent": consent_document(
                verification.request,
                service.desk.gate.withdrawals.within(
                    tx,
                    verification.request.region,
                    verification.request.consent.references,
                ),
                service.now(),
            ),
            "sources": [_source(one) for one in shelf.tasks.all_of(tx, id_)],
            "profile": body.get("profile"),
            "findings": [_finding(id_, one) for one in body.get("findings", [])],
            "decisions": body.get("decisions", []),
            "also_confirmed_for": body.get("also_confirmed_for", []),
            "report": _report(service.reports.of_verification(tx, id_)),
        }
        if not who.programmes:
            return document
        limited = Limited(service.desk.gate.needs, who, verification.request)
        return limited.verification(document, shelf.results.sources_of(tx, id_))

    return await service.shelf.database.read(load)


def _finding(id_: str, one: dict[str, Any]) -> dict[str, Any]:
    """With the review item where a person can settle it."""
    subject = one.get("subject")
    return one if subject is None else {**one, "item": item_id(id_, subject)}


def _source(one: Any) -> dict[str, Any]:
    return {
        "source": one.source,
        "person": one.person,
        "state": one.state.value,
        "records": one.records,
        "answered_at": rfc3339(one.answered_at),
        "attempts": one.attempts,
        "data_as_of": None if one.data_as_of is None else one.data_as_of.isoformat(),
        "reason": None if one.reason is None else one.reason.value,
        "detail": one.detail,
        "by_hand": one.by_hand,
    }


def _report(report: IssuedReport | None) -> dict[str, Any] | None:
    if report is None or report.kind != VERIFICATION:
        return None
    return {
        "number": report.number,
        "version": report.version,
        "verification_code": report.code,
        "valid_until": report.valid_until.isoformat(),
    }


def seen_bodies(
    service: Parts, who: Caller, request: VerificationRequest, bodies: Sequence[bytes]
) -> list[bytes]:
    """Records of evidence as the caller may see them: a client that is not limited as they are,
    people masked (they ask for a person's plain data by POST …/reveals)."""
    if who.kind == "staff":
        return [orjson.dumps(masked_evidence(service, request, body)) for body in bodies]
    if not who.programmes:
        return list(bodies)
    limited = Limited(service.desk.gate.needs, who, request)
    seen = [limited.evidence(orjson.loads(body)) for body in bodies]
    return [orjson.dumps(one) for one in seen if one is not None]


def masked_evidence(service: Parts, request: VerificationRequest, body: bytes) -> dict[str, Any]:
    """A record of evidence without a plain name or number."""
    mask, shown = Mask.of(request.household.persons), orjson.loads(body)
    identity = service.desk.gate.needs.fields.get(shown["source"], {}).get("identity", frozenset())
    return {
        **shown,
        "record": mask.record(shown["record"], identity),
        "problems": mask.anywhere(shown["problems"]),
        "comparison": mask.anywhere(shown["comparison"]),
    }
