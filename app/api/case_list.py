"""GET /v1/verifications: the cases within one's reach, in pages."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.looking import Looker
from app.access.masking import Mask, masked_name
from app.access.regions import overlap
from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import LooksReports, Shown, listing, shown_in_list
from app.api.schemas import documented as doc
from app.api.schemas.cases import CasesOut, CasesQuery
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import CHINA, rfc3339
from app.store.case_list import CaseList, CaseQuery, ListedCase
from app.store.reach import Reach
from app.store.township_questions import TownshipQuestions
from app.wiring_types import Parts
from matching.idnumber import parse_number

router = APIRouter(prefix="/v1/verifications", tags=["verifications"], responses=doc.GUARDED)
_LIST: Final = "verifications"
_PLACES: Final = 6
_NUMBER_IN: Final = re.compile(r"[0-9]{14,17}[0-9Xx]")
_Asked = Mapping[str, Sequence[Mapping[str, Any]]]
_CASES: doc.Responses = {200: {"model": CasesOut}, 422: doc.JUDGED[422]}


@router.get("", summary="Verifications", responses=_CASES)
async def page(
    service: Service, who: LooksReports, wanted: Annotated[CasesQuery, Query()]
) -> Response:
    """Masked; those alone that the caller may look at, by filters and in an order."""
    text = wanted.q.strip()
    if any(parse_number(one).is_valid for one in _NUMBER_IN.findall(text)):
        words = "an identity number is not searched for: addresses and logs must not hold one"
        raise InvalidRequest((FieldError("/q", "search.id_number", words),))
    reach = await listing(service, who, _LIST)
    query = _query(who, wanted, text, reach)
    cases = CaseList(service.cipher)

    def load(tx: sa.Connection) -> tuple[list[ListedCase], _Asked]:
        rows = cases.page(tx, query, after=wanted.after, limit=wanted.limit + 1)
        return rows, _township(service, tx, rows) if query.township else {}

    listed, asked = await service.shelf.database.read(load)
    some, more = listed[: wanted.limit], listed[wanted.limit :]
    await shown_in_list(service, who, _LIST, [Shown(one.id, one.region) for one in some])
    following = None
    if more:
        given = wanted.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
        following = f"/v1/verifications?{urlencode({**given, 'after': some[-1].id})}"
    rows = [{**_case(one, who), "township": asked.get(one.id, [])} for one in some]
    return json_answer({"verifications": rows, "next": following})


def _township(service: Parts, tx: sa.Connection, rows: Sequence[ListedCase]) -> _Asked:
    """What is asked of each case; nobody is named in the clear, whatever a reviewer wrote."""
    ids = [one.id for one in rows if one.head is not None]
    requests = service.shelf.verifications.get_many(tx, ids)
    found: dict[str, list[dict[str, Any]]] = {}
    for id_, questions in TownshipQuestions(service.cipher).of(tx, ids).items():
        persons = requests[id_].request.household.persons
        mask, names = Mask.of(persons), {one.ref: masked_name(one.name) for one in persons}
        found[id_] = [
            {
                "kind": one.kind,
                "person": None if one.person is None else names.get(one.person),
                "source": one.source,
                "words": mask.text(one.words),
                "asked_at": rfc3339(one.asked_at),
            }
            for one in questions
        ]
    return found


def _query(who: Looker, wanted: CasesQuery, text: str, reach: Reach | None) -> CaseQuery:
    return CaseQuery(
        region=overlap(who, wanted.region),
        reach=reach,
        text=text or None,
        status=wanted.status,
        programme=wanted.programme or None,
        outcome=None if wanted.outcome is None else wanted.outcome.value,
        purpose=None if wanted.purpose is None else wanted.purpose.value,
        since=None if wanted.since is None else _begins(wanted.since),
        until=None if wanted.until is None else _begins(wanted.until) + timedelta(days=1),
        open_items=wanted.open_items,
        township=wanted.township,
        order=wanted.sort,
        programmes=tuple(who.programmes),
        purposes=tuple(who.purposes),
    )


def _begins(day: Any) -> datetime:
    """The first moment of the day in China."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def _case(one: ListedCase, who: Looker) -> dict[str, Any]:
    """To whoever's right ends at some programmes, their decisions alone, and of nobody."""
    own = [
        decided
        for decided in one.decisions
        if not who.programmes or decided.programme in who.programmes
    ]
    return {
        "id": one.id,
        "case_reference": one.case_reference,
        "region": one.region,
        "purpose": one.purpose,
        "as_of": one.as_of.isoformat(),
        "status": one.status,
        "requested_at": rfc3339(one.requested_at),
        "changed_at": rfc3339(one.changed_at),
        "final_at": rfc3339(one.final_at),
        "recheck_of": one.recheck_of,
        "household": None
        if one.head is None or who.programmes
        else {"name": masked_name(one.head), "size": one.members},
        "open_items": one.open_items,
        "report": None
        if one.report is None
        else {"number": one.report[0], "version": one.report[1]},
        "decisions": [
            {
                "programme": decided.programme,
                "outcome": decided.outcome,
                "favours": decided.favours,
                "error_rate": round(decided.error_rate, _PLACES),
            }
            for decided in own
        ],
    }
