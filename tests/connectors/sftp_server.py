"""A real SFTP server for tests: one user, a folder of its own, files put and read beside it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

USER = "hedui"
PASSWORD = "of the test"


class _OneUser(asyncssh.SSHServer):
    def __init__(self, connections: list[asyncssh.SSHServerConnection]) -> None:
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


class _Silent(asyncssh.SFTPServer):
    """Lets everybody in and then never answers a question about a file."""

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        await asyncio.Event().wait()
        raise asyncssh.SFTPFailure("unreachable")


@dataclass(frozen=True)
class SftpServer:
    """A running server; `root` is its `/`."""

    root: Path
    port: int
    host_key: str
    connections: list[asyncssh.SSHServerConnection]

    def config(self, **more: Any) -> Mapping[str, Any]:
        """The configuration with which it is reached."""
        return {
            "url": f"sftp://{USER}@127.0.0.1:{self.port}",
            "password": PASSWORD,
            "host_key": self.host_key,
            **more,
        }

    def put(self, path: str, body: bytes, *, ok: bool = True) -> None:
        """Put a file, and its `.ok` where it is complete."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        if ok:
            file.with_suffix(".ok").touch()

    async def drop_connections(self) -> None:
        """Cut all who are connected."""
        for connection in self.connections:
            connection.abort()
            await connection.wait_closed()


@asynccontextmanager
async def sftp_server(root: Path, *, silent: bool = False) -> AsyncIterator[SftpServer]:
    """Serve `root` on a free port of the loopback."""
    kind = _Silent if silent else asyncssh.SFTPServer
    connections: list[asyncssh.SSHServerConnection] = []
    key = asyncssh.generate_private_key("ssh-ed25519")
    acceptor = await asyncssh.create_server(
        lambda: _OneUser(connections),
        "127.0.0.1",
        0,
        server_host_keys=[key],
        sftp_factory=lambda channel: kind(channel, chroot=str(root).encode()),
    )
    try:
        host_key = key.export_public_key().decode()
        yield SftpServer(root, acceptor.get_port(), host_key, connections)
    finally:
        acceptor.close()
        await acceptor.wait_closed()
