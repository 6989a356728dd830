"""Sources as the interface tells of them: what was scripted is what is told, region by region."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from app.api.schemas.sources import SourceOut, SourcesOut
from app.domain.instants import rfc3339
from app.jobs.breakers import BreakerKeeper
from app.store.source_breakers import SourceBreakers
from app.store.tables import ticket
from connectors.contract import Outcome, Permit, Progress, SourceQuery, Unknown
from connectors.failure import Failure, FailureKind, SourceError
from connectors.transport.limits import FAILURES_TO_OPEN, Gate, Limits
from tests.looks.parts import somebody
from tests.records import a_vehicle
from tests.service_parts import NOON, Clock, Running, ScriptedSource, found, running

TIMED_OUT = Failure(FailureKind.TIMED_OUT, "no answer within 10 s")
AGREED = """agreements:
  tax: {number: "No. 3", ends: 2026-10-31, contact: "the desk", fresh_days: 0}
"""


@dataclass
class Slow(ScriptedSource):
    """Takes so many seconds for an answer."""

    clock: Clock | None = None
    seconds: float = 0.0

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        await permit()
        assert self.clock is not None
        self.clock.forward(seconds=self.seconds)
        return Progress(replies=self._replies(query))


def a_tax_office(clock: Clock) -> Slow:
    """m1 has a record with a code that nobody knows, m2 none, and of m3 there is no answer."""
    odd = a_vehicle(problems=("unknown code in zt",))
    answers: dict[str, Outcome] = {"m1": found(odd), "m3": Unknown(TIMED_OUT)}
    return Slow("tax", answers, persons_a_query=10, clock=clock, seconds=3)


@asynccontextmanager
async def a_service(folder: Path, database_url: str = "") -> AsyncIterator[Running]:
    """Over one source, of which the agreement has ended."""
    (folder / "sources.yaml").write_text(AGREED, "utf-8")
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEDUI_SOURCES", str(folder / "sources.yaml"))
        async with running(
            folder, [a_tax_office(clock)], clock=clock, database_url=database_url
        ) as built:
            yield built


@pytest_asyncio.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with a_service(tmp_path) as built:
        yield built


async def shown(service: Running, path: str = "/v1/sources") -> dict[str, Any]:
    reply = await service.get(path)
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document


async def test_what_was_scripted_is_told(tmp_path: Path, database_url: str) -> None:
    async with a_service(tmp_path, database_url) as service:
        await all_of_it(service)
        await the_source(service)
        await of_another_county(service)


async def test_what_waits_is_counted_from_when_it_was_asked(
    tmp_path: Path, database_url: str
) -> None:
    """Its deadline may be of other limits than hold today: it says nothing of when."""
    late = ScriptedSource("tax", answers_later=True, ready=False)
    async with running(tmp_path, [late], clock=Clock(), database_url=database_url) as service:
        await service.post(wait=0)
        await asyncio.wait_for(late.reached.wait(), 10)

        async def told() -> dict[str, Any]:
            rows = (await shown(service))["sources"]
            return next(one for one in rows if one["source"] == "tax")

        while (await told())["outstanding"] == 0:
            await asyncio.sleep(0.05)
        further = ticket.update().values(deadline_at=NOON + timedelta(days=9))
        await service.parts.shelf.database.write(lambda tx: tx.execute(further))
        assert (await told())["oldest_asked_at"] == rfc3339(NOON)


async def all_of_it(service: Running) -> None:
    assert (await service.post()).status_code in (201, 202)
    document = await shown(service)
    SourcesOut.model_validate(document)
    rows = {one["source"]: one for one in document["sources"]}
    tax = rows["tax"]
    assert (tax["asked_today"], tax["answered_today"], tax["failed_today"]) == (3, 2, 1)
    assert (tax["median_seconds"], tax["slow_seconds"]) == (3.0, 3.0)
    assert tax["failures"] == {"timed_out": 1}
    assert tax["no_record_share"] == 0.5
    assert sum(cell[0] for cell in tax["strip"]) == 3
    assert tax["strip"][-1] == [3, 1]
    assert (tax["data_as_of"], tax["data_age_days"], tax["fresh_days"]) == ("2026-11-23", 1, 0)
    assert (tax["agreement"], tax["agreement_over"]) == ("No. 3", True)
    assert (rows["bank"]["state"], rows["bank"]["median_seconds"]) == ("stopped", None)


async def the_source(service: Running) -> None:
    whole = await shown(service, "/v1/sources/tax")
    SourceOut.model_validate(whole)
    assert whole["contact"] == "the desk"
    assert whole["mapping_version"] == "2026-11-24"
    assert whole["limits"]["deadline_seconds"] == 86400
    [error] = whole["errors"]
    assert (error["failure"], error["replies"]) == ("timed_out", 1)
    assert error["examples"][0]["detail"] == "timed_out: no answer within 10 s"
    assert whole["attempts"] == [{"attempts": 1, "persons": 3}]
    assert whole["unread"] == [{"problem": "unknown code in zt", "records": 1}]
    assert "李明" not in str(whole)
    assert (await service.get("/v1/sources/nowhere")).status_code == 404


async def of_another_county(service: Running) -> None:
    elsewhere = await service.client(region="220103")
    reply = await service.http.get("/v1/sources", headers=elsewhere)
    [tax] = [one for one in reply.json()["sources"] if one["source"] == "tax"]
    assert (tax["asked_today"], tax["failures"], tax["median_seconds"]) == (0, {}, None)


async def opened(gate: Gate) -> None:
    """It failed so often that it is left alone."""
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(SourceError):
            async with gate.slot():
                raise SourceError(TIMED_OUT)


async def test_figures_are_kept_for_a_while(tmp_path: Path) -> None:
    """Planted: `_kept` never emptied: an answer of an hour ago stood for the newest."""
    clock = Clock()
    async with running(
        tmp_path, [a_tax_office(clock)], clock=clock, source_figures_seconds=20
    ) as service:
        checker = await somebody(service, "county_checker")

        async def answered() -> int:
            [tax] = [one for one in (await shown(service))["sources"] if one["source"] == "tax"]
            return int(tax["answered_today"])

        assert await answered() == 0
        await service.post()
        clock.now = NOON + timedelta(seconds=19)
        assert await answered() == 0
        clock.forward(seconds=1)
        assert await answered() == 2
        await service.post()
        assert await answered() == 2
        assert (await checker.post("/v1/sources/tax/restore")).status_code == 202
        assert await answered() == 4


async def test_a_breaker_is_told_tried_and_closed_by_hand(service: Running) -> None:
    gate = Gate("tax", Limits(), clock=lambda: 0.0)
    keeper = BreakerKeeper(
        database=service.parts.shelf.database,
        breakers=SourceBreakers(),
        gates={"tax": gate},
        holder="api",
        now=service.clock,
    )
    await keeper.keep()
    await opened(gate)
    await keeper.keep()
    whole = await shown(service, "/v1/sources/tax")
    assert whole["breakers"] == [{"process": "api", "failures": 8, "until": "2026-11-24T04:00:30Z"}]
    assert whole["rows"][0]["state"] == "failing"
    checker = await somebody(service, "county_checker")
    assert (await checker.get("/v1/workload")).json()["sources"] == 1
    reviewer = await somebody(service, "county_reviewer")
    assert (await reviewer.post("/v1/sources/tax/restore")).status_code == 403
    assert (await checker.post("/v1/sources/bank/probe")).status_code == 404
    assert (await checker.post("/v1/sources/tax/probe")).status_code == 202
    await keeper.keep()
    assert gate.breaker is not None
    assert gate.breaker.seconds_left == 0
    assert (await checker.post("/v1/sources/tax/restore")).status_code == 202
    await keeper.keep()
    assert gate.breaker is None
    assert (await shown(service, "/v1/sources/tax"))["breakers"] == []
    async with asyncio.timeout(5), gate.slot():
        pass


async def test_a_new_process_does_not_follow_old_orders(service: Running) -> None:
    breakers, database = SourceBreakers(), service.parts.shelf.database
    told = ("st_1", service.clock())
    await database.write(lambda tx: breakers.order(tx, "tax", "restore", told))
    gate = Gate("tax", Limits(), clock=lambda: 0.0)
    await opened(gate)
    keeper = BreakerKeeper(
        database=database, breakers=breakers, gates={"tax": gate}, holder="w9", now=service.clock
    )
    await keeper.keep()
    assert gate.breaker is not None
    service.clock.forward(seconds=timedelta(minutes=5).total_seconds())
    service.headers = await service.client()
    assert (await shown(service, "/v1/sources/tax"))["breakers"] == []  # w9 never beat
