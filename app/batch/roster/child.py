"""Run as a child process (`python -I -m app.batch.roster.child ROSTER SPOOL`).

The child is what a hostile file may use up: its memory, time and files are limited before a byte
is read. ROSTER and SPOOL are open file descriptors. It writes JSON lines: pages `{"households",
"crowds"}`, and last `{"end", "format", "columns"}` or `{"failure"}`.
"""

import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import orjson

from app.batch.roster.bounds import MOST_MEMORY, MOST_SECONDS, MOST_SPOOL, Failure, Unusable
from app.batch.roster.spool import Spool, is_crowd
from app.batch.roster.tables import Numbered, text_rows, under_header
from app.batch.roster.workbook import sheet_rows

OUT_OF_MEMORY: Final = 4
NO_ROOM: Final = 5
"""Exit statuses: 0 is a last line that tells all, 5 a full disk."""
_PAGE: Final = 500  # households
_PAGE_BYTES: Final = 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_LOOKED_AT: Final = 64 * 1024


def limit_myself() -> None:
    """Bound memory, processor time and files from here on."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_SPOOL, MOST_SPOOL))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def rows_of(file: BinaryIO) -> tuple[str, Iterator[Numbered]]:
    """The format by the content, whatever the name said, and the rows; raises `Unusable`."""
    file.seek(0)
    start = file.read(_LOOKED_AT)
    if not start:
        raise Unusable(Failure.EMPTY)
    if start.startswith(_OLE):
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - _LOOKED_AT))
        inside = start + file.read()
        raise Unusable(Failure.ENCRYPTED if _ENCRYPTED in inside else Failure.UNSUPPORTED)
    if start.startswith(_ZIP):
        return "xlsx", under_header(sheet_rows(file))
    return text_rows(file)


def pages_of(spool: Spool) -> Iterator[bytes]:
    """Households as lists of rows; of crowds the numbers of their rows alone."""
    households: list[bytes] = []
    crowds: list[list[int]] = []
    size = 0
    for lines in spool.households():
        if is_crowd(lines):
            crowds.append([int(line[1 : line.index(b",")]) for line in lines])
        else:
            households.append(b"[" + b",".join(lines) + b"]")
        size += sum(map(len, lines))
        if len(households) + len(crowds) >= _PAGE or size >= _PAGE_BYTES:
            yield _page(households, crowds)
            households, crowds, size = [], [], 0
    if households or crowds:
        yield _page(households, crowds)


def _page(households: list[bytes], crowds: list[list[int]]) -> bytes:
    together = b",".join(households)
    return b'{"households":[' + together + b'],"crowds":' + orjson.dumps(crowds) + b"}\n"


def read(roster: BinaryIO, spool_file: BinaryIO, out: BinaryIO) -> None:
    """Raises `Unusable` before a page is written, never after."""
    spool = Spool(spool_file)
    kind, rows = rows_of(roster)
    for number, record in rows:
        spool.add(number, record)
    if not len(spool):
        raise Unusable(Failure.NO_ROWS)
    for page in pages_of(spool):
        out.write(page)
    end = {"end": len(spool), "format": kind, "columns": spool.filled}
    out.write(orjson.dumps(end) + b"\n")


def main(arguments: list[str]) -> int:
    """The exit status."""
    roster, spool = (int(one) for one in arguments)
    limit_myself()
    out = sys.stdout.buffer
    try:
        # Opened anew by the descriptor's name: the parent's place in it is not moved.
        with Path(f"/dev/fd/{roster}").open("rb") as file, os.fdopen(spool, "w+b") as rows:
            read(file, rows, out)
    except Unusable as unusable:
        out.write(orjson.dumps({"failure": unusable.failure.value}) + b"\n")
    except MemoryError:
        return OUT_OF_MEMORY
    except OSError:
        return NO_ROOM
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
