"""The loops beside the interface go on, whatever one round of theirs runs into."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from app.domain.errors import StorageUnavailable
from app.jobs.engine import DurableEngine
from app.jobs.notices import Notifier
from app.jobs.worker import Worker
from app.store.crypto import FieldCipher
from app.store.migrate import upgrade
from app.store.session import connect
from app.store.verifications import Verifications
from app.verification.run import Verifier
from tests.service_parts import Clock
from tests.store.test_verifications import a_verification

FAULTS = (
    StorageUnavailable("away"),
    KeyError("李明"),
    ExceptionGroup("round", [ValueError("229901")]),
)


class Rounds:
    """A verifier's and a notifier's part in a round; fails as it is told, then rings."""

    def __init__(self, faults: Iterator[Exception]) -> None:
        self._faults = faults
        self.went_on = asyncio.Event()

    async def collect_due(self) -> int:
        for fault in self._faults:
            raise fault
        self.went_on.set()
        return 0

    async def send_due(self) -> None:
        await self.collect_due()


class Starts:
    """An engine that only notes what it was to start."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.ids: list[str] = []

    async def submit(self, id_: str, attempt: str = "1") -> None:
        self.ids.append(id_)
        self.began.set()


def a_worker(tmp_path: Path, clock: Clock) -> tuple[Worker, Any, Rounds, Rounds, Starts]:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    upgrade(url)
    database, verifications = connect(url), Verifications(FieldCipher(bytes(32)))
    polls, sendings, engine = Rounds(iter(FAULTS)), Rounds(iter(FAULTS)), Starts()
    worker = Worker(
        cast("Verifier", polls),
        cast("DurableEngine", engine),
        cast("Notifier", sendings),
        shelf=(database, verifications),
        now=clock,
    )
    return worker, database, polls, sendings, engine


async def test_a_faulty_round_is_not_the_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker, database, polls, sendings, _ = a_worker(tmp_path, Clock())
    worker.start()
    async with asyncio.timeout(20):
        await polls.went_on.wait()
        await sendings.went_on.wait()
    await worker.stop()
    await database.aclose()
    shown = capsys.readouterr().out
    assert "KeyError" in shown
    assert "ValueError" in shown
    assert "李明" not in shown
    assert "229901" not in shown


async def test_what_was_left_behind_is_started(tmp_path: Path) -> None:
    clock = Clock()
    worker, database, _, _, engine = a_worker(tmp_path, clock)
    new = a_verification()
    await database.write(
        lambda tx: Verifications(FieldCipher(bytes(32))).add(tx, new),
    )
    await worker.sweep()
    assert engine.ids == []  # somebody is just about to
    clock.forward(seconds=10)
    await worker.sweep()
    assert engine.ids == ["vf_1"]
    await database.aclose()
