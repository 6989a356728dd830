"""Notices: repeated until accepted under one event id, in order, none held up by another's fate."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.jobs.signing import signature
from tests.jobs.notice_parts import KEY, Bench, a_bench, a_case_system
from tests.service_parts import NOON, a_body, all_ten, running


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(f"sqlite:///{tmp_path / 'hedui.sqlite3'}") as made:
        yield made


async def test_a_notice_is_signed_over_its_time_and_body(bench: Bench) -> None:
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified")
        await bench.notifier.send_due()
    [(headers, body)] = system.came
    stamp = headers["x-hedui-timestamp"]
    assert stamp == str(int(NOON.timestamp()))
    right = hmac.new(KEY, stamp.encode() + b"." + body, "sha256").hexdigest()
    assert headers["x-hedui-signature"] == f"sha256={right}"
    assert headers["x-hedui-event"] == "ev_1"
    assert headers["content-type"] == "application/json"
    assert signature(KEY, stamp, body + b" ") != f"sha256={right}"


async def test_it_is_repeated_until_accepted_and_then_no_more(bench: Bench) -> None:
    async with a_case_system(statuses=[500, 503, 302]) as system:
        await bench.add(f"{system.url}/verified")
        for _ in range(10):
            await bench.notifier.send_due()
            bench.clock.forward(hours=7)
    assert len(system.came) == 4  # a redirect is not followed and not taken for a yes
    assert {headers["x-hedui-event"] for headers, _ in system.came} == {"ev_1"}
    assert len({body for _, body in system.came}) == 1
    [row] = await bench.rows()
    assert (row.state, row.attempts, row.last_error) == ("delivered", 4, None)


async def test_it_is_not_repeated_before_its_pause_is_over(bench: Bench) -> None:
    async with a_case_system(statuses=[500] * 3) as system:
        await bench.add(f"{system.url}/verified")
        counts = []
        for pause in (0, 1, 1, 9, 1):
            bench.clock.forward(seconds=pause)
            await bench.notifier.send_due()
            counts.append(len(system.came))
    assert counts == [1, 1, 2, 2, 3]


async def test_a_receiver_that_is_away_is_tried_again_and_given_up_in_the_end(
    bench: Bench,
) -> None:
    await bench.add("http://127.0.0.1:1/verified")
    for _ in range(45):
        await bench.notifier.send_due()
        bench.clock.forward(hours=7)
    [row] = await bench.rows()
    assert (row.state, row.attempts, row.last_error) == ("dead", 40, "ConnectError")


async def test_gone_is_the_end_at_once(bench: Bench) -> None:
    async with a_case_system(statuses=[410]) as system:
        await bench.add(f"{system.url}/verified")
        for _ in range(3):
            await bench.notifier.send_due()
            bench.clock.forward(hours=7)
    [row] = await bench.rows()
    assert (row.state, row.attempts, row.last_error) == ("dead", 1, "http_410")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("wish", ["120", "Tue, 24 Nov 2026 04:02:00 GMT"])
async def test_a_pause_that_is_asked_for_is_kept(bench: Bench, status: int, wish: str) -> None:
    """By every notice to that client, also by one that was not refused."""
    async with a_case_system(statuses=[status], retry_after=wish) as system:
        await bench.add(f"{system.url}/verified", 1)
        await bench.notifier.send_due()
        await bench.add(f"{system.url}/verified", 2)
        counts = []
        for pause in (0, 60, 59, 1):
            bench.clock.forward(seconds=pause)
            await bench.notifier.send_due()
            counts.append(len(system.came))
    assert counts == [1, 1, 1, 3]
    assert await bench.states() == ["delivered", "delivered"]


@pytest.mark.parametrize("wish", ["soon", "", "-5", "12:00", "9" * 400])
async def test_a_pause_that_makes_no_sense_is_no_harm(bench: Bench, wish: str) -> None:
    async with a_case_system(statuses=[503], retry_after=wish) as system:
        await bench.add(f"{system.url}/verified")
        await bench.notifier.send_due()
        bench.clock.forward(days=1)
        await bench.notifier.send_due()
    assert await bench.states() == ["delivered"]


async def test_a_later_status_waits_for_the_earlier(bench: Bench) -> None:
    """Also where the later was written by a machine whose clock is behind."""
    async with a_case_system(statuses=[500]) as system:
        await bench.add(
            f"{system.url}/a", 1, verification_id="vf_1", body=b'{"status": "querying"}'
        )
        bench.clock.forward(hours=-1)
        await bench.add(f"{system.url}/a", 2, verification_id="vf_1", body=b'{"status": "partial"}')
        await bench.add(f"{system.url}/a", 3, verification_id="vf_1", body=b'{"status": "final"}')
        bench.clock.forward(hours=1)
        for _ in range(3):
            await bench.notifier.send_due()
            bench.clock.forward(seconds=10)
    came = [json.loads(body)["status"] for _, body in system.came]
    assert came == ["querying", "querying", "partial", "final"]


async def test_after_a_dead_letter_the_later_ones_go_on(bench: Bench) -> None:
    async with a_case_system(statuses=[410]) as system:
        for number in (1, 2):
            await bench.add(f"{system.url}/a", number, verification_id="vf_1")
        await bench.notifier.send_due()
    assert await bench.states() == ["dead", "delivered"]


async def test_a_dead_address_is_left_alone_and_found_again(bench: Bench) -> None:
    """Of many notices to it few are tried, so that none uses up its tries."""
    async with a_case_system(statuses=[500] * 8) as system:
        for number in range(30):
            await bench.add(f"{system.url}/a", number)
        await bench.notifier.send_due()
        assert len(system.came) == 8  # those under way when it was found out
        await bench.notifier.send_due()
        assert len(system.came) == 8
        bench.clock.forward(seconds=11)
        await bench.notifier.send_due()
    assert set(await bench.states()) == {"delivered"}
    assert len(system.came) == 38


async def test_another_client_is_not_held_up_by_a_dead_address(bench: Bench) -> None:
    for number in range(200):
        await bench.add("http://127.0.0.1:1/verified", number)
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified", 999, client_id="cl_2")
        await bench.notifier.send_due()
    states = [row.state for row in await bench.rows() if row.client_id == "cl_2"]
    assert states == ["delivered"]


async def test_a_round_does_not_wait_for_a_slow_address(bench: Bench) -> None:
    """And the slow client has a few notices under way at most."""
    async with a_case_system(hold=asyncio.Event()) as system:
        for number in range(20):
            await bench.add(f"{system.url}/slow", number)
        await bench.notifier.start_due()
        async with asyncio.timeout(10):
            while len(system.came) < 8:
                await asyncio.sleep(0.01)
        await bench.add(f"{system.url}/verified", 99, client_id="cl_2")
        await bench.notifier.start_due()
        async with asyncio.timeout(10):
            while (await bench.rows())[-1].state != "delivered":
                await asyncio.sleep(0.01)
        assert len([1 for headers, _ in system.came if headers["x-hedui-event"] != "ev_99"]) == 8
        assert system.hold is not None
        system.hold.set()
        await bench.notifier.send_due()
    assert set(await bench.states()) == {"delivered"}


@pytest.mark.parametrize("path", ["/long", "/dripping"])
async def test_an_answer_is_its_status_whatever_its_body(bench: Bench, path: str) -> None:
    async with a_case_system() as system:
        await bench.add(f"{system.url}{path}")
        async with asyncio.timeout(15):
            await bench.notifier.send_due()
    assert await bench.states() == ["delivered"]


async def test_what_a_client_that_is_away_for_good_leaves_is_given_up(bench: Bench) -> None:
    for number in range(20):
        await bench.add("http://127.0.0.1:1/verified", number)
    for _ in range(3):
        await bench.notifier.send_due()
        bench.clock.forward(days=15)
    assert set(await bench.states()) == {"dead"}


async def test_what_was_accepted_is_forgotten_in_the_end(bench: Bench) -> None:
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified")
        for days in (80, 11):
            await bench.notifier.send_due()
            assert await bench.states() == ["delivered"]
            bench.clock.forward(days=days)
        await bench.notifier.send_due()
    assert await bench.rows() == []


async def test_a_slow_receiver_holds_up_nobody_else(bench: Bench) -> None:
    async with a_case_system(hold=asyncio.Event()) as system:
        await bench.add(f"{system.url}/slow", 1)
        await bench.add(f"{system.url}/verified", 2)
        sending = asyncio.create_task(bench.notifier.send_due())
        async with asyncio.timeout(10):
            while (await bench.rows())[1].state != "delivered":
                await asyncio.sleep(0.01)
        assert (await bench.rows())[0].state == "waiting"
        assert system.hold is not None
        system.hold.set()
        await sending
    assert [row.state for row in await bench.rows()] == ["delivered", "delivered"]


async def test_an_address_that_cannot_be_called_is_no_end_of_the_round(bench: Bench) -> None:
    await bench.add("http://[::1/", 1)
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified", 2)
        await bench.notifier.send_due()
    assert [row.state for row in await bench.rows()] == ["waiting", "delivered"]


async def test_a_verifications_changes_reach_the_case_system(tmp_path: Path) -> None:
    """End to end: every change told, with the key that the client may ask for."""
    async with a_case_system(statuses=[500]) as system, running(tmp_path, all_ten()) as service:
        reply = await service.post(a_body(callback_url=f"{system.url}/verified"))
        id_ = reply.json()["id"]
        key = bytes.fromhex((await service.get("/v1/notices/key")).json()["key"])
        other = await service.client()
        assert (await service.get("/v1/notices/key", **other)).json()["key"] != key.hex()

        def told(status: str) -> Callable[[], bool]:
            return lambda: status in [json.loads(body)["status"] for _, body in system.came]

        async with asyncio.timeout(20):
            while not (told("querying")() and told("final")()):
                await asyncio.sleep(0.05)
                service.clock.forward(seconds=1)
        for headers, body in system.came:
            stamp = headers["x-hedui-timestamp"]
            assert headers["x-hedui-signature"] == signature(key, stamp, body)
            event = json.loads(body)
            assert event["event_id"] == headers["x-hedui-event"]
            assert event["verification"] == id_
            assert set(event) == {
                "event_id",
                "type",
                "verification",
                "case_reference",
                "status",
                "at",
            }


async def test_two_rounds_at_once_send_a_notice_once(bench: Bench) -> None:
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified")
        await asyncio.gather(*(bench.notifier.send_due() for _ in range(5)))
    assert len(system.came) == 1


async def test_a_round_that_died_is_made_up_for(bench: Bench) -> None:
    """Taken by a process that ended before sending: due again when its lease is over."""
    async with a_case_system() as system:
        await bench.add(f"{system.url}/verified")
        await bench.database.write(
            lambda tx: bench.store.take_due(tx, now=NOON, limit=9, lease=timedelta(seconds=60))
        )
        await bench.notifier.send_due()
        assert system.came == []
        bench.clock.forward(seconds=61)
        await bench.notifier.send_due()
    assert len(system.came) == 1
