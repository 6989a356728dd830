"""Searches that are answered later: what is looked at before they are acknowledged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.dci import looks
from app.dci.consents import use_once
from app.dci.criteria import Search
from app.dci.later import Handling, Make, refusal
from app.dci.received import Answer, Received
from app.dci.refusals import ConsentRefused, MessageRefused
from app.dci.search import Searching
from app.domain.instants import rfc3339
from app.store.clients import Clients
from app.store.session import Database
from connectors.dci.codes import ErrorCode, ItemCode, Status

_OF_BUSINESS: Final = (ItemCode.FILTER, ItemCode.SORT, ItemCode.TOO_MANY_RECORDS)
"""What is wrong with a well-formed search: it is acknowledged, and refused in its answer."""


@dataclass(frozen=True, kw_only=True)
class SearchingLater:
    """By the same work as searches that are answered at once, with the rights of that moment."""

    searching: Searching
    database: Database
    clients: Clients
    trail: AuditTrail
    now: Callable[[], datetime]

    def handling(self) -> Handling:
        return Handling(check=self.check, make=self.make, refused=self.refused)

    async def check(self, received: Received) -> Sequence[str]:
        """A message of which no item is well formed is refused; a consent must hold already now.

        A consent that serves once serves this message: it is used up here.
        """
        items = self.searching.read(received)
        refused = [one[1] for one in items if not isinstance(one, Search)]
        if len(refused) == len(items) and not any(one.code in _OF_BUSINESS for one in refused):
            words = f"{refused[0].code.value}: {refused[0].words}"
            raise MessageRefused(ErrorCode.BAD, words)
        try:
            grants = self.searching.grants(received, items)
            await self.database.write(
                lambda tx: use_once(tx, self.clients, received, grants.values())
            )
        except ConsentRefused as why:
            await self.database.write(
                lambda tx: looks.refused(self.trail, tx, received.look, "no_consent")
            )
            raise why from None
        return [one.reference_id if isinstance(one, Search) else one[0] for one in items]

    async def make(self, received: Received) -> Make:
        answer = await self.searching.answer(received)

        def make(_: sa.Connection) -> Answer:
            return answer

        return make

    def refused(self, received: Received, why: MessageRefused) -> Answer:
        """No record: each item says so."""
        return refusal(received, why, search_response=self.items(received, Status.REJECTED, why))

    def items(
        self, received: Received, status: Status, why: MessageRefused | None = None
    ) -> list[dict[str, str]]:
        """The items of an answer that has no record: refused as a whole, or not made yet."""
        made = {"timestamp": rfc3339(self.now()), "status": status.value}
        if why is not None:
            made["status_reason_message"] = why.told
        return [
            {"reference_id": one.reference_id if isinstance(one, Search) else one[0], **made}
            for one in self.searching.read(received)
        ]
