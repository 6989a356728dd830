"""Files over SFTP: whole or not at all, in time, from the pinned server only."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from connectors.failure import FailureKind, NotPermitted, SourceError
from connectors.transport.limits import Gate, Limits
from connectors.transport.sftp import Sftp, SftpAddress
from tests.connectors.sftp_server import sftp_server

IN_TIME = Limits(timeout=5.0, max_bytes=1000)
SHORT = Limits(timeout=0.3, max_bytes=1000)


@asynccontextmanager
async def client(config: Mapping[str, Any], limits: Limits = IN_TIME) -> AsyncIterator[Sftp]:
    sftp = Sftp(SftpAddress.read(config), Gate("bank", limits))
    try:
        yield sftp
    finally:
        await sftp.aclose()


async def permitted() -> None:
    """Consent is there."""


async def kind_of(call: Any) -> FailureKind:
    with pytest.raises(SourceError) as caught:
        await call
    return caught.value.failure.kind


async def test_a_file_is_handed_over_whole_and_its_ok_follows(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    async with sftp_server(tmp_path) as server, client(server.config()) as sftp:
        await sftp.hand_over("/in/R_1.txt", b"content", permitted)
        await sftp.hand_over("/in/R_1.txt", b"again", permitted)
        assert await sftp.names("/in") == {".", "..", "R_1.txt", "R_1.ok"}
        assert await sftp.read("/in/R_1.txt") == b"again"
    assert (tmp_path / "in" / "R_1.ok").read_bytes() == b""


async def test_nothing_is_written_without_permit(tmp_path: Path) -> None:
    async def refused() -> None:
        raise NotPermitted("withdrawn")

    (tmp_path / "in").mkdir()
    async with sftp_server(tmp_path) as server, client(server.config()) as sftp:
        with pytest.raises(NotPermitted):
            await sftp.hand_over("/in/R_1.txt", b"content", refused)
    assert list((tmp_path / "in").iterdir()) == []


async def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, client(server.config()) as sftp:
        server.put("big", b"x" * 1001)
        server.put("fits", b"x" * 1000)
        assert await kind_of(sftp.read("/big")) is FailureKind.TOO_LARGE
        assert len(await sftp.read("/fits")) == 1000


async def test_what_is_not_there_is_no_empty_answer(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, client(server.config()) as sftp:
        assert await kind_of(sftp.names("/missing")) is FailureKind.UNAVAILABLE
        assert await kind_of(sftp.read("/missing.txt")) is FailureKind.UNAVAILABLE


async def test_another_host_key_is_refused(tmp_path: Path) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    async with sftp_server(tmp_path) as server:
        async with client(server.config(host_key=other)) as sftp:
            assert await kind_of(sftp.names("/")) is FailureKind.REFUSED
        async with client(server.config(host_key=f"{other}\n{server.host_key}")) as sftp:
            assert "." in await sftp.names("/")  # the old and the new key during a change


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    async with (
        sftp_server(tmp_path) as server,
        client(server.config(password="another")) as sftp,
    ):
        assert await kind_of(sftp.names("/")) is FailureKind.REFUSED


async def test_after_a_lost_connection_a_new_one_is_made(tmp_path: Path) -> None:
    async with sftp_server(tmp_path) as server, client(server.config()) as sftp:
        await sftp.names("/")
        await server.drop_connections()
        # Whether our side has noticed by now is chance: at the latest the second call is fine.
        with suppress(SourceError):
            await sftp.names("/")
        assert "." in await sftp.names("/")
        assert len(server.connections) == 2


async def test_a_server_that_is_not_there(unused_tcp_port: int) -> None:
    config = {
        "url": f"sftp://hedui@127.0.0.1:{unused_tcp_port}",
        "password": "x",
        "host_key": asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode(),
    }
    async with client(config) as sftp:
        assert await kind_of(sftp.names("/")) is FailureKind.UNREACHABLE
        assert await kind_of(sftp.hand_over("/a.txt", b"", permitted)) is FailureKind.UNREACHABLE


@pytest.mark.parametrize(
    ("greeting", "then_close", "kind"),
    [
        (b"", False, FailureKind.TIMED_OUT),
        (b"SSH-2.0-slow\r\n", False, FailureKind.TIMED_OUT),
        (b"", True, FailureKind.UNREACHABLE),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True, FailureKind.UNREACHABLE),
        (b"SSH-2.0-x\r\n\xff\xff\xff\xff garbage garbage", True, None),
    ],
    ids=["silent", "slow", "closes", "another-protocol", "garbage"],
)
async def test_a_server_that_speaks_no_ssh(
    greeting: bytes, then_close: bool, kind: FailureKind | None
) -> None:
    answered = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        with suppress(ConnectionError):
            if not then_close:
                await reader.read(-1)
            writer.close()
            await writer.wait_closed()
        answered.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    config = {
        "url": f"sftp://hedui@127.0.0.1:{server.sockets[0].getsockname()[1]}",
        "password": "x",
        "host_key": asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode(),
    }
    async with server, client(config, SHORT) as sftp:
        found = await kind_of(sftp.names("/"))
        assert kind is None or found is kind
        await answered.wait()


async def test_a_server_that_falls_silent_after_the_log_in(tmp_path: Path) -> None:
    async with (
        sftp_server(tmp_path, silent=True) as server,
        client(server.config(), SHORT) as sftp,
    ):
        server.put("x.txt", b"x")
        assert await kind_of(sftp.read("/x.txt")) is FailureKind.TIMED_OUT


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"url": "http://hedui@127.0.0.1"}, "url"),
        ({"url": "sftp://127.0.0.1"}, "url"),
        ({"url": "sftp://hedui:secret@127.0.0.1"}, "url"),
        ({"host_key": ""}, "host_key"),
        ({"host_key": "ssh-ed25519 nonsense"}, "host_key"),
        ({"password": None, "private_key": "x"}, "password"),
    ],
)
def test_a_wrong_configuration_names_the_key_and_no_secret(
    change: Mapping[str, Any], names: str
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    right = {"url": "sftp://hedui@127.0.0.1:22", "password": "secret", "host_key": key}
    SftpAddress.read(right)
    with pytest.raises(ValueError, match=names) as caught:
        SftpAddress.read({**right, **change})
    assert "secret" not in str(caught.value)


def test_a_private_key_in_the_place_of_a_password() -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    config = {
        "url": "sftp://hedui@127.0.0.1",
        "private_key": key.export_private_key().decode(),
        "host_key": key.export_public_key().decode(),
    }
    address = SftpAddress.read(config)
    assert (address.port, address.password) == (22, None)
    assert "PRIVATE" not in repr(address)
