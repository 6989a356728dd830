"""One key, one effect: at once, again, after a kill, and whoever else has the same key."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.store.tables import verification
from app.store.tables_audits import audit_sample
from app.wiring import new_id
from tests.review.audited import an_audit, seed, some_decisions
from tests.service_parts import Running, a_body, all_ten, running

AT_ONCE = 50


async def counted(service: Running, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return int(await service.parts.shelf.database.read(lambda tx: tx.execute(query).scalar_one()))


@pytest.mark.promise(9)
async def test_fifty_at_once_are_one_verification(tmp_path: Path, database_url: str) -> None:
    """All are told of the same one; and it is there after the service began anew.

    Planted: `claim_key` gave True whether or not it had put a row: several places were told.
    """
    key = new_id("ik")
    async with running(tmp_path, all_ten(), database_url=database_url) as service:
        replies = await asyncio.gather(*(service.post(key=key, wait=0) for _ in range(AT_ONCE)))
        assert {reply.status_code for reply in replies} <= {201, 202}
        [place] = {reply.headers["location"] for reply in replies}
        assert await counted(service, verification) == 1
        other = await service.post(a_body(case_reference="220102-2026-000124"), key=key, wait=0)
        assert (other.status_code, other.json()["type"]) == (
            422,
            "urn:hedui:problem:idempotency-key-reused",
        )
        beside = await service.client()
        foreign = await service.post(key=key, wait=0, **beside)
        assert foreign.headers["location"] != place
        assert await counted(service, verification) == 2
        service.parts.engine.submit("vf_nobody")  # work under way as the process ends
        headers = service.headers
    async with running(tmp_path, all_ten(), database_url=database_url) as again:
        again.headers = headers
        assert (await again.post(key=key, wait=0)).headers["location"] == place
        assert await counted(again, verification) == 2


async def draw(service: Running, headers: dict[str, str], key: str, **more: Any) -> httpx.Response:
    sent = {**headers, "Idempotency-Key": key}
    return await service.http.post("/v1/audits", json=an_audit(size=6, **more), headers=sent)


@pytest.mark.promise(9)
async def test_fifty_draws_at_once_are_one_audit(tmp_path: Path, database_url: str) -> None:
    """A sample is drawn once: two of one key would be two frames to choose from.

    Planted: `_kept` went on where another call had the key already: the answers differed.
    """
    async with running(tmp_path, [], database_url=database_url) as service:
        await seed(service, some_decisions(24))
        drawer = await service.client(scopes=("audit",))
        key = new_id("ik")
        replies = await asyncio.gather(*(draw(service, drawer, key) for _ in range(AT_ONCE)))
        assert {reply.status_code for reply in replies} == {201}
        assert len({reply.text for reply in replies}) == 1
        assert await counted(service, audit_sample) == 1
        assert (await draw(service, drawer, key, seed=12)).status_code == 422
        beside = await service.client(scopes=("audit",))
        assert (await draw(service, beside, key)).json()["id"] != replies[0].json()["id"]
        assert (await draw(service, drawer, key)).text == replies[0].text
        for _ in range(2):  # without a key each is one of its own
            reply = await service.http.post("/v1/audits", json=an_audit(size=8), headers=drawer)
            assert reply.status_code == 201
        assert await counted(service, audit_sample) == 4


@pytest.mark.promise(9)
async def test_a_key_of_a_verification_is_no_audits(tmp_path: Path, database_url: str) -> None:
    """A client's keys are one space.

    Planted: `repeated` told nothing of keys that came before: 500 in place of 422.
    """
    async with running(tmp_path, all_ten(), database_url=database_url) as service:
        key = new_id("ik")
        both = await service.client(scopes=("audit", "verify"))
        await service.post(key=key, wait=0, **both)
        assert (await draw(service, both, key)).status_code == 422
