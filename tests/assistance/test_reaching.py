"""Whether another centre is reached, by the doctor too, and whose certificate is believed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from app.cli_doctor import examined
from app.jobs.checkup import Finding, State
from app.settings import Settings
from connectors.centres import check_centres, reach_centre
from connectors.failure import FailureKind, SourceError
from tests.assistance.parts import centre_b, entry_of, signer, written
from tests.client_parts import Known, register
from tests.service_parts import Clock, at_once
from tests.tls import shown_by_an_authority

_NOBODY: Final = Known("cl_none", "s3cr3t")


@asynccontextmanager
async def _entry(folder: Path, **more: Any) -> AsyncIterator[dict[str, Any]]:
    """How A names a B that listens, its keys by their address."""
    async with centre_b(folder, at_once("tax"), Clock(), **more) as (b, url):
        known = await register(b, secret=True, region="22", scopes=("assist",))
        yield {**entry_of(url, known, {}), "keys": f"{url}/v1/assistance/keys"}


def _doctor(folder: Path, entry: Mapping[str, Any]) -> Finding:
    """What `hedui doctor` says of the centre; the secret is nowhere in it."""
    path = written(folder / "a.yaml", {"centres": [dict(entry)]})
    (folder / "a").mkdir(exist_ok=True)
    found = examined(Settings(data_dir=folder / "a", sources=path))
    assert entry["client_secret"] not in str(found)
    [one] = [one for one in found if one.name == "centre:2299"]
    return one


async def test_a_centre_that_listens_is_found_so(tmp_path: Path) -> None:
    async with _entry(tmp_path) as entry:
        assert await reach_centre(entry) == "gave a token; 1 keys"
        found = await asyncio.to_thread(_doctor, tmp_path, entry)
        assert (found.state, found.detail) == (State.OK, "gave a token; 1 keys")


WRONG: Final[Mapping[str, tuple[Mapping[str, str], FailureKind]]] = {
    "another secret": ({"client_secret": "an0ther"}, FailureKind.REFUSED),
    "no keys at that address": ({"keys": "/v1/nowhere"}, FailureKind.REJECTED),
    "nobody listens": ({"url": "http://127.0.0.1:1", "keys": "/k"}, FailureKind.UNREACHABLE),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_in_the_way_is_named(tmp_path: Path, name: str) -> None:
    changes, kind = WRONG[name]
    async with _entry(tmp_path) as right:
        entry = {**right, **changes}
        if entry["keys"].startswith("/"):
            entry["keys"] = entry["url"] + entry["keys"]
        with pytest.raises(SourceError) as refused:
            await reach_centre(entry)
        assert refused.value.failure.kind is kind
        found = await asyncio.to_thread(_doctor, tmp_path, entry)
        assert found.state is State.FAILED
        assert kind.value in found.remedy


async def test_a_centre_with_an_authority_of_its_own(tmp_path: Path) -> None:
    """By `ca` it is believed, by the machine's authorities or by another one it is not."""
    tls = shown_by_an_authority(tmp_path)
    (tmp_path / "other").mkdir()
    other = shown_by_an_authority(tmp_path / "other")
    async with _entry(tmp_path, tls=tls) as entry:
        assert await reach_centre({**entry, "ca": tls.authority}) == "gave a token; 1 keys"
        for changes in ({}, {"ca": other.authority}):
            with pytest.raises(SourceError) as refused:
                await reach_centre({**entry, **changes})
            assert refused.value.failure.kind is FailureKind.UNREACHABLE
            assert "certificate is not trusted" in refused.value.failure.detail
        (tmp_path / "ca.pem").write_text(tls.authority)
        by_file = {**entry, "ca": f"file:{tmp_path / 'ca.pem'}"}
        assert (await asyncio.to_thread(_doctor, tmp_path, by_file)).state is State.OK


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ca": "no certificate"}, "ca: no certificates in PEM"),
        ({"ca": ""}, "ca is missing"),
        ({"ca": "file:/nowhere/ca.pem"}, "cannot be read"),
        ({"ca": "x", "url": "http://127.0.0.1:1"}, "url is not https"),
    ],
)
def test_a_wrong_authority_is_named_before_anybody_is_called(
    changes: Mapping[str, str], words: str
) -> None:
    entry = {**entry_of("https://b.example", _NOBODY, signer().jwks()), **changes}
    with pytest.raises(ValueError, match=words):
        check_centres([entry])
