"""Reports: of a verification, and the public check whether one is genuine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

import app.report
from app.access.limited import must_see_all
from app.access.looking import Looker
from app.api.deps import Service
from app.api.looks import LooksReports, looked_at, note
from app.api.problems import problem
from app.api.schemas import documented as doc
from app.api.schemas.reports import Language, ReportKeysOut
from app.audit.chain import Entry
from app.domain.errors import NotAllowed, NotFound
from app.domain.instants import china_day
from app.report import genuine, render
from app.report.desk import Asked
from app.report.variants import Variant, of_variant_bytes
from app.store.report_papers import Print
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
_FORMATS = {"application/json": "json", "text/html": "html", "application/pdf": "pdf"}


@dataclass(frozen=True, slots=True)
class Sight:
    """How a report is wanted: for whom, in which language."""

    variant: Variant | None
    language: Language


async def _sight(
    request: Request,
    variant: Annotated[
        Variant | None, Query(description="For whom; default: what the caller's right reaches")
    ] = None,
    language: Annotated[
        Language | None,
        Query(description="Default: by Accept-Language; English is a courtesy copy"),
    ] = None,
) -> Sight:
    english = request.headers.get("accept-language", "").startswith("en")
    return Sight(variant, language or ("en" if english else "zh"))


Sighted = Annotated[Sight, Depends(_sight)]


@dataclass(frozen=True, slots=True)
class Wish:
    """The same on paper: of which kind, and which copy again."""

    sight: Sight
    kind: str | None
    copy: int | None


async def _wish(
    request: Request,
    sight: Sighted,
    copy: Annotated[
        int | None,
        Query(ge=1, le=1_000_000, description="The same bytes as this copy had; not JSON"),
    ] = None,
) -> Wish:
    return Wish(sight, accepted(request.headers.get("accept", "*/*")), copy)


Wished = Annotated[Wish, Depends(_wish)]


@router.get(
    "/v1/verifications/{verification_id}/report",
    summary="The verification report",
    responses=doc.REPORT,
)
async def read(verification_id: str, service: Service, who: LooksReports, wish: Wished) -> Response:
    """As JSON, HTML or PDF by `Accept`; each copy is counted, and says which one it is."""
    kind = wish.kind
    if kind is None:
        return problem(406, "not-acceptable", "a report comes as JSON, HTML or PDF")
    wanted = allowed(who, wish.sight.variant)
    verification = await looked_at(service, who, verification_id, "report_read")
    must_see_all(who, service.desk.gate.needs, verification.request)
    asked = Asked(
        who=who,
        format=_FORMATS[kind],
        variant=wanted,
        language=wish.sight.language,
        terminal=who.origin,
    )
    made = await service.shelf.database.write(
        lambda tx: _copied(service, tx, verification_id, (asked, wish.copy))
    )
    return await run_in_threadpool(_rendered, *made, kind)


def allowed(who: Looker, variant: Variant | None) -> Variant:
    """Whoever may read masked reports alone is given the township's. Raises `NotAllowed`."""
    if "read" in who.scopes:
        return variant or Variant.FULL
    if variant not in (None, Variant.TOWNSHIP):
        raise NotAllowed("your roles reach the township variant of reports alone")
    return Variant.TOWNSHIP


def _copied(
    service: Parts, tx: sa.Connection, verification_id: str, what: tuple[Asked, int | None]
) -> tuple[IssuedReport, Print, dict[str, Any]]:
    """The report, its new copy or that of the number, and the copy's sheet: all on record."""
    asked, again = what
    desk = service.report_desk
    report = desk.of(tx, verification_id)
    if again is None:
        copy = desk.printed(tx, report, asked)
    else:
        copy = desk.papers.print_of(tx, report, again)
        if copy.variant != asked.variant.value and "read" not in asked.who.scopes:
            raise NotFound("this report has no such copy")
    details = {
        "number": report.number,
        "version": str(report.version),
        "copy": str(copy.copy),
        "format": asked.format,
        "variant": copy.variant,
        "terminal": asked.terminal,
    }
    action = "report_printed" if again is None else "report_reprinted"
    note(service, tx, Entry(asked.who.actor, action, verification_id, report.region, details))
    return report, copy, desk.copied(tx, report, copy)


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


def _rendered(report: IssuedReport, copy: Print, sheet: dict[str, Any], kind: str) -> Response:
    """JSON is the content itself, byte for byte what was signed, where all of it is shown."""
    headers = {"Hedui-Report-Copy": str(copy.copy)}
    if kind == "application/json":
        body = of_variant_bytes(report.content, Variant(copy.variant))
        return Response(body, media_type=kind, headers=headers)
    if kind == "text/html":
        headers["Content-Security-Policy"] = _CSP
        return Response(render.html(sheet), media_type="text/html", headers=headers)
    return Response(render.pdf(sheet), media_type=kind, headers=headers)


@router.get("/static/report.css", include_in_schema=False)
async def css() -> Response:
    return Response(_CSS, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get(
    "/v1/reports/keys",
    summary="The public keys of the signatures on reports",
    responses=doc.PUBLIC,
)
async def public_keys(service: Service, response: Response) -> ReportKeysOut:
    """For anybody: a signature is over the report's JSON, byte for byte."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return ReportKeysOut.model_validate(service.report_desk.keys.jwks())


@router.get(
    "/v1/reports/{number}",
    summary="Is this report genuine and unchanged?",
    responses=doc.GENUINE,
)
async def genuine_check(number: str, code: str, service: Service) -> Any:
    """Public, without personal data; a wrong number and a wrong code look alike."""
    desk = service.report_desk

    def load(tx: sa.Connection) -> tuple[IssuedReport, genuine.Beside]:
        report = service.reports.by_code(tx, number[:60], code[:40])
        return report, genuine.Beside(
            newest=service.reports.versions(tx, report.number)[0].version,
            provided=desk.papers.signatures(tx, report),
            endorsed=desk.papers.is_endorsed(tx, report),
        )

    with across(Crossing.GENUINE_REPORT):
        report, beside = await service.shelf.database.read(load)
    return await run_in_threadpool(
        genuine.check,
        report,
        china_day(service.now()),
        desk.keys,
        beside,
    )
