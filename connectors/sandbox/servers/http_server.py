"""One HTTP source on its own port: routes, latency, faults, an orderly end."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from connectors.sandbox.faults import ANSWER, CONNECTION, WHOLE, Fault, Step
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.http_faults import spoilt
from connectors.sandbox.servers.listener import Listener, reset

Answer = Callable[[web.Request, Fault | None], Awaitable[web.Response]]

CLOSING_SECONDS: Final = 0.1
LARGEST_REQUEST_BYTES: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class Route:
    """One path of a source; `own` are the faults that `answer` itself shows."""

    method: str
    path: str
    step: Step
    answer: Answer
    own: frozenset[Fault] = field(default=ANSWER)


class HttpServer:
    """A source's routes behind a listener; every call is answered first and spoilt afterwards."""

    def __init__(
        self,
        desk: Desk,
        routes: tuple[Route, ...],
        broken: Callable[[], web.Response] | None = None,
    ) -> None:
        """`broken` is the source's own answer of HTTP 5xx, where its document gives one."""
        self._desk = desk
        app = web.Application(client_max_size=LARGEST_REQUEST_BYTES)
        app.add_routes(
            [web.route(route.method, route.path, _handler(desk, route, broken)) for route in routes]
        )
        self._runner = web.AppRunner(
            app,
            access_log=None,  # a query string can hold a name and a number
            handler_cancellation=True,
            shutdown_timeout=CLOSING_SECONDS,
        )
        self._listener: Listener | None = None

    @property
    def port(self) -> int:
        if self._listener is None:
            raise RuntimeError(f"{self._desk.source} has not been started")
        return self._listener.port

    async def start(self, host: str, port: int) -> None:
        """Opens the port (0: any free one)."""
        await self._runner.setup()
        self._listener = Listener(host, port, self._serve)
        self._desk.board.watch(self._desk.source, self._follow)
        self._follow()

    async def stop(self) -> None:
        """Closes the port and ends every connection, stalled ones too."""
        if self._listener is not None:
            await self._listener.close()
        await self._runner.cleanup()

    async def _serve(self, connection: socket.socket) -> None:
        server = self._runner.server
        if server is None:
            connection.close()
            return
        await asyncio.get_running_loop().connect_accepted_socket(server, connection)

    def _follow(self) -> None:
        """Closes or opens the port as the board says."""
        if self._listener is None:
            return
        if self._desk.board.always(self._desk.source) is not Fault.REFUSED:
            self._listener.open()
            return
        self._listener.refuse()
        server = self._runner.server
        for connection in server.connections if server is not None else ():
            if connection.transport is not None:
                reset(connection.transport)


def _handler(
    desk: Desk, route: Route, broken: Callable[[], web.Response] | None
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    shown = CONNECTION | WHOLE | route.own

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.read()
        await desk.think()
        fault = desk.choose(route.step, shown)
        # The source has read the question before anything goes wrong, so its log has it.
        good = await route.answer(request, fault if fault in route.own else None)
        if fault is Fault.HTTP_500 and broken is not None:
            return broken()
        return await spoilt(request, good, fault, desk)

    return handle
