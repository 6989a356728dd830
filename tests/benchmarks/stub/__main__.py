"""The stub in a process of its own: `python -m tests.benchmarks.stub [LATENCY [LOG]]`.

Asked by lines: `cpu` (seconds), `calls`, `slower`/`at_once` (the latency given, or none).
"""

import asyncio
import gc
import sys
import time
from pathlib import Path

from tests.benchmarks.processes import answering
from tests.benchmarks.stub.server import Journal, Stub, serve


async def main(latency: float, log: Path | None) -> None:
    """Serves until the input ends."""
    stub = Stub(latency=latency, journal=None if log is None else Journal(log))
    server = await serve(stub)
    gc.freeze()

    def slow(seconds: float) -> float:
        stub.latency = seconds
        return seconds

    async with server:
        await answering(
            {"port": server.sockets[0].getsockname()[1]},
            {
                "cpu": time.process_time,
                "calls": lambda: stub.calls,
                "slower": lambda: slow(latency),
                "at_once": lambda: slow(0.0),
            },
        )


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(main(float(given[0]) if given else 0.0, Path(given[1]) if len(given) > 1 else None))
