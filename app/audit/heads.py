"""Signed heads 签名摘要: each vouches for the entries since the one before, without a secret.

Whoever has the public key and the entries computes a head's hash anew; the HMAC key is not needed.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.hashes import SM3, Hash

from app.audit.chain import canonical
from app.domain.errors import AuditBroken
from app.store.audit_entries import AuditRow
from app.store.audit_heads import Head

FIRST_HEAD: Final = b"\x00" * 32
"""What the first head names as the one before."""

SHA256: Final = "sha256"
SM3_HASH: Final = "sm3"
_LENGTH: Final = 4  # bytes of an entry's length
_BYTES: Final = ("hash", "previous", "signature")


class Signer(Protocol):
    """Whoever signs heads: a key in this process, or a program that reaches a device (密码机)."""

    @property
    def name(self) -> str:
        """The signature's algorithm: `ed25519`, `sm2`."""
        ...

    @property
    def key_id(self) -> str:
        """Which key it is."""
        ...

    async def sign(self, message: bytes) -> bytes:
        """Raises `AuditUnanchored` where no signature can be had now."""
        ...


@dataclass(slots=True)
class Running:
    """The hash over entries, one after the other, as a head carries it."""

    algorithm: str = SHA256
    count: int = 0
    _hash: Any = field(init=False)

    def __post_init__(self) -> None:
        self._hash = _new(self.algorithm)

    def add(self, body: bytes, mac: bytes) -> None:
        """An entry by its canonical bytes and its HMAC."""
        size = len(body) + len(mac)
        self._hash.update(size.to_bytes(_LENGTH) + body + mac)
        self.count += 1

    def finish(self) -> bytes:
        return _finished(self._hash)


def hash_of(rows: Iterable[AuditRow], algorithm: str) -> bytes:
    """The hash of a head over these entries."""
    running = Running(algorithm)
    for row in rows:
        running.add(canonical(row), row.mac)
    return running.finish()


def body_of(head: Head) -> bytes:
    """What is signed: everything of the head but the signature."""
    document = document_of(head)
    del document["signature"]
    return b"hedui audit head\n" + _canonical(document)


def digest_of(head: Head) -> bytes:
    """What the next head names as the one before."""
    hashing = _new(head.algorithm)
    hashing.update(body_of(head) + head.signature)
    return _finished(hashing)


def line_of(head: Head) -> bytes:
    """A head as it leaves for an anchor: one line of JSON, without its end."""
    return _canonical(document_of(head))


def document_of(head: Head) -> dict[str, Any]:
    """JSON's view of a head: bytes in hex, the time in ISO 8601."""
    return {
        "number": head.number,
        "after": head.after,
        "position": head.position,
        "entries": head.entries,
        "hash": head.hash.hex(),
        "previous": head.previous.hex(),
        "at": head.at.isoformat(),
        "algorithm": head.algorithm,
        "signer": head.signer,
        "key_id": head.key_id,
        "signature": head.signature.hex(),
    }


def head_in(line: bytes) -> Head | None:
    """The head on an anchor's line; None where the line holds none (a write was broken off)."""
    try:
        document = json.loads(line)
        values = {**document, "at": datetime.fromisoformat(document["at"])}
        for name in _BYTES:
            values[name] = bytes.fromhex(document[name])
        head = Head(**values)
        return head if line_of(head) == line.strip() else None
    except (ValueError, TypeError, KeyError):
        return None


async def signed(head: Head, signer: Signer) -> Head:
    """The head with its signature."""
    named = replace(head, signer=signer.name, key_id=signer.key_id, signature=b"")
    return replace(named, signature=await signer.sign(body_of(named)))


def _canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _new(algorithm: str) -> Any:
    match algorithm:
        case "sha256":
            return hashlib.sha256()
        case "sm3":
            return Hash(SM3())
    raise AuditBroken("a head names an unknown hash algorithm")


def _finished(hashing: Any) -> bytes:
    done: bytes = hashing.finalize() if isinstance(hashing, Hash) else hashing.digest()
    return done
