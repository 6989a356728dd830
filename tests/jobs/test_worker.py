"""Loops go on, whatever one round of theirs runs into."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from app.domain.errors import StorageUnavailable
from app.jobs.engine import Engine
from app.jobs.sweeping import Sweeper
from app.jobs.worker import Loop, Worker
from app.store.crypto import FieldCipher
from app.store.session import connect
from app.store.verifications import Verifications
from tests.new_databases import brought_up
from tests.service_parts import Clock
from tests.store.test_verifications import a_verification

FAULTS = (
    StorageUnavailable("away"),
    KeyError("李明"),
    ExceptionGroup("round", [ValueError("229901")]),
)


class Rounds:
    """Work that fails as it is told, then rings."""

    def __init__(self, faults: Iterator[Exception]) -> None:
        self._faults = faults
        self.went_on = asyncio.Event()

    async def __call__(self) -> int:
        for fault in self._faults:
            raise fault
        self.went_on.set()
        return 0


class Starts:
    """An engine that only notes what it was to start."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def submit(self, id_: str) -> None:
        self.ids.append(id_)


async def test_a_faulty_round_is_not_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    polls, sendings = Rounds(iter(FAULTS)), Rounds(iter(FAULTS))
    worker = Worker([Loop("poll", polls, 0.01), Loop("notices", sendings, 0.01, at_once=2)])
    worker.start()
    async with asyncio.timeout(20):
        await polls.went_on.wait()
        await sendings.went_on.wait()
    await worker.stop()
    shown = capsys.readouterr().out
    assert "KeyError" in shown
    assert "ValueError" in shown
    assert "李明" not in shown
    assert "229901" not in shown


async def test_a_queue_is_worked_off_without_a_pause() -> None:
    left = list(range(1000))
    empty = asyncio.Event()

    async def take() -> int:
        if not left:
            empty.set()
            return 0
        left.pop()
        return 1

    worker = Worker([Loop("queue", take, 3600.0)])
    worker.start()
    async with asyncio.timeout(20):
        await empty.wait()
    await worker.stop()


async def test_a_round_under_way_may_end_before_the_stop() -> None:
    begun, release, ended = asyncio.Event(), asyncio.Event(), []

    async def work() -> int:
        begun.set()
        await release.wait()
        ended.append(1)
        return 1

    worker = Worker([Loop("work", work, 0.0)])
    worker.start()
    await begun.wait()
    stopping = asyncio.create_task(worker.stop(grace=20))
    await asyncio.sleep(0)
    release.set()
    await stopping
    assert ended == [1]


async def test_what_was_left_behind_is_started(tmp_path: Path) -> None:
    clock, engine = Clock(), Starts()
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    database, verifications = connect(url), Verifications(FieldCipher(bytes(32)))
    settling = Starts()
    settled = settling.ids
    sweeper = Sweeper(
        database,
        verifications,
        cast("Engine", cast("Any", engine)),
        now=clock,
        settling=cast("Engine", cast("Any", settling)),
    )
    await database.write(lambda tx: verifications.add(tx, a_verification()))
    await sweeper.sweep()
    assert engine.ids == []  # somebody is just about to
    clock.forward(seconds=10)
    await sweeper.sweep()
    assert engine.ids == ["vf_1"]
    assert settled == []
    await database.write(
        lambda tx: verifications.set_status(
            tx, "vf_1", "partial", now=clock(), only_from=("accepted",)
        )
    )
    await sweeper.sweep()
    assert settled == ["vf_1"]  # no ticket is open: whoever stored the last reply ended then
    await database.aclose()
