"""/v1/statistics: what was counted, by region, programme, source and time 统计."""

from datetime import date, timedelta
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Response

from app.access.regions import within
from app.access.tokens import Caller
from app.api.deps import MayRead, Service
from app.api.schemas import documented as doc
from app.api.schemas.statistics import LEVELS, StatisticsOut, StatisticsQuery
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import china_day
from app.domain.period import month_of, plus_months
from app.report.statistics import BREAKDOWNS, Question, Told, Topic
from app.store.statistics import By, CountQuery, Period
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/statistics", tags=["statistics"], responses=doc.GUARDED)
ANSWERED: Final[doc.Responses] = {200: {"model": StatisticsOut}, 422: doc.JUDGED[422]}
_LEVELS_BELOW: Final = 2
_MOST_DAYS: Final = 3660
_MOST_SINGLE_DAYS: Final = 400
_DAY: Final = timedelta(days=1)


@router.get("/{topic}", summary="A topic's counts, shares and means", responses=ANSWERED)
async def read(
    topic: Topic, service: Service, who: MayRead, wanted: Annotated[StatisticsQuery, Query()]
) -> Response:
    """Of the client's region or one below it; what happens is counted when it happens.

    Below county level only whole months are counted, and rows of fewer than five persons or
    decisions are left out.
    """
    question = _question(topic, service, who, wanted)
    told = await service.shelf.database.read(
        lambda tx: service.statistics.read(tx, topic, question)
    )
    return Response(orjson.dumps(_document(topic, question, told)), media_type="application/json")


def _question(topic: Topic, service: Parts, who: Caller, wanted: StatisticsQuery) -> Question:
    region = within(who, wanted.region)
    today = china_day(service.now())
    query = CountQuery(
        region=region,
        since=wanted.since or today.replace(month=1, day=1),
        until=wanted.until or plus_months(month_of(today), 1) - _DAY,
        by=wanted.by,
        level=_level(region, wanted),
        period=wanted.period,
        programme=wanted.programme,
        source=wanted.source,
    )
    known = service.standards.programmes
    faults = [*_chosen(topic, query), *_timed(query), *_programme(query, known)]
    if faults:
        raise InvalidRequest(tuple(faults))
    return Question(query, wanted.term_days, today)


def _level(region: str, wanted: StatisticsQuery) -> int:
    below = [level for level in LEVELS if level > len(region)][:_LEVELS_BELOW]
    if wanted.by is not By.REGION:
        return wanted.level or LEVELS[-1]
    if not below:
        raise _fault("/by", "statistic.no_level_below", "the region has no level below it")
    if wanted.level is not None and wanted.level not in below:
        words = f"below this region the levels are {' and '.join(map(str, below))}"
        raise _fault("/level", "statistic.level", words)
    return wanted.level or below[0]


def _fault(pointer: str, code: str, detail: str) -> InvalidRequest:
    return InvalidRequest((FieldError(pointer, code, detail),))


def _chosen(topic: Topic, query: CountQuery) -> list[FieldError]:
    """What the topic does not know."""
    known = BREAKDOWNS[topic]
    words = f"{topic.value} are told by {', '.join(sorted(known))}"
    wrong = []
    if query.by is not None and query.by not in known:
        wrong.append("/by")
    if query.programme is not None and By.PROGRAMME not in known:
        wrong.append("/programme")
    if query.source is not None and By.SOURCE not in known:
        wrong.append("/source")
    return [FieldError(pointer, "statistic.not_by", words) for pointer in wrong]


def _timed(query: CountQuery) -> list[FieldError]:
    if query.since > query.until:
        return [FieldError("/from", "time.reversed", "must not be after until")]
    days = (query.until - query.since).days + 1
    if days > _MOST_DAYS:
        return [FieldError("/until", "time.too_long", f"at most {_MOST_DAYS} days")]
    by_day = query.by is By.PERIOD and query.period is Period.DAY
    if by_day and days > _MOST_SINGLE_DAYS:
        return [FieldError("/period", "time.too_long", f"at most {_MOST_SINGLE_DAYS} single days")]
    whole = query.since.day == 1 and (query.until + _DAY).day == 1
    if query.is_below_county and (by_day or not whole):
        words = "below county level whole months alone are counted"
        return [FieldError("/period" if by_day else "/from", "time.whole_months", words)]
    return []


def _programme(query: CountQuery, known: tuple[str, ...]) -> list[FieldError]:
    if query.programme is None or query.programme in known:
        return []
    return [FieldError("/programme", "programme.unknown", "no programme has that key")]


def _document(topic: Topic, question: Question, told: Told) -> dict[str, Any]:
    query = question.query
    return {
        "topic": topic.value,
        "region": query.region,
        "from": _text(query.since),
        "until": _text(query.until),
        "by": None if query.by is None else query.by.value,
        "level": query.level if query.by is By.REGION else None,
        "period": query.period.value if query.by is By.PERIOD else None,
        "programme": query.programme,
        "source": query.source,
        "term_days": question.term_days if topic is Topic.TIMELINESS else None,
        "total": told.total,
        "rows": [
            {"key": name, "suppressed": row.values is None, "values": row.values}
            for name, row in told.rows.items()
        ],
    }


def _text(day: date) -> str:
    return day.isoformat()
