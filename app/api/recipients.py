"""/v1/recipients: who receives relief, who is due, and re-verification of those who are 复核."""

from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from app.access.clients import check_within
from app.access.looking import Looker
from app.access.regions import within
from app.access.tokens import Caller
from app.api.answering import json_answer
from app.api.case_looks import apart_from_relatives, looked_at_recipient, may_ask
from app.api.deps import MayBatch, Service
from app.api.looks import LooksBatch, Shown, listing, shown_in_list
from app.api.schemas import documented_recipients as doc
from app.api.schemas.recipients import (
    ClassChangeIn,
    RecipientIn,
    RecipientsQuery,
    ReportIn,
    ReverifyIn,
)
from app.batch.roster.bounds import Unusable
from app.batch.roster.households import RosterHousehold
from app.batch.roster.persons import RowError
from app.domain.errors import FieldError, InvalidRequest
from app.domain.household import Purpose, VerificationRequest
from app.domain.instants import rfc3339
from app.domain.recipient import WhyDue
from app.recipients.intake import Tally
from app.recipients.reverify import Begun, Order, Outlook
from app.store.recipient_lists import Wanted
from app.store.recipients import StoredRecipient
from app.verification.checks import check
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/recipients", tags=["recipients"], responses=doc.GUARDED)
_ERRORS: Final = 100
_LIST: Final = "recipients"
_MOST_FIELD: Final = 4 * 1024  # bytes of a field of the form


@router.post("", summary="A roster of recipients, or one household", **doc.TAKEN)
async def take_in(request: Request, service: Service, who: LooksBatch) -> Response:
    """The same again changes nothing; other members make a household due at once."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form(max_files=1, max_fields=4, max_part_size=_MOST_FIELD) as form:
            return json_answer(await _roster(form, service, who))
    if kind == "application/json":
        return json_answer(await _one(await request.body(), service, who), status=201)
    words = "multipart/form-data with the field roster, or application/json"
    raise _fault("/", "content_type.unknown", words)


async def _roster(form: FormData, service: Parts, who: Caller) -> dict[str, Any]:
    roster = form.get("roster")
    if not isinstance(roster, UploadFile):
        raise _fault("/roster", "roster.missing", "a file in the field roster is needed")
    programmes = _programmes(str(form.get("programmes") or ""), service)
    check_within(who, Purpose.REVERIFICATION, programmes)
    region = within(who, str(form.get("region") or "") or None)
    relief = service.relief
    try:
        tally = await relief.take_in_file(roster.file, who, programmes)
    except Unusable as unusable:
        raise _fault("/roster", unusable.failure.value, "the file cannot be used") from None
    absent = None
    if form.get("replace") == "true":
        absent = await relief.intake.end_absent(region, tally, who, dry_run=False)
    return _taken(tally, absent)


def _programmes(words: str, service: Parts) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(filter(None, words.split(","))))
    if any(key not in service.standards.programmes for key in keys):
        raise _fault("/programmes", "programme.unknown", "no such programme")
    return keys


async def _one(body: bytes, service: Parts, who: Looker) -> dict[str, Any]:
    try:
        sent = RecipientIn.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False)) from None
    relief = service.relief
    wanted = _checked(sent, service)
    check_within(who, Purpose.REVERIFICATION, wanted.programmes)
    await may_ask(service, who, wanted)
    household = RosterHousehold(rows=(1,), request=wanted, class_=sent.class_)
    tally = await relief.take_in_one(household, who)
    if tally.errors:
        (rejected,) = tally.errors
        raise _fault(f"/{rejected.column}", rejected.code, rejected.detail)
    (id_,) = tally.present
    return shown(await relief.desk.get(id_, who))


def _checked(sent: RecipientIn, service: Parts) -> VerificationRequest:
    known, today = service.standards.programmes.__contains__, service.relief.desk.today
    try:
        wanted = check(sent.verification.to_domain(), known=known, today=today)
    except InvalidRequest as invalid:
        raise InvalidRequest(
            tuple(
                FieldError(f"/verification{one.pointer}", one.code, one.detail)
                for one in invalid.errors
            )
        ) from None
    for programme in wanted.programmes:
        service.standards.in_force(programme, wanted.region, wanted.as_of)
    return wanted


@router.get("", summary="Recipients of the region, and who is due", responses=doc.LISTED)
async def listed(
    service: Service, who: LooksBatch, wanted: Annotated[RecipientsQuery, Query()]
) -> Response:
    """A page in the order of region and case; whoever looks is on record."""
    desk = service.relief.desk
    ends_by = None
    if wanted.consent_expiring_within is not None:
        ends_by = desk.today + timedelta(days=wanted.consent_expiring_within)
    those = Wanted(
        region=within(who, wanted.region),
        class_=wanted.class_,
        state=wanted.state,
        why=wanted.why,
        due_by=desk.today if wanted.due else None,
        consent_ends_by=ends_by,
        reach=await listing(service, who, _LIST),
    )
    some = await desk.page(who, those, after=wanted.after, limit=wanted.limit + 1)
    page, more = some[: wanted.limit], some[wanted.limit :]
    apart = await apart_from_relatives(service, who, page)
    await shown_in_list(service, who, _LIST, [Shown(one.id, one.region) for one in apart])
    following = None
    if more:
        asked = wanted.model_dump(mode="json", by_alias=True, exclude_unset=True)
        following = f"/v1/recipients?{urlencode({**asked, 'after': page[-1].id})}"
    return json_answer({"recipients": [shown(one) for one in apart], "next": following})


@router.post("/reverify", status_code=202, summary="Verify who is due", responses=doc.REVERIFIED)
async def reverify(body: ReverifyIn, service: Service, who: MayBatch) -> Response:
    """Batches by county of those who are due and in no running batch, as of today."""
    check_within(who, Purpose.REVERIFICATION, ())
    reverification = service.relief.reverification
    order = Order(
        region=within(who, body.region),
        class_=body.class_,
        limit=body.limit,
        programmes=who.programmes,
    )
    outlook = await reverification.outlook(order)
    begun = [] if body.dry_run else await reverification.begin(order, who)
    return json_answer(reverified(outlook, begun), status=202 if begun else 200)


@router.get("/{recipient_id}", summary="A recipient as it stands", responses=doc.SHOWN)
async def read(recipient_id: str, service: Service, who: LooksBatch) -> Response:
    """When it is due, and why."""
    await looked_at_recipient(service, who, recipient_id)
    return json_answer(shown(await service.relief.desk.get(recipient_id, who)))


@router.patch("/{recipient_id}", summary="Another class", responses=doc.CHANGED)
async def reclass(
    recipient_id: str, body: ClassChangeIn, service: Service, who: LooksBatch
) -> Response:
    """Due by the new class's cadence from the last verification on."""
    await looked_at_recipient(service, who, recipient_id)
    return json_answer(shown(await service.relief.desk.reclass(recipient_id, who, body.class_)))


@router.post("/{recipient_id}/report-change", summary="Due at once", responses=doc.CHANGED)
async def report_change(
    recipient_id: str, service: Service, who: LooksBatch, body: ReportIn | None = None
) -> Response:
    """The household reported a change 家庭变化, or is in doubt 即时复核."""
    await looked_at_recipient(service, who, recipient_id)
    why = WhyDue((body or ReportIn()).why)
    return json_answer(shown(await service.relief.desk.report_change(recipient_id, who, why)))


@router.post("/{recipient_id}/suspend", summary="No relief for now", responses=doc.MOVED)
async def suspend(recipient_id: str, service: Service, who: LooksBatch) -> Response:
    """Not due meanwhile."""
    await looked_at_recipient(service, who, recipient_id)
    return json_answer(shown(await service.relief.desk.suspend(recipient_id, who)))


@router.post("/{recipient_id}/resume", summary="Relief again", responses=doc.MOVED)
async def resume(recipient_id: str, service: Service, who: LooksBatch) -> Response:
    """What was due is due."""
    await looked_at_recipient(service, who, recipient_id)
    return json_answer(shown(await service.relief.desk.resume(recipient_id, who)))


@router.post("/{recipient_id}/end", summary="No relief any more", responses=doc.MOVED)
async def end(recipient_id: str, service: Service, who: LooksBatch) -> Response:
    """From now on it is no duplicate 重复救助 of another household."""
    await looked_at_recipient(service, who, recipient_id)
    return json_answer(shown(await service.relief.desk.end(recipient_id, who)))


def shown(one: StoredRecipient) -> dict[str, Any]:
    """The recipient as the interface shows it."""
    verified = one.last_verified_on
    return {
        "id": one.id,
        "region": one.region,
        "case_reference": one.case_reference,
        "class": one.class_,
        "cadence": one.cadence.value,
        "state": one.state.value,
        "due_on": one.due_on.isoformat(),
        "why_due": one.why_due.value,
        "programmes": list(one.programmes),
        "last_verification": one.last_verification_id,
        "last_verified_on": None if verified is None else verified.isoformat(),
        "consent_until": one.consent_until.isoformat(),
        "created_at": rfc3339(one.created_at),
        "changed_at": rfc3339(one.changed_at),
    }


def reverified(outlook: Outlook, begun: list[Begun]) -> dict[str, Any]:
    """What was begun, or would be."""
    return {
        "households": sum(one.households for one in begun) if begun else outlook.households,
        "counties": outlook.counties,
        "batches": [
            {"batch": one.id, "region": one.region, "households": one.households} for one in begun
        ],
        "consent_expiring": outlook.summary.consent_expiring,
        "consent_expired": outlook.summary.consent_expired,
    }


def _taken(tally: Tally, absent: int | None) -> dict[str, Any]:
    return {
        "added": tally.added,
        "updated": tally.updated,
        "unchanged": tally.unchanged,
        "absent": absent,
        "ended": tally.ended,
        "rejected_rows": len({one.row for one in tally.errors}),
        "errors": [_error(one) for one in tally.errors[:_ERRORS]],
    }


def _error(one: RowError) -> dict[str, Any]:
    return {"row": one.row, "column": one.column, "code": one.code, "detail": one.detail}


def _fault(pointer: str, code: str, detail: str) -> InvalidRequest:
    return InvalidRequest((FieldError(pointer, code, detail),))
