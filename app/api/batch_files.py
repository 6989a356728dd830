"""/v1/batches/{id}: what a held batch would do, and its results and changes as files."""

from collections.abc import AsyncIterator
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from app.access.looking import Looker
from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import LooksBatch, Shown, export_entries, listing, note, shown_in_list
from app.api.schemas import documented_batches as doc
from app.api.schemas.batch_files import ChangesForm, ChangesQuery
from app.batch.preview import Outlook, PreviewRow, SourceOutlook
from app.batch.results import CHANGE_COLUMNS, Asked, Identities
from app.batch.roster.columns import COLUMNS, REQUIRED
from app.batch.sheets import XLSX, Pages, as_csv, as_xlsx
from app.domain.errors import Conflict, FieldError, InvalidRequest, NotAllowed, PurposeNeeded
from app.domain.instants import rfc3339
from app.store.batches import StoredBatch
from app.store.changes import ChangePlace, ListedChange
from app.store.reach import Reach
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/batches", tags=["batches"], responses=doc.GUARDED)
_PREVIEWED: Final = 10
_BETWEEN: Final = "~"
_PLAIN_NEEDS: Final = frozenset({"batch", "read"})


class Form(StrEnum):
    """In what form rows are given."""

    CSV = "csv"
    XLSX = "xlsx"


@router.get("/{batch_id}/preview", summary="What a held batch would do", responses=doc.PREVIEW)
async def preview(batch_id: str, service: Service, who: LooksBatch) -> Response:
    """Ten persons of it, masked; who lacks a consent; when it may end. Nothing has begun."""
    await listing(service, who, "batch")
    batching = service.batching

    def load(tx: sa.Connection) -> tuple[StoredBatch, Outlook]:
        batch = batching.batches.get(tx, batch_id, region=who.region)
        if batch.status != "held":
            raise Conflict(f"the batch is {batch.status}, not held")
        return batch, batching.preview.read(tx, batch, rows=_PREVIEWED)

    batch, outlook = await service.shelf.database.read(load)
    await shown_in_list(service, who, "batch", [Shown(batch.id, batch.region)])
    return json_answer(_preview(batch, outlook))


@router.get("/{batch_id}/results", summary="Results as a file", responses=doc.RESULTS)
async def results(
    batch_id: str,
    service: Service,
    who: LooksBatch,
    form: Annotated[Form, Query(alias="format")] = Form.CSV,
    identities: Identities = Identities.NONE,
) -> Response:
    """A row a household and programme, as they stand now; whoever loads them down is on record.

    With `identities` a row a person, names and numbers masked; in the clear for whoever has the
    scopes `batch` and `read` and says what it is for.
    """
    if identities is Identities.PLAIN:
        _may_see_plain(who)
    more = {} if identities is Identities.NONE else {"identities": identities.value}
    asked = await _looked_at(service, who, (batch_id, identities), "batch_results_read", **more)
    pages = service.batching.files.of_results(asked)
    return _file(form, asked.result_columns, pages, f"{asked.batch_id}.results")


def _may_see_plain(who: Looker) -> None:
    if not set(who.scopes) >= _PLAIN_NEEDS:
        raise NotAllowed("names and numbers in the clear need the scopes batch and read")
    if who.purpose is None:
        raise PurposeNeeded("say what the file is for: the header Hedui-Purpose is needed")


@router.get("/{batch_id}/changes", summary="Changes", responses=doc.CHANGES)
async def changes(
    batch_id: str,
    service: Service,
    who: LooksBatch,
    wanted: Annotated[ChangesQuery, Query()],
) -> Response:
    """What changed since each household's previous verification."""
    found = await _looked_at(service, who, (batch_id, Identities.NONE), "batch_changes_read")
    asked = Asked(found.batch_id, found.reach, decisive=wanted.decisive)
    if wanted.format is ChangesForm.JSON:
        return await _page(service, asked, wanted)
    pages = service.batching.files.of_changes(asked)
    return _file(Form(wanted.format), CHANGE_COLUMNS, pages, f"{asked.batch_id}.changes")


@router.get("/{batch_id}/sample", summary="Some households at random", responses=doc.SAMPLE)
async def sample(
    batch_id: str,
    service: Service,
    who: LooksBatch,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """Of those that are done and within your reach, the same each time: to be looked at again."""
    reach = await listing(service, who, "batch")

    def load(tx: sa.Connection) -> list[tuple[str, str, str]]:
        batch = service.batching.batches.get(tx, batch_id, region=who.region)
        rows = service.batching.files.rows
        return [
            (case, id_, batch.region)
            for case, id_ in rows.sample(tx, batch.id, size=size, reach=reach)
        ]

    some = await service.shelf.database.read(load)
    await shown_in_list(service, who, "batch", [Shown(id_, region) for _, id_, region in some])
    households = [{"case_reference": case, "verification": id_} for case, id_, _ in some]
    return json_answer({"households": households})


async def _page(service: Parts, asked: Asked, wanted: ChangesQuery) -> Response:
    after = None if wanted.after is None else _place(wanted.after)
    files = service.batching.files
    some = await service.shelf.database.read(
        lambda tx: files.changed(tx, asked, after=after, limit=wanted.limit + 1)
    )
    page, more = some[: wanted.limit], some[wanted.limit :]
    following = None
    if more:
        place = page[-1].place
        given = wanted.model_dump(mode="json", exclude_unset=True, exclude={"after"})
        at = f"{place.verification_id}{_BETWEEN}{place.position}"
        query = urlencode({**given, "after": at})
        following = f"/v1/batches/{asked.batch_id}/changes?{query}"
    return json_answer({"changes": [_change(one) for one in page], "next": following})


def _place(text: str) -> ChangePlace:
    id_, _, position = text.partition(_BETWEEN)
    if not (position.isascii() and position.isdigit() and len(position) < 10):
        words = "`after` is that of the page before"
        raise InvalidRequest((FieldError("/after", "page.invalid", words),))
    return ChangePlace(id_, int(position))


async def _looked_at(
    service: Parts, who: Looker, of: tuple[str, Identities], action: str, **more: str
) -> Asked:
    """The batch's id, and what of it the caller may see; how much that is, is on record."""
    reach: Reach | None = await listing(service, who, "batch")
    batch_id, identities = of

    def work(tx: sa.Connection) -> str:
        batch = service.batching.batches.get(tx, batch_id, region=who.region)
        counties = service.batching.files.rows.counties(tx, batch.id, reach)
        entries = export_entries(who, action, (batch.id, batch.region), counties)
        for entry in entries:
            note(service, tx, replace(entry, details={**entry.details, **more}))
        return batch.id

    return Asked(await service.shelf.database.write(work), reach, identities)


def _file(form: Form, columns: tuple[str, ...], pages: Pages, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form.value}"'}
    if form is Form.XLSX:
        content: AsyncIterator[Any] = as_xlsx(columns, pages)
        return StreamingResponse(content, media_type=XLSX, headers=headers)
    text = as_csv(columns, pages)
    return StreamingResponse(text, media_type="text/csv; charset=utf-8", headers=headers)


def _change(listed: ListedChange) -> dict[str, Any]:
    one = listed.change
    return {
        "case_reference": listed.case_reference,
        "verification": one.verification_id,
        "kind": one.kind,
        "person": one.person,
        "before": one.before,
        "after": one.after,
        "decisive": one.decisive,
    }


def _preview(batch: StoredBatch, outlook: Outlook) -> dict[str, Any]:
    bounds = (outlook.low, outlook.high)
    return {
        "columns": [
            {"name": name, "required": name in REQUIRED, "filled": name in batch.columns}
            for name in COLUMNS
        ],
        "rows": [_row(one) for one in outlook.rows],
        "persons": outlook.persons,
        "without_consent": outlook.without_consent,
        "estimated": outlook.sampled,
        "sources": [_source(one) for one in outlook.sources],
        "seconds": [None if one is None else int(one.total_seconds()) for one in bounds],
    }


def _row(one: PreviewRow) -> dict[str, Any]:
    return {
        "case_reference": one.case_reference,
        "region": one.region,
        "ref": one.ref,
        "relationship": one.relationship,
        "name": one.name,
        "id_number": one.id_number,
        "programmes": list(one.programmes),
        "consent_reference": one.consent_reference,
        "consent_until": one.consent_until,
        "consent_holds": one.consent_holds,
    }


def _source(one: SourceOutlook) -> dict[str, Any]:
    quickest = one.quickest
    return {
        "source": one.source,
        "window": one.window,
        "opens_at": rfc3339(one.opens_at),
        "seconds_at_least": None if quickest is None else int(quickest.total_seconds()),
    }
