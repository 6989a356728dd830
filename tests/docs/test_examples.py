"""What the pages tell people to run is run: on a service with the ten made-up sources."""

import asyncio
import os
import runpy
import shlex
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from joserfc.jwk import OKPKey
from typer.testing import CliRunner

from app.cli import cli
from app.demo.service import Running, sandbox_and_service
from app.jobs.signing import signature
from app.settings import read_sources_file
from connectors.registry import build_sources, resolve_value
from connectors.sandbox.county import County, generate
from tests.docs.blocks import Block, blocks, pages

TESTED = {
    name: [one for one in blocks(text) if one.tested]
    for name, text in pages("en").items()
    if any(one.tested for one in blocks(text))
}
LEARNED = {
    "HUKOU_TOKEN": "token-of-the-registry",
    "TAX_PASSWORD": "password-of-the-tax-office",
    "CRVS_SECRET": "secret-at-the-civil-registry",
}
KEPT = "file:/etc/hedui/"
"""Where the pages keep keys; here they lie in the test's own folder."""
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def county() -> County:
    return generate(1, 12, datetime.now(UTC).date())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(
    county: County, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with sandbox_and_service(county, tmp_path_factory.mktemp("docs"), 0) as running:
        yield running


@pytest.fixture
def place(
    service: Running, county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with an application in it, and the environment that the pages speak of."""
    (tmp_path / "household.json").write_bytes(orjson.dumps(county.households[0].application))
    given = {
        **LEARNED,
        "HEDUI_URL": service.url,
        "HEDUI_CLIENT_ID": service.remote.client_id,
        "HEDUI_CLIENT_SECRET": service.remote.client_secret,
        "HEDUI_DATA_DIR": str(service.settings.data_dir),
        "HEDUI_SOURCES": str(service.settings.sources),
        "HEDUI_PUBLIC_URL": service.url,
        "HEDUI_PORT": str(service.settings.port),
        "HEDUI_WORKER": "docs",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", TESTED)
async def test_a_page_does_what_it_says(name: str, place: Path) -> None:
    script = ""
    for block in TESTED[name]:
        if block.language == "python":
            script += block.text + "\n"
        elif block.language == "sh":
            await asyncio.to_thread(run, block)
        elif block.name == "sources":
            await built(block, place)
        else:
            path = place / block.name
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, "utf-8")
    if script:
        left = await asyncio.to_thread(executed, script, place)
        left["service"].close()
        if "is_genuine" in left:
            signed = signature(bytes.fromhex(left["key"]), "1732435200", b"{}")
            assert left["is_genuine"]("1732435200", b"{}", signed)
            assert not left["is_genuine"]("1732435201", b"{}", signed)


def run(block: Block) -> None:
    for command in block.commands():
        done = CliRunner().invoke(cli, shlex.split(command))
        assert done.exit_code == 0, f"hedui {command}: {done.output}"


def executed(script: str, place: Path) -> dict[str, Any]:
    """What the page's Python leaves behind."""
    path = place / "page.py"
    path.write_text(script, "utf-8")
    return runpy.run_path(str(path))


async def built(block: Block, place: Path) -> None:
    """The file of sources is taken as it stands, with the secrets that it names."""
    path = place / "sources.yaml"
    path.write_text(block.text, "utf-8")
    document = read_sources_file(path)
    key = OKPKey.generate_key("Ed25519")
    (place / "dci.jwk").write_bytes(orjson.dumps(key.as_dict(private=True)))
    (place / "crvs.jwks.json").write_bytes(orjson.dumps({"keys": [key.as_dict(private=False)]}))
    sources = build_sources(
        document["sources"],
        document.get("limits", {}),
        resolve=lambda value: resolve_value(value.replace(KEPT, f"file:{place}/")),
    )
    assert set(sources) == set(document["sources"])
    assert os.environ["TAX_PASSWORD"] not in block.text
    for source in sources.values():
        await source.aclose()
