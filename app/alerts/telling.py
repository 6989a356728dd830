"""Notices 通知 to who subscribed to a household: that something is to be read, never what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import orjson
import sqlalchemy as sa

from app.domain.instants import rfc3339
from app.store.outbox import Notice, Outbox
from app.store.subscriptions import Subscription, Subscriptions


class Event(StrEnum):
    """What a client can be told of."""

    HOUSEHOLD_CHANGED = "household.changed"
    ALERT_RAISED = "alert.raised"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What came of a final verification."""

    verification_id: str
    case_reference: str
    region: str
    batch_id: str | None
    changed: bool
    alert_ids: Sequence[str]
    at: datetime


@dataclass(frozen=True)
class Telling:
    """Puts notices into the outbox, in the transaction of what they tell."""

    subscriptions: Subscriptions
    outbox: Outbox

    def tell(self, tx: sa.Connection, news: News) -> None:
        """One notice that the household changed, one for each alert; to each who wants it."""
        about: dict[Event, Sequence[str | None]] = {
            Event.HOUSEHOLD_CHANGED: (None,) if news.changed else (),
            Event.ALERT_RAISED: news.alert_ids,
        }
        for event, alert_ids in about.items():
            if not alert_ids:
                continue
            wanting = self.subscriptions.wanting(
                tx, news.case_reference, region=news.region, event=event.value
            )
            self.outbox.add_all(tx, list(_notices(news, event, alert_ids, wanting)))


def _notices(
    news: News,
    event: Event,
    alert_ids: Sequence[str | None],
    wanting: Sequence[Subscription],
) -> Iterator[Notice]:
    for one in wanting:
        for alert_id in alert_ids:
            about = alert_id or news.verification_id
            event_id = f"ev_{sha256(f'{one.id}/{event}/{about}'.encode()).hexdigest()[:32]}"
            yield Notice(
                event_id=event_id,
                type=event.value,
                verification_id=news.verification_id,
                batch_id=news.batch_id,
                alert_id=alert_id,
                region=news.region,
                client_id=one.client_id,
                url=one.url,
                body=orjson.dumps(_body(news, event, (event_id, one.id, alert_id))),
                created_at=news.at,
            )


def _body(news: News, event: Event, ids: tuple[str, str, str | None]) -> Mapping[str, str]:
    event_id, subscription_id, alert_id = ids
    body = {
        "event_id": event_id,
        "type": event.value,
        "subscription": subscription_id,
        "verification": news.verification_id,
        "case_reference": news.case_reference,
        "at": rfc3339(news.at),
    }
    return body if alert_id is None else {**body, "alert": alert_id}
