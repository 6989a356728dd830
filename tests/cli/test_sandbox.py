"""`hedui sandbox` leaves in its folder what a service needs to be started on the sources."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp

from app.settings import read_sources_file
from connectors.registry import SOURCES, build_sources

_COMMAND = ("-m", "app.start", "sandbox", "--households", "3")
_READY = "Ctrl-C"


async def test_the_ten_sources_alone(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *_COMMAND,
        *("--folder", str(tmp_path), "--url", "http://127.0.0.1:8123"),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert process.stdout is not None
    try:
        printed = ""
        async with asyncio.timeout(60):
            while _READY not in printed:
                line = await process.stdout.readline()
                assert line, printed
                printed += line.decode()
        sources = read_sources_file(tmp_path / "sources.yaml")["sources"]
        assert set(sources) == set(SOURCES) - {"relief_register"} == set(build_sources(sources, {}))
        assert sources["insurance"]["callback_url"].startswith("http://127.0.0.1:8123/")
        assert (tmp_path / "sources.yaml").stat().st_mode & 0o077 == 0
        assert await _status_of(sources["household_registry"]["url"]) == 404
    finally:
        process.send_signal(signal.SIGINT)
        status = await process.wait()
    assert status == 0
    applications = sorted((tmp_path / "applications").glob("*.json"))
    assert len(applications) == 3
    assert json.loads(applications[0].read_text("utf-8"))["region"].startswith("220102")
    for told in (str(tmp_path / "sources.yaml"), "HEDUI_PORT=8123", "hedui serve"):
        assert told in printed


async def _status_of(url: str) -> int:
    async with aiohttp.ClientSession(url) as http, http.get("/") as reply:
        return reply.status
