"""HTTP message signatures (RFC 9421, Ed25519) with a body digest (RFC 9530): made and checked."""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures._algorithms import ED25519  # the public name is not exported
from http_message_signatures.exceptions import InvalidSignature
from http_message_signatures.resolvers import HTTPSignatureKeyResolver
from http_message_signatures.signatures import HTTPMessageSigner, HTTPMessageVerifier
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

GOOD_FOR: Final = timedelta(minutes=5)
"""How old a signature may be."""
SKEW: Final = timedelta(minutes=1)
"""How far two clocks may differ."""
_MOST_NONCE: Final = 100
_AS_WRITTEN: Final = ("Signature-Input", "Signature")


class SignatureRefused(Exception):  # noqa: N818 - a refusal, not a fault of ours
    """The signature is missing, somebody else's, too old, or of another message."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What a signature covers of a request; names of header fields in lower case."""

    method: str
    url: str = field(repr=False)
    headers: MutableMapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReplyHead:
    """What a signature covers of a reply."""

    status_code: int
    headers: MutableMapping[str, str] = field(repr=False)
    url: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, and what makes the signature one of its kind."""

    key_id: str
    nonce: str


class MessageSigner(HTTPSignatureKeyResolver):
    """Signs with one Ed25519 key and tells the public one."""

    def __init__(self, seed: bytes) -> None:
        """`seed`: 32 bytes, for this purpose alone."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = OKPKey.import_key(self._private.public_key())
        self.key_id = str(self._public.thumbprint())
        self._signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=self)

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        """For the library."""
        return self._private

    def sign_message(
        self,
        message: Any,
        created: datetime,
        covered: Sequence[str],
        *,
        tag: str,
        nonce: str | None = None,
    ) -> None:
        """Add `Signature-Input` and `Signature` to the message's header fields."""
        self._signer.sign(
            message,
            key_id=self.key_id,
            # The library reads a naive local time or an aware one; ours is aware.
            created=created.astimezone(UTC),
            nonce=nonce,
            label="hedui",
            tag=tag,
            covered_component_ids=covered,
        )

    def jwks(self) -> Mapping[str, Any]:
        """The public key as a JWK set (RFC 7517, RFC 8037)."""
        public = self._public.as_dict(private=False)
        key = {name: public[name] for name in ("kty", "crv", "x")}
        return {"keys": [{**key, "kid": self.key_id, "alg": "Ed25519", "use": "sig"}]}


def content_digest(body: bytes) -> str:
    """`Content-Digest` of RFC 9530."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a signature has to be of: these components at least, this tag, this body, now."""

    covered: tuple[str, ...]
    tag: str
    body: bytes = field(repr=False)
    now: datetime


def check_signature(
    message: RequestHead | ReplyHead, keys: Iterable[Mapping[str, Any]], expected: Expected
) -> Signed:
    """By one of these public keys (JWKs). Raises `SignatureRefused`, which names no value."""
    headers = {name.lower(): value for name, value in message.headers.items()}
    given = headers.get("content-digest", "")
    # The library looks for two names as they are usually written, and for all others in lower case.
    named = {name: headers[name.lower()] for name in _AS_WRITTEN if name.lower() in headers}
    message = replace(message, headers={**headers, **named})
    if not compare_digest(given.encode(), content_digest(expected.body).encode()):
        raise SignatureRefused("the body is another one than its digest says")
    verifier = _Verifier(_Keys(keys), expected.now)
    try:
        results = verifier.verify(message, expect_tag=expected.tag, max_age=GOOD_FOR)
    except (InvalidSignature, KeyError, ValueError):
        results = []
    if len(results) != 1:
        raise SignatureRefused("the signature does not hold")
    (result,) = results
    if not {f'"{one}"' for one in expected.covered} <= set(result.covered_components):
        raise SignatureRefused("the signature does not cover what it must")
    nonce = str(result.parameters.get("nonce", ""))
    if len(nonce) > _MOST_NONCE or not nonce.isascii():
        raise SignatureRefused("the nonce is none")
    return Signed(str(result.parameters["keyid"]), nonce)


class _Keys(HTTPSignatureKeyResolver):
    """Ed25519 keys by their id; others of a set are none of ours."""

    def __init__(self, keys: Iterable[Mapping[str, Any]]) -> None:
        self._found: dict[str, Ed25519PublicKey] = {}
        for one in keys:
            public, id_ = _public(one), one.get("kid")
            if public is not None and isinstance(id_, str):
                self._found[id_] = public

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        """For the library; raises KeyError."""
        return self._found[key_id]


class _Verifier(HTTPMessageVerifier):
    """The library's, by the service's clock instead of the machine's."""

    def __init__(self, keys: _Keys, now: datetime) -> None:
        super().__init__(signature_algorithm=ED25519, key_resolver=keys)
        self._now = now

    def validate_created_and_expires(
        self, sig_input: Any, max_age: timedelta | None = None
    ) -> None:
        """Raises `InvalidSignature` where it was made too long ago, or is yet to be made."""
        created = sig_input.params.get("created")
        if isinstance(created, bool) or not isinstance(created, int):
            raise InvalidSignature("no time")
        age = self._now.timestamp() - created
        if not -SKEW.total_seconds() <= age <= GOOD_FOR.total_seconds():
            raise InvalidSignature("too old, or of a time to come")


def _public(jwk: Mapping[str, Any]) -> Ed25519PublicKey | None:
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        return None
    try:
        public = OKPKey.import_key(dict(jwk)).public_key
    except (JoseError, ValueError, TypeError):
        return None
    return public if isinstance(public, Ed25519PublicKey) else None


def keys_in(text: str) -> tuple[Mapping[str, Any], ...]:
    """The keys of a JWK set. Raises `ValueError` where it holds no Ed25519 key with an id."""
    document = json.loads(text)
    rows = document.get("keys") if isinstance(document, dict) else None
    listed = [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    usable = tuple(one for one in listed if _public(one) is not None and one.get("kid"))
    if not usable:
        raise ValueError("no JWK set with an Ed25519 key (RFC 7517, RFC 8037)")
    return usable
