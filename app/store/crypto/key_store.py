"""What wraps data keys: a key of ours, or whatever keeps one for us (HSM 密码机).

The context of a key goes with it as associated data, so that no wrapped key can stand for another.
"""

import os
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidTag

from app.domain.errors import ConfigurationError
from app.store.crypto.cells import derive
from app.store.crypto.suites import NONCE_BYTES, Suite


class KeyStore(Protocol):
    """Wraps and unwraps; where the key itself is, only it knows."""

    id: str
    """Tells which key wrapped; it stands beside what was wrapped."""

    def wrap(self, key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Raises `ConfigurationError` where this is not the key, or not the context."""
        ...


class LocalKeyStore:
    """A key-encryption key in this process's memory, of a file, the environment or a command."""

    def __init__(self, master: bytes, suite: Suite) -> None:
        key = derive(master, f"key encryption {suite.name}")[: suite.key_bytes]
        self.id = f"{sha256(b'hedui key encryption' + master).hexdigest()[:12]}/{suite.name}"
        self._aead = suite.aead(key)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self._aead.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            raise ConfigurationError(
                "a data key does not open with this master key, or was changed"
            ) from None
