"""What lies beside a report: how it reads, what is open, the two persons who issue it, copies."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from app.access.limited import must_see_all
from app.access.looking import Looker
from app.access.tokens import Caller
from app.api.deps import Service
from app.api.looks import LooksReports, LooksReview, looked_at, note
from app.api.reports import Sighted, allowed
from app.api.schemas import documented as doc
from app.api.schemas.documented_reports import ISSUED, PAPERS, SHEET
from app.api.schemas.reports import PapersOut, SheetOut
from app.audit.chain import Entry
from app.domain.errors import NotAllowed
from app.domain.instants import china_day
from app.report.checklist import blocking
from app.report.desk import SIGNERS, OnDesk, ReportDesk
from app.report.genuine import Beside, check
from app.report.variants import Variant
from app.store.report_papers import OPEN, SIGNED, Endorsement, Print
from app.store.verifications import StoredVerification
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/verifications", tags=["reports"], responses=doc.GUARDED)
_Step = Callable[[ReportDesk, sa.Connection, Caller, OnDesk], str]


@router.get("/{verification_id}/report/view", summary="The report as it reads", responses=SHEET)
async def view(
    verification_id: str, service: Service, who: LooksReports, wish: Sighted
) -> SheetOut:
    """For a screen: no copy, so it is not counted. The print shows the same in the same order."""
    wanted = allowed(who, wish.variant)
    verification = await looked_at(service, who, verification_id, "report_viewed")
    must_see_all(who, service.desk.gate.needs, verification.request)

    def load(tx: sa.Connection) -> dict[str, Any]:
        desk = service.report_desk
        return desk.viewed(tx, desk.of(tx, verification_id), wanted, wish.language)

    return SheetOut.model_validate(await service.shelf.database.read(load))


@router.get(
    "/{verification_id}/report/papers", summary="What lies beside the report", responses=PAPERS
)
async def papers(verification_id: str, service: Service, who: LooksReports) -> PapersOut:
    """State, signatures, versions, what is open, who issued it, which copies left."""
    verification = await looked_at(service, who, verification_id, "report_papers_read")
    must_see_all(who, service.desk.gate.needs, verification.request)
    return await _papers(service, who, verification)


@router.post(
    "/{verification_id}/report/preparation", summary="Prepare the report", responses=ISSUED
)
async def prepare(verification_id: str, service: Service, who: LooksReview) -> PapersOut:
    """The first of two persons; refused while something blocks it."""
    return await _step(service, who, verification_id, ("report_prepared", ReportDesk.prepare))


@router.post("/{verification_id}/report/signature", summary="Sign the report", responses=ISSUED)
async def sign(verification_id: str, service: Service, who: LooksReview) -> PapersOut:
    """The second person, a county reviewer: never who prepared it, nor who decided its matches."""
    if not SIGNERS & who.roles:
        raise NotAllowed("a report is signed by a county reviewer")
    return await _step(service, who, verification_id, ("report_signed", ReportDesk.sign))


@router.post("/{verification_id}/report/return", summary="Give it back", responses=ISSUED)
async def give_back(verification_id: str, service: Service, who: LooksReview) -> PapersOut:
    """By a county reviewer, or taken back by who prepared it."""
    return await _step(service, who, verification_id, ("report_returned", ReportDesk.give_back))


async def _step(
    service: Parts, who: Looker, verification_id: str, what: tuple[str, _Step]
) -> PapersOut:
    """The step and its entry in one transaction."""
    if not who.is_staff:
        raise NotAllowed("reports are issued by people who signed in")
    action, step = what
    verification = await looked_at(service, who, verification_id, "report_papers_read")

    def work(tx: sa.Connection) -> None:
        desk = service.report_desk
        found = desk.looked_up(tx, verification_id, verification.request)
        endorsement = step(desk, tx, who, found)
        details = {
            "number": found.report.number,
            "version": str(found.report.version),
            "endorsement": endorsement,
        }
        region = verification.request.region
        note(service, tx, Entry(who.actor, action, verification_id, region, details))

    await service.shelf.database.write(work)
    return await _papers(service, who, verification)


async def _papers(service: Parts, who: Looker, verification: StoredVerification) -> PapersOut:
    desk = service.report_desk

    def load(tx: sa.Connection) -> tuple[OnDesk, list[Any]]:
        found = desk.looked_up(tx, verification.id, verification.request)
        return found, desk.papers.signatures(tx, found.report)

    found, provided = await service.shelf.database.read(load)
    endorsed = any(one.state == SIGNED for one in found.endorsements)
    beside = Beside(provided=provided, endorsed=endorsed)
    told = await run_in_threadpool(check, found.report, china_day(service.now()), desk.keys, beside)
    sees_all = "read" in who.scopes
    document = {
        **told,
        "variants": list(Variant) if sees_all else [Variant.TOWNSHIP],
        "versions": [
            {
                "version": one.version,
                "verification": one.verification_id,
                "issued_at": one.issued_at,
                "valid_until": one.valid_until,
                "superseded_at": one.superseded_at,
            }
            for one in found.versions
        ],
        "checklist": [one.document() for one in found.open] if sees_all else [],
        "endorsements": [_endorsement(one, sees_all=sees_all) for one in found.endorsements],
        "prints": [_print(one) for one in found.prints] if sees_all else [],
        "printed_times": found.prints[0].copy if found.prints else 0,
        **_steps(who, found),
    }
    return PapersOut.model_validate(document)


def _steps(who: Looker, found: OnDesk) -> dict[str, Any]:
    """What the caller may do now; codes say why not."""
    under_way = found.endorsement
    is_open = under_way is not None and under_way.state == OPEN
    blocks = "blocked" if blocking(found.open) else None
    may_review = "review" in who.scopes and who.is_staff
    prepare = "no_right" if not may_review else blocks or (under_way and "prepared_already")
    sign: str | None = "no_right" if not (may_review and SIGNERS & who.roles) else blocks
    if sign is None:
        sign = _why_not_sign(who, found)
    mine = under_way is not None and under_way.prepared_by == who.actor
    back = None if may_review and (mine or SIGNERS & who.roles) else "no_right"
    if back is None and not is_open:
        back = "not_prepared"
    whys = {"prepare": prepare, "sign": sign, "give_back": back}
    return {name: {"may": why is None, "why": why} for name, why in whys.items()}


def _why_not_sign(who: Looker, found: OnDesk) -> str | None:
    under_way = found.endorsement
    if under_way is None or under_way.state != OPEN:
        return "not_prepared" if under_way is None else "signed_already"
    if under_way.prepared_by == who.actor:
        return "prepared_by_you"
    return "matched_by_you" if who.actor in found.reviewers else None


def _endorsement(one: Endorsement, *, sees_all: bool) -> dict[str, Any]:
    return {
        "id": one.id,
        "state": one.state,
        "preparer": one.preparer,
        "prepared_by": one.prepared_by,
        "prepared_at": one.prepared_at,
        "signer": one.signer,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
        "checklist": list(one.checklist) if sees_all else [],
    }


def _print(one: Print) -> dict[str, Any]:
    return {
        "copy_number": one.copy,
        "name": one.stamp["name"],
        "actor": one.actor,
        "format": one.format,
        "variant": one.variant,
        "language": one.language,
        "terminal": one.stamp["terminal"],
        "printed_at": one.printed_at,
    }
