"""Suites 密码算法套件: how a field is encrypted and authenticated, how an index is keyed.

AES-256-GCM with HMAC-SHA256, or SM4-GCM (GB/T 32907, RFC 8998) with HMAC-SM3 (GB/T 32905).
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from app.domain.errors import ConfigurationError

NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class Aead(Protocol):
    """Encryption with associated data; the tag of 16 bytes stands at the end."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raises `InvalidTag` (or `ValueError` for a nonce that is too short)."""
        ...


class Sm4Gcm:
    """SM4 in Galois counter mode: `cryptography` has the cipher and the mode, no AEAD of them."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        encryptor = Cipher(self._algorithm, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The text is given once the tag holds, never before."""
        if len(data) < _TAG_BYTES:
            raise InvalidTag
        mode = GCM(nonce, data[-_TAG_BYTES:], min_tag_length=_TAG_BYTES)
        decryptor = Cipher(self._algorithm, mode).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-_TAG_BYTES]) + decryptor.finalize()


def _hmac_sha256(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _hmac_sm3(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, SM3())
    mac.update(data)
    return mac.finalize()


@dataclass(frozen=True, slots=True)
class Suite:
    """`mac` gives 32 bytes in either suite."""

    name: str
    key_bytes: int
    aead: Callable[[bytes], Aead] = field(repr=False)
    mac: Callable[[bytes, bytes], bytes] = field(repr=False)


AES_256_GCM: Final = Suite("aes-256-gcm", 32, AESGCM, _hmac_sha256)
SM4_GCM: Final = Suite("sm4-gcm", 16, Sm4Gcm, _hmac_sm3)
SUITES: Final[Mapping[str, Suite]] = {one.name: one for one in (AES_256_GCM, SM4_GCM)}


def suite_of(name: str) -> Suite:
    """Raises `ConfigurationError` for a suite that this release does not have."""
    if name not in SUITES:
        raise ConfigurationError(f"suite {name}: this release has {', '.join(SUITES)}")
    return SUITES[name]
