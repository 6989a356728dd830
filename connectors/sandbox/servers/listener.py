"""A port that can be closed and opened again at once, as a source that is down and comes back."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final

BACKLOG: Final = 512
_LINGER_NOT: Final = struct.pack("ii", 1, 0)

Serve = Callable[[socket.socket], Awaitable[None]]


class Listener:
    """Accepts connections on one port and hands each to `serve`.

    While closed the port stays bound, so that nobody else gets it and clients are refused.
    """

    def __init__(self, host: str, port: int, serve: Serve) -> None:
        self._host = host
        self._serve = serve
        self._socket = _bound(host, port)
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = False
        self.port: int = self._socket.getsockname()[1]

    def open(self) -> None:
        """Listens; does nothing where it listens already."""
        if self._open:
            return
        self._open = True
        self._socket.listen(BACKLOG)
        asyncio.get_running_loop().add_reader(self._socket, self._accept)

    def refuse(self) -> None:
        """Stops listening: from now on a connection is refused."""
        if not self._open:
            return
        self._stop()
        self._socket = _bound(self._host, self.port)

    async def close(self) -> None:
        """Stops for good and ends what is being accepted."""
        if self._open:
            self._stop()
        self._socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _stop(self) -> None:
        self._open = False
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _accept(self) -> None:
        for _ in range(BACKLOG):
            try:
                connection, _address = self._socket.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            connection.setblocking(False)
            task = asyncio.ensure_future(self._serve_one(connection))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve_one(self, connection: socket.socket) -> None:
        try:
            await self._serve(connection)
        except (OSError, asyncio.CancelledError):
            connection.close()


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setblocking(False)
    bound.bind((host, port))
    return bound


def reset(transport: asyncio.BaseTransport) -> None:
    """Ends a connection with RST instead of FIN."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def reset_socket(connection: socket.socket) -> None:
    """Ends an accepted connection with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    connection.close()
