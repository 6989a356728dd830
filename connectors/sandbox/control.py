"""The sandbox's own small HTTP interface: set faults and latency, read the log, start afresh."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import orjson
from aiohttp import web

from connectors.sandbox.faults import NOT_APPLICABLE, Fault, FaultBoard, FaultNotApplicable, Step
from connectors.sandbox.register import SOURCES
from connectors.sandbox.servers.calls import Call, CallLog
from connectors.sandbox.servers.fields import json_object, json_response
from connectors.sandbox.servers.listener import Listener

CLOSING_SECONDS: Final = 0.1


class Controlled(Protocol):
    """What the control interface shows and changes."""

    @property
    def faults(self) -> FaultBoard: ...

    @property
    def log(self) -> CallLog: ...

    @property
    def ports(self) -> Mapping[str, int]: ...

    def reset(self) -> None: ...


class BadRequest(ValueError):  # noqa: N818 - becomes a 400
    """The control request is not understood; the message says why."""


Answer = Callable[[web.Request], Awaitable[web.Response]]


class Control:
    """GET /status, PUT /faults/{source}, PUT /latency/{source}, GET /log, POST /reset."""

    def __init__(self, sandbox: Controlled) -> None:
        self._sandbox = sandbox
        app = web.Application()
        app.add_routes(
            [
                web.get("/status", self._status),
                web.put("/faults/{source}", _checked(self._fault)),
                web.put("/latency/{source}", _checked(self._latency)),
                web.get("/log", _checked(self._log)),
                web.post("/reset", self._reset),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSING_SECONDS)
        self._listener: Listener | None = None

    async def start(self, host: str, port: int) -> int:
        """Opens the port and says which it is."""
        await self._runner.setup()
        self._listener = Listener(host, port, self._serve)
        self._listener.open()
        return self._listener.port

    async def stop(self) -> None:
        """Closes the port."""
        if self._listener is not None:
            await self._listener.close()
        await self._runner.cleanup()

    async def _serve(self, connection: socket.socket) -> None:
        server = self._runner.server
        if server is None:
            connection.close()
            return
        await asyncio.get_running_loop().connect_accepted_socket(server, connection)

    async def _status(self, _request: web.Request) -> web.Response:
        board, log = self._sandbox.faults, self._sandbox.log
        sources = {
            source: {
                "port": self._sandbox.ports.get(source),
                "fault": board.current(source),
                "latency": board.latency_of(source),
                "calls": len(log.calls(source)),
                "persons_asked": len(log.asked(source)),
                "faults": [fault for fault in Fault if (source, fault) not in NOT_APPLICABLE],
            }
            for source in SOURCES
        }
        return json_response({"sources": sources})

    async def _fault(self, request: web.Request) -> web.Response:
        source, asked = _source(request), await _body(request)
        name, rate, times = asked.get("fault"), asked.get("rate", 1.0), asked.get("times")
        if not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise BadRequest("rate is a number from 0 to 1")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise BadRequest("times is a whole number above 0, or left out")
        try:
            fault = None if name is None else Fault(str(name))
            step = None if asked.get("step") is None else Step(str(asked["step"]))
            self._sandbox.faults.set(source, fault, rate, times, step)
        except FaultNotApplicable as error:
            return json_response({"error": str(error)}, 409)
        except ValueError as error:
            raise BadRequest("no such fault or step") from error
        return json_response({"source": source, "fault": fault})

    async def _latency(self, request: web.Request) -> web.Response:
        source, seconds = _source(request), (await _body(request)).get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise BadRequest("seconds is a number, 0 or more")
        self._sandbox.faults.latency(source, seconds)
        return json_response({"source": source, "seconds": seconds})

    async def _log(self, request: web.Request) -> web.Response:
        since = request.query.get("since", "0")
        if not (since.isascii() and since.isdecimal()):
            raise BadRequest("since is the position of the first call wanted")
        source = request.query.get("source")
        calls = self._sandbox.log.calls(source, since=int(since))
        return json_response({"next": len(self._sandbox.log), "calls": [_told(c) for c in calls]})

    async def _reset(self, _request: web.Request) -> web.Response:
        self._sandbox.reset()
        return json_response({"reset": True})


def _told(call: Call) -> dict[str, Any]:
    return {
        "at": call.at,
        "source": call.source,
        "step": call.step,
        "name": call.name,
        "id_number": call.id_number,
        "reference": call.reference,
        "institution": call.institution,
    }


def _source(request: web.Request) -> str:
    source = request.match_info["source"]
    if source not in SOURCES:
        raise BadRequest(f"no such source; there are {', '.join(SOURCES)}")
    return source


async def _body(request: web.Request) -> dict[str, object]:
    body = json_object(await request.read())
    if body is None:
        raise BadRequest("the body is not a JSON object")
    return body


def _checked(answer: Answer) -> Answer:
    """The answer, or a 400 that says what was not understood."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return await answer(request)
        except BadRequest as error:
            body = orjson.dumps({"error": str(error)})
            return web.Response(body=body, status=400, content_type="application/json")

    return handle
