"""Encrypted fields and blind indexes: the one place that touches data keys.

`suites` (AES-256-GCM, SM4-GCM) under `keyring` (which keys there are, which one seals) under
`cipher` (cells and indexes); `key_store` wraps the keys, `key_command` asks a program to.
"""

from app.store.crypto.cells import KEY_BYTES, Cell, derive
from app.store.crypto.cipher import FieldCipher

__all__ = ["KEY_BYTES", "Cell", "FieldCipher", "derive"]
