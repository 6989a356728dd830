"""The same question put by several calls at once, and what a process left when it died."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.access.tokens import Caller
from app.domain.errors import HeduiError
from app.jobs.assisting import Resuming
from app.store.assistance import StoredAssistance
from app.store.tables_assistance import assistance
from connectors.centre.messages import read_question
from tests.assistance.asking import Asking, a_question, asked
from tests.service_parts import NOON, Clock

_CALLS = 8
_LEASE = timedelta(seconds=120)


async def test_the_same_question_at_once_is_one(tmp_path: Path, database_url: str) -> None:
    """All are answered alike, the source is asked once, the trail tells of one question."""
    async with asked(tmp_path, database_url) as asking:
        replies = await asyncio.gather(*(asking.put(a_question()) for _ in range(_CALLS)))
        assert {one.status_code for one in replies} <= {200, 202}, [one.text for one in replies]
        assert len({orjson.loads(one.content)["id"] for one in replies}) == 1
        assert (await asking.asks())["state"] == "found"
        assert len(asking.tax.asked) == 1
        told = ["assistance_accepted", "source_asked", "assistance_answered"]
        assert await asking.actions() == told


async def test_what_was_unknown_is_asked_anew_once(tmp_path: Path, database_url: str) -> None:
    async with asked(tmp_path, database_url) as asking:
        asking.tax.fault = RuntimeError("of the source")
        assert (await asking.asks())["failure"] == "malformed"
        asking.tax.fault = None
        replies = await asyncio.gather(*(asking.put(a_question()) for _ in range(_CALLS)))
        assert {one.status_code for one in replies} <= {200, 202}, [one.text for one in replies]
        assert (await asking.asks())["state"] == "found"
        assert (await asking.actions()).count("assistance_accepted") == 2


async def _taken_in(asking: Asking, *, begun: bool, **changes: Any) -> str:
    """As a process that died leaves it: after it took the question in, or while it asked."""
    parts, body = asking.b.parts, a_question(**changes)
    desk = parts.assistance.desk

    def work(tx: Any) -> str:
        who = Caller(asking.known.id, "22", ("assist",))
        kept = desk.accept(tx, who, read_question(body), body)
        if begun:
            assert desk.stored.lease(tx, kept.id, parts.now(), _LEASE) is not None
        return kept.id

    return await parts.shelf.database.write(work)


async def _resumed(asking: Asking, id_: str) -> StoredAssistance:
    """As it stands once the duty has come round and its work is done."""
    parts = asking.b.parts
    stored, engine = parts.assistance.desk.stored, parts.assistance.engine
    duty = Resuming(database=parts.shelf.database, stored=stored, engine=engine, now=parts.now)
    await duty.resume()
    await asyncio.gather(*engine._under_way.values())
    found = await parts.shelf.database.read(lambda tx: stored.get(tx, id_, asking.known.id))
    assert found is not None
    return found


@pytest.mark.parametrize(("begun", "seconds"), [(False, 5), (True, 120)])
async def test_a_duty_takes_up_what_a_dead_process_left(
    tmp_path: Path, database_url: str, begun: bool, seconds: int
) -> None:
    """Asked again by nobody: the answer is there when the other centre looks."""
    async with asked(tmp_path, database_url) as asking:
        id_ = await _taken_in(asking, begun=begun)
        asking.b.clock.forward(seconds=seconds)
        assert (await _resumed(asking, id_)).state == "asking"
        assert asking.tax.asked == []
        asking.b.clock.forward(seconds=1)
        assert (await _resumed(asking, id_)).outcome == "found"
        assert (await asking.look(id_)).json()["state"] == "found"
        assert len(asking.tax.asked) == 1


async def test_the_next_process_takes_up_what_the_last_one_left(
    tmp_path: Path, database_url: str
) -> None:
    """Killed while it asked: the new one finds the question in the database."""
    async with asked(tmp_path, database_url) as asking:
        id_ = await _taken_in(asking, begun=True)
    clock = Clock(NOON + _LEASE + timedelta(seconds=1))
    async with asked(tmp_path, database_url, clock) as again:
        again.known = asking.known
        assert (await _resumed(again, id_)).outcome == "found"


async def test_a_run_that_failed_comes_again_until_the_deadline(tmp_path: Path) -> None:
    """What broke it was no answer of the source's; in the end it is told as unknown."""
    async with asked(tmp_path) as asking:
        asking.tax.fault = HeduiError("the run broke")
        id_ = await _taken_in(asking, begun=False)
        asking.b.clock.forward(seconds=6)
        assert (await _resumed(asking, id_)).state == "asking"
        asking.b.clock.forward(seconds=121)
        asking.tax.fault = None
        assert (await _resumed(asking, id_)).outcome == "found"
        asking.tax.fault = HeduiError("the run broke")
        other = await _taken_in(asking, begun=False, request_id="b" * 64)
        asking.b.clock.forward(days=8)
        left = await _resumed(asking, other)
        assert (left.outcome, left.failure) == ("unknown", "timed_out")


@pytest.mark.parametrize(("ready", "outcome"), [(True, "found"), (False, "unknown")])
async def test_what_waits_is_looked_for_a_last_time_at_its_deadline(
    tmp_path: Path, ready: bool, outcome: str
) -> None:
    """The other centre asked once and never looked again."""
    async with asked(tmp_path) as asking:
        asking.tax.answers_later, asking.tax.ready = True, False
        assert (await asking.asks())["state"] == "pending"
        [id_] = await _ids(asking)
        asking.b.clock.forward(hours=1)
        assert (await _resumed(asking, id_)).state == "waiting"
        asking.tax.ready = ready
        asking.b.clock.forward(days=8)
        assert (await _resumed(asking, id_)).outcome == outcome
        assert (await asking.actions())[-1] == "assistance_answered"


async def _ids(asking: Asking) -> list[str]:
    def work(tx: Any) -> list[str]:
        return [row.id for row in tx.execute(assistance.select())]

    return await asking.b.parts.shelf.database.read(work)
