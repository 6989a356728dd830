"""What wraps data keys: a key of ours, or whatever keeps one for us (HSM 密码机).

The context of a key goes with it as associated data, so that no wrapped key can stand for another.
"""

import os
from hashlib import sha256
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag

from app.domain.errors import ConfigurationError
from app.store.crypto.cells import derive
from app.store.crypto.suites import AES_256_GCM, NONCE_BYTES, SM4_GCM, Suite


class KeyStore(Protocol):
    """Wraps and unwraps; where the key itself is, only it knows."""

    id: str
    """Tells which key wrapped; it stands beside what was wrapped."""

    def wrap(self, key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Raises `ConfigurationError` where this is not the key, or not the context."""
        ...


_MARKS: Final = {b"\x01": AES_256_GCM, b"\x02": SM4_GCM}
"""The first byte of what was wrapped tells the suite."""


class LocalKeyStore:
    """A key-encryption key in this process's memory, of a file, the environment or a command.

    It wraps in the suite given and unwraps in any.
    """

    def __init__(self, master: bytes, suite: Suite) -> None:
        self.id = sha256(b"hedui key encryption" + master).hexdigest()[:12]
        self._aeads = {
            mark: one.aead(derive(master, f"key encryption {one.name}")[: one.key_bytes])
            for mark, one in _MARKS.items()
        }
        [self._mark] = [mark for mark, one in _MARKS.items() if one is suite]

    def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return self._mark + nonce + self._aeads[self._mark].encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        mark, nonce, rest = wrapped[:1], wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
        try:
            return self._aeads[mark].decrypt(nonce, rest, context)
        except (KeyError, InvalidTag, ValueError):
            raise ConfigurationError(
                "a data key does not open with this master key, or was changed"
            ) from None
