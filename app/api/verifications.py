"""/v1/verifications: one household."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Annotated

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Header, Request, Response

from app.access.clients import check_within
from app.access.looking import Looker
from app.access.tokens import Caller
from app.api.answering import json_answer
from app.api.callback_addresses import check_callback
from app.api.case_looks import may_ask
from app.api.deps import Service
from app.api.looks import LooksRead, LooksReview, LooksVerify, looked_at
from app.api.schemas import documented as doc
from app.api.schemas.objections import ObjectionIn
from app.api.schemas.verification import CancelIn, JudgementIn, VerificationIn
from app.api.shown import seen_bodies, show
from app.domain.errors import Conflict, FieldError, InvalidRequest, NotFound
from app.domain.household import Purpose, VerificationRequest
from app.domain.instants import china_day
from app.domain.review import Choice, ReasonCode
from app.domain.suspension import SuspensionReason
from app.review.words import Word
from app.store.objections import StoredObjection
from app.store.verifications import RequestKey, StoredVerification
from app.verification.checks import check, check_covered
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/verifications", tags=["verifications"], responses=doc.GUARDED)
_MOST_WAIT = 60.0
_PAGE = 100
_DONE = ("final", "in_review", "cancelled")


@router.post("", status_code=202, summary="Verify one household", **doc.CREATE)
async def create(
    request: Request,
    body: VerificationIn,
    service: Service,
    who: LooksVerify,
    idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
) -> Response:
    """Accepts, stores, and starts; the same key and body give the same verification back."""
    today = china_day(service.now())
    known = service.standards.programmes.__contains__
    wanted = check(body.to_domain(), known=known, today=today)
    check_within(who, wanted.purpose, wanted.programmes, wanted.region)
    await check_callback(service, body.callback_url)
    for programme in wanted.programmes:
        service.standards.in_force(programme, wanted.region, wanted.as_of)
    await may_ask(service, who, wanted)
    key = RequestKey(who.actor, idempotency_key, await request.body())
    id_ = await accept(service, wanted, who, key)
    return await _answer(service, who, id_, request.headers.get("prefer", ""))


async def accept(
    service: Parts,
    wanted: VerificationRequest,
    who: Caller,
    key: RequestKey | None,
    recheck_of: str | None = None,
) -> str:
    """Store the request with its plan in one transaction, then start its run."""
    id_, now = service.new_id("vf"), service.now()
    planned = service.plan(wanted, service.desk.sources, service.desk.gate.needs)
    new = StoredVerification(
        id=id_,
        client_id=who.actor,
        status="accepted",
        request=wanted,
        requested_at=now,
        changed_at=now,
        final_at=None,
        recheck_of=recheck_of,
    )

    def work(tx: sa.Connection) -> str:
        if key is not None:
            earlier = service.shelf.verifications.repeated(tx, key)
            if earlier is not None:
                return earlier
            if not service.shelf.verifications.claim_key(tx, key, id_, now):
                return service.shelf.verifications.repeated(tx, key) or id_
        service.shelf.verifications.add(tx, new)
        service.shelf.tasks.add(tx, id_, wanted.region, planned)
        service.reuse.copy(tx, [new], {id_: planned})
        service.audit.append(
            tx,
            actor=who.actor,
            action="verification_accepted",
            about=(id_, wanted.region),
            details={"case": wanted.case_reference, "purpose": wanted.purpose.value},
        )
        return id_

    stored = await service.shelf.database.write(work)
    if stored == id_:
        service.engine.submit(id_)
    return stored


async def _answer(service: Parts, who: Looker, id_: str, prefer: str) -> Response:
    """The verification once it is final or the wait is over; whoever sees it is on record."""
    seconds = wait_of(prefer)
    document = await show(service, who, id_)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while document["status"] not in _DONE and (left := end - loop.time()) > 0:
        await service.verifier.wait_changed(id_, min(left, 1.0))
        document = await show(service, who, id_)
    await looked_at(service, who, id_, "verification_read")
    headers = {"Location": f"/v1/verifications/{id_}"}
    if seconds:
        headers["Preference-Applied"] = f"wait={seconds:g}"
    status = 201 if document["status"] == "final" else 202
    return json_answer(document, status=status, headers=headers)


def wait_of(prefer: str) -> float:
    """Seconds of `Prefer: wait=N` (RFC 7240), at most a minute; 0 where there is none."""
    for part in prefer.split(","):
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "wait" and value.strip().isascii() and value.strip().isdigit():
            return min(float(value), _MOST_WAIT)
    return 0.0


@router.get("/{verification_id}", summary="A verification as it stands", responses=doc.SHOWN)
async def read(verification_id: str, service: Service, who: LooksRead) -> Response:
    """Status, sources, profile so far, findings, decisions, report."""
    await looked_at(service, who, verification_id, "verification_read")
    return json_answer(await show(service, who, verification_id))


@router.get(
    "/{verification_id}/evidence", summary="Every record that came back", responses=doc.EVIDENCE
)
async def evidence(
    verification_id: str, service: Service, who: LooksRead, after: int = -1, limit: int = _PAGE
) -> Response:
    """Accepted and refused records with their comparison, a page at a time."""
    if not 1 <= limit <= _PAGE or not -1 <= after <= 1_000_000:
        raise InvalidRequest((FieldError("/limit", "page.invalid", "limit is 1 to 100"),))
    verification = await looked_at(service, who, verification_id, "evidence_read")
    page = await service.shelf.database.read(
        lambda tx: service.shelf.results.evidence_page(
            tx, verification_id, after=after, limit=limit + 1
        )
    )
    page, more = page[:limit], page[limit:]
    bodies = seen_bodies(service, who, verification.request, [row.body for _, row in page])
    rows = b",".join(bodies)
    path = f"/v1/verifications/{verification_id}/evidence"
    following = f'"{path}?after={page[-1][0]}&limit={limit}"' if more else "null"
    body = b'{"evidence":[' + rows + b'],"next":' + following.encode() + b"}"
    return Response(body, media_type="application/json")


@router.post(
    "/{verification_id}/evidence/{evidence_id}/judgement",
    summary="Whose record it is",
    responses=doc.JUDGED,
)
async def judge(
    verification_id: str, evidence_id: str, body: JudgementIn, service: Service, who: LooksReview
) -> Response:
    """A reviewer's word on one record; kept as a version, the newest holds.

    A word that makes a programme worse off, or one on a death, holds once a second reviewer agrees.
    """
    verification = await looked_at(service, who, verification_id, "evidence_judged")
    if verification.status in ("final", "cancelled"):
        raise Conflict("the verification is closed; file an objection or recheck it")

    def known(tx: sa.Connection) -> bool:
        page = service.shelf.results.evidence_page(tx, verification_id, after=-1, limit=10_000)
        return any(row.id == evidence_id for _, row in page)

    if not await service.shelf.database.read(known):
        raise NotFound("no such evidence")
    choice = Choice.SAME_PERSON if body.same_person else Choice.ANOTHER_PERSON
    word = Word(choice=choice, reason_code=ReasonCode.OTHER, reason=body.reason, by=who.actor)
    await service.reviewing.judge(verification, evidence_id, word)
    return json_answer(await show(service, who, verification_id))


@router.post("/{verification_id}/cancel", summary="Ask nothing more", responses=doc.JUDGED)
async def cancel(
    verification_id: str, service: Service, who: LooksVerify, body: CancelIn | None = None
) -> Response:
    """Stops a verification; what came stays on record, a suspension report 中止报告 says why."""
    verification = await looked_at(service, who, verification_id, "verification_cancel")
    if verification.status == "final":
        raise Conflict("the verification is final already")
    reason = SuspensionReason.NOT_GIVEN if body is None else body.reason
    await service.verifier.cancel(verification, reason.value)
    return json_answer(await show(service, who, verification_id))


@router.post("/{verification_id}/recheck", status_code=202, summary="Verify again", **doc.RECHECK)
async def recheck(
    request: Request, verification_id: str, service: Service, who: LooksVerify
) -> Response:
    """A new verification of the same household, as of today, under the same consent."""
    old = await looked_at(service, who, verification_id, "verification_recheck")
    today = china_day(service.now())
    wanted = check_covered(replace(old.request, as_of=today, purpose=Purpose.REVERIFICATION))
    check_within(who, wanted.purpose, wanted.programmes)
    id_ = await accept(service, wanted, who, None, verification_id)
    return await _answer(service, who, id_, request.headers.get("prefer", ""))


@router.post(
    "/{verification_id}/objections",
    status_code=201,
    summary="File an objection",
    responses=doc.OBJECTED,
)
async def objection(
    verification_id: str, body: ObjectionIn, service: Service, who: LooksVerify
) -> Response:
    """An objection 复核 is filed and the household asked about again for that purpose."""
    old = await looked_at(service, who, verification_id, "objection_filed")
    if old.status != "final":
        raise Conflict("an objection is to a final verification")
    wanted = check_covered(replace(old.request, purpose=Purpose.OBJECTION))
    check_within(who, wanted.purpose, wanted.programmes)
    received_on = _received_on(body, china_day(service.now()))
    again = await accept(service, wanted, who, None, verification_id)
    terms = service.objection_handling.terms
    new = StoredObjection(
        id=service.new_id("ob"),
        verification_id=verification_id,
        region=old.request.region,
        client_id=who.actor,
        state="filed",
        text=orjson.dumps(body.model_dump(exclude={"received_on"})),
        filed_at=service.now(),
        recheck_id=again,
        received_on=received_on,
        due_on=terms.due_on(received_on),
        in_time=terms.is_in_time(received_on, china_day(old.final_at or old.changed_at)),
        value_kind=None if body.value is None else body.value.kind,
    )
    await service.shelf.database.write(lambda tx: service.objection_handling.file(tx, new))
    due_on = None if new.due_on is None else new.due_on.isoformat()
    document = {"id": new.id, "state": new.state, "recheck": again, "due_on": due_on}
    return json_answer(document, status=201)


def _received_on(body: ObjectionIn, today: date) -> date:
    """Raises InvalidRequest for a day to come."""
    received_on = body.received_on or today
    if received_on > today:
        detail = "nothing was received on a day to come"
        raise InvalidRequest((FieldError("/received_on", "day.to_come", detail),))
    return received_on
