"""Sources are reached without asking about anybody, and what is in the way is named."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.failure import FailureKind, SourceError
from connectors.reach import reach
from connectors.registry import SOURCES
from connectors.sandbox.sandbox import run_sandbox


async def test_all_ten_are_reached_and_nobody_is_asked_about(tmp_path: Path) -> None:
    async with run_sandbox({}, folder=tmp_path) as sandbox:
        found = {
            name: await reach(name, config)
            for name, config in sandbox.sources_configuration().items()
        }
        assert found.keys() == SOURCES.keys() - {"relief_register"}, "which has no wire of its own"
        assert found["business_registration"] == "gave a token"
        assert found["housing_fund"] == "log-in accepted"
        assert found["bank"].startswith("log-in accepted")
        assert found["tax"] == "listens"
        assert [sandbox.log.asked(name) for name in found] == [[]] * len(found)


WRONG: Mapping[str, Mapping[str, Any]] = {
    "business_registration": {"client_secret": "another"},
    "bank": {"password": "another"},
    "securities": {"host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 42 + "A="},
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_refusal_is_named_without_the_secret(tmp_path: Path, name: str) -> None:
    async with run_sandbox({}, folder=tmp_path) as sandbox:
        config = {**sandbox.sources_configuration()[name], **WRONG[name]}
        with pytest.raises((SourceError, ValueError)) as refused:
            await reach(name, config)
    if isinstance(refused.value, SourceError):
        assert refused.value.failure.kind is FailureKind.REFUSED
    assert "another" not in str(refused.value)


@pytest.mark.parametrize(
    "config",
    [
        {"url": "http://127.0.0.1:1/secret"},
        {"url": "https://127.0.0.1:1"},
        {"url": "http://nowhere.invalid"},
    ],
)
async def test_where_nobody_listens(config: Mapping[str, Any]) -> None:
    with pytest.raises(SourceError) as gone:
        await reach("tax", config)
    assert gone.value.failure.kind is FailureKind.UNREACHABLE
    assert "secret" not in str(gone.value)


async def test_where_no_tls_is_spoken() -> None:
    async def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SourceError) as gone:
            await reach("tax", {"url": f"https://127.0.0.1:{port}"})
    assert gone.value.failure.kind is FailureKind.UNREACHABLE


@pytest.mark.parametrize("url", ["", "127.0.0.1", "ftp://host", "http://"])
async def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        await reach("tax", {"url": url})
