"""Text files as lines of bounded length, whatever their encoding."""

import codecs
import io
import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final

from app.batch.roster.bounds import MOST_LETTERS, MOST_LINE, Failure, Unusable

_CHUNK: Final = 1024 * 1024
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HANZI: Final = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2}")
"""Two or more Chinese characters in UTF-8."""
OVERLONG: Final = "\x00" * (MOST_LETTERS + 1) + "\n"
"""Stands for a line longer than any: no reader takes it for a row."""


def encoding_of(file: BinaryIO) -> str:
    """`utf-8`, `utf-16` (by its mark) or `gb18030`, whichever fits more lines.

    Raises `Unusable` where neither fits most of them.
    """
    file.seek(0)
    start = file.read(4)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    if _is_utf8(file):
        return "utf-8"
    lines = utf8 = gb18030 = 0
    for line in _raw(file):
        lines += 1
        utf8 += _fits(line, "utf-8")
        gb18030 += _fits(line, "gb18030") and not _is_mixed(line)
    if max(utf8, gb18030) * 2 < lines:
        raise Unusable(Failure.NOT_A_ROSTER)
    return "utf-8" if utf8 >= gb18030 else "gb18030"


def lines_of(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Lines with their ends; U+FFFD where a character does not fit, OVERLONG for what is longer."""
    if encoding == "utf-16":
        yield from _wide(file)
        return
    for number, raw in enumerate(_raw(file)):
        line = raw.removeprefix(codecs.BOM_UTF8) if number == 0 else raw
        if len(line) >= MOST_LINE:
            yield OVERLONG
        elif encoding == "gb18030" and _is_mixed(line):
            # It would come out as other Chinese characters, which nobody would notice.
            yield line.decode("ascii", "replace")
        else:
            yield line.decode(encoding, "replace")


def _is_utf8(file: BinaryIO) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in iter(partial(file.read, _CHUNK), b""):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_mixed(line: bytes) -> bool:
    """A line of UTF-8 in a file of GB18030 (chance makes one of a million rows look like it)."""
    return _HANZI.search(line) is not None and _fits(line, "utf-8")


def _raw(file: BinaryIO) -> Iterator[bytes]:
    """Lines of at most MOST_LINE bytes; of a longer one that many, and no more."""
    file.seek(0)
    for line in iter(partial(file.readline, MOST_LINE), b""):
        yield line
        rest = line
        while len(rest) == MOST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(MOST_LINE)


def _wide(file: BinaryIO) -> Iterator[str]:
    file.seek(0)
    text = io.TextIOWrapper(file, "utf-16", errors="replace", newline="")
    for line in iter(partial(text.readline, MOST_LINE), ""):
        yield OVERLONG if len(line) == MOST_LINE else line
        rest = line
        while len(rest) == MOST_LINE and not rest.endswith("\n"):
            rest = text.readline(MOST_LINE)
    text.detach()
