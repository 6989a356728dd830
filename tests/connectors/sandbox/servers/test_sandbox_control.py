"""The fault board, the control interface, and the sandbox as a whole."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.faults import (
    ANSWER,
    NOT_APPLICABLE,
    WHOLE,
    Fault,
    FaultBoard,
    FaultNotApplicable,
    Step,
)
from connectors.sandbox.register import SOURCES
from connectors.sandbox.sandbox import Sandbox, run_sandbox
from tests.connectors.sandbox.servers.raw_http import HTTP_SOURCES, exchange, prepared
from tests.connectors.sandbox.servers.tiny_registers import LI_MING, tiny_registers, tiny_sandbox


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with tiny_sandbox(tmp_path) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def control(
    sandbox: Sandbox, http: aiohttp.ClientSession, method: str, path: str, body: object = None
) -> tuple[int, Any]:
    async with http.request(method, sandbox.control_url + path, json=body) as reply:
        return reply.status, await reply.json()


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_can_be_shown_by_some_source(fault: Fault) -> None:
    assert any((source, fault) not in NOT_APPLICABLE for source in SOURCES)


@pytest.mark.parametrize(("pair", "reason"), NOT_APPLICABLE.items(), ids=str)
def test_what_makes_no_sense_is_refused_with_its_reason(
    pair: tuple[str, Fault], reason: str
) -> None:
    board = FaultBoard()
    with pytest.raises(FaultNotApplicable, match="cannot show"):
        board.set(*pair)
    assert reason


def test_every_http_source_shows_all_faults_of_an_answer() -> None:
    for source in HTTP_SOURCES:
        missing = {fault for fault in WHOLE | ANSWER if (source, fault) in NOT_APPLICABLE}
        assert missing <= {Fault.XML_ENTITY_BOMB}


@given(seed=st.integers(0, 2**32), rate=st.floats(0, 1), asked=st.integers(0, 50))
def test_the_same_seed_chooses_the_same(seed: int, rate: float, asked: int) -> None:
    def chosen() -> list[Fault | None]:
        board, rng = FaultBoard(), Random(seed)
        board.set("tax", Fault.RESET, rate)
        return [board.choose("tax", rng) for _ in range(asked)]

    assert chosen() == chosen()


@given(times=st.integers(1, 20), asked=st.integers(0, 40))
def test_a_fault_shows_so_many_times(times: int, asked: int) -> None:
    board, rng = FaultBoard(), Random(1)
    board.set("tax", Fault.RESET, times=times)
    shown = [board.choose("tax", rng) for _ in range(asked)]
    assert shown.count(Fault.RESET) == min(times, asked)


def test_a_fault_of_another_step_or_answer_is_kept() -> None:
    board, rng = FaultBoard(), Random(1)
    board.set("social_insurance", Fault.JOB_FAILED, times=1, step=Step.RESULT)
    assert board.choose("social_insurance", rng, WHOLE) is None
    assert board.choose("social_insurance", rng, step=Step.ASK) is None
    assert board.choose("tax", rng) is None
    assert board.choose("social_insurance", rng, step=Step.RESULT) is Fault.JOB_FAILED
    assert board.current("social_insurance") is None


async def test_faults_are_set_and_healed_over_http(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    request = await prepared(sandbox, "property")
    port = sandbox.ports["property"]
    asked = {"fault": "http_500", "rate": 1, "times": 1}
    assert await control(sandbox, http, "PUT", "/faults/property", asked) == (
        200,
        {"source": "property", "fault": "http_500"},
    )
    assert [(await exchange(port, request)).status for _ in range(2)] == [500, 200]
    await control(sandbox, http, "PUT", "/faults/property", {"fault": "http_500"})
    await control(sandbox, http, "PUT", "/faults/property", {"fault": None})
    assert (await exchange(port, request)).status == 200


async def test_status_and_log_tell_what_was_asked(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    await exchange(sandbox.ports["vehicle"], await prepared(sandbox, "vehicle"))
    _, status = await control(sandbox, http, "GET", "/status")
    assert status["sources"]["vehicle"]["persons_asked"] == 1
    assert "sql_slow" in status["sources"]["housing_fund"]["faults"]
    assert set(status["sources"]) == set(SOURCES)
    _, log = await control(sandbox, http, "GET", "/log?source=vehicle")
    assert [(call["name"], call["id_number"]) for call in log["calls"]] == [LI_MING]
    assert (await control(sandbox, http, "GET", "/log?since=1"))[1]["calls"] == []
    await control(sandbox, http, "POST", "/reset")
    assert (await control(sandbox, http, "GET", "/log"))[1] == {"next": 0, "calls": []}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/faults/nowhere", {"fault": "stall"}, 400),
        ("/faults/tax", {"fault": "no_such"}, 400),
        ("/faults/tax", {"fault": "job_failed"}, 409),
        ("/faults/tax", {"fault": "stall", "rate": 2}, 400),
        ("/faults/tax", {"fault": "stall", "times": 0}, 400),
        ("/faults/tax", ["stall"], 400),
        ("/latency/tax", {"seconds": -1}, 400),
        ("/latency/tax", {"seconds": 0.01}, 200),
    ],
)
async def test_what_control_understands(
    sandbox: Sandbox, http: aiohttp.ClientSession, path: str, body: object, status: int
) -> None:
    assert (await control(sandbox, http, "PUT", path, body))[0] == status


async def test_latency_makes_a_source_slow(sandbox: Sandbox) -> None:
    request = await prepared(sandbox, "vehicle")
    sandbox.faults.latency("vehicle", 60)
    slow = await exchange(sandbox.ports["vehicle"], request, 0.1)
    assert (slow.data, slow.ended) == (b"", False)


async def test_the_configuration_has_every_source(sandbox: Sandbox) -> None:
    configuration = sandbox.sources_configuration("http://127.0.0.1:9/v1/callbacks/insurance")
    assert tuple(configuration) == SOURCES
    assert configuration["bank"]["limit_only"] == {"psbc": "20000.00"}
    assert str(configuration["bank"]["host_key"]).startswith("ssh-ed25519 AAAA")
    assert configuration["insurance"]["callback_url"]
    assert "callback_url" not in sandbox.sources_configuration()["insurance"]


async def test_ports_are_as_wanted_and_free_again_afterwards(tmp_path: Path) -> None:
    async with tiny_sandbox(tmp_path / "first") as first:
        wanted = dict(first.ports)
    assert len(set(wanted.values())) == len(wanted) == 10
    async with run_sandbox(tiny_registers(), folder=tmp_path / "again", ports=wanted) as again:
        assert again.ports == wanted
    for port in wanted.values():
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_a_sandbox_without_registers_answers_all_the_same(tmp_path: Path) -> None:
    async with run_sandbox({}, folder=tmp_path) as empty:
        for source in HTTP_SOURCES:
            request = await prepared(empty, source)
            assert (await exchange(empty.ports[source], request)).status == 200
            empty.faults.set(source, Fault.WRONG_PERSON)
            assert (await exchange(empty.ports[source], request)).status == 200
