"""Ciphers of either suite, of keys that everybody knows."""

from hashlib import sha256
from typing import Final

from app.store.crypto import FieldCipher
from app.store.crypto.keyring import COLUMNS, FORM, FieldKey, FixedKeys, IndexKey, Keyring
from app.store.crypto.suites import SUITES, Suite

BOTH: Final = tuple(SUITES.values())


def a_field_key(suite: Suite, seed: bytes = b"one") -> FieldKey:
    return FieldKey(sha256(seed).digest()[: suite.key_bytes], suite)


def a_ring(suite: Suite, seed: bytes = b"one", *retired: FieldKey) -> Keyring:
    indexes = [IndexKey(one, sha256(seed + one.encode()).digest(), suite, FORM) for one in COLUMNS]
    return Keyring.of(a_field_key(suite, seed), retired, indexes)


def a_cipher(suite: Suite, seed: bytes = b"one", *retired: FieldKey) -> FieldCipher:
    return FieldCipher(FixedKeys(a_ring(suite, seed, *retired)))
