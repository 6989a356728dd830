"""Encrypted fields and blind indexes: the one place that touches data keys.

AES-256-GCM with a random nonce; the associated data names table, column, row and key, so that a
cell moved elsewhere does not open. A blind index is an HMAC with a key of its own per column: an
unkeyed hash of an identity number is as good as plain text.
"""

import hmac
import os
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import ConfigurationError, Undecipherable

KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value stands: table, column, row's key."""

    table: str
    column: str
    row: str

    def associated(self, key_id: bytes) -> bytes:
        return b"\x1f".join((self.table.encode(), self.column.encode(), self.row.encode(), key_id))


def derive(master: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-SHA256, RFC 5869)."""
    if len(master) != KEY_BYTES:
        raise ConfigurationError(f"the master key must have {KEY_BYTES} bytes, not {len(master)}")
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"hedui {purpose}".encode())
    return hkdf.derive(master)


class FieldCipher:
    """Seals and opens fields; makes blind indexes."""

    def __init__(self, master: bytes) -> None:
        self._key = derive(master, "field encryption")
        self._aead = AESGCM(self._key)
        self._key_id = sha256(self._key).digest()[:_KEY_ID_BYTES]
        self._index_key = derive(master, "blind index")
        self._plain: FieldCipher | None = None

    def of(self, secret: bytes) -> "FieldCipher":
        """The cipher of one subject (a household's case): what it seals is gone with `secret`.

        It opens what was sealed before there were secrets, too.
        """
        if len(secret) != KEY_BYTES:
            raise ConfigurationError(f"a subject's secret has {KEY_BYTES} bytes")
        other = copy(self)
        other._plain = self
        other._key = hmac.digest(self._key, b"hedui subject" + secret, "sha256")
        other._aead = AESGCM(other._key)
        other._key_id = sha256(b"hedui subject" + self._key).digest()[:_KEY_ID_BYTES]
        return other

    @property
    def key_id(self) -> str:
        """Tells which key sealed a field; stored with every field."""
        return self._key_id.hex()

    def seal(self, cell: Cell, value: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, value, cell.associated(self._key_id))
        return self._key_id + nonce + sealed

    def seal_many(
        self, column: tuple[str, str], rows: Sequence[str], values: Sequence[bytes]
    ) -> list[bytes]:
        """Many cells of one column (table, column), each as `seal` does it."""
        table, name = column
        before = b"\x1f".join((table.encode(), name.encode(), b""))
        after, key_id, encrypt = b"\x1f" + self._key_id, self._key_id, self._aead.encrypt
        luck = os.urandom(_NONCE_BYTES * len(rows))
        sealed = []
        for place, (row, value) in enumerate(zip(rows, values, strict=True)):
            nonce = luck[place * _NONCE_BYTES : (place + 1) * _NONCE_BYTES]
            sealed.append(key_id + nonce + encrypt(nonce, value, before + row.encode() + after))
        return sealed

    def open(self, cell: Cell, sealed: bytes) -> bytes:
        """Raises `Undecipherable` where the key, the place or the bytes are not the sealed ones."""
        key_id, rest = sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES:]
        if key_id != self._key_id:
            if self._plain is not None:
                return self._plain.open(cell, sealed)
            raise Undecipherable(f"{cell.table}.{cell.column}: sealed with key {key_id.hex()}")
        try:
            return self._aead.decrypt(
                rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], cell.associated(key_id)
            )
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise Undecipherable(f"{cell.table}.{cell.column}: does not open here") from None

    def open_many(
        self, column: tuple[str, str], rows: Sequence[str], sealed: Sequence[bytes]
    ) -> list[bytes]:
        """Many cells of one column (table, column) at half the cost; fails as `open` does."""
        table, name = column
        if self._plain is not None:
            cells = [Cell(table, name, row) for row in rows]
            return [self.open(*pair) for pair in zip(cells, sealed, strict=True)]
        before = b"\x1f".join((table.encode(), name.encode(), b""))
        after, decrypt = b"\x1f" + self._key_id, self._aead.decrypt
        nonce_end = _KEY_ID_BYTES + _NONCE_BYTES
        for cell in sealed:
            if cell[:_KEY_ID_BYTES] != self._key_id:
                raise Undecipherable(f"{table}.{name}: sealed with another key")
        try:
            return [
                decrypt(
                    cell[_KEY_ID_BYTES:nonce_end], cell[nonce_end:], before + row.encode() + after
                )
                for row, cell in zip(rows, sealed, strict=True)
            ]
        except (InvalidTag, ValueError):
            raise Undecipherable(f"{table}.{name}: a cell does not open here") from None

    def blind(self, column: str, value: str) -> bytes:
        """An index under which an (already normalised) value can be found again."""
        key = hmac.digest(self._index_key, column.encode(), "sha256")
        return hmac.digest(key, value.encode(), "sha256")
