"""/v1/consents/withdrawals: a household takes its authorisation back, whole or in part."""

import sqlalchemy as sa
from fastapi import APIRouter

from app.access.consent import comparable
from app.access.regions import within
from app.api.deps import MayVerify, Service
from app.api.schemas import documented as doc
from app.api.schemas.consents import WithdrawalIn, WithdrawalOut
from app.verification.clockwork import Clockwork
from app.verification.withdrawal import TakenBack, Taking

router = APIRouter(tags=["consents"])


@router.post(
    "/v1/consents/withdrawals",
    status_code=201,
    summary="Withdraw a consent",
    responses=doc.WITHDRAWN,
)
async def withdraw(body: WithdrawalIn, service: Service, who: MayVerify) -> WithdrawalOut:
    """From this moment nothing is asked under the consent 授权; what was done stays lawful.

    What a source answers after it is not taken in. Request files that no institution has picked up
    are taken back; of the others it is on record that they could not be.
    """
    within(who, body.region)
    new = TakenBack(
        region=body.region,
        reference=body.reference,
        client_id=who.actor,
        number=None if body.id_number is None else comparable(body.id_number.strip()),
        sources=None if body.sources is None else tuple(dict.fromkeys(body.sources)),
    )
    taking = Taking(
        shelf=service.shelf,
        askings=service.askings,
        withdrawals=service.desk.gate.withdrawals,
        audit=service.audit,
        clockwork=Clockwork(service.now, service.new_id),
    )

    def work(tx: sa.Connection) -> int:
        service.exchange.look_again(tx, body.region)
        return taking.take_back(tx, new)

    concerned = await service.shelf.database.write(work)
    state = "withdrawn" if new.is_whole else "narrowed"
    return WithdrawalOut(reference=body.reference, state=state, verifications=concerned)
