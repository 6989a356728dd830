"""Which algorithms of JSON Web Signatures are known, by both names of Ed25519."""

from typing import Any

from joserfc.jws import JWSRegistry


class SignatureRegistry(JWSRegistry):
    """`EdDSA` is what most libraries still call Ed25519 (RFC 8037, RFC 9864)."""

    def get_alg(self, name: str) -> Any:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)
