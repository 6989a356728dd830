"""Encrypted messages of DCI (`EncryptedMessage`): JWE as flattened JSON (RFC 7516 §7.2.2).

The standard has `alg`, `enc` and `kid` in the unprotected header and no protected one, and so does
OpenCRVS; joserfc wants `enc` protected, which is why jwcrypto does this.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from joserfc.jwk import ECKey, OKPKey, RSAKey
from jwcrypto import jwe, jwk
from jwcrypto.common import JWException

from connectors.dci.keys import KeyPair, fits, key_id

CONTENT: Final = "A256GCM"
KEYS: Final = ("RSA-OAEP-256", "ECDH-ES+A256KW")
"""How a content's key is wrapped: RSA-OAEP-256 for RSA keys, ECDH-ES+A256KW for the others."""
_FIELDS: Final = ("ciphertext", "encrypted_key", "tag", "iv")
_ALLOWED: Final = [*KEYS, CONTENT]


class EncryptionInvalid(Exception):  # noqa: N818 - what is wrong, in two words
    """A message cannot be opened (`err.encryption.invalid`); the text quotes nothing of it."""


def is_encrypted(message: object) -> bool:
    """Whether a message has the form of an encrypted one."""
    return isinstance(message, Mapping) and "ciphertext" in message and "header" in message


def encrypt(message: Any, key: KeyPair) -> dict[str, Any]:
    """The message for the key's holder. Raises `EncryptionInvalid` for a key of no such use."""
    head = {"alg": algorithm_of(key), "enc": CONTENT, "kid": key_id(key)}
    made = jwe.JWE(
        orjson.dumps(message),
        recipient=_key(key, private=False),
        header=orjson.dumps(head).decode(),
        algs=_ALLOWED,
    )
    sealed: dict[str, Any] = orjson.loads(made.serialize())
    return sealed


def decrypt(message: Mapping[str, Any], keys: Sequence[KeyPair]) -> Any:
    """What was encrypted for one of our keys, parsed. Raises `EncryptionInvalid`."""
    head = message.get("header")
    if not isinstance(head, Mapping) or not all(
        isinstance(message.get(name), str) for name in _FIELDS
    ):
        raise EncryptionInvalid("parts of the encrypted message are missing")
    if head.get("alg") not in KEYS or head.get("enc") != CONTENT or "protected" in message:
        raise EncryptionInvalid("the message is encrypted in a way that is not spoken here")
    text = orjson.dumps({name: message[name] for name in ("header", *_FIELDS)}).decode()
    kid = str(head.get("kid", ""))
    named = [key for key in keys if fits(key, kid)] or list(keys)
    for key in named:
        opened = jwe.JWE(algs=_ALLOWED)
        try:
            opened.deserialize(text, key=_key(key, private=True))
            return orjson.loads(opened.payload)
        except (JWException, ValueError, TypeError, RecursionError):
            continue
    raise EncryptionInvalid("the message cannot be opened with our keys")


def algorithm_of(key: KeyPair) -> str:
    """How keys are wrapped for it. Raises `EncryptionInvalid`."""
    match key:
        case RSAKey():
            return KEYS[0]
        case ECKey():
            return KEYS[1]
        case OKPKey() if key.curve_name == "X25519":
            return KEYS[1]
        case OKPKey():
            raise EncryptionInvalid("the key is made for signatures")


def _key(key: KeyPair, *, private: bool) -> jwk.JWK:
    shown = {
        name: value
        for name, value in key.as_dict(private=private).items()
        if name not in {"use", "alg", "key_ops"}
    }
    return jwk.JWK(**shown)
