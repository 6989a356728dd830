"""The SFTP server on which a file source's folders lie, and its faults on the wire."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import asyncssh

from connectors.sandbox.faults import Fault, Step
from connectors.sandbox.servers.credentials import same
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.listener import Listener, reset_socket

CONNECTION_FAULTS: Final = frozenset({Fault.REFUSED, Fault.RESET, Fault.STALL, Fault.DRIP_HEADERS})
Look = Callable[[], None]


class _Door(asyncssh.SSHServer):
    """Lets in one user with one password."""

    def __init__(self, username: str, password: str) -> None:
        self._username, self._password = username, password

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return same(username, self._username) and same(password, self._password)


class _Files(asyncssh.SFTPServer):
    """Files below one root; says when one was completed, and drips or fails when told to."""

    def __init__(
        self, chan: "asyncssh.SSHServerChannel[bytes]", root: Path, desk: Desk, look: Look
    ) -> None:
        super().__init__(chan, chroot=str(root).encode())
        self._desk = desk
        self._look = look

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        self._fail_if_told()
        await self._desk.think()
        return super().open(path, pflags, attrs)

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        self._fail_if_told()
        async for name in super().scandir(path):
            yield name

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        if self._desk.board.current(self._desk.source) is Fault.DRIP_BODY:
            await asyncio.sleep(self._desk.board.drip_seconds)
            size = 1
        data = super().read(file_obj, offset, size)
        return data if isinstance(data, bytes) else await data

    async def close(self, file_obj: object) -> None:
        written = isinstance(file_obj, io.IOBase) and file_obj.writable()
        closed = super().close(file_obj)
        if closed is not None:
            await closed
        if written:  # a look at all folders at every reading would be most of the work
            self._look()

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        renamed = super().rename(oldpath, newpath)
        if renamed is not None:
            await renamed
        self._look()

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        renamed = super().posix_rename(oldpath, newpath)
        if renamed is not None:
            await renamed
        self._look()

    def _fail_if_told(self) -> None:
        if self._desk.choose(Step.ASK, {Fault.HTTP_500}) is not None:
            raise asyncssh.SFTPFailure("internal error")


class SftpServer:
    """One file source's port; both ports of a sandbox show the same root."""

    def __init__(self, desk: Desk, root: Path, key: asyncssh.SSHKey, look: Look) -> None:
        self._desk = desk
        self._root = root
        self._key = key
        self._look = look
        self._username = self._password = ""
        self._listener: Listener | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()

    @property
    def port(self) -> int:
        if self._listener is None:
            raise RuntimeError(f"{self._desk.source} has not been started")
        return self._listener.port

    def admit(self, username: str, password: str) -> None:
        """The one user who may come in."""
        self._username, self._password = username, password

    async def start(self, host: str, port: int) -> None:
        """Opens the port (0: any free one)."""
        self._listener = Listener(host, port, self._serve)
        self._desk.board.watch(self._desk.source, self._follow)
        self._follow()

    async def stop(self) -> None:
        """Closes the port and every connection, those that hang too."""
        if self._listener is None:
            return
        self._listener.refuse()
        connections = list(self._connections)
        for connection in connections:
            connection.abort()
        for connection in connections:
            await connection.wait_closed()
        await self._listener.close()

    def _follow(self) -> None:
        """Closes or opens the port as the board says; a fault on the wire ends what is open."""
        if self._listener is None:
            return
        if self._desk.board.always(self._desk.source) is Fault.REFUSED:
            self._listener.refuse()
        else:
            self._listener.open()
        if self._desk.board.current(self._desk.source) in CONNECTION_FAULTS:
            for connection in self._connections:
                connection.abort()

    async def _serve(self, accepted: socket.socket) -> None:
        await self._desk.think()
        match self._desk.choose(Step.ASK, CONNECTION_FAULTS):
            case Fault.REFUSED | Fault.RESET:
                reset_socket(accepted)
            case Fault.STALL:
                await asyncio.Event().wait()
            case Fault.DRIP_HEADERS:
                await self._drip(accepted)
            case _:
                await self._let_in(accepted)

    async def _drip(self, accepted: socket.socket) -> None:
        """Lines before the greeting, which a client has to skip, without an end."""
        loop = asyncio.get_running_loop()
        with accepted:
            while True:
                await loop.sock_sendall(accepted, b"x")
                await asyncio.sleep(self._desk.board.drip_seconds)

    async def _let_in(self, accepted: socket.socket) -> None:
        connection = None
        try:
            connection = await asyncssh.run_server(
                accepted,
                server_factory=lambda: _Door(self._username, self._password),
                server_host_keys=[self._key],
                sftp_factory=lambda chan: _Files(chan, self._root, self._desk, self._look),
                allow_scp=False,
            )
            self._connections.add(connection)
            await connection.wait_closed()
        except (asyncssh.Error, ConnectionError):
            accepted.close()  # a caller without the password, or one who went away
        finally:
            if connection is not None:
                self._connections.discard(connection)
