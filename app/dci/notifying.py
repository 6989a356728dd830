"""Partners that subscribed are told: what is news is noted with the verification that made it, and
told with the rights and consents of the moment in which the message is made."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
import structlog

from app.audit.chain import AuditTrail
from app.dci import looks
from app.dci.attributes import HOUSEHOLD_ID
from app.dci.callbacks import notices_of
from app.dci.conditions import AllOf, Compare, Operator
from app.dci.consents import Grant, granted
from app.dci.criteria import Search
from app.dci.endpoints import NOTIFYING
from app.dci.households import Hit, Households
from app.dci.later import LEASE, MOST_ATTEMPTS, Calls, call_id
from app.dci.received import Answer, Received
from app.dci.records import GROUP
from app.dci.refusals import ConsentRefused, ItemRefused, MessageRefused
from app.dci.search import WIDE, record_of, seen_of
from app.dci.standing import Standing
from app.dci.wanting import MEMBER, SHOWN, SHOWN_IBR, SubscriptionRefused, Wanted, wanted_of
from app.dci.words import Words
from app.domain.errors import StorageUnavailable
from app.domain.instants import china_day, rfc3339
from app.store.dci_subscriptions import News, RegistrySubscription, RegistrySubscriptions
from app.store.session import Database
from connectors.dci.codes import VERSION

log = structlog.get_logger()
_AT_ONCE: Final = 20
_UPKEEP: Final = timedelta(minutes=1)


@dataclass(kw_only=True)
class Notifying:
    """Tells of what is due."""

    database: Database
    stored: RegistrySubscriptions
    standing: Standing
    households: Households
    calls: Calls
    trail: AuditTrail
    now: Callable[[], datetime]
    base: str
    _upkeep_at: datetime | None = None

    async def tell_due(self) -> int:
        """Gives how much there was. One that fails keeps no other waiting."""
        now = self.now()
        await self._end_what_is_over(now)
        if not await self.database.read(lambda tx: self.stored.is_any_news(tx, now)):
            return 0
        due = await self.database.write(
            lambda tx: self.stored.take_news(tx, now=now, limit=_AT_ONCE, lease=LEASE)
        )
        for news in due:
            try:
                await self._tell(news)
            except StorageUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - it is tried again when its lease ends
                log.error("registry_notice_failed", news=news.id, error=type(error).__name__)
                if news.attempts >= MOST_ATTEMPTS:
                    await self._drop(news)
        return len(due)

    async def _end_what_is_over(self, now: datetime) -> None:
        if self._upkeep_at is not None and now < self._upkeep_at:
            return
        self._upkeep_at = now + _UPKEEP

        over = await self.database.read(lambda tx: self.stored.over(tx, now))

        def work(tx: sa.Connection) -> None:
            for id_ in over:
                self.stored.end(tx, id_, now)

        if over:
            await self.database.write(work)

    async def _drop(self, news: News) -> None:
        await self.database.write(lambda tx: self.stored.settle_news(tx, news.id))

    async def _tell(self, news: News) -> None:
        one = await self.database.read(
            lambda tx: self.stored.get(tx, news.subscription, news.client_id)
        )
        if one is None or not one.holds(self.now()):
            await self._drop(news)
            return
        received = await self.standing.received(NOTIFYING, one.client_id, one.content, news.id)
        if received is None:
            await self._drop(news)
            return
        try:
            wanted = wanted_of(one.content["item"])
            grant = _granted(received, wanted)
        except (SubscriptionRefused, MessageRefused) as refused:
            why = "no_consent" if isinstance(refused, ConsentRefused) else "no_right"
            await self._refuse(news, received, why)
            return
        about = _Notice(news, one, wanted, grant)
        await self.database.write(lambda tx: self._told(tx, received, about))

    async def _refuse(self, news: News, received: Received, why: str) -> None:
        def work(tx: sa.Connection) -> None:
            if self.stored.settle_news(tx, news.id):
                looks.refused(self.trail, tx, received.look, why)

        await self.database.write(work)

    def _told(self, tx: sa.Connection, received: Received, about: "_Notice") -> None:
        """Found, on record, and in the outbox, all in one transaction."""
        if not self.stored.settle_news(tx, about.news.id):
            return
        now = self.now()
        try:
            at = (china_day(now), now)
            hits = self.households.hits(tx, received.look, about.search, at)
        except ItemRefused:
            return
        hits = [hit for hit in hits if about.is_of(hit)]
        if not hits:
            return
        looks.record(self.trail, tx, received.look, seen_of(hits), (about.grant, about.is_wide))
        answer = about.answer(hits, now, self.base)
        uri = notices_of(received.sender, str(about.one.content["uri"]))
        to = (call_id(about.news.id), "notify", uri)
        self.calls.put(tx, received, answer, to)


def _granted(received: Received, wanted: Wanted) -> Grant:
    """By the consent that the subscription carried, as it stands now. Raises `MessageRefused`,
    `SubscriptionRefused`."""
    search = wanted.search
    if not search.identifiers and WIDE not in received.look.scopes:
        raise ConsentRefused("the right to hear of everybody is gone")
    us, now = received.us, received.at
    return granted(received.sender, search.criteria, search.identifiers, us=us, now=now)


@dataclass(frozen=True, slots=True)
class _Notice:
    """What one subscription is told of one verification."""

    news: News
    one: RegistrySubscription
    wanted: Wanted
    grant: Grant

    @property
    def is_wide(self) -> bool:
        return not self.wanted.search.identifiers

    @property
    def search(self) -> Search:
        """What was subscribed to, of this verification alone: while it is the newest."""
        given = self.wanted.search
        this = Compare(HOUSEHOLD_ID, Operator.EQUAL, (self.news.verification_id,))
        return replace(given, condition=AllOf((this, given.condition)))

    def is_of(self, hit: Hit) -> bool:
        """Of a new member that member alone, where members are told of."""
        if self.news.event != MEMBER or self.wanted.search.entity == GROUP or hit.member is None:
            return True
        return hit.member.ref in self.news.refs

    def answer(self, hits: Sequence[Hit], now: datetime, base: str) -> Answer:
        events = list(self._events(hits, now, base))
        message = {"transaction_id": self.news.id, "notify_event": events}
        return Answer(
            message=message,
            total=len(events),
            completed=len(events),
            about=frozenset(hit.household.id for hit in hits),
            meta={"event": self.news.event, "subscription_code": self.one.id},
        )

    def _events(self, hits: Sequence[Hit], now: datetime, base: str) -> Iterator[dict[str, Any]]:
        search = self.wanted.search
        words = Words.of(search.locale)
        shown = (SHOWN_IBR if search.is_ibr else SHOWN).get(self.news.event)
        for place, hit in enumerate(hits, 1):
            data = {
                "version": VERSION,
                "reg_type": search.reg_type,
                "reg_record_type": search.record_type,
                "reg_records": self.grant.clamped(record_of(hit, search, words, base)),
            }
            if shown is not None:
                data["reg_event_type"] = shown
            yield {
                "reference_id": f"{self.news.id}-{place}",
                "timestamp": rfc3339(now),
                "data": data,
                "locale": words.locale,
            }


def news_id(subscription: str, verification_id: str, version: int) -> str:
    """The same for the same result of the same verification."""
    words = f"{subscription}/{verification_id}/{version}"
    return f"nw_{sha256(words.encode()).hexdigest()[:32]}"
