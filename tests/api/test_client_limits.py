"""A client's programmes and purposes hold wherever a verification or a batch begins."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.access.clients import secret_hash
from app.store.clients import Client
from app.wiring import new_id
from tests.batch.rosters import a_row, as_csv
from tests.service_parts import Running, a_body, all_ten, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
HEADER = (
    "case_reference,region,programme,name,id_type,id_number,relationship,consent_reference,"
    "consent_valid_until,class\n"
)
ONE = "229901198003071236"
REFUSED = (403, 404)
"""A case of other programmes is as one that is not there."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running(tmp_path_factory.mktemp("limits"), all_ten()) as started:
        yield started


async def limited(service: Running, **limits: Any) -> dict[str, str]:
    """A client of 220102 with these limits; gives its headers."""
    new = Client(
        client_id=new_id("cl"),
        name="limited",
        region="220102",
        scopes=("verify", "read", "batch"),
        secret_hash=secret_hash("x"),
        created_at=service.clock(),
        **limits,
    )
    await service.parts.shelf.database.write(lambda tx: service.parts.clients.add(tx, new))
    issued = service.parts.tokens.issue(new, new.scopes)
    return {"Authorization": f"Bearer {issued}", "Idempotency-Key": new_id("ik")}


async def final(service: Running) -> str:
    return str((await service.post(a_body(case_reference=new_id("c")))).json()["id"])


async def posted(service: Running, headers: dict[str, str], **changes: Any) -> httpx.Response:
    body = a_body(case_reference=new_id("c"), **changes)
    return await service.http.post("/v1/verifications", json=body, headers=headers)


async def rechecked(service: Running, headers: dict[str, str]) -> httpx.Response:
    path = f"/v1/verifications/{await final(service)}/recheck"
    return await service.http.post(path, headers=headers)


async def objected(service: Running, headers: dict[str, str]) -> httpx.Response:
    path = f"/v1/verifications/{await final(service)}/objections"
    body = {"by": "m1", "about": "the deposit", "reason": "it is not mine"}
    return await service.http.post(path, json=body, headers=headers)


async def batch(
    service: Running, headers: dict[str, str], programmes: str = "urban_dibao"
) -> httpx.Response:
    return await service.http.post(
        "/v1/batches",
        data={"programmes": programmes},
        files={"roster": ("roster.csv", as_csv([a_row()]), "text/csv")},
        headers=headers,
    )


async def recipients(
    service: Running, headers: dict[str, str], programmes: str = "urban_dibao"
) -> httpx.Response:
    return await service.http.post(
        "/v1/recipients",
        data={"programmes": programmes},
        files={"roster": ("roster.csv", HEADER.encode(), "text/csv")},
        headers=headers,
    )


async def recipient(service: Running, headers: dict[str, str]) -> httpx.Response:
    body = {"verification": a_body(purpose="reverification"), "class": "A"}
    return await service.http.post("/v1/recipients", json=body, headers=headers)


async def reverified(service: Running, headers: dict[str, str]) -> httpx.Response:
    body = {"region": "220102", "dry_run": True}
    return await service.http.post("/v1/recipients/reverify", json=body, headers=headers)


WAYS = {
    "a verification": posted,
    "a recheck": rechecked,
    "an objection": objected,
    "a batch": batch,
    "recipients": recipients,
    "a recipient": recipient,
    "a re-verification": reverified,
}


@pytest.mark.promise(18)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_another_purpose_is_refused_everywhere(service: Running, way: Any) -> None:
    """Planted: without the check in `recheck`, that row had a 202."""
    reply = await way(service, await limited(service, purposes=("spot_check",)))
    assert reply.status_code in REFUSED, reply.text
    all_of_them = ("application", "reverification", "objection")
    allowed = await way(service, await limited(service, purposes=all_of_them))
    assert allowed.status_code not in REFUSED, allowed.text


@pytest.mark.promise(18)
@pytest.mark.parametrize("name", [name for name in WAYS if name != "a re-verification"])
async def test_another_programme_is_refused_everywhere(service: Running, name: str) -> None:
    """Planted: with the programmes of the batch's terms left out, the batch had a 202."""
    way: Any = WAYS[name]
    reply = await way(service, await limited(service, programmes=("rural_dibao",)))
    assert reply.status_code in REFUSED, reply.text
    allowed = await way(service, await limited(service, programmes=("urban_dibao",)))
    assert allowed.status_code not in REFUSED, allowed.text


@pytest.mark.promise(18)
async def test_a_rosters_rows_name_no_other_programme(service: Running) -> None:
    """Planted: with `allowed` not handed to the reading, the row was taken."""
    headers = await limited(service, programmes=("rural_dibao",))
    reply = await service.http.post(
        "/v1/batches",
        files={"roster": ("roster.csv", as_csv([a_row(programme="urban_dibao")]), "text/csv")},
        headers=headers,
    )
    while await service.parts.batching.reading.read_due():
        pass
    shown = await service.http.get(f"/v1/batches/{reply.json()['id']}", headers=headers)
    assert [one["code"] for one in shown.json()["errors"]] == ["programme.not_allowed"]
    assert shown.json()["households"] == 0


@pytest.mark.promise(18)
async def test_only_recipients_of_its_programmes_are_verified_again(service: Running) -> None:
    """Planted: without `programmes` in the order, the household was counted."""
    everybody = await limited(service)
    line = f"c-9,220102003,urban_dibao,李明,resident_id,{ONE},head,SQ-9,2027-11-19,A\n"
    taken = await service.http.post(
        "/v1/recipients",
        files={"roster": ("roster.csv", (HEADER + line).encode(), "text/csv")},
        headers=everybody,
    )
    assert taken.json()["added"] == 1, taken.text
    due = {}
    for name in ("urban_dibao", "rural_dibao"):
        headers = await limited(service, programmes=(name,))
        due[name] = (await reverified(service, headers)).json()["households"]
    assert due["urban_dibao"] >= 1
    assert due["rural_dibao"] == 0
    other = await limited(service, programmes=("rural_dibao",))
    rejected = await service.http.post(
        "/v1/recipients",
        files={"roster": ("roster.csv", (HEADER + line).encode(), "text/csv")},
        headers=other,
    )
    assert [one["code"] for one in rejected.json()["errors"]] == ["programme.not_allowed"]
