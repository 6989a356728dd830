"""Values that must not leave, and every form in which a piece of one could."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tests.service_parts import number

PIECE: Final = 8
"""Characters of a canary that are a leak: strptime's error quotes a remainder."""
TEXT: Final = "骉骦鱻QzVkWpXjTyGb84619357骕"
NUMBER: Final = number("22998719390417628")
AMOUNT: Final = "739184658.52"
_DATABASE: Final = (".sqlite3", ".sqlite3-wal", ".sqlite3-shm")


def _base64(piece: bytes) -> Iterator[bytes]:
    """At each of the three places where it can begin; only what depends on it alone."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + piece)
        first = -(-before * 8 // 6)
        last = (before + len(piece)) * 8 // 6
        yield encoded[first:last]


def _forms(piece: str) -> Iterator[bytes]:
    plain = piece.encode()
    yield plain
    yield quote(piece).encode()
    yield quote(piece).lower().encode()
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield json.dumps(piece)[1:-1].encode()
    yield ascii(piece)[1:-1].encode()
    yield piece.encode("gb18030")
    yield piece.encode("utf-16-le")
    yield repr(plain)[2:-1].encode()
    yield from _base64(plain)


def needles(canaries: Iterable[str]) -> Mapping[bytes, str]:
    """What to look for, and the piece that it is a form of."""
    return {
        form: canary[start : start + PIECE]
        for canary in canaries
        for start in range(len(canary) - PIECE + 1)
        for form in _forms(canary[start : start + PIECE])
    }


@dataclass
class Seen:
    """All that left the service, by the way that it left."""

    canaries: tuple[str, ...] = (TEXT, NUMBER, AMOUNT)
    parts: dict[str, list[bytes]] = field(default_factory=dict)

    def add(self, way: str, data: bytes | str) -> None:
        self.parts.setdefault(way, []).append(data.encode() if isinstance(data, str) else data)

    def add_files(self, folder: Path) -> None:
        """Names and content; the database's own are another promise (21)."""
        for path in folder.rglob("*"):
            self.add("names of files", f"{path.relative_to(folder)}\n")
            if path.is_file() and not path.name.endswith(_DATABASE):
                self.add(f"file {path.name}", path.read_bytes())

    def leaks(self) -> list[str]:
        """Where a piece of a canary is, with what stands before it."""
        found = []
        wanted = needles(self.canaries)
        for way, parts in self.parts.items():
            data = b"\x00".join(parts)
            for form, piece in wanted.items():
                at = data.find(form)
                if at >= 0:
                    found.append(f"{way}: {piece} in {data[max(0, at - 150) : at + 80]!r}")
                    break
        return found
