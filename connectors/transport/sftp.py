"""Folders on an SFTP server: list, read and hand over files under one total deadline each.

The server must show the host key of the configuration: any other key is refused, a first meeting
included. File and folder names never hold personal data, so they may stand in failures.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

import asyncssh

from connectors.contract import Permit
from connectors.failure import Failure, FailureKind, SourceError
from connectors.transport.addresses import AddressRefused, allowed, networks_of
from connectors.transport.limits import Gate

T = TypeVar("T")

ADDRESS_KEYS: Final = frozenset({"url", "password", "private_key", "host_key"})
"""The configuration keys that `SftpAddress.read` reads."""

MAX_NAMES: Final = 100_000
"""Entries of a folder that are listed at most."""

_BLOCK: Final = 128 * 1024
"""Bytes asked for at a time: whole files at once leave several copies in memory."""
_CLOSING: Final = 2.0
"""Seconds for an orderly goodbye; afterwards the connection is cut."""

_WRITING: Final = ".part"
"""Ending of a file that is still being written: nobody takes such a name for a request."""


@dataclass(frozen=True, slots=True)
class SftpAddress:
    """Where a server is, who we are there, and the only host keys believed."""

    host: str
    port: int
    user: str
    root: str
    host_keys: tuple[asyncssh.SSHKey, ...] = field(repr=False)
    password: str | None = field(default=None, repr=False)
    private_key: asyncssh.SSHKey | None = field(default=None, repr=False)

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> "SftpAddress":
        """Read `url`, `host_key` and `password` or `private_key` (OpenSSH or PEM text).

        Raises `ValueError` naming the key at fault, never its value.
        """
        url = urlsplit(str(config.get("url", "")))
        if url.scheme != "sftp" or not url.hostname or not url.username or url.password:
            raise ValueError("url: expected sftp://user@host[:port], without a password")
        if ("password" in config) == ("private_key" in config):
            raise ValueError("password, private_key: expected exactly one of the two")
        return cls(
            host=url.hostname,
            port=url.port or 22,
            user=unquote(url.username),
            root=url.path.rstrip("/"),
            host_keys=_public_keys(config.get("host_key")),
            password=config.get("password"),
            private_key=_private_key(config.get("private_key")),
        )


def _public_keys(text: object) -> tuple[asyncssh.SSHKey, ...]:
    """One key a line, so that a server can change its key without a break."""
    lines = [line for line in str(text or "").splitlines() if line.strip()]
    if not lines:
        raise ValueError("host_key: expected the server's public key, as in its .pub file")
    try:
        return tuple(asyncssh.import_public_key(line) for line in lines)
    except asyncssh.KeyImportError:
        raise ValueError("host_key: not a public key in OpenSSH's form") from None


def _private_key(text: object) -> asyncssh.SSHKey | None:
    if text is None:
        return None
    try:
        return asyncssh.import_private_key(str(text))
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise ValueError("private_key: not a private key without a passphrase") from None


class Sftp:
    """One server; one connection, made when first needed and made anew after a failure."""

    def __init__(self, address: SftpAddress, gate: Gate) -> None:
        self._address = address
        self._gate = gate
        self._networks = networks_of(gate.limits.networks)
        self._connecting = asyncio.Lock()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    async def names(self, folder: str) -> frozenset[str]:
        """Names in a folder; raises `SourceError`, `TOO_LARGE` for more than `MAX_NAMES`."""

        async def listed(client: asyncssh.SFTPClient) -> frozenset[str]:
            found: set[str] = set()
            async for entry in client.scandir(self._path(folder)):
                found.add(str(entry.filename))
                if len(found) > MAX_NAMES:
                    raise SourceError.of(FailureKind.TOO_LARGE, f"too many files in {folder}")
            return frozenset(found)

        async with self._gate.slot():
            return await self._in_time(listed, f"listing {folder}")

    async def read(self, path: str, *, most: int | None = None) -> bytes:
        """A file's bytes; raises `SourceError`, `TOO_LARGE` before anything is read.

        `most`: bytes, where less is allowed than by the source's limits.
        """
        most = self._gate.limits.max_bytes if most is None else most
        too_large = SourceError.of(FailureKind.TOO_LARGE, f"{path} is over {most} bytes")

        async def content(client: asyncssh.SFTPClient) -> bytes:
            size = (await client.stat(self._path(path))).size
            if size is None or size > most:
                raise too_large
            async with client.open(self._path(path), "rb") as file:
                body = await _in_blocks(file, size)
            if len(body) != size or (await client.stat(self._path(path))).size != size:
                # It grew or shrank while it was read: what was read is no file of theirs.
                raise SourceError.of(FailureKind.MALFORMED, f"{path} changed while being read")
            return body

        async with self._gate.slot():
            return await self._in_time(content, f"reading {path}")

    async def hand_over(self, path: str, body: bytes, permit: Permit) -> None:
        """Put a file and then its empty `.ok` (same name, other ending); `permit` comes first.

        The file appears whole or not at all; one of the same name is replaced. Raises
        `SourceError` and what `permit` raises.
        """

        async def put(client: asyncssh.SFTPClient) -> None:
            await _place(client, self._path(path), body)
            await _place(client, self._path(ok_of(path)), b"")

        async with self._gate.slot():
            await permit()
            await self._in_time(put, f"writing {path}")

    async def take_back(self, path: str) -> bool:
        """Remove a file handed over, its `.ok` first; whether both were still there.

        Raises `SourceError`.
        """

        async def removed(client: asyncssh.SFTPClient) -> bool:
            try:
                await client.remove(self._path(ok_of(path)))
                await client.remove(self._path(path))
            except asyncssh.SFTPNoSuchFile:
                return False
            return True

        async with self._gate.slot():
            return await self._in_time(removed, f"taking back {path}")

    async def aclose(self) -> None:
        """Close the connection; never raises for a server that is gone."""
        await self._let_go(self._connection, politely=True)

    def _path(self, path: str) -> str:
        return f"{self._address.root}{path}"

    async def _in_time(self, work: Callable[[asyncssh.SFTPClient], Awaitable[T]], doing: str) -> T:
        """Do `work` on the connection within the total deadline; translate what goes wrong."""
        try:
            async with asyncio.timeout(self._gate.limits.timeout):
                return await work(await self._connected())
        except TimeoutError as error:
            await self._let_go(self._connection)
            raise SourceError.of(FailureKind.TIMED_OUT, f"{doing} took too long") from error
        except AddressRefused as error:
            raise SourceError.of(FailureKind.UNREACHABLE, f"{doing}: {error}") from None
        except (OSError, asyncssh.Error) as error:
            kind = _kind_of(error)
            if kind is not FailureKind.UNAVAILABLE:  # then the server is there and can go on
                await self._let_go(self._connection)
            raise SourceError(Failure(kind, f"{doing}: {type(error).__name__}")) from error

    async def _connected(self) -> asyncssh.SFTPClient:
        async with self._connecting:
            if self._client is None or self._connection is None or self._connection.is_closed():
                await self._let_go(self._connection)
                self._connection = await self._connect()
                self._client = await self._connection.start_sftp_client(
                    path_errors="surrogateescape"
                )
            return self._client

    async def _connect(self) -> asyncssh.SSHClientConnection:
        address = self._address
        refusal: OSError = AddressRefused("the name stands for no address")
        for ip in await allowed(address.host, address.port, self._networks):
            try:
                return await self._connect_to(ip)
            except OSError as error:  # the next address, as of a host that has several
                refusal = error
        raise refusal

    async def _connect_to(self, ip: str) -> asyncssh.SSHClientConnection:
        address = self._address
        return await asyncssh.connect(
            ip,  # and not the name, which might stand for another one by now
            address.port,
            username=address.user,
            password=address.password,
            client_keys=None if address.private_key is None else [address.private_key],
            known_hosts=(list(address.host_keys), [], []),
            # Nothing of the account that the service runs under may take part.
            config=None,
            agent_path=None,
            kbdint_auth=False,
            gss_host=None,
            compression_algs=None,
        )

    async def _let_go(
        self, connection: asyncssh.SSHClientConnection | None, *, politely: bool = False
    ) -> None:
        if connection is None:
            return
        if self._connection is connection:
            self._connection = self._client = None
        if politely:
            connection.close()
            with suppress(TimeoutError, OSError, asyncssh.Error):
                await asyncio.wait_for(connection.wait_closed(), _CLOSING)
        if not connection.is_closed():
            connection.abort()
            with suppress(TimeoutError, OSError, asyncssh.Error):
                await asyncio.wait_for(connection.wait_closed(), _CLOSING)


def ok_of(path: str) -> str:
    """The name of the empty file that says that a file is complete."""
    return f"{path.rpartition('.')[0]}.ok"


async def _place(client: asyncssh.SFTPClient, path: str, body: bytes) -> None:
    """Write under another name, then rename: a reader never sees half a file."""
    writing = f"{path}{_WRITING}"
    async with client.open(writing, "wb") as file:
        await file.write(body)
    try:
        await client.posix_rename(writing, path)
    except asyncssh.SFTPOpUnsupported:
        # Servers without the extension do not rename onto a file that is there.
        with suppress(asyncssh.SFTPNoSuchFile):
            await client.remove(path)
        await client.rename(writing, path)


def _kind_of(error: OSError | asyncssh.Error) -> FailureKind:
    match error:
        case (
            asyncssh.PermissionDenied()
            | asyncssh.HostKeyNotVerifiable()
            | asyncssh.IllegalUserName()
            | asyncssh.SFTPPermissionDenied()
        ):
            return FailureKind.REFUSED
        case asyncssh.SFTPNoConnection() | asyncssh.SFTPConnectionLost():
            return FailureKind.UNREACHABLE
        case asyncssh.ProtocolError() | asyncssh.MACError() | asyncssh.SFTPBadMessage():
            return FailureKind.MALFORMED
        case asyncssh.ServiceNotAvailable() | asyncssh.ChannelOpenError() | asyncssh.SFTPError():
            # SFTPError: the server is there and says that it cannot (no such folder, disk full).
            return FailureKind.UNAVAILABLE
        case _:
            return FailureKind.UNREACHABLE


async def _in_blocks(file: asyncssh.SFTPClientFile, most: int) -> bytes:
    """The file's bytes, one block after the other, up to `most`.

    Never past the end: the library's own end-of-file error keeps every frame below it, and with
    them the bytes, until the collector comes round.
    """
    body = bytearray()
    while len(body) < most:
        block = await file.read(min(_BLOCK, most - len(body)))
        if not isinstance(block, bytes) or not block:
            break
        body += block
    return bytes(body)
