"""What-if 试算: a household judged by other programmes or a draft standard, from what is stored."""

import asyncio
from datetime import date
from typing import Any, Final

import orjson
from fastapi import APIRouter, Response

from app.access.limited import must_see_all
from app.api.deps import Service
from app.api.looks import LooksRead, looked_at
from app.api.schemas import documented as doc
from app.api.schemas.decisions import WhatIfIn
from app.api.schemas.documented_review_items import WHAT_IF
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import china_day
from app.programmes.faults import FaultyStandards
from app.programmes.standard import Standards
from app.verification.document import decision_document
from app.verification.what_if import Answer, Question, what_if

router = APIRouter(prefix="/v1/verifications", tags=["verifications"], responses=doc.GUARDED)
_MOST_FAULTS: Final = 100


@router.post("/{verification_id}/decisions", summary="What if", responses=WHAT_IF)
async def try_out(
    verification_id: str, body: WhatIfIn, service: Service, who: LooksRead
) -> Response:
    """Decisions from stored evidence; no source is asked, and only the look is put on record."""
    verification = await looked_at(service, who, verification_id, "decisions_tried")
    must_see_all(who, service.desk.gate.needs, verification.request)
    own = verification.request.programmes
    question = await asyncio.to_thread(_question, body, service.standards, own)
    _check_day(body.as_of, china_day(service.now()))
    case, _ = await service.verifier.case_of(verification)
    answer = await asyncio.to_thread(what_if, case, service.knowledge, question)
    document = _document(verification_id, answer)
    return Response(orjson.dumps(document), media_type="application/json")


def _question(body: WhatIfIn, standards: Standards, own: tuple[str, ...]) -> Question:
    """Raises InvalidRequest for a draft with a fault and for programmes that are unknown."""
    programmes = own
    if body.standard is not None:
        standards, key = _with_draft(standards, body.standard)
        programmes = (key,)
    if body.programmes is not None:
        programmes = tuple(dict.fromkeys(body.programmes))
    known = set(standards.programmes)
    unknown = tuple(
        FieldError(f"/programmes/{index}", "programme.unknown", "no such programme")
        for index, key in enumerate(programmes)
        if key not in known
    )
    if unknown:
        raise InvalidRequest(unknown)
    return Question(programmes=programmes, standards=standards, day=body.as_of)


def _with_draft(standards: Standards, text: str) -> tuple[Standards, str]:
    """Raises InvalidRequest that tells of every fault its line and column in the draft."""
    try:
        return standards.with_draft(text)
    except FaultyStandards as error:
        faults = [
            FieldError("/standard", "standard.invalid", str(fault))
            for fault in error.faults[:_MOST_FAULTS]
        ]
        raise InvalidRequest(tuple(faults)) from None


def _check_day(day: date | None, today: date) -> None:
    if day is not None and day > today:
        raise InvalidRequest(
            (FieldError("/as_of", "as_of.in_future", "the day of judgement has not come yet"),)
        )


def _document(verification_id: str, answer: Answer) -> dict[str, Any]:
    return {
        "verification": verification_id,
        "as_of": answer.day.isoformat(),
        "decisions": [decision_document(one) for one in answer.decisions],
        "also_confirmed_for": list(answer.also_confirmed_for),
        "left_to_case_system": {
            key: list(words) for key, words in answer.left_to_case_system.items()
        },
    }
