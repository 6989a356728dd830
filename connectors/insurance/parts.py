"""The parts of an answer: which have come, and what they say about each person so far (pure).

A person's policies may be spread over parts that come in any order, days apart. Until all are here
they travel in the ticket, sealed with a key made from the shared one, so that a ticket tells
nothing to whom it is not meant for and a restart loses nothing.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors.contract import Json, Ticket
from connectors.failure import FailureKind, SourceError
from connectors.transport.documents import read_json

MAX_PARTS: Final = 1000

Entry: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an inquiry's answer: its place (from 1) of `of`, and its results."""

    inquiry: str
    place: int
    of: int
    results: tuple[Entry, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has come: places seen of `of` (0: none yet) and the results with their `seq`."""

    of: int = 0
    seen: frozenset[int] = frozenset()
    results: tuple[Entry, ...] = field(default=(), repr=False)

    @property
    def complete(self) -> bool:
        return self.of > 0 and len(self.seen) == self.of

    def about(self, seq: int) -> tuple[Entry, ...]:
        """The different results under a sequence number, over all parts."""
        found: list[Entry] = []
        for entry in self.results:
            if entry["seq"] == seq and entry not in found:
                found.append(entry)
        return tuple(found)

    def with_part(self, part: Part) -> "Arrived":
        """Add a part; a repeated one changes nothing.

        Raises `SourceError` (`MALFORMED`) where it tells another number of parts.
        """
        if self.of not in (0, part.of):
            raise SourceError.of(FailureKind.MALFORMED, "parts disagree on how many there are")
        if part.place in self.seen:
            return self
        return Arrived(part.of, self.seen | {part.place}, (*self.results, *part.results))


def read_part(body: bytes, persons: int) -> Part:
    """Take a part in; `persons`: how many were asked about.

    Raises `SourceError`: `MALFORMED`, or `MISMATCHED` for a number of nobody who was asked about.
    """
    reply = read_json(body)
    if not isinstance(reply, dict):
        raise SourceError.of(FailureKind.MALFORMED, "the answer is no JSON object")
    place, of = _number(reply, "part"), _number(reply, "parts")
    if not 1 <= place <= of <= MAX_PARTS:
        raise SourceError.of(FailureKind.MALFORMED, "part is none of parts")
    results = reply.get("results")
    if not isinstance(results, list):
        raise SourceError.of(FailureKind.MALFORMED, "the answer has no results")
    for entry in results:
        if not isinstance(entry, dict):
            raise SourceError.of(FailureKind.MALFORMED, "a result is no JSON object")
        if not 1 <= _number(entry, "seq") <= persons:
            raise SourceError.of(FailureKind.MISMATCHED, "a seq of nobody who was asked about")
    return Part(inquiry_of(reply), place, of, tuple(results))


def inquiry_of(reply: Mapping[str, object]) -> str:
    """The inquiry that an answer names; raises `SourceError` (`MALFORMED`)."""
    inquiry = reply.get("inquiryNo")
    if not isinstance(inquiry, str) or not inquiry:
        raise SourceError.of(FailureKind.MALFORMED, "the answer names no inquiry")
    return inquiry


def _number(fields: Mapping[str, object], key: str) -> int:
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise SourceError.of(FailureKind.MALFORMED, f"{key} is no whole number")
    return value


class Seal:
    """Puts what has come into a ticket and takes it out again."""

    def __init__(self, key: str) -> None:
        derived = HKDF(SHA256(), length=64, salt=None, info=b"insurance ticket").derive(
            key.encode()
        )
        self._cipher = AESSIV(derived)

    def put(self, arrived: Arrived, ticket: Ticket) -> Ticket:
        """The ticket that also remembers these parts."""
        plain = zlib.compress(json.dumps(arrived.results, default=str).encode())
        sealed = self._cipher.encrypt(plain, [ticket.reference.encode()])
        payload: dict[str, Json] = {
            **ticket.payload,
            "of": arrived.of,
            "seen": [*sorted(arrived.seen)],
            "sealed": b64encode(sealed).decode(),
        }
        return replace(ticket, payload=payload)

    def take(self, ticket: Ticket) -> Arrived:
        """What the ticket remembers."""
        sealed, seen = ticket.payload.get("sealed"), ticket.payload.get("seen")
        if not isinstance(sealed, str) or not isinstance(seen, list):
            return Arrived()
        plain = self._cipher.decrypt(b64decode(sealed), [ticket.reference.encode()])
        results: Sequence[Entry] = json.loads(zlib.decompress(plain))
        of = int(str(ticket.payload["of"]))
        return Arrived(of, frozenset(int(str(place)) for place in seen), tuple(results))
