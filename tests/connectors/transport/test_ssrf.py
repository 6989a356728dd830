"""Promise 27 at the sources' end: what a source's name stands for is judged as it is dialled.

The servers are real and listen on this machine; what they heard is the judge.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.failure import FailureKind, SourceError
from connectors.reach import reach
from connectors.registry import limits_of
from connectors.transport.addresses import AddressRefused, allowed, networks_of
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate, Limits
from connectors.transport.sftp import Sftp, SftpAddress
from tests.connectors.sftp_server import sftp_server
from tests.connectors.transport.raw_server import head, raw_server, says

ROOT = Path(__file__).parents[3]
CALL = HttpCall("GET", "/x")
ANSWER = says(head(Content_Length="2", Content_Type="application/json"), b"{}")
NEVER = (
    "0.0.0.0",  # noqa: S104 - an address that is refused
    "169.254.169.254",
    "100.100.100.200",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0.0.0.0]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[::169.254.169.254]",
)


def limits(*networks: str) -> Limits:
    return Limits(timeout=5.0, networks=networks)


async def failure_of(url: str, given: Limits) -> SourceError | HttpReply:
    wire = Wire(url, Gate("a_source", given))
    try:
        return await wire.send(CALL, None)
    except SourceError as error:
        return error
    finally:
        await wire.aclose()


@pytest.mark.promise(27)
@pytest.mark.parametrize("host", NEVER)
@pytest.mark.parametrize("networks", [(), ("0.0.0.0/0", "::/0")], ids=["any", "all listed"])
async def test_a_source_is_never_link_local_or_metadata(
    host: str, networks: tuple[str, ...]
) -> None:
    """Whatever is configured; a server that listens everywhere on this machine hears nothing.

    Planted: `is_never` always false: the unspecified addresses reached the server, and the others
    ended in a time-out instead of a refusal.
    """
    async with raw_server(ANSWER) as heard:
        port = heard.url.rpartition(":")[2]
        outcome = await failure_of(f"http://{host}:{port}", limits(*networks))
        assert isinstance(outcome, SourceError)
        assert outcome.failure.kind is FailureKind.UNREACHABLE
        assert "never called" in outcome.failure.detail
        assert host not in outcome.failure.detail
        assert heard.requests == []


@pytest.mark.promise(27)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_source_is_in_its_networks(host: str) -> None:
    """By number and by name, before anything is sent.

    Planted: `socket_factory` left out: the server outside of the networks was asked.
    """
    async with raw_server(ANSWER) as heard:
        url = heard.url.replace("127.0.0.1", host)
        outside = await failure_of(url, limits("10.0.0.0/8", "fd00::/8"))
        assert isinstance(outside, SourceError)
        assert "outside of the source's networks" in outside.failure.detail
        assert heard.requests == []
        inside = await failure_of(url, limits("10.0.0.0/8", "127.0.0.0/8"))
        assert isinstance(inside, HttpReply)
        assert len(heard.requests) == 1


@pytest.mark.promise(27)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_file_server_is_in_its_networks(tmp_path: Path, host: str) -> None:
    """Planted: the connection made by name, unjudged: the server outside was logged in to."""
    (tmp_path / "in").mkdir()
    async with sftp_server(tmp_path) as server:
        config: dict[str, Any] = dict(server.config())
        config["url"] = config["url"].replace("127.0.0.1", host)
        for networks, fits in (("10.0.0.0/8",), False), (("127.0.0.0/8",), True):
            sftp = Sftp(SftpAddress.read(config), Gate("bank", limits(*networks)))
            try:
                if fits:
                    assert "in" in await sftp.names("/")
                else:
                    with pytest.raises(SourceError, match="outside of the source's networks"):
                        await sftp.names("/")
            finally:
                await sftp.aclose()


async def test_the_first_address_that_fits_is_the_one() -> None:
    async def several(_host: str, _port: int) -> list[str]:
        return ["10.0.0.1", "169.254.1.1", "10.1.0.1"]

    networks = networks_of(["10.1.0.0/16"])
    assert await allowed("x.example", 1, networks, several) == ["10.1.0.1"]
    assert await allowed("x.example", 1, (), several) == ["10.0.0.1", "10.1.0.1"]

    async def none(_host: str, _port: int) -> list[str]:
        return []

    with pytest.raises(AddressRefused):
        await allowed("x.example", 1, (), none)


@pytest.mark.promise(27)
async def test_the_doctor_calls_no_such_address_either() -> None:
    """Planted: the look by `open_connection` with the name: it waited for the metadata address."""
    with pytest.raises(SourceError, match="never called"):
        await reach("tax", {"url": "http://169.254.169.254", "username": "u", "password": "p"})


def test_networks_are_a_limit_of_the_configuration() -> None:
    given = limits_of("tax", {"networks": ["10.1.0.0/16", "10.2.0.7/32"]})
    assert given.networks == ("10.1.0.0/16", "10.2.0.7/32")
    for wrong in ("10.1.0.0/16", [1], ["tax.example"], ["10.1.0.1/16"]):
        with pytest.raises(ValueError, match="networks"):
            limits_of("tax", {"networks": wrong})


def clients() -> Iterator[tuple[str, ast.Call]]:
    """Every place of ours where a client is made."""
    for package in ("app", "connectors"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    name = ast.unparse(node.func)
                    if name in ("httpx.AsyncClient", "httpx.Client", "aiohttp.ClientSession"):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", node


CLIENTS = dict(clients())


@pytest.mark.promise(27)
@pytest.mark.parametrize("where", CLIENTS)
def test_every_client_ignores_the_environment(where: str) -> None:
    """Proxies and netrc of the account that the service runs under take no part.

    Planted: `trust_env=False` taken out of the anchors' client: its line failed.
    """
    given = {word.arg: ast.unparse(word.value) for word in CLIENTS[where].keywords}
    assert given.get("trust_env") == "False"
    if ast.unparse(CLIENTS[where].func).startswith("httpx"):
        assert given.get("follow_redirects", "False") == "False"


def test_there_are_clients_to_look_at() -> None:
    assert len(CLIENTS) >= 5
