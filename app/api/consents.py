"""/v1/consents/withdrawals: a household takes its authorisation back."""

import sqlalchemy as sa
from fastapi import APIRouter

from app.api.deps import MayVerify, Service
from app.api.schemas import documented as doc
from app.api.schemas.verification import WithdrawalIn
from app.domain.errors import NotAllowed
from app.verification.withdrawal import tell_withdrawn

router = APIRouter(tags=["consents"])


@router.post(
    "/v1/consents/withdrawals",
    status_code=201,
    summary="Withdraw a consent",
    responses=doc.WITHDRAWN,
)
async def withdraw(body: WithdrawalIn, service: Service, who: MayVerify) -> dict[str, str]:
    """From this moment nothing is asked under the consent 授权; what was done stays lawful."""
    if not body.region.startswith(who.region):
        raise NotAllowed("the region is outside the client's own")

    def work(tx: sa.Connection) -> None:
        service.askings.withdraw(
            tx,
            region=body.region,
            reference=body.reference,
            client_id=who.actor,
            now=service.now(),
        )
        consent = body.region, body.reference
        tell_withdrawn(tx, service.shelf, consent, now=service.now())
        service.audit.append(
            tx,
            actor=who.actor,
            action="consent_withdrawn",
            about=(body.reference, body.region),
            details={},
        )

    await service.shelf.database.write(work)
    return {"reference": body.reference, "state": "withdrawn"}
