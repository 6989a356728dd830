"""Workers of batches as children of the service: begun with it, begun again when they end."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

log = structlog.get_logger()
_STOP_WITHIN: Final = 10.0
_PAUSES: Final = (0.5, 2.0, 10.0, 30.0)
"""Seconds before a worker that ended is begun again; the last is repeated."""


@asynccontextmanager
async def children(
    count: int, *, name_of: Callable[[], str], environment: Mapping[str, str]
) -> AsyncIterator[None]:
    """So many workers until the block is left; each start has a name of its own.

    A child ends when its standard input does, so also where this process is killed.
    """
    tasks = [asyncio.create_task(_kept_alive(name_of, environment)) for _ in range(count)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_alive(name_of: Callable[[], str], environment: Mapping[str, str]) -> None:
    ended = 0
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from app.start import worker; worker()",
            "--with-parent",
            "--name",
            name_of(),
            stdin=asyncio.subprocess.PIPE,
            env={**os.environ, **environment},
        )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await _stopped(process)
            raise
        log.warning("worker_ended", code=status)
        await asyncio.sleep(_PAUSES[min(ended, len(_PAUSES) - 1)])
        ended += 1


async def _stopped(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    process.stdin.close()
    with suppress(ProcessLookupError):
        try:
            async with asyncio.timeout(_STOP_WITHIN):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
