"""The durable engine behind a port: it starts units again after a crash; the truth is ours.

DBOS keeps which runs were begun; a run first skips what our tables hold, so that at-least-once is
enough. Measured and chosen in the project's engine notes; swap it here if it ever turns.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetWorkflowID

from app.store.session import sqlite_engine

Run = Callable[[str], Awaitable[None]]
_GRACE = 2.0  # seconds
_LOOK = 0.02
_SUBSECONDS_SINCE = (3, 42)
_VERSION = "hedui-1"
"""Fixed: the engine's default, a hash of the code, would strand work at every deploy."""


class DurableEngine:
    """Runs `run(id)` durably; one process has one (a limit of DBOS)."""

    def __init__(self, url: str, executor: str, run: Run) -> None:
        self._loop = asyncio.get_running_loop()
        self._run = run
        self._executor = executor
        self._under_way: set[asyncio.Task[None]] = set()
        self._config = _config(url, executor)
        DBOS(config=self._config)
        self._workflow = DBOS.workflow(name="verify")(self._verify_anywhere())

    def _verify_anywhere(self) -> Callable[[str], Coroutine[Any, Any, None]]:
        async def verify(id_: str) -> None:
            """Recovered runs start on the engine's own loop; the work belongs on the service's."""
            future = asyncio.run_coroutine_threadsafe(self._awaited(id_), self._loop)
            await asyncio.wrap_future(future)

        return verify

    async def _awaited(self, id_: str) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._under_way.add(task)
        try:
            await self._run(id_)
        finally:
            self._under_way.discard(task)

    def launch(self) -> None:
        DBOS.launch()

    async def submit(self, id_: str, attempt: str = "1") -> None:
        """Start the run unless this attempt of it was started before."""
        with SetWorkflowID(f"{id_}:{attempt}"):
            await DBOS.start_workflow_async(self._workflow, id_)

    async def _all_ended(self) -> None:
        """Until the engine, too, has every run of ours on record as ended."""
        while await DBOS.list_workflows_async(  # noqa: ASYNC110 - it tells by being asked alone
            status="PENDING", executor_id=self._executor, limit=1, load_input=False
        ):
            await asyncio.sleep(_LOOK)

    async def aclose(self) -> None:
        """Runs under way have a moment to end; those that do not are begun again at the start."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await self._all_ended()
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        given = self._config.get("system_database_engine")
        if given is not None:  # ours, and so not closed by the engine
            given.dispose()
        # The engine had put its own pool in the loop's place for one, and has shut it down.
        self._loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="service"))
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)
        # DBOS made its own pool the loop's default and has just closed it.
        self._loop.set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))


def _config(url: str, executor: str) -> DBOSConfig:
    config: DBOSConfig = {
        "name": "hedui",
        "executor_id": executor,
        "application_version": _VERSION,
        "log_level": "WARNING",
        "enable_otlp": False,
    }
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        config["system_database_url"] = url
        config["system_database_engine"] = engine_of(parsed)
    else:
        shown = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        config["system_database_url"] = shown
        config["use_listen_notify"] = True
    return config


def engine_of(url: sa.URL) -> sa.Engine:
    """The engine's own SQLite file, on any SQLite.

    From Python 3.12 on DBOS counts on `unixepoch('subsec')`, which SQLite has from 3.42 on; before
    that it is NULL. The SQLite of Debian 12, which its Pythons use, is 3.40.
    """
    engine = sqlite_engine(url)

    @sa.event.listens_for(engine, "connect")
    def _with_subseconds(connection: Any, _record: object) -> None:
        if sqlite3.sqlite_version_info < _SUBSECONDS_SINCE:
            connection.create_function("unixepoch", -1, _unixepoch)

    return engine


def _unixepoch(*arguments: object) -> float:
    """Seconds since 1970, with fractions where `subsec` is asked for."""
    now = time.time()
    return now if arguments == ("subsec",) else float(int(now))
