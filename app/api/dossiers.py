"""/v1/verifications/{id}: the profile beside what it rests on, one record, what happened."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.limited import must_concern, must_see_all
from app.access.looking import OVERSEERS, Looker
from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import LooksRead, listing, looked_at
from app.api.schemas import documented as doc
from app.api.schemas.cases import HistoryOut, ProgressStateOut, RecordOut
from app.api.schemas.dossier import ProfileViewOut
from app.api.shown import masked_evidence, show
from app.domain.errors import NotFound
from app.domain.evidence import SourceState
from app.domain.instants import china_day, rfc3339
from app.domain.review import STILL_TO_DO
from app.dossier.document import File, dossier, masked_shown
from app.dossier.history import history_document
from app.dossier.rights import Standing, rights_document
from app.store.audit_reads import ReadEntry
from app.store.case_list import CaseList
from app.store.reach import reachable
from app.store.results import StoredResult
from app.store.review_items import ReviewItem
from app.store.verifications import StoredVerification
from app.verification.conclude import Case
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/verifications", tags=["verifications"], responses=doc.GUARDED)
_MOST: Final = 500
_ANSWERS: Final = (SourceState.ANSWERED, SourceState.NO_RECORD)
_NONE_SUCH: doc.Responses = {404: doc.SHOWN[404], 410: doc.ERASED[410]}
_Export = Annotated[bool, Query(description="It goes into a file: on record as that.")]
_PROFILE: doc.Responses = {200: {"model": ProfileViewOut}, **_NONE_SUCH}
_RECORD: doc.Responses = {200: {"model": RecordOut}, **_NONE_SUCH}
_PROGRESS: doc.Responses = {200: {"model": ProgressStateOut}, **_NONE_SUCH}
_HISTORY: doc.Responses = {200: {"model": HistoryOut}, **_NONE_SUCH}


@dataclass(frozen=True, slots=True)
class _Stored:
    result: StoredResult | None
    items: tuple[ReviewItem, ...]
    newer: str | None
    case: Case


@router.get("/{verification_id}/profile", summary="All that a case shows", responses=_PROFILE)
async def profile(
    verification_id: str, service: Service, who: LooksRead, *, export: _Export = False
) -> Response:
    """Values with each source's word on them, persons masked, standards, rights of the caller."""
    action = "profile_exported" if export else "profile_read"
    verification = await looked_at(service, who, verification_id, action)
    must_see_all(who, service.desk.gate.needs, verification.request)
    stored = await _stored(service, verification)
    result = stored.result
    file = File(
        case=stored.case,
        body={} if result is None else orjson.loads(result.body),
        version=0 if result is None else result.version,
        computed_at=None if result is None else result.computed_at,
        items=stored.items,
        newer=stored.newer,
    )
    shown = await show(service, who, verification_id)
    document = await asyncio.to_thread(dossier, file, service.knowledge)
    standing = Standing(
        request=verification.request,
        status=verification.status,
        has_report=shown["report"] is not None,
        open_items=sum(one.state in STILL_TO_DO for one in stored.items),
        today=china_day(service.now()),
    )
    return json_answer(
        {
            "verification": masked_shown(stored.case, shown),
            "changed_at": rfc3339(verification.changed_at),
            **document,
            "rights": rights_document(who, standing),
        }
    )


@router.get(
    "/{verification_id}/progress", summary="How many answers there are", responses=_PROGRESS
)
async def progress(verification_id: str, service: Service, who: LooksRead) -> Response:
    """For a page that waits: counts alone, of nobody, so that no look is on record."""
    reach = await listing(service, who, "progress")

    def load(tx: sa.Connection) -> dict[str, Any]:
        verification = service.shelf.verifications.get(tx, verification_id, region=who.region)
        must_concern(who, verification.request)
        if not reachable(tx, reach, [verification_id]):
            raise NotFound("no such verification")
        statuses = service.shelf.tasks.all_of(tx, verification_id)
        return {
            "status": verification.status,
            "changed_at": rfc3339(verification.changed_at),
            "answers": sum(one.state in _ANSWERS for one in statuses),
            "pending": sum(one.state is SourceState.PENDING for one in statuses),
        }

    return json_answer(await service.shelf.database.read(load))


async def _stored(service: Parts, verification: StoredVerification) -> _Stored:
    case, _ = await service.verifier.case_of(verification)
    shelf, cases = service.shelf, CaseList(service.cipher)

    def load(tx: sa.Connection) -> _Stored:
        return _Stored(
            result=shelf.results.newest(tx, verification.id),
            items=shelf.review_items.of(tx, verification.id),
            newer=cases.newer_of(tx, verification.id),
            case=case,
        )

    return await shelf.database.read(load)


@router.get("/{verification_id}/evidence/{evidence_id}", summary="One record", responses=_RECORD)
async def record(
    verification_id: str, evidence_id: str, service: Service, who: LooksRead
) -> Response:
    """The source's own fields, masked, with the digest of the reply that they came in."""
    verification = await looked_at(service, who, verification_id, "evidence_read")
    must_see_all(who, service.desk.gate.needs, verification.request)

    def load(tx: sa.Connection) -> dict[str, Any]:
        row = service.shelf.results.one_of_evidence(tx, verification_id, evidence_id)
        if row is None:
            raise NotFound("no such evidence")
        shown = masked_evidence(service, verification.request, row.body)
        replies = service.shelf.replies.of_many(tx, [verification_id]).get(verification_id, ())
        came = [one for one in replies if one.raw_digest == shown["raw_digest"]]
        return {
            "evidence": shown,
            "reply": None
            if not came
            else {
                "state": came[0].state,
                "institution": came[0].institution or None,
                "data_as_of": None
                if came[0].data_as_of is None
                else came[0].data_as_of.isoformat(),
                "answered_at": rfc3339(came[0].answered_at),
                "raw_digest": came[0].raw_digest,
            },
        }

    return json_answer(await service.shelf.database.read(load))


@router.get("/{verification_id}/history", summary="What happened", responses=_HISTORY)
async def history(verification_id: str, service: Service, who: LooksRead) -> Response:
    """The case's own entries of the audit trail, without what a reviewer chose."""
    verification = await looked_at(service, who, verification_id, "history_read")
    must_see_all(who, service.desk.gate.needs, verification.request)
    oversees = "trail" in who.scopes or bool(who.roles & OVERSEERS)

    def load(tx: sa.Connection) -> dict[str, Any]:
        entries = service.trail.reads.about(tx, who.region, [verification_id])[-_MOST:]
        names = _names(service, tx, who, entries)
        return {"entries": history_document(entries, names, oversees=oversees)}

    return json_answer(await service.shelf.database.read(load))


def _names(
    service: Parts, tx: sa.Connection, who: Looker, entries: list[ReadEntry]
) -> Mapping[str, str]:
    """Of colleagues; to a client system staff are ids."""
    if not who.is_staff:
        return {}
    return service.looks.accounts.names(tx, {one.actor for one in entries})
