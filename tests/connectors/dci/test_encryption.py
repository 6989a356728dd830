"""Encrypted messages, in the form in which OpenCRVS sends and reads them."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from connectors.dci.encryption import EncryptionInvalid, decrypt, encrypt, is_encrypted
from connectors.dci.keys import KeyPair

MESSAGE = {"transaction_id": "t-1", "search_request": [{"query": {"value": "李明"}}]}
RSA = RSAKey.generate_key(2_048)
ELLIPTIC = ECKey.generate_key("P-256")
MONTGOMERY = OKPKey.generate_key("X25519")
OTHER = RSAKey.generate_key(2_048)


@pytest.mark.parametrize("key", [RSA, ELLIPTIC, MONTGOMERY], ids=lambda key: type(key).__name__)
def test_what_is_encrypted_for_a_key_is_read_with_it(key: KeyPair) -> None:
    sealed = encrypt(MESSAGE, key)
    assert is_encrypted(sealed)
    assert sorted(sealed) == ["ciphertext", "encrypted_key", "header", "iv", "tag"]
    assert {"alg", "enc", "kid"} <= set(sealed["header"])
    assert decrypt(sealed, (OTHER, key)) == MESSAGE
    assert "李明" not in str(sealed)


def test_an_unknown_key_id_is_tried_with_all_keys() -> None:
    """OpenCRVS's callers write what they like there."""
    sealed = encrypt(MESSAGE, RSA)
    sealed["header"]["kid"] = "unique_kid"
    assert decrypt(sealed, (RSA,)) == MESSAGE


@pytest.mark.parametrize(
    "change",
    [
        {"tag": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"iv": 1},
        {"ciphertext": "%"},
        {"header": {"alg": "dir", "enc": "A256GCM"}},
        {"header": {"alg": "RSA1_5", "enc": "A256GCM"}},
        {"header": {"alg": "RSA-OAEP-256", "enc": "A128CBC-HS256"}},
        {"header": None},
        {"protected": "e30"},
    ],
)
def test_what_was_changed_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EncryptionInvalid):
        decrypt({**encrypt(MESSAGE, RSA), **change}, (RSA,))


def test_another_partys_key_opens_nothing() -> None:
    with pytest.raises(EncryptionInvalid):
        decrypt(encrypt(MESSAGE, RSA), (OTHER, ELLIPTIC, OKPKey.generate_key("Ed25519")))


def test_a_key_for_signatures_encrypts_nothing() -> None:
    with pytest.raises(EncryptionInvalid):
        encrypt(MESSAGE, OKPKey.generate_key("Ed25519"))
