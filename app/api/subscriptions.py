"""/v1/subscriptions: to hear of a household's changes and alerts 订阅."""

import sqlalchemy as sa
from fastapi import APIRouter, Response

from app.api.callback_addresses import check_callback
from app.api.deps import ClientReads, Service
from app.api.schemas import documented as doc
from app.api.schemas import documented_alerts as of_alerts
from app.api.schemas.subscriptions import SubscriptionIn, SubscriptionOut, SubscriptionsOut
from app.store.subscriptions import Subscription

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"], responses=doc.GUARDED)


@router.post(
    "",
    status_code=201,
    summary="Subscribe to a household",
    responses=of_alerts.SUBSCRIBED,
    callbacks=of_alerts.callbacks.routes,
)
async def subscribe(body: SubscriptionIn, service: Service, who: ClientReads) -> SubscriptionOut:
    """Of a household with a verification in the client's region; asked twice it is one."""

    await check_callback(service, body.callback_url)

    def work(tx: sa.Connection) -> Subscription:
        case_reference, region = service.subscriptions.verified_case(
            tx, region=who.region, case_reference=body.case_reference, id_=body.verification
        )
        new = Subscription(
            id="",
            region=region,
            client_id=who.actor,
            case_reference=case_reference,
            events=tuple(sorted({event.value for event in body.events})),
            url=str(body.callback_url),
            created_at=service.now(),
        )
        added = service.subscriptions.add(tx, new)
        service.audit.append(
            tx,
            actor=who.actor,
            action="subscribed",
            about=(added.id, region),
            details={"case": case_reference, "events": " ".join(added.events)},
        )
        return added

    return _shown(await service.shelf.database.write(work))


@router.get("", summary="Your subscriptions", responses=of_alerts.SUBSCRIPTIONS)
async def listed(service: Service, who: ClientReads) -> SubscriptionsOut:
    """The client's own that have not ended."""
    found = await service.shelf.database.read(
        lambda tx: service.subscriptions.of_client(tx, who.actor)
    )
    return SubscriptionsOut(subscriptions=[_shown(one) for one in found])


@router.delete(
    "/{subscription_id}",
    status_code=204,
    summary="End a subscription",
    responses=of_alerts.ENDED,
)
async def end(subscription_id: str, service: Service, who: ClientReads) -> Response:
    """Nothing more is told; notices that are on their way still arrive."""

    def work(tx: sa.Connection) -> None:
        ended = service.subscriptions.end(
            tx, subscription_id, client_id=who.actor, now=service.now()
        )
        about = ended.id, ended.region
        service.audit.append(tx, actor=who.actor, action="unsubscribed", about=about, details={})

    await service.shelf.database.write(work)
    return Response(status_code=204)


def _shown(one: Subscription) -> SubscriptionOut:
    return SubscriptionOut(
        id=one.id,
        case_reference=one.case_reference,
        region=one.region,
        callback_url=one.url,
        events=list(one.events),
        created_at=one.created_at,
    )
