"""/v1/figures: the office's own work in numbers 工作量与一致性, and whether predictions hold."""

import asyncio
from datetime import date, timedelta
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from app.access.regions import within
from app.access.tokens import Caller
from app.api.answering import json_answer
from app.api.audit_entries import names_of
from app.api.deps import MayAudit, MayRead, Service
from app.api.schemas import documented as doc
from app.api.schemas import documented_figures as of_figures
from app.api.schemas.figures import CalibrationQuery, FiguresQuery, WorkloadQuery
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import china_day
from app.error_rate.audited import AuditedDecisions
from app.error_rate.monitoring import FEWEST, Share, measured
from app.error_rate.skill import reliability_table
from app.review.figures import agreement_document, workload_document
from app.review.upkeep import audited_of
from app.store.facts import DecisionFacts
from app.store.known_outcomes import KnownOutcomes
from app.store.review_figures import ReviewFigures, Span
from app.store.statistics import instant
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/figures", tags=["statistics"], responses=doc.GUARDED)
_FIGURES: Final = ReviewFigures()
_DAY: Final = timedelta(days=1)
_SUPERVISING: Final = frozenset({"assign", "audit"})
"""Whoever hands out or oversees the work sees who does how much of it."""
_BINS: Final = 6
_PLACES: Final = 6


@router.get("/workload", summary="Open, late and done reviews", responses=of_figures.WORKLOAD)
async def workload(
    service: Service, who: MayRead, wanted: Annotated[WorkloadQuery, Query()]
) -> Response:
    """By queue, and by person for supervisors; others are told of all persons together."""
    region, days = _asked(service, who, wanted)
    late, days_open = service.now(), wanted.term_days
    if days_open is not None:
        late -= timedelta(days=days_open)

    def read(tx: sa.Connection) -> dict[str, Any]:
        words = _FIGURES.words(tx, region, _span(days))
        names = None
        if _SUPERVISING & set(who.scopes):
            names = names_of(service, tx, who, {one.reviewer for one in words})
        changed = _FIGURES.changed(tx, region, _span(days))
        return workload_document(
            _FIGURES.waiting(tx, region, late, by_term=days_open is not None), words, names, changed
        )

    told = await service.shelf.database.read(read)
    return json_answer({**_head(region, days), "term_days": wanted.term_days, **told})


@router.get("/agreement", summary="How far reviewers agree", responses=of_figures.AGREEMENT)
async def agreement(
    service: Service, who: MayRead, wanted: Annotated[FiguresQuery, Query()]
) -> Response:
    """Second words beside first ones, with Cohen's kappa, and how many records were refused."""
    region, days = _asked(service, who, wanted)
    span = _span(days)
    told = await service.shelf.database.read(
        lambda tx: agreement_document(
            _FIGURES.pairs(tx, region, span), _FIGURES.judged(tx, region, span)
        )
    )
    return json_answer({**_head(region, days), **told})


@router.get("/calibration", summary="Predicted beside found", responses=of_figures.CALIBRATION)
async def calibration(
    service: Service, who: MayAudit, wanted: Annotated[CalibrationQuery, Query()]
) -> Response:
    """Of audited decisions, with the rates that were stated of them at the time.

    Below thirty effective decisions no share is told.
    """
    region = within(who, wanted.region)
    known = KnownOutcomes(DecisionFacts(service.cipher))
    rows = await service.shelf.database.read(lambda tx: known.decisions(tx, region=region))
    document = await asyncio.to_thread(_calibration, audited_of(rows))
    return json_answer({"region": region, **document})


def _calibration(audited: AuditedDecisions) -> dict[str, Any]:
    found = measured(audited) if len(audited) else None
    told = found if isinstance(found, Share) else None
    columns = (audited.predicted, audited.wrong, audited.weights)
    return {
        "decisions": len(audited),
        "effective": round(audited.effective, 2) if len(audited) else 0.0,
        "needed": FEWEST,
        "too_few": told is None,
        "predicted": None if told is None else round(told.predicted, _PLACES),
        "observed": None if told is None else round(told.observed, _PLACES),
        "interval": None if told is None else [round(one, _PLACES) for one in told.interval],
        "bins": []
        if told is None
        else [
            {
                "count": one.count,
                "effective": round(one.effective, 2),
                "predicted": round(one.predicted, _PLACES),
                "observed": round(one.observed, _PLACES),
                "interval": [round(one.low, _PLACES), round(one.high, _PLACES)],
            }
            for one in reliability_table(*columns, bins=_BINS)
        ],
    }


def _asked(service: Parts, who: Caller, wanted: FiguresQuery) -> tuple[str, tuple[date, date]]:
    """Region, first and last day."""
    today = china_day(service.now())
    first, last = wanted.since or today.replace(month=1, day=1), wanted.until or today
    if first > last:
        raise InvalidRequest((FieldError("/from", "time.reversed", "must not be after until"),))
    return within(who, wanted.region), (first, last)


def _span(days: tuple[date, date]) -> Span:
    return instant(days[0]), instant(days[1] + _DAY)


def _head(region: str, days: tuple[date, date]) -> dict[str, Any]:
    return {"region": region, "from": days[0].isoformat(), "until": days[1].isoformat()}
