"""A worker of batches in a process of its own, whole or without some of its loops.

`python -m tests.benchmarks.working NAME [LOOP_LEFT_OUT …]`, settings from the environment.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from app.jobs.shares import BATCH
from app.jobs.worker import Worker
from app.logs import configure
from app.settings import Settings
from app.wiring_batches import WORKER, batch_loops, batch_worker, common_loops, presence_of
from app.wiring_stages import Given, stages
from tests.benchmarks.processes import answering


@asynccontextmanager
async def _without(settings: Settings, left_out: Sequence[str]) -> AsyncIterator[None]:
    """As `batch_worker`, less some loops: what they cost is seen by their absence."""
    async with stages(settings, Given(lane=BATCH)) as built, AsyncExitStack() as closing:
        presence = presence_of(built, settings, WORKER)
        await presence.begin()
        closing.push_async_callback(presence.leave)
        loops = [*common_loops(built, presence), *batch_loops(built, settings, presence)]
        worker = Worker([loop for loop in loops if loop.name not in left_out])
        worker.start()
        closing.push_async_callback(worker.stop)
        yield


async def main(name: str, left_out: Sequence[str]) -> None:
    """Works until the input ends."""
    configure()
    settings = Settings(worker=name)
    async with _without(settings, left_out) if left_out else batch_worker(settings):
        await answering({"pid": os.getpid()}, {})


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
