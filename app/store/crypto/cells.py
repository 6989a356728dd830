"""Where a sealed value stands, and keys derived from a secret."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import ConfigurationError

KEY_BYTES = 32


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
