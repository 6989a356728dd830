"""/v1/audits: samples of final decisions, read by people, and the error rates they measure 抽查."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from app.access.regions import within
from app.api.answering import json_answer
from app.api.deps import MayAudit, MayReview, Service
from app.api.looks import LooksReview, Shown, listing, looked_at, shown_in_list
from app.api.schemas import documented_audits as doc
from app.api.schemas.audits import AuditIn, FindingIn
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import rfc3339
from app.review.audit_readings import Listed, Page
from app.store.audit_samples import StoredSample
from app.store.reach import reachable
from app.store.verifications import RequestKey

router = APIRouter(prefix="/v1/audits", tags=["audits"], responses=doc.GUARDED)
_PAGE = 100
_LIST = "audit_worklist"


@router.post("", status_code=201, summary="Draw an audit sample", responses=doc.DRAWN)
async def draw(
    request: Request,
    body: AuditIn,
    service: Service,
    who: MayAudit,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
) -> Response:
    """Final decisions of the period, at random within strata, and by risk apart from them.

    With an Idempotency-Key, the same key and body give the same audit back.

    Undetermined outcomes are not drawn: they decide nothing. The frame can be looked at again
    exactly as it was, and with the seed gives the same sample.
    """
    plan = body.to_domain()
    within(who, plan.region)
    key = None
    if idempotency_key is not None:
        key = RequestKey(who.actor, idempotency_key, await request.body())
    drawn = await service.auditing.audits.draw(plan, who, key)
    return json_answer(shown(drawn), status=201, headers={"Location": f"/v1/audits/{drawn.id}"})


@router.get("", summary="Audits of the region, the newest first", responses=doc.LISTED)
async def listed(service: Service, who: MayAudit, after: str = "", limit: int = _PAGE) -> Response:
    """Heads of audits; `after` is the last id of the page before."""
    _check_page(limit)
    some = await service.auditing.audits.all(who, after=after, limit=limit + 1)
    page, more = some[:limit], some[limit:]
    following = f"/v1/audits?after={page[-1].id}&limit={limit}" if more else None
    return json_answer({"audits": [_head(one) for one in page], "next": following})


@router.get("/readings", summary="Open audits, and what is due for you", responses=doc.READINGS)
async def open_to_read(service: Service, who: MayReview) -> Response:
    """Of your region; nothing of how they were drawn."""
    found = await service.auditing.readings.open(who)
    document = [
        {"id": one.id, "region": one.region, "drawn_at": rfc3339(one.drawn_at), "due": due}
        for one, due in found
    ]
    return json_answer({"audits": document})


@router.get("/{audit_id}", summary="An audit's design and sizes", responses=doc.SHOWN)
async def read(audit_id: str, service: Service, who: MayAudit) -> Response:
    """What was drawn from what. Whoever reads decisions for it must not see this: see worklist."""
    return json_answer(shown(await service.auditing.audits.get(audit_id, who)))


@router.get("/{audit_id}/worklist", summary="What a reader is to read", responses=doc.WORKLIST)
async def worklist(
    audit_id: str, service: Service, who: LooksReview, after: int = 0, limit: int = _PAGE
) -> Response:
    """Blind: no outcome, predicted rate, stratum or part of the sample, in one random order.

    The screens on which a reader then looks at a case must hide its outcome and error rate too,
    and a reader is best given the scope `review` without `audit`.
    """
    _check_page(limit)
    if not 0 <= after <= 10_000_000:
        raise InvalidRequest((FieldError("/after", "page.invalid", "after is a position"),))
    wanted = Page(reader=who.actor, after=after, limit=limit + 1)
    reach = await listing(service, who, _LIST)
    some = await service.auditing.readings.worklist(audit_id, who, wanted)
    page, more = some[:limit], some[limit:]
    ids = [one.task.drawn.verification for one in page]
    here = await service.shelf.database.read(lambda tx: reachable(tx, reach, ids))
    apart = [one for one in page if one.task.drawn.verification in here]
    drawn = [one.task.drawn for one in apart]
    await shown_in_list(service, who, _LIST, [Shown(one.verification, one.region) for one in drawn])
    path = f"/v1/audits/{audit_id}/worklist"
    following = f"{path}?after={page[-1].task.drawn.position}&limit={limit}" if more else None
    return json_answer({"decisions": [listed_document(one) for one in apart], "next": following})


@router.post(
    "/{audit_id}/findings",
    status_code=201,
    summary="What a reader found of a decision",
    responses=doc.FOUND,
)
async def find(audit_id: str, body: FindingIn, service: Service, who: LooksReview) -> Response:
    """The reading that is due for this reader, or a new version of the reader's own."""
    filing = body.to_domain(service.standards.programmes)
    await looked_at(service, who, filing.verification, "finding_filed")
    filed = await service.auditing.readings.file(audit_id, who, filing)
    document = {
        "audit": audit_id,
        "verification_id": filed.verification_id,
        "programme": filed.programme,
        "reading": filed.reading,
        "version": filed.version,
        "found_at": rfc3339(filed.found_at),
    }
    return json_answer(document, status=201)


@router.get("/{audit_id}/results", summary="Measured error rates", responses=doc.RESULTS)
async def results(audit_id: str, service: Service, who: MayAudit) -> Response:
    """Rates 差错率 of the random part with 95 % intervals, as far as decisions have been read.

    Without a point where there are too few; risk-based readings stand apart.
    """
    return json_answer(await service.auditing.audits.results(audit_id, who))


@router.post("/{audit_id}/close", summary="End an audit", responses=doc.CLOSED)
async def close(audit_id: str, service: Service, who: MayAudit) -> Response:
    """No finding comes any more; what is not read stays unread."""
    return json_answer(shown(await service.auditing.audits.close(audit_id, who)))


def shown(sample: StoredSample) -> dict[str, Any]:
    """The audit as the interface shows it to whoever drew it."""
    design = {**sample.details}
    looked_at = datetime.fromisoformat(design.pop("looked_at"))
    frame = {
        **design["frame"],
        "looked_at": rfc3339(looked_at),
        "digest": sample.frame_digest,
    }
    return {**_head(sample), **design, "seed": sample.seed, "frame": frame}


def _head(sample: StoredSample) -> dict[str, Any]:
    return {
        "id": sample.id,
        "region": sample.region,
        "state": sample.state,
        "programmes": sample.details["programmes"],
        "kinds": sample.details["kinds"],
        "drawn_at": rfc3339(sample.drawn_at),
        "closed_at": rfc3339(sample.closed_at),
    }


def listed_document(one: Listed) -> dict[str, Any]:
    """A line of a worklist: all that a reader is told of a decision."""
    drawn = one.task.drawn
    return {
        "verification_id": drawn.verification,
        "case_reference": one.case_reference,
        "programme": drawn.programme,
        "region": drawn.region,
        "position": drawn.position,
        "reading": one.task.reading,
    }


def _check_page(limit: int) -> None:
    if not 1 <= limit <= _PAGE:
        raise InvalidRequest((FieldError("/limit", "page.invalid", "limit is 1 to 100"),))
