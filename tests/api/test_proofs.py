"""Proofs through the interface: handed in, listed, given back as they were, sealed at rest."""

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import httpx
import pytest
import pytest_asyncio

from connectors.records import Subject
from tests.looks.parts import a_case, assigned, entries_of, somebody
from tests.review.proofs import a_pdf, a_png
from tests.service_parts import (
    Running,
    ScriptedSource,
    all_ten,
    an_account,
    found,
    number,
    running,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEAR = Subject(name="李明", id_number=number("22990119800307124"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "90000.00", subjects=(NEAR,)))})
    async with running(tmp_path_factory.mktemp("proofs"), all_ten(bank)) as one:
        yield one


async def an_item(service: Running) -> tuple[str, dict[str, str], str]:
    """The path of proofs of a new case, whom an item of it is, the case's number."""
    id_, case = await a_case(service)
    items = (await service.get("/v1/review-items")).json()["items"]
    item = next(one["id"] for one in items if one["verification"] == id_)
    return f"/v1/verifications/{id_}/proofs", {"owner_kind": "review_item", "owner": item}, case


async def handed_in(service: Running, path: str, owner: Any, content: bytes) -> httpx.Response:
    files = {"file": ("李明的病历.pdf", content, "application/pdf")}
    return await service.http.post(path, params=owner, files=files, headers=service.headers)


async def test_a_proof_comes_back_as_it_was(service: Running) -> None:
    path, owner, _ = await an_item(service)
    content = a_pdf()
    reply = await handed_in(service, path, owner, content)
    assert reply.status_code == 201, reply.text
    made = reply.json()
    assert made["media_type"] == "application/pdf"
    assert made["digest"] == f"sha256:{sha256(content).hexdigest()}"
    listed = (await service.http.get(path, params=owner, headers=service.headers)).json()
    assert listed == {"proofs": [made]}
    back = await service.get(f"{path}/{made['id']}")
    assert back.content == content
    assert back.headers["content-disposition"] == f'attachment; filename="{made["id"]}.pdf"'
    assert back.headers["content-type"] == "application/pdf"
    assert back.headers["x-content-type-options"] == "nosniff"


async def test_each_download_is_on_record(service: Running) -> None:
    path, owner, case = await an_item(service)
    made = (await handed_in(service, path, owner, a_png())).json()
    checker = await somebody(service, "county_checker")
    assert (await checker.get(f"{path}/{made['id']}")).status_code == 403  # not assigned
    await assigned(service, case, checker)
    for _ in range(2):
        assert (await checker.get(f"{path}/{made['id']}")).status_code == 200
    entries = await entries_of(service, checker.id)
    reads = [details for action, _, details in entries if action == "proof_read"]
    assert [one["proof"] for one in reads] == [made["id"]] * 2
    assert [action for action, _, _ in entries].count("look_refused") == 1


async def test_what_is_no_proof_is_refused(service: Running) -> None:
    path, owner, _ = await an_item(service)
    big = b"\x89PNG\r\n\x1a\n" + b"0" * (10 * 1024 * 1024)
    for content, status in ((b"MZ", 422), (b"", 422), (big, 422), (big + big[:600_000], 413)):
        assert (await handed_in(service, path, owner, content)).status_code == status
    other = {"owner_kind": "review_item", "owner": "ri_none"}
    assert (await handed_in(service, path, other, a_png())).status_code == 404
    reply = await service.http.post(path, params=owner, json={}, headers=service.headers)
    assert reply.status_code == 422
    assert "李明" not in json.dumps(reply.json(), ensure_ascii=False)


async def test_it_is_sealed_at_rest(service: Running) -> None:
    path, owner, _ = await an_item(service)
    content = a_pdf(b"/Marker (an uncommon mark)")
    made = (await handed_in(service, path, owner, content)).json()
    assert (await service.get(f"{path}/{made['id']}")).content == content
    folder = service.parts.checkup.folder
    for file in folder.rglob("*"):
        if file.is_file():
            assert b"an uncommon mark" not in file.read_bytes(), file
