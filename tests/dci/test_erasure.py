"""What is erased is told to nobody any more, wherever an answer about it stood just then."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
import sqlalchemy as sa

from app.store.dci_tasks import Task
from app.store.tables import outbox
from tests.dci.listener import Subscriber, a_subscriber, fresh, settled
from tests.dci.parts import by_id
from tests.service_parts import HEAD, NAMES, NUMBERS, Running, all_ten, running

PATH = "/registry/search"
CASE = "220102-2026-000123"


@pytest_asyncio.fixture
async def service(tmp_path: Path, database_url: str) -> AsyncIterator[Running]:
    async with running(tmp_path, all_ten(), database_url=database_url) as one:
        reply = await one.post()
        assert reply.json()["status"] == "final", reply.text
        yield one


async def erase(service: Running) -> None:
    """The case, by two persons."""
    one, other = [await service.client(scopes=("erase",)) for _ in range(2)]
    body = {"case_reference": CASE, "basis": "consent_withdrawn", "document": "SC-2026-0007"}
    asked = await service.http.post("/v1/erasures", json=body, headers=one)
    assert asked.status_code == 201, asked.text
    path = f"/v1/erasures/{asked.json()['id']}/approval"
    done = await service.http.post(path, headers=other)
    assert done.json()["erased"], done.text


async def told(service: Running, one: Subscriber) -> list[dict[str, Any]]:
    """All records that the partner has of the household from now on, however it asks."""
    one.partner.headers = await fresh(one)
    found = []
    for query in (by_id("UIN", HEAD), by_id("HHID", CASE)):
        found += await one.partner.records(query)
    asked = await one.partner.sends(
        one.status("transaction_id", "t-later", txn_type="search"), SYNC_STATUS
    )
    assert asked.status_code == 200, asked.text
    text = asked.text + str(found)
    assert not [word for word in (*NAMES.values(), *NUMBERS.values()) if word in text]
    return found


SYNC_STATUS = "/registry/sync/txn/status"


async def left(service: Running) -> int:
    """Messages to partners that wait."""
    query = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.type.like("%on-search"))
    return await service.parts.shelf.database.read(lambda tx: tx.execute(query).scalar_one())


async def test_an_answer_that_waits_to_be_sent_again(service: Running) -> None:
    async with a_subscriber(service) as one:
        one.listener.statuses = [503]
        await one.asks(PATH, one.search(by_id("UIN", HEAD)))
        await one.hears()
        assert await left(service) == 1
        await erase(service)
        assert await left(service) == 0
        service.clock.forward(minutes=10)
        await settled(service)
        assert len(one.listener.came) == 1
        assert await told(service, one) == []


async def test_an_answer_that_is_not_made_yet(service: Running) -> None:
    async with a_subscriber(service) as one:
        await taken_up(service, one)
        await erase(service)
        service.clock.forward(seconds=61)
        _, heard = await one.hears()
    (item,) = heard["message"]["search_response"]
    assert item["data"]["reg_records"] == []


async def test_an_answer_that_is_made_and_not_stored(service: Running) -> None:
    """Made from what was there, erased, stored: it stays here."""
    later = service.parts.registry.later
    async with a_subscriber(service) as one:
        task = await taken_up(service, one)
        received = await later.received(task)
        assert received is not None
        make = await later.handlings[received.endpoint.action].make(received)
        await erase(service)
        await service.parts.shelf.database.write(lambda tx: later._settle(tx, task, received, make))
        await settled(service)
        assert one.listener.came == []
        assert await left(service) == 0


async def test_an_answer_that_is_about_to_be_sent(service: Running) -> None:
    """It was read from the outbox, and is erased before it is signed."""
    database, store = service.parts.shelf.database, service.parts.shelf.outbox
    async with a_subscriber(service) as one:
        one.listener.statuses = [503]
        await one.asks(PATH, one.search(by_id("UIN", HEAD)))
        await one.hears()
        service.clock.forward(minutes=1)
        now, lease = service.clock(), timedelta(seconds=60)
        (notice,) = await database.write(
            lambda tx: store.take_due(tx, now=now, limit=9, lease=lease)
        )
        dress = service.parts.registry.dressing.dress
        assert await dress(notice) is not None
        await erase(service)
        assert await dress(notice) is None


async def taken_up(service: Running, one: Subscriber) -> Task:
    """Acknowledged, and in the hands of a process that does no more."""
    later, database = service.parts.registry.later, service.parts.shelf.database
    acknowledged = await one.asks(PATH, one.search(by_id("UIN", HEAD)))
    client, now = one.partner.sender.client_id, service.clock()
    id_ = acknowledged["correlation_id"]
    await database.write(
        lambda tx: later.tasks.take_due(tx, now=now, limit=9, lease=timedelta(seconds=60))
    )
    (task,) = await database.read(lambda tx: later.tasks.find(tx, client, "correlation", [id_]))
    assert task.state == "waiting"
    return task
