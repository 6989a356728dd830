"""/v1/verifications/…/eligibility: what a relief department needs to know, and no more."""

from datetime import date
from typing import Annotated, Any

import orjson
import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.access.tokens import Caller
from app.api.deps import Service
from app.api.looks import LooksEligibility, looked_at
from app.api.schemas import documented as doc
from app.api.schemas.answers import Status
from app.api.schemas.documented_eligibility import ELIGIBILITY
from app.domain.decision import Outcome
from app.domain.errors import NoStandardInForce, UnknownProgramme
from app.report.build import valid_until
from app.store.reports import IssuedReport
from app.store.results import StoredResult
from app.store.verifications import StoredVerification
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/verifications", tags=["verifications"], responses=doc.GUARDED)
_Found = tuple[StoredResult | None, IssuedReport | None]


class EligibleOut(BaseModel):
    """One programme's outcome 认定建议; null until the verification is final."""

    programme: Annotated[str, Field(examples=["medical_relief"])]
    outcome: Outcome | None
    standard: Annotated[str | None, Field(examples=["medical_relief@2026-01-01/220102"])]
    valid_until: date | None


class EligibilityOut(BaseModel):
    """Per programme whether the household is eligible: nothing of its income and assets."""

    id: Annotated[str, Field(pattern="^vf_")]
    case_reference: str
    status: Status
    as_of: date
    programmes: list[EligibleOut]


@router.get(
    "/{verification_id}/eligibility",
    summary="Eligibility alone",
    responses=ELIGIBILITY,
)
async def read(verification_id: str, service: Service, who: LooksEligibility) -> EligibilityOut:
    """The minimal answer 最小化: for the scope `eligibility` it is all that is shown."""
    verification = await looked_at(service, who, verification_id, "eligibility_read")

    def load(tx: sa.Connection) -> _Found:
        newest = service.shelf.results.newest(tx, verification_id)
        return newest, service.reports.of_verification(tx, verification_id)

    found: _Found = (None, None)
    if verification.status == "final":
        found = await service.shelf.database.read(load)
    return _shown(service, who, verification, found)


def _shown(
    service: Parts,
    who: Caller,
    verification: StoredVerification,
    found: _Found,
) -> EligibilityOut:
    request, (result, report) = verification.request, found
    told = [] if result is None else orjson.loads(result.body)["decisions"]
    decisions = {one["programme"]: one for one in told}
    issued_until = None if report is None else report.valid_until
    asked = [one for one in request.programmes if not who.programmes or one in who.programmes]
    return EligibilityOut.model_validate(
        {
            "id": verification.id,
            "case_reference": request.case_reference,
            "status": verification.status,
            "as_of": request.as_of,
            "programmes": [
                _one(service, verification, (name, decisions.get(name)), issued_until)
                for name in asked
            ],
        }
    )


def _one(
    service: Parts,
    verification: StoredVerification,
    decided: tuple[str, dict[str, Any] | None],
    issued_until: date | None,
) -> EligibleOut:
    """Valid for as many months as the standard says, else as long as the report."""
    programme, decision = decided
    if decision is None:
        return EligibleOut(programme=programme, outcome=None, standard=None, valid_until=None)
    request, until = verification.request, issued_until
    try:
        standard = service.standards.in_force(programme, request.region, request.as_of)
    except (NoStandardInForce, UnknownProgramme):
        standard = None  # it was taken away since
    if standard is not None and standard.valid_months is not None:
        until = valid_until(request.as_of, standard.valid_months)
    return EligibleOut(
        programme=programme,
        outcome=decision["outcome"],
        standard=decision["standard"],
        valid_until=until,
    )
