"""How notices 回调通知 are signed, so that a case system can tell that they are the service's own.

Two ways at once: an HMAC of time and body with the client's own key, and an HTTP message signature
(RFC 9421, Ed25519) over method, address, body digest (RFC 9530), event and time, which anybody can
check against the published key.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures._algorithms import ED25519  # the public name is not exported
from http_message_signatures.resolvers import HTTPSignatureKeyResolver
from http_message_signatures.signatures import HTTPMessageSigner
from joserfc.jwk import OKPKey

COVERED: Final = ("@method", "@target-uri", "content-digest", "x-hedui-event", "x-hedui-timestamp")
"""What an HTTP message signature of ours covers."""

LABEL: Final = "hedui"
"""The signature's name in `Signature-Input` and `Signature`, and its tag."""


class NoticeSigner(HTTPSignatureKeyResolver):
    """Signs requests with the service's own Ed25519 key and tells the public one."""

    def __init__(self, seed: bytes) -> None:
        """`seed`: 32 bytes, for this purpose alone."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = OKPKey.import_key(self._private.public_key())
        self.key_id = str(self._public.thumbprint())
        self._signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=self)

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        """For the library."""
        return self._private

    def sign(self, request: httpx.Request, created: datetime) -> None:
        """Add `Content-Digest`, `Signature-Input` and `Signature`; the body must be in memory."""
        request.headers["Content-Digest"] = digest(request.content)
        self._signer.sign(
            request,
            key_id=self.key_id,
            # The library reads a naive local time or an aware one; ours is aware.
            created=created.astimezone(UTC),
            label=LABEL,
            tag=LABEL,
            covered_component_ids=COVERED,
        )

    def jwks(self) -> Mapping[str, Any]:
        """The public key as a JWK set (RFC 7517, RFC 8037)."""
        public = self._public.as_dict(private=False)
        key = {name: public[name] for name in ("kty", "crv", "x")}
        return {"keys": [{**key, "kid": self.key_id, "alg": "Ed25519", "use": "sig"}]}


def digest(body: bytes) -> str:
    """`Content-Digest` of RFC 9530."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """`sha256=<hex HMAC-SHA256 of timestamp + "." + body>`."""
    return "sha256=" + hmac.new(key, timestamp.encode() + b"." + body, "sha256").hexdigest()
