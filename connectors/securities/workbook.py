"""Reads a workbook's rows in a child process that a hostile workbook may use up."""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Final, TypeAlias

from connectors.failure import FailureKind, SourceError
from connectors.securities import sheet

Cell: TypeAlias = str | int | bool | Decimal | None
"""Numbers as the workbook keeps them (a whole number as int), dates as text in ISO form."""

MOST_OUTPUT: Final = 32 * 1024 * 1024  # bytes that the child may write

_CHILD: Final = str(Path(sheet.__file__))
_CHUNK: Final = 1024 * 1024
_GRACE: Final = 15.0  # seconds on top of the child's processor time, for a busy machine


async def rows_of(body: bytes) -> tuple[tuple[Cell, ...], ...]:
    """The first sheet's rows; raises `SourceError`, `MALFORMED` or `TOO_LARGE`."""
    return tuple(map(row_of, await lines_of(body)))


async def lines_of(body: bytes) -> Sequence[bytes]:
    """The first sheet's rows, each in JSON for `row_of`; raises as `rows_of` does."""
    # Of our surroundings the child gets nothing: no variables, no path, no error output.
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", _CHILD, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}
    )
    try:
        async with asyncio.timeout(sheet.MOST_SECONDS + _GRACE):
            output = await _talk(child, body)
            status = await child.wait()
    except TimeoutError:
        raise SourceError.of(FailureKind.TOO_LARGE, "the workbook took too long to read") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.communicate()
    if status == sheet.TOO_LARGE:
        raise SourceError.of(FailureKind.TOO_LARGE, "the workbook is larger than any answer")
    if status != 0:
        raise SourceError.of(FailureKind.MALFORMED, "the workbook cannot be opened")
    return _checked(output)


async def _talk(child: asyncio.subprocess.Process, body: bytes) -> bytes:
    """Give the child the workbook and take what it writes, up to `MOST_OUTPUT`."""
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child was started without pipes")
    with suppress(BrokenPipeError, ConnectionResetError):  # it died; its status says so
        child.stdin.write(body)
        await child.stdin.drain()
    child.stdin.close()
    output = bytearray()
    while chunk := await child.stdout.read(_CHUNK):
        output += chunk
        if len(output) > MOST_OUTPUT:
            raise SourceError.of(FailureKind.TOO_LARGE, "the workbook holds more than any answer")
    return bytes(output)


def _checked(output: bytes) -> Sequence[bytes]:
    *lines, end = output.splitlines() or [b""]
    if end != b'"end"':
        raise SourceError.of(FailureKind.MALFORMED, "the workbook was not read to its end")
    return lines


def row_of(line: bytes) -> tuple[Cell, ...]:
    """A row from its line."""
    return tuple(json.loads(line, parse_float=Decimal))
