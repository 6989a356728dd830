"""Where heads are kept outside the database: a file on another mount, an address, a program."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

import httpx

from app.audit.heads import digest_of, head_in, line_of
from app.audit.signing import asked, words_of
from app.domain.errors import AuditBroken, AuditUnanchored, ConfigurationError
from app.store.audit_heads import Head

RECEIPT: Final = 4096
"""Bytes of an anchor's answer that are kept."""
_SECONDS: Final = 20.0
_TAIL: Final = 256 * 1024
"""Bytes at the end of an anchor's file in which a repeated head is looked for."""


class Anchor(Protocol):
    """A place that whoever may change the database cannot change."""

    @property
    def name(self) -> str:
        """Its kind and a digest of where it is: addresses may hold credentials."""
        ...

    async def put(self, head: Head) -> bytes:
        """Hand over a head; gives the receipt. Repeated, it changes nothing.

        Raises `AuditUnanchored` where it is not taken, `AuditBroken` where the place holds heads
        that this database does not.
        """
        ...

    async def is_empty(self) -> bool:
        """Whether it is known to hold nothing: then it is to be given all heads that there are."""
        ...


def anchors_of(text: str, http: httpx.AsyncClient) -> tuple[Anchor, ...]:
    """The anchors that a setting names, parted by `;`. Raises `ConfigurationError`."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    return tuple(_anchor_of(part, http) for part in parts)


def _anchor_of(text: str, http: httpx.AsyncClient) -> Anchor:
    kind, _, rest = text.partition(":")
    name = f"{kind}-{sha256(text.encode()).hexdigest()[:12]}"
    match kind:
        case "file" if rest:
            return FileAnchor(name, Path(rest))
        case "http" | "https" if rest.startswith("//"):
            return HttpAnchor(name, text, http)
        case "command" if rest.strip():
            return CommandAnchor(name, words_of(rest, "HEDUI_AUDIT_ANCHOR"))
    raise ConfigurationError(
        "HEDUI_AUDIT_ANCHOR: each anchor is file:PATH, http(s)://… or command:PROGRAM ARGUMENTS"
    )


@dataclass(frozen=True, slots=True)
class FileAnchor:
    """A file that is only ever appended to, each line synced; on another mount in production."""

    name: str
    path: Path

    async def put(self, head: Head) -> bytes:
        return await asyncio.to_thread(self._put, head)

    async def is_empty(self) -> bool:
        try:
            return not await asyncio.to_thread(_tail, self.path)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise AuditUnanchored(f"the anchor cannot be read: {error.strerror}") from None

    def _put(self, head: Head) -> bytes:
        try:
            tail = _tail(self.path) if self.path.exists() else b""
            if not self._is_there(tail, head):
                _append(self.path, line_of(head), begun=not tail.endswith(b"\n") and bool(tail))
        except OSError as error:
            raise AuditUnanchored(f"the anchor cannot be written: {error.strerror}") from None
        return digest_of(head)

    def _is_there(self, tail: bytes, head: Head) -> bool:
        there = {one.number: one for one in heads_in(tail)}
        if there.get(head.number) == head:
            return True
        if there and max(there) >= head.number:
            raise AuditBroken(
                f"the anchor holds head {max(there)}, which this database does not: it was rolled "
                "back, or restored from a backup (then: hedui audit accept-gap)"
            )
        return False


def heads_in(content: bytes) -> Iterator[Head]:
    """The heads of an anchor's lines; a line that was broken off holds none."""
    for line in content.splitlines():
        head = head_in(line)
        if head is not None:
            yield head


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        return file.read()


def _append(path: Path, line: bytes, *, begun: bool) -> None:
    """One line and a sync; `begun`: what stands last was broken off and is ended first."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        whole = (b"\n" if begun else b"") + line + b"\n"
        if os.write(handle, whole) != len(whole):
            raise AuditUnanchored("the anchor cannot be written: no room for a line")
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class HttpAnchor:
    """Each head is posted as JSON; 2xx means that it was taken, and its body is the receipt."""

    name: str
    url: str
    http: httpx.AsyncClient

    async def put(self, head: Head) -> bytes:
        headers = {"Content-Type": "application/json"}
        receipt = b""
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self.http.stream("POST", self.url, content=line_of(head), headers=headers) as reply,
            ):
                async for chunk in reply.aiter_raw():
                    receipt += chunk
                    if len(receipt) >= RECEIPT:
                        break
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise AuditUnanchored(f"the anchor is away: {type(error).__name__}") from None
        if not reply.is_success:
            raise AuditUnanchored(f"the anchor answered HTTP {reply.status_code}")
        return receipt[:RECEIPT]

    async def is_empty(self) -> bool:
        return False  # it does not tell


@dataclass(frozen=True, slots=True)
class CommandAnchor:
    """A program that takes a head on its standard input; what it says is the receipt."""

    name: str
    argv: Sequence[str]

    async def put(self, head: Head) -> bytes:
        return (await asked(self.argv, line_of(head) + b"\n"))[:RECEIPT]

    async def is_empty(self) -> bool:
        return False  # it does not tell
