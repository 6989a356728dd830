"""A rival of the service in a process of its own: `raw` or `plain`, so many households at once.

`python -m tests.benchmarks.rival KIND PORT FUND DATABASE`, then lines `FIRST COUNT AT_ONCE`;
answered with seconds, CPU seconds and each household's seconds.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.plain import Plain
from tests.benchmarks.processes import said, say
from tests.benchmarks.raw import Raw, pipes
from tests.benchmarks.rows import rows_at
from tests.benchmarks.stub.configuration import AT_ONCE

_UNIT: Final = 50
Work = Callable[[list[int]], Awaitable[Any]]
"""A unit of households; `raw` takes one household a unit."""


async def _run(work: Work, numbers: list[int], at_once: int, unit: int) -> dict[str, Any]:
    units = iter([numbers[at : at + unit] for at in range(0, len(numbers), unit)])
    elapsed: list[float] = []

    async def one_after_another(_number: int) -> None:
        for some in units:
            begun = time.perf_counter()
            await work(some)
            elapsed.append(time.perf_counter() - begun)

    cpu, begun = time.process_time(), time.perf_counter()
    await asyncio.gather(*map(one_after_another, range(at_once)))
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "cpu": time.process_time() - cpu, "elapsed": elapsed}


async def main(kind: str, port: int, fund: Path, database: str) -> None:
    """Runs what is asked for until the input ends."""
    async with AsyncExitStack() as closing:
        rows = await rows_at(database)
        closing.push_async_callback(rows.aclose)
        if kind == "raw":
            made = await pipes(port)
            raw, unit = Raw(made, rows), 1
            for pipe in made:
                closing.callback(pipe.close)

            async def work(some: list[int]) -> None:
                await raw.verify(some[0])
        else:
            plain = Plain(f"http://127.0.0.1:{port}", AT_ONCE, fund, closing)
            unit = _UNIT

            async def work(some: list[int]) -> None:
                await plain.unit(some, rows)

        gc.freeze()
        say(True)
        while line := await said():
            first, count, at_once = map(int, line.split())
            size = min(unit, max(1, count // at_once))
            say(await _run(work, list(range(first, first + count)), at_once, size))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]))
