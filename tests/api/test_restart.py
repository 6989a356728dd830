"""A service closed at any moment goes on after a new start with the same database."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.errors import ConfigurationError
from app.store.askings import Askings
from app.store.session import connect
from app.store.tables import outbox, report, result
from app.wiring import new_id
from tests.new_databases import brought_up
from tests.service_parts import (
    Clock,
    Running,
    ScriptedSource,
    all_ten,
    an_account,
    found,
    running,
)
from tests.store.test_verifications import a_verification


def a_later_bank(*, ready: bool) -> ScriptedSource:
    return ScriptedSource(
        "bank",
        {"m1": found(an_account("m1", "15320.55"))},
        persons_a_query=10,
        answers_later=True,
        ready=ready,
    )


async def test_a_service_goes_on_with_what_was_awaited(tmp_path: Path, database_url: str) -> None:
    clock, key = Clock(), new_id("ik")
    first = all_ten(a_later_bank(ready=False))
    async with running(tmp_path, first, clock=clock, database_url=database_url) as service:
        client = service.headers
        reply = await service.post(wait=0, key=key)
        id_ = reply.json()["id"]
        await service.status_becomes(id_, "partial")
    assert all(source.closed for source in first)
    clock.forward(seconds=200)
    second = all_ten(a_later_bank(ready=True))
    async with running(tmp_path, second, clock=clock, database_url=database_url) as service:
        service.headers = client
        await service.parts.verifier.collect_due()
        final = await service.status_becomes(id_, "final")
        assert final["profile"]["totals"]["financial_assets"] == "15320.55"
        assert (await service.post(key=key)).json() == final
        same, _, _ = await service.parts.verifier.replay(id_)
        assert same
    assert [source.asked for source in second] == [[]] * 10


async def test_what_was_under_way_is_begun_again_and_not_asked_twice(
    tmp_path: Path, database_url: str
) -> None:
    clock = Clock()
    first = all_ten(ScriptedSource("tax", gate=asyncio.Event()))  # tax hangs
    async with running(tmp_path, first, clock=clock, database_url=database_url) as service:
        client = service.headers
        id_ = (await service.post(wait=0)).json()["id"]
        async with asyncio.timeout(10):
            for source in first:
                if source.name != "tax":
                    await source.reached.wait()
            while await _stored(service, id_) < 27:
                await asyncio.sleep(0.01)
    second = all_ten()
    async with running(tmp_path, second, clock=clock, database_url=database_url) as service:
        service.headers = client
        final = await service.status_becomes(id_, "final")
        assert final["status"] == "final"
    asked = {source.name: sorted(source.asked) for source in second if source.asked}
    assert asked == {"tax": [("m1",), ("m2",), ("m3",)]}


async def _stored(service: Running, id_: str) -> int:
    shelf = service.parts.shelf
    return len(await shelf.database.read(lambda tx: shelf.replies.heads(tx, id_)))


async def test_what_was_accepted_and_never_begun_is_begun(tmp_path: Path) -> None:
    """The process ended between the storing and the start: the sweep finds it."""
    clock, sources = Clock(), all_ten()
    async with running(tmp_path, sources, clock=clock) as service:
        shelf, new = service.parts.shelf, a_verification("vf_1")
        planned = service.parts.plan(
            new.request, service.parts.desk.sources, service.parts.desk.gate.needs
        )

        def store(tx: sa.Connection) -> None:
            shelf.verifications.add(tx, new)
            shelf.tasks.add(tx, "vf_1", new.request.region, planned)

        await shelf.database.write(store)
    clock.forward(seconds=10)
    async with running(tmp_path, sources, clock=clock) as service:
        await service.status_becomes("vf_1", "final")


async def test_a_source_taken_out_meanwhile_is_not_configured(tmp_path: Path) -> None:
    clock = Clock()
    async with running(tmp_path, all_ten(a_later_bank(ready=False)), clock=clock) as service:
        client = service.headers
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
    left = [source for source in all_ten() if source.name != "bank"]
    async with running(tmp_path, left, clock=clock) as service:
        service.headers = client
        clock.forward(seconds=200)
        await service.parts.verifier.collect_due()  # the ticket is given up
        clock.forward(minutes=20)
        service.headers = await service.client()
        await service.parts.verifier.run(id_)
        final = await service.status_becomes(id_, "final", "in_review")
        bank = [one for one in final["sources"] if one["source"] == "bank"]
        assert {one["state"] for one in bank} == {"not_asked"}
        assert final["decisions"][0]["outcome"] != "confirmed"


async def test_another_key_than_the_databases_own_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    async with running(tmp_path / "one", all_ten(), database_url=url) as service:
        await service.post()
    with pytest.raises(ConfigurationError, match="master key"):
        async with running(tmp_path / "two", all_ten(), database_url=url):
            pass


async def test_once_final_everything_belongs_together(tmp_path: Path, database_url: str) -> None:
    """Result, report and notice of one verification, each once, however often it is settled."""
    async with running(tmp_path, all_ten(), database_url=database_url) as service:
        id_ = (await service.post()).json()["id"]
        verifier = service.parts.verifier
        await asyncio.gather(*(verifier.settle(id_) for _ in range(5)))
        await asyncio.gather(*(verifier.run(id_) for _ in range(3)))
        assert await verifier.collect_due() == 0

        def counted(tx: sa.Connection) -> list[int]:
            tables = (result, report, outbox)
            return [
                tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in tables
            ]

        assert await service.parts.shelf.database.read(counted) == [1, 1, 0]


async def test_twenty_at_once_with_one_key_on_both_databases(
    tmp_path: Path, database_url: str
) -> None:
    async with running(tmp_path, all_ten(), database_url=database_url) as service:
        key = new_id("ik")
        replies = await asyncio.gather(*(service.post(key=key, wait=0) for _ in range(20)))
        assert {reply.status_code for reply in replies} <= {201, 202}
        assert len({reply.json()["id"] for reply in replies}) == 1


@pytest.mark.postgresql
async def test_what_postgresql_cannot_hold_is_not_there(
    tmp_path: Path, new_postgresql_url: str
) -> None:
    async with running(tmp_path, all_ten(), database_url=new_postgresql_url) as service:
        for path in ("/v1/verifications/a%00b", "/v1/reports/a%00b?code=x"):
            assert (await service.get(path)).status_code == 404
        form = {"grant_type": "client_credentials", "client_id": "a\x00b", "client_secret": "x"}
        assert (await service.http.post("/oauth/token", data=form)).status_code == 401


async def test_two_rechecks_at_once_make_two_versions(tmp_path: Path, database_url: str) -> None:
    async with running(tmp_path, all_ten(), database_url=database_url) as service:
        id_ = (await service.post()).json()["id"]
        replies = await asyncio.gather(
            *(
                service.http.post(
                    f"/v1/verifications/{id_}/recheck",
                    headers={**service.headers, "Prefer": "wait=20"},
                )
                for _ in range(3)
            )
        )
        versions = sorted(reply.json()["report"]["version"] for reply in replies)
        assert versions == [2, 3, 4]


async def test_a_sequence_is_not_reset_by_a_new_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    values = []
    for _ in range(2):
        database = connect(url)
        values.append(
            await database.write(
                lambda tx: Askings().next_sequence(tx, "bank", "220102", Clock()().date())
            )
        )
        await database.aclose()
    assert values == [1, 2]
