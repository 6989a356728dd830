"""/v1/batches: many households at once, from rosters 名册."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryFile
from typing import IO, Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from app.access.clients import check_within
from app.access.tokens import Caller
from app.api.answering import json_answer
from app.api.callback_addresses import check_callback
from app.api.deps import MayBatch, Service
from app.api.schemas import documented_batches as doc
from app.api.schemas.batches import BatchTermsIn
from app.batch.progress import Told
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import china_day, rfc3339
from app.store.batch_rosters import StoredRowError
from app.store.batches import NewBatch, StoredBatch
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/batches", tags=["batches"], responses=doc.GUARDED)
_PAGE: Final = 100
_MOST_PAGE: Final = 1_000
_MOST_NUMBER: Final = 2_147_483_647
_MOST_FIELD: Final = 4 * 1024  # bytes of a field of the form


@router.post("", status_code=202, summary="Have a roster verified", **doc.ACCEPTED)
async def create(
    request: Request,
    service: Service,
    who: MayBatch,
    idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
    terms: Annotated[BatchTermsIn, Query()],
) -> Response:
    """Stores the file; the same key and file give the same batch back.

    The rows are read next: see `status`, `failure` and `errors`.
    """
    async with _roster(request, terms) as (roster, wanted):
        await check_callback(service, wanted.callback_url)
        new = _new_batch(service, who, wanted)
        told = wanted.model_dump_json().encode()
        id_ = await service.batching.control.receive(new, idempotency_key, told, roster)
    return await _shown(service, who, id_, status=202)


@asynccontextmanager
async def _roster(
    request: Request, terms: BatchTermsIn
) -> AsyncIterator[tuple[IO[bytes], BatchTermsIn]]:
    """The file, on disk and without a name, and the terms."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form(max_files=1, max_fields=8, max_part_size=_MOST_FIELD) as form:
            fields = dict(form)
            roster = fields.pop("roster", None)
            if not isinstance(roster, UploadFile):
                raise _fault("/roster", "roster.missing", "a file in the field roster is needed")
            yield roster.file, _with(terms, fields)
    elif kind == "application/x-ndjson":
        with TemporaryFile() as file:
            async for chunk in request.stream():
                file.write(chunk)
            yield file, terms
    else:
        words = "multipart/form-data with the field roster, or application/x-ndjson"
        raise _fault("/", "content_type.unknown", words)


def _with(terms: BatchTermsIn, fields: dict[str, Any]) -> BatchTermsIn:
    """Fields of the form go before those of the query."""
    try:
        return BatchTermsIn.model_validate({**terms.model_dump(exclude_unset=True), **fields})
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False)) from None


def _new_batch(service: Parts, who: Caller, terms: BatchTermsIn) -> NewBatch:
    now = service.now()
    as_of = terms.as_of or china_day(now)
    if as_of > china_day(now):
        raise _fault("/as_of", "as_of.in_future", "the day of judgement has not come yet")
    for key in terms.programme_keys:
        if key not in service.standards.programmes:
            raise _fault("/programmes", "programme.unknown", "no such programme")
    check_within(who, terms.purpose, terms.programme_keys)
    return NewBatch(
        id=service.new_id("bt"),
        region=who.region,
        client_id=who.actor,
        origin="roster",
        format="unknown",
        purpose=terms.purpose,
        as_of=as_of,
        programmes=terms.programme_keys,
        callback_url=None if terms.callback_url is None else str(terms.callback_url),
        held=terms.hold,
        created_at=now,
    )


@router.get("", summary="Batches of the region, the newest first", responses=doc.LISTED)
async def listed(service: Service, who: MayBatch, before: str = "", limit: int = _PAGE) -> Response:
    """Without their progress; `before` is the last id of the page before."""
    _check_limit(limit, _PAGE)
    some = await service.shelf.database.read(
        lambda tx: service.batching.batches.page(tx, who.region, before=before, limit=limit + 1)
    )
    page, more = some[:limit], some[limit:]
    following = f"/v1/batches?before={page[-1].id}&limit={limit}" if more else None
    return json_answer({"batches": [_head(one) for one in page], "next": following})


@router.get("/{batch_id}", summary="A batch as it stands", responses=doc.SHOWN)
async def read(batch_id: str, service: Service, who: MayBatch) -> Response:
    """Its progress by stage and source, when it may end, and the first rejected rows."""
    return await _shown(service, who, batch_id)


@router.get("/{batch_id}/errors", summary="Rejected rows", responses=doc.ERRORS)
async def errors(
    batch_id: str, service: Service, who: MayBatch, after: int = -1, limit: int = _MOST_PAGE
) -> Response:
    """Every row that was not accepted, with where and why, a page at a time."""
    _check_limit(limit, _MOST_PAGE)
    if not -1 <= after <= _MOST_NUMBER:
        raise _fault("/after", "page.invalid", "after is a number of an error")
    batching = service.batching

    def load(tx: sa.Connection) -> Any:
        batch = batching.batches.get(tx, batch_id, region=who.region)
        return batching.rosters.errors(tx, batch.id, after=after, limit=limit + 1)

    some = await service.shelf.database.read(load)
    page, more = some[:limit], some[limit:]
    path = f"/v1/batches/{batch_id}/errors"
    following = f"{path}?after={page[-1].number}&limit={limit}" if more else None
    return json_answer({"errors": [_error(one) for one in page], "next": following})


@router.post("/{batch_id}/confirm", summary="Begin what was held", responses=doc.MOVED)
async def confirm(batch_id: str, service: Service, who: MayBatch) -> Response:
    """A batch that was sent with `hold`, once it is read: from now on it is asked about."""
    await service.batching.control.confirm(batch_id, who)
    return await _shown(service, who, batch_id)


@router.post("/{batch_id}/pause", summary="Begin nothing new", responses=doc.MOVED)
async def pause(batch_id: str, service: Service, who: MayBatch) -> Response:
    """What is under way is ended, and answers are still taken in."""
    await service.batching.control.pause(batch_id, who)
    return await _shown(service, who, batch_id)


@router.post("/{batch_id}/resume", summary="Go on", responses=doc.MOVED)
async def resume(batch_id: str, service: Service, who: MayBatch) -> Response:
    """After a pause."""
    await service.batching.control.resume(batch_id, who)
    return await _shown(service, who, batch_id)


@router.post("/{batch_id}/cancel", summary="Ask nothing more", responses=doc.MOVED)
async def cancel(batch_id: str, service: Service, who: MayBatch) -> Response:
    """What is done stays; open households and their verifications are cancelled in turn."""
    await service.batching.control.cancel(batch_id, who)
    return await _shown(service, who, batch_id)


async def _shown(service: Parts, who: Caller, batch_id: str, *, status: int = 200) -> Response:
    batching = service.batching

    def load(tx: sa.Connection) -> dict[str, Any]:
        batch = batching.batches.get(tx, batch_id, region=who.region)
        told = batching.progress.read(tx, batch, service.now())
        some = batching.rosters.errors(tx, batch.id, after=-1, limit=_PAGE + 1)
        more = None
        if len(some) > _PAGE:
            more = f"/v1/batches/{batch.id}/errors?after={some[_PAGE - 1].number}"
        return {
            **_head(batch),
            **_progress(told),
            "errors": [_error(one) for one in some[:_PAGE]],
            "errors_url": more,
        }

    document = await service.shelf.database.read(load)
    headers = {"Location": f"/v1/batches/{batch_id}"} if status == 202 else None
    return json_answer(document, status=status, headers=headers)


def _head(one: StoredBatch) -> dict[str, Any]:
    return {
        "id": one.id,
        "region": one.region,
        "status": one.status,
        "failure": one.failure,
        "origin": one.origin,
        "format": one.format,
        "purpose": one.purpose.value,
        "as_of": one.as_of.isoformat(),
        "programmes": list(one.programmes),
        "rows": one.rows,
        "rejected_rows": one.rejected_rows,
        "households": one.households,
        "created_at": rfc3339(one.created_at),
        "started_at": rfc3339(one.started_at),
        "ended_at": rfc3339(one.ended_at),
    }


def _progress(told: Told) -> dict[str, Any]:
    eta = told.eta
    return {
        **{name: told.stages[name] for name in ("done", "failed", "cancelled")},
        **told.outcomes,
        "changed": told.changed,
        "per_hour": told.per_hour,
        "eta_seconds": None if eta is None else eta.middle,
        "eta_range": None if eta is None else [eta.low, eta.high],
        "stages": told.stages,
        "sources": [
            {
                "source": source,
                "asked": one.asked,
                "answered": one.answered,
                "failed": one.failed,
                "outstanding": one.outstanding,
            }
            for source, one in sorted(told.sources.items())
        ],
        "sources_estimated": told.sampled,
    }


def _error(one: StoredRowError) -> dict[str, Any]:
    return {"row": one.row, "column": one.column, "code": one.code, "detail": one.detail}


def _check_limit(limit: int, most: int) -> None:
    if not 1 <= limit <= most:
        raise _fault("/limit", "page.invalid", f"limit is 1 to {most}")


def _fault(pointer: str, code: str, detail: str) -> InvalidRequest:
    return InvalidRequest((FieldError(pointer, code, detail),))
