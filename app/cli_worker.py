"""hedui worker: a process that works on batches."""

import asyncio
import os
import signal
import sys
from typing import Annotated

import typer

from app.logs import configure
from app.settings import Settings
from app.wiring_batches import batch_worker

_NICE = 5
"""Whoever waits for a single verification goes before a batch."""


def worker(
    name: Annotated[str, typer.Option(help="Unique; default: HEDUI_WORKER.")] = "",
    with_parent: Annotated[bool, typer.Option(help="End when the standard input ends.")] = False,
) -> None:
    """Work on batches until told to stop (SIGTERM); as many as wanted, on SQLite at most two."""
    settings = Settings()
    if name:
        settings = settings.model_copy(update={"worker": name})
    os.nice(_NICE)
    asyncio.run(_work(settings, with_parent=with_parent))


async def _work(settings: Settings, *, with_parent: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if with_parent:
        loop.add_reader(sys.stdin.fileno(), _at_end, stop)
    async with batch_worker(settings):
        await stop.wait()


def _at_end(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        stop.set()
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())


def main() -> None:
    """As a process of its own."""
    configure()
    typer.run(worker)
