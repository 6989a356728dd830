"""Runs in this process: side by side, once each, and their faults are not the engine's."""

import asyncio

import pytest

from app.domain.errors import StorageUnavailable
from app.jobs.engine import Engine


class Runs:
    """Notes what was run; each run waits for its release."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.release = asyncio.Event()
        self.fault: Exception | None = None

    async def __call__(self, id_: str) -> None:
        self.begun.append(id_)
        await self.release.wait()
        if self.fault is not None:
            raise self.fault
        self.ended.append(id_)


async def test_what_is_under_way_is_not_begun_again() -> None:
    runs = Runs()
    engine = Engine(runs)
    for id_ in ("vf_1", "vf_2", "vf_1"):
        engine.submit(id_)
    await asyncio.sleep(0)
    assert sorted(runs.begun) == ["vf_1", "vf_2"]
    runs.release.set()
    await engine.aclose()
    assert sorted(runs.ended) == ["vf_1", "vf_2"]
    engine.submit("vf_1")
    await engine.aclose()
    assert runs.begun.count("vf_1") == 2


@pytest.mark.parametrize(
    "fault",
    [
        KeyError("李明"),
        ExceptionGroup("run", [ValueError("229901"), ExceptionGroup("in", [OSError("李")])]),
    ],
)
async def test_a_failed_run_is_logged_by_its_kind_alone(
    fault: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = Runs()
    runs.fault = fault
    runs.release.set()
    engine = Engine(runs)
    engine.submit("vf_1")
    await engine.aclose()
    shown = capsys.readouterr().out
    assert "run_failed" in shown or "storage_unavailable" in shown
    assert "李" not in shown
    assert "229901" not in shown


@pytest.mark.parametrize(
    "fault",
    [StorageUnavailable("away"), ExceptionGroup("run", [StorageUnavailable("away")])],
)
async def test_while_the_database_is_away_it_is_tried_again(fault: Exception) -> None:
    runs = Runs()
    runs.fault = fault
    runs.release.set()
    engine = Engine(runs, pause=0.0)
    engine.submit("vf_1")
    async with asyncio.timeout(20):
        while len(runs.begun) < 3:
            await asyncio.sleep(0)
        runs.fault = None
        while not runs.ended:
            await asyncio.sleep(0)
    await engine.aclose()
    assert runs.ended == ["vf_1"]


async def test_the_end_does_not_wait_for_ever() -> None:
    runs = Runs()
    engine = Engine(runs, grace=0.0)
    engine.submit("vf_1")
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await engine.aclose()
    assert runs.ended == []
