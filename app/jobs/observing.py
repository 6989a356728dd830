"""Makes a running process seen: figures of the database in its metrics, a port, its last spans."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime

from app.observe.figures import Figures, FiguresCache, FiguresCollector
from app.observe.metrics import Observed
from app.observe.serving import metrics_served
from app.store.figures import read_figures
from app.store.session import Database


@asynccontextmanager
async def shown(
    observed: Observed,
    database: Database,
    now: Callable[[], datetime],
    *,
    sources: Iterable[str],
    address: tuple[str, int | None],
) -> AsyncIterator[int]:
    """For as long as the block lasts; gives the port of the metrics, 0 where there is none.

    `address`: host and port of their own.
    """

    async def read() -> Figures:
        return await database.read(lambda tx: read_figures(tx, now()))

    for source in sources:
        observed.sources.know(source)
    collector = FiguresCollector(FiguresCache(read), asyncio.get_running_loop())
    observed.registry.register(collector)
    try:
        with metrics_served(observed.registry, *address) as port:
            yield port
    finally:
        observed.registry.unregister(collector)
        # What is left is handed over, and a collector that is away is waited for.
        await asyncio.to_thread(observed.traces.close)
