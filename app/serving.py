"""The service on its port, with its workers of batches beside it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from app.domain.errors import ConfigurationError
from app.jobs.children import children
from app.main import create_app
from app.settings import Settings
from app.wiring_sources import Clock, new_id, system_clock
from app.wiring_types import Parts

_LOOK = 0.02  # seconds


async def serve(settings: Settings) -> None:
    """Until a signal ends it."""
    server = uvicorn.Server(_config(settings))
    async with _started(server) as task, workers(settings):
        await task


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[Parts]:
    """Within this process, until the block is left; signals are the caller's."""
    async with served_alone(settings) as parts, workers(settings):
        yield parts


@asynccontextmanager
async def served_alone(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Parts]:
    """The same without the workers, and by another clock than the machine's."""
    server = _Server(_config(settings, clock))
    async with _started(server) as task:
        if task.done():
            raise ConfigurationError(
                f"the service did not start on port {settings.port}; is it taken? use --port"
            )
        yield server.config.app.state.parts  # type: ignore[union-attr]


def _config(settings: Settings, clock: Clock = system_clock) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings, clock),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # HEDUI_TRUSTED_PROXIES says whose are believed; uvicorn does not ask
        lifespan="on",
        timeout_graceful_shutdown=2,
    )


@asynccontextmanager
async def _started(server: uvicorn.Server) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():  # noqa: ASYNC110 - it tells by being asked alone
        await asyncio.sleep(_LOOK)
    try:
        yield task
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def workers(settings: Settings) -> AsyncIterator[None]:
    """They begin when the database is there and the keys are made."""
    async with children(
        settings.batch_workers,
        name_of=lambda: new_id(settings.worker[:8]),
        environment=environment_of(settings),
    ):
        yield


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment from which another process reads the same settings."""
    given = settings.model_dump(mode="json", exclude_none=True)
    given["data_dir"] = str(settings.data_dir.resolve())
    given.pop("metrics_port", None)  # this process has it
    return {f"HEDUI_{name.upper()}": str(value) for name, value in given.items()}


class _Server(uvicorn.Server):
    """A server that leaves signals to its caller."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
