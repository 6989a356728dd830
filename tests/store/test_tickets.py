"""Tickets and notices are taken by one worker at a time; leases end; sequences have no gaps."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from app.store.askings import Askings, next_value
from app.store.crypto import FieldCipher
from app.store.outbox import Notice, Outbox
from app.store.session import Database, connect
from app.store.tickets import StoredTicket, Tickets
from tests.service_parts import NOON, REGION

LEASE = timedelta(seconds=60)
LATER = NOON + timedelta(seconds=61)


def a_ticket(number: int, **changes: object) -> StoredTicket:
    values: dict[str, object] = {
        "reference": f"aq_{number}",
        "verification_id": "vf_1",
        "region": REGION,
        "source": "bank",
        "institutions": None,
        "sequence": number,
        "sent_on": date(2026, 11, 24),
        "tries": 1,
        "ticket": b"payload",
        "state": "waiting",
        "next_at": NOON,
        "deadline_at": NOON + timedelta(days=1),
    }
    return StoredTicket(**{**values, **changes})  # type: ignore[arg-type]


def a_notice(number: int) -> Notice:
    return Notice(
        event_id=f"ev_{number}",
        verification_id=f"vf_{number}",
        region=REGION,
        client_id="cl_1",
        url="https://case.example/verified",
        body=b"{}",
        attempts=0,
        created_at=NOON,
    )


@pytest.fixture
async def second(migrated: Database, database_url: str) -> AsyncIterator[Database]:
    """Another process's way to the same database."""
    other = connect(database_url)
    yield other
    await other.aclose()


async def test_two_pollers_never_take_the_same_ticket(
    migrated: Database, second: Database, cipher: FieldCipher
) -> None:
    tickets = Tickets(cipher)
    for number in range(40):
        await migrated.write(lambda tx, n=number: tickets.put(tx, a_ticket(n)))  # type: ignore[misc]
    rounds = await asyncio.gather(
        *(
            database.write(
                lambda tx: tickets.take_due(tx, now=NOON, limit=7, lease=LEASE, of_batches=False)
            )
            for database in (migrated, second) * 4
        )
    )
    taken = [one.reference for some in rounds for one in some]
    assert len(taken) == len(set(taken)) == 40


async def test_a_lease_ends_and_a_ticket_that_is_done_stays_done(
    migrated: Database, cipher: FieldCipher
) -> None:
    tickets = Tickets(cipher)

    async def due(now: object) -> list[str]:
        some = await migrated.write(
            lambda tx: tickets.take_due(tx, now=now, limit=9, lease=LEASE, of_batches=False)  # type: ignore[arg-type]
        )
        return [one.reference for one in some]

    await migrated.write(lambda tx: tickets.put(tx, a_ticket(1)))
    assert await due(NOON) == ["aq_1"]
    assert await due(NOON) == []
    assert await due(LATER) == ["aq_1"]
    await migrated.write(lambda tx: tickets.put(tx, a_ticket(1, state="done", ticket=None)))
    await migrated.write(lambda tx: tickets.put(tx, a_ticket(1)))  # a late part of the same
    assert await due(LATER + LEASE * 2) == []


async def test_two_notifiers_never_take_the_same_notice(
    migrated: Database, second: Database, cipher: FieldCipher
) -> None:
    outbox = Outbox(cipher)
    for number in range(20):
        await migrated.write(lambda tx, n=number: outbox.add(tx, a_notice(n)))  # type: ignore[misc]
        await migrated.write(lambda tx, n=number: outbox.add(tx, a_notice(n)))  # type: ignore[misc]
    rounds = await asyncio.gather(
        *(
            database.write(lambda tx: outbox.take_due(tx, now=NOON, limit=6, lease=LEASE))
            for database in (migrated, second) * 3
        )
    )
    taken = [one.event_id for some in rounds for one in some]
    assert len(taken) == len(set(taken)) == 20


async def test_sequences_have_no_gaps_even_where_a_use_fails(
    migrated: Database, second: Database
) -> None:
    def used(tx: object, *, fails: bool) -> int:
        value = next_value(tx, "report/220102/2026")  # type: ignore[arg-type]
        if fails:
            raise LookupError
        return value

    done = await asyncio.gather(
        *(
            database.write(lambda tx, fails=index % 3 == 0: used(tx, fails=fails))  # type: ignore[misc]
            for index, database in enumerate((migrated, second) * 12)
        ),
        return_exceptions=True,
    )
    values = sorted(value for value in done if isinstance(value, int))
    assert values == list(range(1, len(values) + 1))
    assert len(values) == 16


async def test_a_sequence_is_one_a_source_region_and_day(migrated: Database) -> None:
    askings = Askings()
    keys = [
        ("bank", "220102", date(2026, 11, 24)),
        ("bank", "220102", date(2026, 11, 25)),
        ("bank", "220103", date(2026, 11, 24)),
        ("securities", "220102", date(2026, 11, 24)),
    ]
    for turn in (1, 2):
        for source, region, day in keys:
            value = await migrated.write(
                lambda tx, s=source, r=region, d=day: askings.next_sequence(tx, s, r, d)  # type: ignore[misc]
            )
            assert value == turn
