"""Child processes that are asked by lines: what they compute does not count as the asker's."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

_MARK: Final = "=> "
"""Before an answer: a child's log lines go to the same stream."""
_LONGEST: Final = 180.0


class ChildEnded(RuntimeError):  # noqa: N818 - says what it is
    """A child process ended before it answered."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running child process of one of these modules."""

    module: str
    ready: Any
    """What it said when it was ready."""
    _process: asyncio.subprocess.Process

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, question: str) -> Any:
        """Its answer to one line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{question}\n".encode())
        await self._process.stdin.drain()
        return await _answer(self.module, self._process)


@asynccontextmanager
async def child(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """`python -m module arguments` until the block is left; `environment` beside our own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield Child(module, await _answer(module, process), process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _answer(module: str, process: asyncio.subprocess.Process) -> Any:
    assert process.stdout is not None
    async with asyncio.timeout(_LONGEST):
        async for line in process.stdout:
            text = line.decode()
            if text.startswith(_MARK):
                return json.loads(text.removeprefix(_MARK))
    raise ChildEnded(f"{module} ended with status {process.returncode}")


async def answering(ready: Any, answers: dict[str, Callable[[], Any]]) -> None:
    """The child's side: says it is ready, then answers line by line until its input ends."""
    say(ready)
    while line := await said():
        say(answers[line]())


async def said() -> str:
    """The next line that is asked, without its end; empty when the input ends."""
    line: str = await asyncio.to_thread(sys.stdin.readline)
    return line.strip()


def say(value: Any) -> None:
    """Answer the asker."""
    sys.stdout.write(f"{_MARK}{json.dumps(value)}\n")
    sys.stdout.flush()
