"""Case systems that do not give up, with a log of their own of what was acknowledged; their ear."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import httpx
import orjson
from aiohttp import web

from tests.acceptance.kills_history import Notice
from tests.acceptance.service import Signing
from tests.benchmarks.stub.people import application

_PAUSE: Final = 0.1
_WAIT: Final = 4
_AGAIN: Final = 0.1
"""Share of the requests that are sent once more after they were accepted."""
_REFUSED: Final = 0.05
"""Share of the notices that the receiver does not accept at first."""
_LATER: Final = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.CONFLICT)
"""A conflict: a roster that broke off with a killed process holds its key for a while."""
_ACCEPTED: Final = (httpx.codes.CREATED, httpx.codes.ACCEPTED)


class Rejected(RuntimeError):  # noqa: N818 - says what it is
    """The service refuses a good request: nothing can be judged."""


@dataclass(slots=True)
class Ear:
    """The receiver of notices; sometimes it does not accept one, and it must come again."""

    random: Random
    heard: list[Notice] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        if "verification" in body:
            notice = Notice(body["event_id"], body["verification"], str(body.get("status")))
            self.heard.append(notice)
        if self.random.random() < _REFUSED:
            return web.Response(status=503)
        return web.Response(status=204)


@asynccontextmanager
async def listening(random: Random) -> AsyncIterator[tuple[Ear, str]]:
    """A receiver and its address."""
    ear = Ear(random)
    app = web.Application()
    app.add_routes([web.post("/notices", ear.hear)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield ear, "http://{}:{}/notices".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


@dataclass(slots=True)
class Clients:
    """Post households until each is accepted, some of them twice."""

    url: str
    credentials: tuple[str, str]
    callback_url: str
    random: Random
    acknowledged: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    listed: list[str] = field(default_factory=list)
    """Case numbers of the rosters that were accepted."""
    tries: int = 0

    async def post_all(self, numbers: Iterable[int], at_once: int) -> None:
        """Every household, by so many clients at once."""
        left = iter(numbers)

        async def work() -> None:
            signing = Signing(self.url, *self.credentials)
            async with httpx.AsyncClient(
                base_url=self.url, timeout=_WAIT + 16, trust_env=False, auth=signing
            ) as http:
                for number in left:
                    await self._post(http, number)
                    if self.random.random() < _AGAIN:
                        await self._post(http, number)

        await asyncio.gather(*(work() for _ in range(at_once)))

    async def post_batches(self, numbers: Sequence[int], size: int) -> None:
        """Rosters of so many households, each sent until it is accepted."""
        signing = Signing(self.url, *self.credentials)
        async with httpx.AsyncClient(
            base_url=self.url, timeout=60, trust_env=False, auth=signing
        ) as http:
            for at in range(0, len(numbers), size):
                some = numbers[at : at + size]
                headers = {
                    "Content-Type": "application/x-ndjson",
                    "Idempotency-Key": f"roster-{some[0]}",
                }
                told = await self._until_accepted(http, "/v1/batches", roster(some), headers)
                self.acknowledged[headers["Idempotency-Key"]].add(str(told["id"]))
                self.listed += [application(one)["case_reference"] for one in some]

    async def _post(self, http: httpx.AsyncClient, number: int) -> None:
        body = application(number, callback_url=self.callback_url)
        key = str(body["case_reference"])
        # Each client waits for the outcome: what is under way at a kill is then what it seems.
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "Prefer": f"wait={_WAIT}",
        }
        content = orjson.dumps(body)
        document = await self._until_accepted(http, "/v1/verifications", content, headers)
        self.acknowledged[key].add(str(document["id"]))

    async def _until_accepted(
        self, http: httpx.AsyncClient, path: str, content: bytes, headers: dict[str, str]
    ) -> dict[str, Any]:
        while True:
            self.tries += 1
            document = await self._sent(http, path, content, headers)
            if document is not None:
                return document
            await asyncio.sleep(_PAUSE)

    async def _sent(
        self, http: httpx.AsyncClient, path: str, content: bytes, headers: dict[str, str]
    ) -> dict[str, Any] | None:
        """What was acknowledged; None where it is to be sent again."""
        try:
            reply = await http.post(path, content=content, headers=headers)
        except (httpx.HTTPError, KeyError, ValueError):  # no answer, or half of one
            return None
        if reply.status_code in _ACCEPTED:
            document: dict[str, Any] = reply.json()
            return document
        if reply.is_server_error or reply.status_code in _LATER:
            return None
        raise Rejected(f"the service answered HTTP {reply.status_code}: {reply.text[:300]}")


def roster(numbers: Iterable[int]) -> bytes:
    """JSON lines, one person a row."""
    rows = []
    for number in numbers:
        body = application(number)
        consent = body["consent"]
        for one in body["household"]["members"]:
            signed = one["ref"] in consent["signatories"]
            rows.append(
                {
                    "case_reference": body["case_reference"],
                    "region": body["region"],
                    "programme": "urban_dibao",
                    "ref": one["ref"],
                    "name": one["name"],
                    "id_type": one["id_type"],
                    "id_number": one["id_number"],
                    "relationship": one["relationship"],
                    "consent_reference": consent["reference"] if signed else None,
                    "consent_valid_until": consent["valid_until"] if signed else None,
                    "address": body["household"]["address"],
                }
            )
    return b"\n".join(map(orjson.dumps, rows)) + b"\n"
