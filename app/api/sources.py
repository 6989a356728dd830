"""/v1/sources: how the sources do 数据源状态; nothing of any person."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response

from app.api.answering import json_answer
from app.api.deps import MayAskAnew, MayRead, Service
from app.api.schemas import documented as doc
from app.api.schemas import documented_sources as of_sources
from app.batch.exchange.windows import opens_at
from app.domain.instants import china_day, rfc3339
from app.jobs.breakers import Action
from app.jobs.source_desk import Whole
from app.jobs.source_states import Health
from app.store.source_breakers import OpenBreaker
from app.verification.terms import SourceTerms
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/sources", tags=["sources"], responses=doc.GUARDED)


@router.get("", summary="How all sources do", responses=of_sources.LISTED)
async def listed(service: Service, who: MayRead) -> Response:
    """A row a source and institution: what it said within a day in the caller's region."""
    rows = await service.source_desk.all(who.region)
    return json_answer({"sources": [_row(service, one) for one in rows]})


@router.get("/{source}", summary="How a source does", responses=of_sources.SHOWN)
async def read(source: str, service: Service, who: MayRead) -> Response:
    """With its errors of a week, attempts, limits, agreement, breakers, and unread codes."""
    return json_answer(_whole(service, source, await service.source_desk.whole(source, who.region)))


@router.post("/{source}/probe", status_code=202, summary="Try it", responses=of_sources.ORDERED)
async def probe(source: str, service: Service, who: MayAskAnew) -> Response:
    """A source that is left alone: one call of each process tries it now."""
    return await _ordered(service, who, source, Action.PROBE)


@router.post("/{source}/restore", status_code=202, summary="Ask it", responses=of_sources.ORDERED)
async def restore(source: str, service: Service, who: MayAskAnew) -> Response:
    """A source that is left alone is asked as if it had not failed."""
    return await _ordered(service, who, source, Action.RESTORE)


async def _ordered(service: Parts, who: MayAskAnew, source: str, action: Action) -> Response:
    await service.source_desk.order(who, source, action)
    return json_answer({"source": source, "action": action.value}, status=202)


def _row(service: Parts, one: Health) -> dict[str, Any]:
    terms, now = service.source_desk.terms.get(one.source), service.now()
    age = None if one.data_as_of is None else (china_day(now) - one.data_as_of).days
    return {
        "source": one.source,
        "institution": one.institution or None,
        "state": one.state.value,
        "asked_today": one.asked_today,
        "answered_today": one.answered_today,
        "failed_today": one.failed_today,
        "median_seconds": _seconds(one.median),
        "slow_seconds": _seconds(one.slow),
        "failures": dict(one.failures),
        "no_record_share": _share(one.no_record_share),
        "judged_share": _share(one.judged_share),
        "outstanding": one.outstanding,
        "oldest_asked_at": rfc3339(one.oldest),
        "data_as_of": None if one.data_as_of is None else one.data_as_of.isoformat(),
        "data_age_days": age,
        **_terms(terms, service),
        "strip": [list(cell) for cell in one.strip],
    }


def _terms(terms: SourceTerms | None, service: Parts) -> dict[str, Any]:
    """What was agreed; `agreement_over` tells of an end that has passed."""
    if terms is None:
        names = ("fresh_days", "window", "window_opens_at", "agreement", "agreement_ends")
        return {**dict.fromkeys(names), "agreement_over": None}
    now, agreement = service.now(), terms.agreement
    window = terms.limits.window
    opens = None if window is None else opens_at(window, now)
    ends = agreement.ends
    return {
        "fresh_days": agreement.fresh_days,
        "window": window,
        "window_opens_at": rfc3339(opens),
        "agreement": agreement.number,
        "agreement_ends": None if ends is None else ends.isoformat(),
        "agreement_over": None if ends is None else china_day(now) > ends,
    }


def _whole(service: Parts, source: str, whole: Whole) -> dict[str, Any]:
    terms = whole.terms
    version = None if terms is None else terms.mapping_version
    return {
        "source": source,
        "connected": terms is not None,
        "rows": [_row(service, one) for one in whole.healths],
        "contact": None if terms is None else terms.agreement.contact,
        "mapping_version": None if version is None else version.isoformat(),
        "limits": None if terms is None else _limits(terms),
        "breakers": [_breaker(one) for one in whole.breakers],
        "errors": [
            {
                "failure": kind.failure,
                "replies": kind.replies,
                "examples": [
                    {
                        "institution": one.institution or None,
                        "at": rfc3339(one.answered_at),
                        "detail": one.detail,
                    }
                    for one in kind.examples
                ],
            }
            for kind in whole.errors
        ],
        "attempts": [
            {"attempts": attempts, "persons": persons}
            for attempts, persons in whole.attempts.items()
        ],
        "unread": [{"problem": text, "records": n} for text, n in whole.problems.items()],
        "replies_looked_at": whole.looked_at,
    }


def _limits(terms: SourceTerms) -> dict[str, Any]:
    its = terms.limits
    return {
        "rate_per_second": its.rate,
        "concurrency": its.concurrency,
        "timeout_seconds": its.timeout,
        "deadline_seconds": its.deadline,
        "tries": its.tries,
        "reuse_days": its.reuse_days,
        "persons_a_query": terms.persons_a_query,
    }


def _breaker(one: OpenBreaker) -> dict[str, Any]:
    return {"process": one.holder, "failures": one.failures, "until": rfc3339(one.until)}


def _seconds(took: timedelta | None) -> float | None:
    return None if took is None else round(took.total_seconds(), 3)


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
