"""Reports: of a verification, and the public check whether one is genuine."""

import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

import app.report
from app.access.consent import china_day
from app.access.limited import must_see_all
from app.api.deps import Service
from app.api.looks import LooksRead, looked_at
from app.api.problems import problem
from app.api.schemas import documented as doc
from app.domain.errors import NotFound
from app.report import genuine, render
from app.store.reports import IssuedReport
from app.store.scope import Crossing, across
from app.wiring_types import Parts

router = APIRouter(tags=["reports"])
_CSS = (Path(app.report.__file__).parent / "templates" / "report.css").read_text("utf-8")
_CSP = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_KINDS = ("application/json", "text/html", "application/pdf")


class Allowance:
    """So many calls a caller and minute, some at once; for the one public route."""

    def __init__(
        self,
        a_minute: float,
        at_once: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        callers: int = 10_000,
    ) -> None:
        self._rate, self._most, self._clock = a_minute / 60, at_once, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._callers = callers

    def take(self, caller: str) -> bool:
        now = self._clock()
        left, at = self._left.pop(caller, (float(self._most), now))
        left = min(float(self._most), left + (now - at) * self._rate)
        allowed = left >= 1
        self._left[caller] = (left - 1 if allowed else left, now)
        while len(self._left) > self._callers:
            self._left.popitem(last=False)
        return allowed


@router.get(
    "/v1/verifications/{verification_id}/report",
    summary="The verification report",
    responses=doc.REPORT,
)
async def read(
    request: Request, verification_id: str, service: Service, who: LooksRead
) -> Response:
    """As JSON, HTML or PDF by `Accept`."""
    kind = accepted(request.headers.get("accept", "*/*"))
    if kind is None:
        return problem(406, "not-acceptable", "a report comes as JSON, HTML or PDF")
    verification = await looked_at(service, who, verification_id, "report_read")
    must_see_all(who, service.desk.gate.needs, verification.request)
    report = await service.shelf.database.read(
        lambda tx: service.reports.of_verification(tx, verification_id)
    )
    if report is None:
        raise NotFound("no report is issued yet")
    language = "en" if request.headers.get("accept-language", "").startswith("en") else "zh"
    return await run_in_threadpool(_rendered, service, report, kind, language)


def accepted(header: str) -> str | None:
    """The first kind that is asked for and that we have; JSON where anything will do."""
    for part in header.split(","):
        wanted = part.split(";")[0].strip().lower()
        if wanted in ("*/*", "application/*", ""):
            return _KINDS[0]
        if wanted in _KINDS:
            return wanted
        if wanted == "text/*":
            return "text/html"
    return None


def _rendered(service: Parts, report: IssuedReport, kind: str, language: str) -> Response:
    url = f"{service.public_url}/v1/reports/{report.number}?code={quote(report.code)}"
    if kind == "application/json":
        return Response(report.content, media_type=kind)
    if kind == "text/html":
        page = render.html(report.content, url, language)
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": _CSP})
    return Response(render.pdf(report.content, url, language), media_type=kind)


@router.get("/static/report.css", include_in_schema=False)
async def css() -> Response:
    return Response(_CSS, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get(
    "/v1/reports/{number}",
    summary="Is this report genuine and unchanged?",
    responses=doc.GENUINE,
)
async def genuine_check(request: Request, number: str, code: str, service: Service) -> Any:
    """Public, without personal data; a wrong number and a wrong code look alike."""
    caller = request.client.host if request.client is not None else ""
    if not request.app.state.allowance.take(caller):
        headers = {"Retry-After": "6"}
        return problem(429, "too-many-requests", "too many checks; wait", headers=headers)
    with across(Crossing.GENUINE_REPORT):
        report = await service.shelf.database.read(
            lambda tx: service.reports.by_code(tx, number[:60], code[:40])
        )
    return genuine.check(report, china_day(service.now()))
