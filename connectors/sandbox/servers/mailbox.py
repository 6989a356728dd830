"""A source's `in/` and `out/` folders: complete requests are taken, replies are put."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.sandbox.faults import Fault
from connectors.sandbox.servers.desk import Desk

OK: Final = ".ok"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file for `out/`, with or without the `.ok` beside it."""

    name: str
    body: bytes
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """The files of one reply in the order in which they come, and the fault that spoilt them."""

    deliveries: tuple[Delivery, ...]
    fault: Fault | None = None


Answer = Callable[[str, str, bytes], Awaitable[Reply]]
"""From the institution, the request's file name and its bytes to the reply."""


def incoming(folder: Path, ending: str) -> list[Path]:
    """The requests that are complete: their `.ok` stands beside them, and they are there."""
    marks = sorted(folder.glob(f"*{OK}"))
    requests = [mark.with_suffix(ending) for mark in marks]
    return [request for request in requests if request.is_file()]


def take(request: Path) -> bytes | None:
    """Reads a request and removes it; None where it was withdrawn in the meantime."""
    mark = request.with_suffix(OK)
    if not mark.is_file() or not request.is_file():
        return None
    body = request.read_bytes()
    mark.unlink()
    request.unlink()
    return body


def put(folder: Path, delivery: Delivery) -> None:
    """Writes a file under its name at once, complete, and its `.ok` after it."""
    target = folder / delivery.name
    growing = target.with_name(f".{delivery.name}.part")
    growing.write_bytes(delivery.body)
    growing.replace(target)
    if delivery.ok:
        target.with_suffix(OK).touch()


class Mailroom:
    """Watches the `in/` folders of one source and answers into `out/`.

    It is woken by the server that takes in the files; a request can be withdrawn until
    `file_delay` seconds after its `.ok` came.
    """

    def __init__(
        self, desk: Desk, folders: Mapping[str, Path], ending: str, answer: Answer
    ) -> None:
        self._desk = desk
        self._folders = dict(folders)
        self._ending = ending
        self._answer = answer
        self._busy: dict[Path, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Makes the folders and looks for what lies there already."""
        for folder in self._folders.values():
            for name in ("in", "out"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        self.look()

    async def stop(self) -> None:
        """Gives up what is being worked on."""
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def look(self) -> None:
        """Begins with every complete request that is not being worked on."""
        for institution, folder in self._folders.items():
            for request in incoming(folder / "in", self._ending):
                if request not in self._busy:
                    self._busy[request] = asyncio.ensure_future(self._work(institution, request))

    async def _work(self, institution: str, request: Path) -> None:
        try:
            await asyncio.sleep(self._desk.pace.file_delay)
            body = take(request)
        finally:
            del self._busy[request]
        if body is None:
            return
        task = asyncio.current_task()
        key = request.with_name(f"{request.name} being answered {id(body)}")
        if task is not None:
            self._busy[key] = task
        try:
            reply = await self._answer(institution, request.name, body)
            await self._deliver(self._folders[institution] / "out", reply)
        finally:
            self._busy.pop(key, None)

    async def _deliver(self, out: Path, reply: Reply) -> None:
        await self._desk.think()
        if reply.fault is Fault.LATE:
            await asyncio.sleep(self._desk.board.late_seconds)
        for place, delivery in enumerate(reply.deliveries):
            if place:
                await asyncio.sleep(self._desk.pace.file_delay)
            put(out, delivery)
