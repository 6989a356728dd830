"""Subscriptions are made and ended: each item by itself, in the transaction that answers it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.audit.chain import AuditTrail, Entry
from app.audit.telling import tell
from app.dci.attributes import HOUSEHOLD_ID, OF_PERSONS
from app.dci.callbacks import callback_of
from app.dci.consents import granted
from app.dci.envelope import id_of, moment_of
from app.dci.identities import person_of
from app.dci.later import Handling, Make, refusal
from app.dci.received import Answer, Received
from app.dci.refusals import ConsentRefused, MessageRefused
from app.dci.search import WIDE
from app.dci.standing import content_of
from app.dci.wanting import (
    Read,
    SubscriptionRefused,
    Wanted,
    codes_of,
    read_wanted,
)
from app.domain.instants import rfc3339
from app.store.crypto import FieldCipher
from app.store.dci_subscriptions import RegistrySubscription, RegistrySubscriptions
from app.store.indexes import person_keys
from connectors.dci.codes import (
    VERSION,
    ErrorCode,
    Status,
    SubscribeCode,
    UnsubscribeCode,
)

MOST: Final = 10_000
"""Subscriptions of one partner."""
_NOT_KEPT: Final = (
    "the cron text is not kept to: whatever happens between start_time and end_time is told at once"
)


@dataclass(frozen=True, kw_only=True)
class Subscribing:
    """Answers `subscribe` and `unsubscribe`."""

    stored: RegistrySubscriptions
    cipher: FieldCipher
    trail: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]

    def handling(self) -> Handling:
        return Handling(check=self.check, make=self.make, refused=self.refused, keeps=True)

    def ending(self) -> Handling:
        return Handling(
            check=self.check_end, make=self.make_end, refused=self.refused_end, keeps=True
        )

    async def check(self, received: Received) -> Sequence[str]:
        """A message of which no item is well formed is refused as a whole."""
        id_of(received.message, "transaction_id")
        items = read_wanted(received.message["subscribe_request"])
        refused = [one[1] for one in items if not isinstance(one, Wanted)]
        if len(refused) == len(items) and not any(one.formed for one in refused):
            raise MessageRefused(ErrorCode.BAD, f"{refused[0].code.value}: {refused[0]}")
        return [_reference(one) for one in items]

    async def make(self, received: Received) -> Make:
        """In the transaction that settles the message: it is made once, or not at all."""
        items = read_wanted(received.message["subscribe_request"])
        return lambda tx: self._answer(tx, received, items)

    def refused(self, received: Received, why: MessageRefused) -> Answer:
        return refusal(received, why, subscribe_response=[])

    def pending(self, received: Received) -> list[dict[str, Any]]:
        """The items of an answer that is not made yet."""
        items = read_wanted(received.message["subscribe_request"])
        made = {"timestamp": rfc3339(self.now()), "status": Status.PENDING.value}
        return [{"reference_id": _reference(one), **made} for one in items]

    def _answer(self, tx: sa.Connection, received: Received, items: Sequence[Read]) -> Answer:
        told = [self._one(tx, received, one) for one in items]
        message = {
            "transaction_id": received.message["transaction_id"],
            "correlation_id": received.correlation_id,
            "subscribe_response": told,
        }
        return Answer(message=message, total=len(told), completed=len(told))

    def _one(self, tx: sa.Connection, received: Received, item: Read) -> dict[str, Any]:
        told: dict[str, Any] = {
            "reference_id": _reference(item),
            "timestamp": rfc3339(self.now()),
            "locale": item.search.locale if isinstance(item, Wanted) else "eng",
        }
        try:
            if not isinstance(item, Wanted):
                raise item[1]
            shown = self._subscribed(tx, received, item)
        except SubscriptionRefused as refused:
            told["status"] = Status.REJECTED.value
            told["status_reason_code"] = refused.code.value
            told["status_reason_message"] = str(refused)
            return told
        told["status"] = Status.SUCCEEDED.value
        if item.is_scheduled:
            told["status_reason_message"] = _NOT_KEPT
        return {**told, "subscriptions": [shown]}

    def _subscribed(self, tx: sa.Connection, received: Received, wanted: Wanted) -> dict[str, Any]:
        """Raises `SubscriptionRefused`."""
        self._check_rights(received, wanted)
        if wanted.ends_at is not None and wanted.ends_at <= received.at:
            raise _details("frequency: end_time is over")
        if self.stored.count(tx, received.look.actor) >= MOST:
            raise _details(f"there are {MOST} subscriptions already")
        uri = callback_of(received.endpoint, received.header, received.sender)
        new = RegistrySubscription(
            id=self.new_id("ds"),
            client_id=received.look.actor,
            region=received.look.region,
            events=wanted.events,
            persons=self._persons(wanted),
            numbers=_numbers(wanted),
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            created_at=received.at,
            content={**content_of(received, uri), "message": {}, "item": dict(wanted.item)},
        )
        same = self.stored.add(tx, new, _words(wanted, uri))
        if same is not None:
            words = f"the same is subscribed to already: {same.id}"
            raise SubscriptionRefused(SubscribeCode.ALREADY, words)
        self._record(tx, received, "registry_subscribed", new.id)
        return _shown(new, wanted)

    def _check_rights(self, received: Received, wanted: Wanted) -> None:
        """The rights and consents of a search for the same, of a consent that serves again."""
        search = wanted.search
        if not search.identifiers and WIDE not in received.look.scopes:
            raise _details("the filter names nobody: that takes the scope dci_wide")
        try:
            grant = granted(
                received.sender,
                search.criteria,
                search.identifiers,
                us=received.us,
                now=received.at,
            )
        except ConsentRefused as refused:
            raise _details(refused.words) from None
        if grant.once:
            raise _details("the consent serves once (fetch_type): a subscription needs one more")

    def _persons(self, wanted: Wanted) -> tuple[int, ...]:
        found = [
            key
            for one in wanted.search.identifiers
            if one.attribute in OF_PERSONS
            for value in one.values
            for key in person_keys(self.cipher, person_of(one.attribute, value))
        ]
        return tuple(dict.fromkeys(found))

    async def check_end(self, received: Received) -> Sequence[str]:
        id_of(received.message, "transaction_id")
        if moment_of(received.message.get("timestamp")) is None:
            words = "message.timestamp is no moment by RFC 3339 with a zone"
            raise MessageRefused(ErrorCode.BAD, words)
        codes_of(received.message)
        return ()

    async def make_end(self, received: Received) -> Make:
        return lambda tx: self._ended(tx, received)

    def refused_end(self, received: Received, why: MessageRefused) -> Answer:
        made = {"timestamp": rfc3339(self.now()), "status": Status.REJECTED.value}
        return refusal(received, why, **made)

    def _ended(self, tx: sa.Connection, received: Received) -> Answer:
        """Those that can be ended are; another's are answered like those that never were."""
        now, client_id = received.at, received.look.actor
        statuses, wrong = [], {}
        for code in codes_of(received.message):
            found = self.stored.get(tx, code, client_id)
            if found is None:
                wrong[code] = UnsubscribeCode.CODE
                continue
            if found.ended_at is not None:
                wrong[code] = UnsubscribeCode.ALREADY
            else:
                self.stored.end(tx, code, now)
                self._record(tx, received, "registry_unsubscribed", code)
            statuses.append({"code": code, "status": "unsubscribe"})
        message: dict[str, Any] = {
            "transaction_id": received.message["transaction_id"],
            "correlation_id": received.correlation_id,
            "timestamp": rfc3339(self.now()),
            "status": (Status.REJECTED if wrong else Status.SUCCEEDED).value,
            "subscription_status": statuses,
        }
        if wrong:
            message["status_reason_code"] = next(iter(wrong.values())).value
            told = f"{len(wrong)} of the codes: {', '.join(sorted(set(wrong.values())))}"
            message["status_reason_message"] = told
        return Answer(message=message)

    def _record(self, tx: sa.Connection, received: Received, action: str, id_: str) -> None:
        look = received.look
        details = {"kind": look.kind, "office": look.region, "from": look.origin}
        tell(self.trail, tx, Entry(look.actor, action, id_, look.region, details))


def _reference(item: Read) -> str:
    return item.search.reference_id if isinstance(item, Wanted) else item[0]


def _details(words: str) -> SubscriptionRefused:
    return SubscriptionRefused(SubscribeCode.NOTIFY_DETAILS, words)


def _numbers(wanted: Wanted) -> tuple[str, ...]:
    found = (one for one in wanted.search.identifiers if one.attribute == HOUSEHOLD_ID)
    return tuple(dict.fromkeys(str(value) for one in found for value in one.values))


def _words(wanted: Wanted, uri: str) -> bytes:
    """What makes two subscriptions the same: whom and what of, told as what, where."""
    search, criteria = wanted.search, wanted.criteria
    told = [wanted.events, search.entity, search.reg_type.lower(), uri, criteria.get("filter")]
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def _shown(one: RegistrySubscription, wanted: Wanted) -> dict[str, Any]:
    """As both standards have it: the registry core asks for `subscription_code` and criteria."""
    criteria: Mapping[str, Any] = wanted.criteria
    names = ("reg_event_type", "frequency", "filter_type", "filter", "notify_record_type")
    asked = {name: criteria[name] for name in names if criteria.get(name) not in (None, "", {})}
    return {
        "version": VERSION,
        "code": one.id,
        "subscription_code": one.id,
        "status": "subscribe",
        "timestamp": rfc3339(one.created_at),
        "reg_type": wanted.search.reg_type,
        **asked,
        "locale": wanted.search.locale,
        "subscribe_criteria": asked,
    }
