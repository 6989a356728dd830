"""Searches of one message, answered one by one: found, nothing found, or why it is refused."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.audit.chain import AuditTrail
from app.dci import looks
from app.dci.consents import Grant, granted, use_once
from app.dci.criteria import Search, read_searches
from app.dci.envelope import id_of
from app.dci.households import Hit, Households
from app.dci.received import Answer, Received
from app.dci.records import (
    GROUP,
    PERSON,
    beneficiary_record,
    group_record,
    member_record,
    person_record,
)
from app.dci.refusals import ConsentRefused, ItemRefused, MessageRefused
from app.dci.words import Words
from app.domain.instants import china_day, rfc3339
from app.store.clients import Clients
from app.store.session import Database
from connectors.dci.codes import VERSION, ErrorCode, ItemCode, Status

WIDE: Final = "dci_wide"
"""The scope of whoever may search without naming anybody."""
Admit = Callable[[str], Awaitable[bool]]
"""Whether the client may make one more wide search now."""
_Item = Search | tuple[str, ItemRefused]


@dataclass(frozen=True, kw_only=True)
class Searching:
    """Answers `search`; the asynchronous endpoints run the same work later."""

    database: Database
    households: Households
    clients: Clients
    trail: AuditTrail
    admit_wide: Admit
    now: Callable[[], datetime]
    base: str

    def read(self, received: Received) -> list[_Item]:
        """The message's searches. Raises `MessageRefused` where the message has no transaction."""
        id_of(received.message, "transaction_id")
        return read_searches(received.message["search_request"])

    async def answer(self, received: Received) -> Answer:
        """All of them, in their order. Raises `MessageRefused`, `StorageUnavailable`."""
        items = self.read(received)
        grants = await self._granted(received, items)
        about: set[str] = set()
        answers = [await self._one(received, item, grants, about) for item in items]
        message = {
            "transaction_id": id_of(received.message, "transaction_id"),
            "correlation_id": received.correlation_id,
            "search_response": answers,
        }
        # An item that is refused is completed, too; that it was refused, the item itself says.
        count = len(answers)
        return Answer(message=message, total=count, completed=count, about=frozenset(about))

    async def _granted(self, received: Received, items: Sequence[_Item]) -> dict[str, Grant]:
        """What each search may be told, by its reference; a refusal stands in the trail.

        Raises `ConsentRefused`: without a consent none of the message's searches is made. A consent
        that serves once serves one message, however often that is sent.
        """
        try:
            grants = self.grants(received, items)
            await self.database.write(
                lambda tx: use_once(tx, self.clients, received, grants.values())
            )
        except ConsentRefused as refused:
            await self.database.write(
                lambda tx: looks.refused(self.trail, tx, received.look, "no_consent")
            )
            raise refused from None
        return grants

    def grants(self, received: Received, items: Sequence[_Item]) -> dict[str, Grant]:
        """What each search may be told, by its reference. Raises `ConsentRefused`."""
        return {
            one.reference_id: granted(
                received.sender,
                one.criteria,
                one.identifiers,
                us=received.us,
                now=received.at,
            )
            for one in items
            if isinstance(one, Search)
        }

    async def _one(
        self, received: Received, item: _Item, grants: Mapping[str, Grant], about: set[str]
    ) -> dict[str, Any]:
        if not isinstance(item, Search):
            return refused_item(item[0], item[1], self.now())
        try:
            await self._check_wide(received, item)
            total, page = await self._found(received, item, grants[item.reference_id])
        except ItemRefused as refused:
            return refused_item(item.reference_id, refused, self.now(), item.locale)
        about.update(hit.household.id for hit in page)
        return self._told(item, grants[item.reference_id], total, page)

    async def _check_wide(self, received: Received, search: Search) -> None:
        """Who names nobody fishes: that takes a right of its own, and is counted."""
        if search.identifiers:
            return
        if WIDE not in received.look.scopes:
            words = "a search names an identifier: wider ones need the scope dci_wide"
            raise ItemRefused(ItemCode.FILTER, words)
        if not await self.admit_wide(received.look.actor):
            raise MessageRefused(ErrorCode.TOO_MANY, "too many wide searches in this time")

    async def _found(
        self, received: Received, search: Search, grant: Grant
    ) -> tuple[int, Sequence[Hit]]:
        """Finds, and writes the look into the trail: how many there are, and the page's."""
        now = self.now()
        today, look = china_day(now), received.look

        hits = await self.database.read(
            lambda tx: self.households.hits(tx, look, search, (today, now))
        )
        begins = search.page.begins
        page = hits[begins : begins + search.page.size]
        seen, told = seen_of(page), (grant, not search.identifiers)
        # Not in the transaction that reads: it may open many households, and others want to write.
        await self.database.write(lambda tx: looks.record(self.trail, tx, look, seen, told))
        return len(hits), page

    def _told(
        self, search: Search, grant: Grant, total: int, page: Sequence[Hit]
    ) -> dict[str, Any]:
        words = Words.of(search.locale)
        records = [grant.clamped(record_of(hit, search, words, self.base)) for hit in page]
        return {
            "reference_id": search.reference_id,
            "timestamp": rfc3339(self.now()),
            "status": Status.SUCCEEDED.value,
            "data": {
                "version": VERSION,
                "reg_type": search.reg_type,
                "reg_record_type": search.record_type,
                "reg_records": records,
            },
            "pagination": {
                "page_size": search.page.size,
                "page_number": search.page.number,
                "total_count": total,
            },
            "locale": words.locale,
        }


def seen_of(page: Sequence[Hit]) -> list[looks.Seen]:
    """Each household once, with all of its members or those that were found."""
    refs: dict[str, list[str]] = {}
    for hit in page:
        members = hit.household.members if hit.member is None else [hit.member]
        refs.setdefault(hit.household.id, []).extend(one.ref for one in members)
    households = {hit.household.id: hit.household for hit in page}
    return [(one, refs[id_]) for id_, one in households.items()]


def record_of(hit: Hit, search: Search, words: Words, base: str) -> dict[str, Any]:
    if search.is_ibr:
        return beneficiary_record(hit.household, hit.member or hit.household.head, base)
    if search.entity == GROUP or hit.member is None:
        return group_record(hit.household, words, base)
    make = person_record if search.entity == PERSON else member_record
    return make(hit.household, hit.member, words, base)


def refused_item(
    reference_id: str, refused: ItemRefused, at: datetime, locale: str = "eng"
) -> dict[str, Any]:
    """An item of a search response that says why there is no record."""
    return {
        "reference_id": reference_id,
        "timestamp": rfc3339(at),
        "status": Status.REJECTED.value,
        "status_reason_code": refused.code.value,
        "status_reason_message": refused.words,
        "locale": locale,
    }
