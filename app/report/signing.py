"""Who vouches for a report's content: the service's Ed25519 key, and a provider's beside it.

Anybody can check a signature against the published keys: it covers the canonical content, byte for
byte. A provider 密码机 (SM2 and SM3, for one) signs by a program, after the report is issued: a
remote machine never stands inside a transaction.
"""

import json
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.audit.signing import ED25519, CommandSigner, key_id_of

_SECONDS: Final = 10.0


def sha256_digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def sm3_digest(content: bytes) -> str:
    """GB/T 32905."""
    hashed = Hash(SM3())
    hashed.update(content)
    return f"sm3:{hashed.finalize().hex()}"


@dataclass(frozen=True, slots=True)
class Provider:
    """A program that signs what it is given, and one that checks what was signed, if there is."""

    signer: CommandSigner
    checker: tuple[str, ...] = ()

    def right(self, key_id: str, content: bytes, signature: bytes) -> bool | None:
        """Whether the program says so; None where nobody here can tell. Takes its time."""
        if not self.checker:
            return None
        question = {
            "algorithm": self.signer.name,
            "key_id": key_id,
            "message": content.hex(),
            "signature": signature.hex(),
        }
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own command
                self.checker,
                input=json.dumps(question).encode(),
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.returncode == 0


@dataclass(frozen=True, slots=True)
class ReportKeys:
    """Signs with the service's own key; knows the public keys of earlier ones, too."""

    private: Ed25519PrivateKey = field(repr=False)
    earlier: Mapping[str, Ed25519PublicKey] = field(default_factory=dict)
    provider: Provider | None = None

    @classmethod
    def of(
        cls,
        seed: bytes,
        earlier: Mapping[str, Ed25519PublicKey] | None = None,
        provider: Provider | None = None,
    ) -> "ReportKeys":
        """`seed`: 32 bytes, for this purpose alone."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed), earlier or {}, provider)

    @property
    def key_id(self) -> str:
        return key_id_of(self.private.public_key())

    def sign(self, content: bytes) -> bytes:
        return self.private.sign(content)

    def right(self, key_id: str | None, content: bytes, signature: bytes | None) -> bool | None:
        """Whether the key signed this content; None where nothing signed it, or the key is
        not known here."""
        key = self._public().get(key_id or "")
        if key is None or signature is None:
            return None
        try:
            key.verify(signature, content)
        except InvalidSignature:
            return False
        return True

    def jwks(self) -> dict[str, Any]:
        """All public keys, the one that signs first (RFC 7517, RFC 8037)."""
        return {"keys": [_jwk(key_id, key) for key_id, key in self._public().items()]}

    def _public(self) -> Mapping[str, Ed25519PublicKey]:
        return {self.key_id: self.private.public_key(), **self.earlier}


def _jwk(key_id: str, key: Ed25519PublicKey) -> dict[str, str]:
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    x = urlsafe_b64encode(raw).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": key_id, "alg": "Ed25519", "use": "sig"}


ALGORITHM: Final = ED25519
