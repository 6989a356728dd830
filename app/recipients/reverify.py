"""Batches of those who are due 复核: asked for, or begun by the service itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.access.tokens import Caller
from app.domain.household import Purpose, VerificationRequest
from app.recipients.asked import as_asked
from app.recipients.desk import RecipientDesk, Summary
from app.recipients.due import window_begun
from app.store.batches import NewBatch
from app.store.recipient_lists import Wanted

MOST_A_BATCH: Final = 5_000
"""Households of one batch: it is made in one transaction, and others want to write too."""
ORIGIN: Final = "recipients"
SCHEDULE: Final = "hedui schedule"
"""Who begins what is begun by itself."""
Households = Iterable[tuple[str, VerificationRequest]]
"""Recipients' ids, and what is asked of each."""
Create = Callable[[sa.Connection, NewBatch, Households], int]
"""Makes a batch that runs at once; gives how many households it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Whom to verify again: who is due of a region and class, the longest due first."""

    region: str
    class_: str | None = None
    limit: int | None = None
    programmes: tuple[str, ...] = ()
    """Only those that receive nothing but these; none named: everybody."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch that was begun."""

    id: str
    region: str
    households: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an order would begin: households by county; and how the region stands."""

    counties: dict[str, int]
    summary: Summary

    @property
    def households(self) -> int:
        return sum(self.counties.values())


class Reverification:
    """Begins batches; a household is in one running batch at most."""

    def __init__(
        self, desk: RecipientDesk, create: Create, *, most_a_batch: int = MOST_A_BATCH
    ) -> None:
        self._desk = desk
        self._create = create
        self._most_a_batch = most_a_batch

    async def outlook(self, order: Order) -> Outlook:
        """Nothing is begun; whose consent ends or has ended is told up front."""
        found = await self.due(order)
        summary = await self._desk.summary(order.region, order.class_)
        return Outlook({county: len(ids) for county, ids in found.items()}, summary)

    async def begin(self, order: Order, who: Caller) -> list[Begun]:
        """Batches by county, each in a transaction of its own: broken off, the rest is still due.

        Consent is checked at every sending: who has none is in the batch and not asked about.
        """
        begun = []
        for county, ids in (await self.due(order)).items():
            begun += await self.begin_county(county, ids, who)
        return begun

    async def begin_county(self, county: str, ids: Sequence[str], who: Caller) -> list[Begun]:
        begun = []
        for start in range(0, len(ids), self._most_a_batch):
            some = ids[start : start + self._most_a_batch]
            one = await self._begin(county, some, who)
            if one is not None:
                begun.append(one)
        return begun

    async def due(self, order: Order) -> dict[str, list[str]]:
        """Who would be taken, by county."""
        desk = self._desk
        wanted = Wanted(
            region=order.region,
            class_=order.class_,
            due_by=desk.today,
            programmes=order.programmes,
        )
        return await desk.database.read(
            lambda tx: desk.lists.free_by_county(tx, wanted, order.limit)
        )

    async def _begin(self, county: str, ids: Sequence[str], who: Caller) -> Begun | None:
        desk = self._desk

        def work(tx: sa.Connection) -> Begun | None:
            desk.lists.lock_beginnings(tx)
            households = list(self._asked(tx, ids, who))
            if not households:
                return None
            new = self._new(county, who)
            return Begun(new.id, county, self._create(tx, new, households))

        return await desk.database.write(work)

    def _asked(
        self, tx: sa.Connection, ids: Sequence[str], who: Caller
    ) -> Iterator[tuple[str, VerificationRequest]]:
        """Those who are still free and the caller's to ask about, each as of today."""
        desk, today = self._desk, self._desk.today
        taken, own = desk.lists.take(tx, ids), set(who.programmes)
        rows = [row for row in taken if not own or own.issuperset(row.programmes)]
        for row, request in zip(rows, desk.recipients.requests(tx, rows), strict=True):
            yield row.id, as_asked(request, today)

    def _new(self, county: str, who: Caller) -> NewBatch:
        desk = self._desk
        return NewBatch(
            id=desk.new_id("bt"),
            # Of a township's own if it asked: of the county's it would see nothing afterwards.
            region=who.region if who.region.startswith(county) else county,
            client_id=who.actor,
            origin=ORIGIN,
            format=ORIGIN,
            purpose=Purpose.REVERIFICATION,
            as_of=desk.today,
            created_at=desk.now(),
        )


class ReverifyDue:
    """Begins by itself, once in each window of the rules, for the regions that they name."""

    def __init__(self, desk: RecipientDesk, reverification: Reverification) -> None:
        self._desk = desk
        self._reverification = reverification

    async def run(self) -> int:
        """A round of a duty; gives for how many households it began batches."""
        schedule = self._desk.rules.schedule
        opened = window_begun(schedule, self._desk.now())
        if not schedule.enabled or opened is None:
            return 0
        begun = await self._begun_since(opened)
        households = 0
        for region in schedule.regions:
            left = schedule.most_households - sum(begun.values()) - households
            if left <= 0:
                break
            for county, ids in (
                await self._reverification.due(Order(region=region, limit=left))
            ).items():
                if county not in begun:
                    households += await self._begin(county, ids)
        return households

    async def _begun_since(self, opened: datetime) -> dict[str, int]:
        lists = self._desk.lists
        return await self._desk.database.read(
            lambda tx: lists.begun_since(tx, client_id=SCHEDULE, since=opened)
        )

    async def _begin(self, county: str, ids: Sequence[str]) -> int:
        who = Caller(SCHEDULE, county, ("batch",))
        return sum(
            one.households for one in await self._reverification.begin_county(county, ids, who)
        )
