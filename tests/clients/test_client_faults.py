"""What the client says, and does again, where something goes wrong."""

import socket
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from hedui_client import (
    AsyncHedui,
    Conflict,
    InvalidRequest,
    NotAllowed,
    NotAuthenticated,
    NotFinal,
    NotFound,
    Patience,
    Problem,
    TooManyCalls,
    Unavailable,
    Unreachable,
    operations,
)
from tests.clients.parts import At, a_household, a_service
from tests.service_parts import NAMES, NUMBERS, UNLIMITED, ScriptedSource, all_ten

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Pauses(list[float]):
    """In place of waiting; whoever waits is written down."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


async def test_faults_of_a_request_are_named_with_their_place_and_without_anybodys_data(
    at: At,
) -> None:
    body: Any = a_household(region="2201")
    body["household"]["members"][0]["id_type"] = "none such"
    async with at.client() as client:
        with pytest.raises(InvalidRequest) as refused:
            await client.verify(body)
    pointers = {one.pointer for one in refused.value.faults}
    assert {"/region", "/household/members/0/id_type"} <= pointers
    text = str(refused.value)
    assert not [one for one in (*NAMES.values(), *NUMBERS.values()) if one in text]


async def test_each_refusal_is_a_type_of_its_own(at: At) -> None:
    async with at.client() as client:
        with pytest.raises(NotFound):
            await client.send(operations.verification("vf_../../none?"))
        id_ = (await client.verify(a_household()))["id"]
        with pytest.raises(Conflict):
            await client.send(operations.cancel_verification(id_, {}))
    async with at.client(await at.known(scopes=("read",))) as reader:
        with pytest.raises(NotAllowed):
            await reader.verify(a_household())
    known = await at.known()
    async with AsyncHedui(at.url, known.id, "another", trust_env=False) as stranger:
        with pytest.raises(NotAuthenticated):
            await stranger.send(operations.verifications())


async def test_a_token_that_ended_on_the_way_is_renewed_once(at: At) -> None:
    async with at.client() as client:
        id_ = (await client.verify(a_household()))["id"]
        used = client.http.auth
        at.service.clock.forward(minutes=11)
        assert (await client.send(operations.verification(id_)))["id"] == id_
        assert client.http.auth is used


async def test_a_limit_is_kept_and_the_call_made_again(tmp_path: Path) -> None:
    async with a_service(tmp_path, all_ten(), rates=f"{UNLIMITED},read=1/60") as at:
        pauses: list[float] = []

        async def the_window_passes(seconds: float) -> None:
            pauses.append(seconds)
            at.service.clock.forward(seconds=seconds)

        known = await at.known()
        async with at.client(known, sleep=the_window_passes) as client:
            for _ in range(2):
                await client.send(operations.subscriptions())
            assert len(pauses) == 1
            assert 0 < pauses[0] <= 60
        async with at.client(known, patience=Patience(longest=0.5)) as hasty:
            with pytest.raises(TooManyCalls) as refused:
                await hasty.send(operations.subscriptions())
            assert refused.value.retry_after


async def test_what_is_not_final_in_time_is_told_with_how_it_stands(tmp_path: Path) -> None:
    bank = ScriptedSource("bank", answers_later=True, ready=False)
    async with a_service(tmp_path, all_ten(bank)) as at:
        pauses = Pauses()
        async with at.client(sleep=pauses) as client:
            id_ = (await client.verify(a_household(), wait=0))["id"]
            await at.service.status_becomes(id_, "partial")
            with pytest.raises(NotFinal) as open_:
                await client.wait_until_final(id_, within=10)
    assert open_.value.verification["status"] == "partial"
    assert sum(pauses) == pytest.approx(10)


class Failing:
    """A service that answers so, one after another, and keeps the keys that came."""

    def __init__(self, *answers: int) -> None:
        self._answers = list(answers)
        self.keys: list[str] = []
        self.url = ""

    async def token(self, _: web.Request) -> web.Response:
        return web.json_response({"access_token": "t", "expires_in": 600})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.keys.append(request.headers.get("Idempotency-Key", ""))
        status = self._answers.pop(0)
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({}, status=status or 500, headers={"Retry-After": "3"})

    async def __aenter__(self) -> "Failing":
        app = web.Application()
        app.router.add_post("/oauth/token", self.token)
        app.router.add_route("*", "/{path:.*}", self.answer)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


async def test_a_call_with_a_key_is_made_again_under_that_key() -> None:
    pauses = Pauses()
    async with (
        Failing(0, 503, 429, 200) as service,
        AsyncHedui(service.url, "c", "s", trust_env=False, sleep=pauses) as client,
    ):
        await client.send(operations.create_verification(a_household()))
    assert len(service.keys) == 4
    assert len(set(service.keys)) == 1
    assert pauses[1:] == [3.0, 3.0]


@pytest.mark.parametrize(("answer", "error"), [(0, Unreachable), (503, Unavailable)])
async def test_a_call_that_might_be_done_twice_is_made_once(
    answer: int, error: type[Exception]
) -> None:
    async with (
        Failing(answer) as service,
        AsyncHedui(service.url, "c", "s", trust_env=False) as client,
    ):
        with pytest.raises(error):
            await client.send(operations.recheck_verification("vf_1"))
    assert len(service.keys) == 1


async def test_tries_come_to_an_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    pauses = Pauses()
    client = AsyncHedui(url, "c", "s", trust_env=False, sleep=pauses, patience=Patience(tries=3))
    async with client:
        with pytest.raises(Unreachable):
            await client.send(operations.recheck_verification("vf_1"))
    assert len(pauses) == 2


async def test_an_answer_that_is_no_problem_document_is_a_problem_all_the_same() -> None:
    async with (
        Failing(502) as service,
        AsyncHedui(service.url, "c", "s", trust_env=False) as client,
    ):
        with pytest.raises(Problem) as refused:
            await client.send(operations.verifications())
    assert (refused.value.status, refused.value.type) == (502, "about:blank")
