"""/v1/events: a client sees and replays its own notices, and nobody else's."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from app.store.outbox import Notice
from tests.jobs.notice_parts import a_case_system
from tests.service_parts import (
    NOON,
    REGION,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    running,
)

AWAY = "http://127.0.0.1:1/verified"


async def add(service: Running, number: int, client_id: str, **changes: Any) -> str:
    """A notice of nobody in particular, that waits a day."""
    new = Notice(
        **{
            "event_id": f"ev_{number:03}",
            "type": "batch.finished",
            "batch_id": "bt_1",
            "region": REGION,
            "client_id": client_id,
            "url": AWAY,
            "body": b'{"type": "batch.finished", "batch": "bt_1"}',
            "created_at": NOON.replace(day=25),
            **changes,
        }
    )
    shelf = service.parts.shelf
    await shelf.database.write(lambda tx: shelf.outbox.add(tx, new))
    return new.event_id


def client_of(service: Running, headers: dict[str, str]) -> str:
    return service.parts.tokens.check(headers["Authorization"].removeprefix("Bearer ")).actor


async def test_a_client_reads_its_own_and_nobody_elses(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        other = await service.client()
        mine = await add(service, 1, client_of(service, service.headers))
        theirs = await add(service, 2, client_of(service, other))
        listed = (await service.get("/v1/events")).json()
        assert [one["event_id"] for one in listed["events"]] == [mine]
        assert listed["next"] is None
        shown = (await service.get(f"/v1/events/{mine}")).json()
        assert shown["body"] == {"type": "batch.finished", "batch": "bt_1"}
        assert (shown["state"], shown["attempts"], shown["batch"]) == ("waiting", 0, "bt_1")
        body = b'{"header": {}, "message": {"name": "nobody"}}'
        given = {"type": "registry.on-search", "batch_id": None, "body": body}
        partners = await add(service, 3, client_of(service, service.headers), **given)
        assert (await service.get(f"/v1/events/{partners}")).json()["body"] == {}
        for id_ in (theirs, "ev_none", "%00"):
            assert (await service.get(f"/v1/events/{id_}")).status_code == 404
        path = f"/v1/events/{theirs}/replay"
        assert (await service.http.post(path, headers=service.headers)).status_code == 404


async def test_pages_follow_each_other(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        mine = client_of(service, service.headers)
        for number in range(7):
            await add(service, number, mine)
        following, seen = "/v1/events?limit=3&state=waiting", []
        while following:
            page = (await service.get(following)).json()
            seen += [one["event_id"] for one in page["events"]]
            following = page["next"]
        assert sorted(seen) == [f"ev_{number:03}" for number in range(7)]
        assert len(seen) == 7


@pytest.mark.parametrize(
    "asked",
    ["limit=0", "limit=101", "after=x", "after=1", "after=1.%00", "after=9999999999999999999.ev_1"],
)
async def test_a_page_that_is_none_is_refused(tmp_path: Path, asked: str) -> None:
    async with running(tmp_path, all_ten()) as service:
        reply = await service.get(f"/v1/events?{asked}")
        assert (reply.status_code, reply.json()["type"]) == (
            422,
            "urn:hedui:problem:invalid-request",
        )
        assert (await service.get("/v1/events?state=lost")).status_code == 422


async def test_a_dead_letter_is_replayed_under_the_same_id(tmp_path: Path) -> None:
    async with a_case_system(statuses=[410]) as system, running(tmp_path, all_ten()) as service:
        mine = client_of(service, service.headers)
        id_ = await add(service, 1, mine, url=f"{system.url}/a", created_at=NOON)
        await until(service, id_, "dead")
        dead = (await service.get("/v1/events?state=dead")).json()["events"]
        assert [(one["event_id"], one["last_error"]) for one in dead] == [(id_, "http_410")]
        reply = await service.http.post(f"/v1/events/{id_}/replay", headers=service.headers)
        assert (reply.status_code, reply.json()["state"]) == (200, "waiting")
        await until(service, id_, "delivered")
        assert [headers["x-hedui-event"] for headers, _ in system.came] == [id_, id_]


async def until(service: Running, id_: str, state: str) -> None:
    async with asyncio.timeout(20):
        while (await service.get(f"/v1/events/{id_}")).json()["state"] != state:
            await asyncio.sleep(0.02)


async def test_a_cancelled_verification_is_told_of_too(tmp_path: Path) -> None:
    slow = [one for one in all_ten() if one.name != "bank"]
    async with a_case_system() as system, running(tmp_path, slow) as service:
        body = a_body(callback_url=f"{system.url}/verified")
        id_ = (await service.post(body, wait=0)).json()["id"]
        cancelled = await service.http.post(
            f"/v1/verifications/{id_}/cancel", headers=service.headers
        )
        wanted = cancelled.json()["status"] if cancelled.status_code == 200 else "final"
        async with asyncio.timeout(20):
            while wanted not in [json.loads(body)["status"] for _, body in system.came]:
                await asyncio.sleep(0.02)
                service.clock.forward(seconds=1)
    statuses = [json.loads(body)["status"] for _, body in system.came]
    assert statuses == [one for one in ("querying", "partial", wanted) if one in statuses]


async def test_it_takes_the_scope_read(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        headers = await service.client(scopes=("verify",))
        assert (await service.http.get("/v1/events", headers=headers)).status_code == 403
        assert (await service.http.get("/v1/events")).status_code == 401


async def test_a_consent_that_is_withdrawn_is_told_of_once(tmp_path: Path) -> None:
    """To whoever has an open verification under it, in the region of the withdrawal."""
    bank = ScriptedSource("bank", answers_later=True, ready=False)
    async with a_case_system() as system, running(tmp_path, all_ten(bank)) as service:
        told = a_body(callback_url=f"{system.url}/verified")
        id_ = (await service.post(told, wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        await service.post(a_body(), wait=0)  # without an address
        withdrawal = {"region": "220102", "reference": told["consent"]["reference"]}
        for _ in range(2):
            reply = await service.http.post(
                "/v1/consents/withdrawals", json=withdrawal, headers=service.headers
            )
            assert reply.status_code == 201
        wanted = {"consent.withdrawn"}
        async with asyncio.timeout(20):
            while wanted - {json.loads(body)["type"] for _, body in system.came}:
                await asyncio.sleep(0.02)
                service.clock.forward(seconds=1)
    [event] = [json.loads(b) for _, b in system.came if json.loads(b)["type"] in wanted]
    assert (event["verification"], event["consent"]) == (id_, told["consent"]["reference"])
    about = {"verification", "case_reference", "consent", "persons", "sources"}
    assert set(event) == {"event_id", "type", "at", *about}
