"""Batches of who is due: by county, nobody twice, as of today, and by themselves in a window."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.access.tokens import Caller
from app.domain.household import Purpose
from app.domain.recipient import WhyDue
from app.recipients.intake import Tally
from app.recipients.relief import Relief
from app.recipients.reverify import (
    SCHEDULE,
    Begun,
    Households,
    Order,
    Reverification,
    ReverifyDue,
)
from app.recipients.rules import Rules, Schedule
from app.store.batch_households import BatchRow
from app.store.batches import NewBatch
from app.store.recipient_lists import Wanted
from app.store.tables_batch import batch, batch_household
from app.wiring import Stages
from tests.builders import a_consent
from tests.recipients.conftest import relief_over
from tests.recipients.rosters import TODAY, a_person, a_row
from tests.service_parts import Clock

PROVINCE = Caller("cl_1", "22", ("batch",))
PLACES = ("220102001", "220102003", "220103001", "220202001")


class Running:
    """A roster of twelve in three counties, and what is begun for them."""

    def __init__(self, relief: Relief, built: Stages) -> None:
        self.relief = relief
        self.built = built
        self.database = built.shelf.database

    async def begin(self, **order: object) -> list[Begun]:
        wanted = Order(**{"region": "22", **order})  # type: ignore[arg-type]
        return await self.relief.reverification.begin(wanted, PROVINCE)

    async def rows(self, batch_id: str, size: int = 50) -> Sequence[BatchRow]:
        households = self.built.shelf.batch_households
        return await self.database.read(lambda tx: households.of_unit(tx, batch_id, (0, size - 1)))

    async def all_over(self, state: str = "done") -> None:
        await self.database.write(
            lambda tx: tx.execute(batch_household.update().values(state=state))
        )


@pytest.fixture
async def running(tmp_path: Path, database_url: str, clock: Clock) -> AsyncIterator[Running]:
    async with relief_over(tmp_path, database_url, clock, Rules.load()) as (relief, built):
        rows = [
            a_row(
                f"c-{nth:02d}",
                a_person("m1", nth),
                region=PLACES[nth % 4],
                class_="ABC"[nth % 3],
                consent=a_consent(valid_until=TODAY + timedelta(days=nth), signatories=("m1",)),
            )
            for nth in range(12)
        ]
        await relief.intake.take_in_some(rows, PROVINCE, Tally())
        yield Running(relief, built)


async def test_by_county_as_of_today_for_re_verification(running: Running, clock: Clock) -> None:
    clock.forward(days=3)
    begun = await running.begin()
    assert [(one.region, one.households) for one in begun] == [
        ("220102", 6),
        ("220103", 3),
        ("220202", 3),
    ]
    rows = await running.rows(begun[0].id)
    requests = [row.request for row in rows if row.request is not None]
    assert {one.as_of for one in requests} == {TODAY + timedelta(days=3)}
    assert {one.purpose for one in requests} == {Purpose.REVERIFICATION}
    assert {one.region for one in requests} == {"220102001", "220102003"}
    heads = await running.database.read(
        lambda tx: tx.execute(sa.select(batch).order_by(batch.c.region)).all()
    )
    assert [(row.origin, row.status, row.client_id) for row in heads] == [
        ("recipients", "running", "cl_1")
    ] * 3


async def test_nobody_is_in_two_running_batches(running: Running) -> None:
    first = await running.begin(region="220102")
    assert await running.begin(region="220102") == []
    assert sum(one.households for one in await running.begin()) == 6
    await running.all_over("failed")  # what failed is still due
    assert sum(one.households for one in await running.begin(region="220102")) == 6
    assert first[0].households == 6


async def test_two_who_begin_at_once_share_them(running: Running) -> None:
    both = await asyncio.gather(running.begin(), running.begin())
    assert sum(one.households for begun in both for one in begun) == 12


async def test_of_a_class_or_so_many_the_longest_due_first(running: Running) -> None:
    desk = running.relief.desk
    (late,) = [
        one
        for one in await desk.page(PROVINCE, Wanted(region="22"), after="", limit=50)
        if one.case_reference == "c-07"
    ]
    overdue = replace(late, due_on=TODAY - timedelta(days=90), why_due=WhyDue.CADENCE)
    await desk.database.write(lambda tx: desk.recipients.replace(tx, [overdue]))
    (one,) = await running.begin(limit=1)
    assert (one.region, one.households) == ("220202", 1)
    outlook = await running.relief.reverification.outlook(Order(region="22", class_="A"))
    assert outlook.counties == {"220102": 2, "220103": 1, "220202": 1}
    assert outlook.households == 4
    assert (outlook.summary.consent_expired, outlook.summary.consent_expiring) == (0, 4)


async def test_who_is_not_due_or_suspended_is_left_out(running: Running) -> None:
    desk = running.relief.desk
    first, second, *_ = await desk.page(PROVINCE, Wanted(region="22"), after="", limit=50)
    later = replace(first, due_on=date(2026, 11, 25), why_due=WhyDue.CADENCE)
    await desk.database.write(lambda tx: desk.recipients.replace(tx, [later]))
    await desk.suspend(second.id, PROVINCE)
    assert sum(one.households for one in await running.begin()) == 10


async def test_many_are_several_batches(running: Running) -> None:
    def none(_tx: sa.Connection, _new: NewBatch, households: Households) -> int:
        return len(list(households))

    several = Reverification(running.relief.desk, none, most_a_batch=4)
    begun = await several.begin(Order(region="220102"), PROVINCE)
    assert [one.households for one in begun] == [4, 2]


def scheduled(running: Running, **changes: object) -> ReverifyDue:
    """By itself from noon to one o'clock, for two regions."""
    schedule = Schedule(
        enabled=True,
        opens=time(12),
        closes=time(13),
        regions=("220102", "2202"),
        most_households=100,
    )
    desk = running.relief.desk
    rules = replace(desk.rules, schedule=replace(schedule, **changes))  # type: ignore[arg-type]
    return ReverifyDue(replace(desk, rules=rules), running.relief.reverification)


async def test_by_itself_once_in_a_window(running: Running, clock: Clock) -> None:
    duty = scheduled(running)
    assert await duty.run() == 9
    clients: set[str] = await running.database.read(
        lambda tx: set(tx.execute(sa.select(batch.c.client_id)).scalars())
    )
    assert clients == {SCHEDULE}
    await running.all_over("failed")
    clock.forward(minutes=30)
    assert await duty.run() == 0  # failed: not again in this window
    clock.forward(minutes=30)
    assert await duty.run() == 0  # the window is over
    clock.forward(hours=23)
    assert await duty.run() == 9


@pytest.mark.parametrize(
    ("changes", "begun"),
    [
        ({"enabled": False}, 0),
        ({"opens": time(13), "closes": time(12)}, 0),
        ({"regions": ()}, 0),
        ({"most_households": 7}, 7),
    ],
)
async def test_what_the_schedule_says(
    running: Running, changes: dict[str, object], begun: int
) -> None:
    duty = scheduled(running, **changes)
    assert await duty.run() == begun
    assert await duty.run() == 0


async def test_the_shipped_schedule_is_off(running: Running) -> None:
    assert await running.relief.reverify_due.run() == 0
