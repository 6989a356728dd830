"""Which algorithms of JSON Web Signatures are known, by both names of Ed25519."""

from typing import Any, Final

from joserfc.errors import InvalidKeyTypeError
from joserfc.jws import JWSAlgModel, JWSRegistry  # type: ignore[attr-defined]  # no other place

ED25519: Final = "Ed25519"
EDDSA: Final = "EdDSA"
"""What most libraries still call Ed25519 (RFC 8037, RFC 9864)."""


def one_name(algorithm: str) -> str:
    """The newer of the two names; any other algorithm as it is."""
    return ED25519 if algorithm == EDDSA else algorithm


class _Ed25519(JWSAlgModel):
    """With keys that are published under either name (`alg` of a JWK)."""

    name = ED25519
    description = "Ed25519, by both of its names"
    key_type = "OKP"

    def __init__(self, known: JWSAlgModel) -> None:
        self._known = known

    def check_key(self, key: Any) -> None:
        key.check_use("sig")
        if key.key_type != self.key_type:
            raise InvalidKeyTypeError("Ed25519 is signed with an OKP key")
        key.check_alg(EDDSA if key.alg == EDDSA else ED25519)

    def sign(self, msg: bytes, key: Any) -> bytes:
        return self._known.sign(msg, key)

    def verify(self, msg: bytes, sig: bytes, key: Any) -> bool:
        return self._known.verify(msg, sig, key)


class SignatureRegistry(JWSRegistry):
    """Takes both names of Ed25519, in a signature and in a key."""

    def get_alg(self, name: str) -> JWSAlgModel:
        known = super().get_alg(one_name(name))
        return _Ed25519(known) if known.name == ED25519 else known
