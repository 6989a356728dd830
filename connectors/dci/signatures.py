"""The signatures of DCI messages: three dialects in the field that none of the others reads.

- `openspp`: an HTTP signature (draft-cavage) in the text, Ed25519 over creation, expiry and the
  digest of sorted, compact JSON of header and message, in which all but ASCII is escaped.
- `jws_detached` (OpenG2P): a detached JWS (RFC 7515, app. F) over sorted, compact JSON in UTF-8.
- `jws` (OpenCRVS): a JWS whose payload is the JSON as written; it must say what was received.

Where a number is no whole one, the first two depend on how it is written out; both are Python, and
so is this.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from connectors.dci.codes import NAMESPACE
from connectors.dci.keys import KeyPair, fits, key_id
from connectors.transport.jws import SignatureRegistry

VALID_SECONDS: Final = 300
"""How long a signature of ours with a time holds; OpenSPP's last as long."""
LONGEST_SECONDS: Final = 3_600
"""A signature that claims to hold longer than this holds this long."""
SKEW_SECONDS: Final = 60
"""How far a sender's clock may be ahead."""
MOST_PAYLOAD: Final = 16 * 1024 * 1024
"""Bytes that are signed: more than a message may have."""
_STUBS: Final = frozenset({"unsigned-stub", "unsigned"})
_PART: Final = re.compile(r'(\w+)\s*=\s*"([^"]*)"')
_PREFIX: Final = re.compile(r"^\s*Signature\s*:?\s*(?=namespace\s*=)")
_ALGORITHMS: Final = ("Ed25519", "EdDSA", "ES256", "RS256", "PS256")
_COVERED: Final = "(created) (expires) digest"


class _Registry(SignatureRegistry):
    """Payloads as large as messages may be."""

    max_header_length = 4 * 1024
    max_payload_length = MOST_PAYLOAD


_REGISTRY: Final = {
    one: _Registry(algorithms=["Ed25519" if one == "EdDSA" else one]) for one in _ALGORITHMS
}
"""By what a header names: the message does not choose among several."""


class Dialect(StrEnum):
    """How a message is signed; `none`: a stub, as test callers send it."""

    OPENSPP = "openspp"
    JWS_DETACHED = "jws_detached"
    JWS = "jws"
    NONE = "none"


class SignatureMissing(Exception):  # noqa: N818 - what is wrong, in two words
    """There is none, or a stub where a signature is asked for (`err.signature.missing`)."""


class SignatureInvalid(Exception):  # noqa: N818
    """It does not hold (`err.signature.invalid`); the text says why, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers: both parts of the message, parsed."""

    header: Mapping[str, Any] = field(repr=False)
    message: Any = field(repr=False)

    @property
    def document(self) -> dict[str, Any]:
        return {"header": self.header, "message": self.message}


def dialect_of(signature: object) -> Dialect:
    """The dialect, by how the text looks.

    Raises `SignatureMissing` where there is none, `SignatureInvalid` where it is no known form.
    """
    if signature is None or signature == "":
        raise SignatureMissing("there is no signature")
    if not isinstance(signature, str):
        raise SignatureInvalid("a signature is text")
    text = signature.strip()
    if text in _STUBS:
        return Dialect.NONE
    if _PREFIX.sub("", text).startswith("namespace"):
        return Dialect.OPENSPP
    parts = text.split(".")
    if len(parts) == 3 and parts[0] and parts[2]:
        return Dialect.JWS if parts[1] else Dialect.JWS_DETACHED
    raise SignatureInvalid("the signature has no known form")


def check(
    signature: str, signed: Signed, keys: Sequence[KeyPair], *, now: datetime, sender: str
) -> Dialect:
    """The dialect in which it holds: made by one of the keys over just this, and in time.

    `sender`: as in the message's header; a signature that names another one does not hold. Raises
    `SignatureMissing` (also for a stub: whoever accepts stubs does not ask) or `SignatureInvalid`.
    """
    dialect = dialect_of(signature)
    match dialect:
        case Dialect.NONE:
            raise SignatureMissing("a stub stands where a signature is asked for")
        case Dialect.OPENSPP:
            _check_openspp(signature, signed, keys, now=now, sender=sender)
        case Dialect.JWS_DETACHED:
            _check_detached(signature.strip(), signed, keys)
        case Dialect.JWS:
            _check_full(signature.strip(), signed, keys)
    return dialect


def sign(dialect: Dialect, key: KeyPair, signed: Signed, *, now: datetime, sender: str) -> str:
    """The signature in the dialect. Raises `ValueError` where the key is of another kind."""
    match dialect:
        case Dialect.OPENSPP:
            return _sign_openspp(key, signed, now=now, sender=sender)
        case Dialect.JWS_DETACHED:
            head, _, tail = _serialized(key, _compact(signed)).split(".")
            return f"{head}..{tail}"
        case Dialect.JWS:
            return _serialized(key, orjson.dumps(signed.document))
        case Dialect.NONE:
            return "unsigned-stub"


def _digest(signed: Signed) -> str:
    text = json.dumps(signed.document, sort_keys=True, separators=(",", ":"))
    return base64.b64encode(sha256(text.encode()).digest()).decode()


def _compact(signed: Signed) -> bytes:
    try:
        return orjson.dumps(signed.document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise SignatureInvalid("the message cannot be written as JSON in UTF-8") from None


def _signing_text(created: str, expires: str, digest: str) -> bytes:
    return f"(created): {created}\n(expires): {expires}\ndigest: {digest}".encode()


def _check_openspp(
    signature: str, signed: Signed, keys: Sequence[KeyPair], *, now: datetime, sender: str
) -> None:
    parts = dict(_PART.findall(signature))
    if parts.get("headers", _COVERED) != _COVERED:
        raise SignatureInvalid("the signature covers other parts than time and digest")
    who, _, rest = parts.get("kidId", "").partition("|")
    kid, _, algorithm = rest.rpartition("|")
    if who != sender or algorithm != "ed25519" or parts.get("algorithm") != "ed25519":
        raise SignatureInvalid("the signature names another sender or algorithm")
    created, expires = parts.get("created", ""), parts.get("expires", "")
    _check_time(created, expires, now)
    text = _signing_text(created, expires, _digest(signed))
    try:
        value = base64.b64decode(parts.get("signature", ""), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureInvalid("the signature is no base64") from None
    for key in _ed25519(keys, kid):
        try:
            key.verify(value, text)
        except InvalidSignature:
            continue
        return
    raise SignatureInvalid("no key of the sender made this signature")


def _check_time(created: str, expires: str, now: datetime) -> None:
    if not (_is_number(created) and _is_number(expires)):
        raise SignatureInvalid("the signature tells no time")
    begun, moment = int(created), now.timestamp()
    if begun > moment + SKEW_SECONDS:
        raise SignatureInvalid("the signature is made later than now")
    if moment >= min(int(expires), begun + LONGEST_SECONDS):
        raise SignatureInvalid("the signature's time is over")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _ed25519(keys: Sequence[KeyPair], kid: str) -> list[Ed25519PublicKey]:
    """Those that the signature may mean; OpenSPP's key ids are whatever its database calls them."""
    edwards = [key for key in keys if isinstance(key, OKPKey) and key.curve_name == "Ed25519"]
    named = [key for key in edwards if fits(key, kid)] or edwards
    public = (key.public_key for key in named)
    return [key for key in public if isinstance(key, Ed25519PublicKey)]


def _check_detached(signature: str, signed: Signed, keys: Sequence[KeyPair]) -> None:
    head, _, tail = signature.split(".")
    payload = base64.urlsafe_b64encode(_compact(signed)).rstrip(b"=").decode()
    _verified(f"{head}.{payload}.{tail}", keys)


def _check_full(signature: str, signed: Signed, keys: Sequence[KeyPair]) -> None:
    """The payload says just what was received; how it is written does not matter."""
    try:
        payload = json.loads(_verified(signature, keys))
    except (ValueError, RecursionError):
        raise SignatureInvalid("the signed text is no JSON") from None
    if not _same(payload, signed.document):
        raise SignatureInvalid("the signed text says another thing than the message")


def _same(left: object, right: object) -> bool:
    """Equal as JSON: in Python `True == 1`, and that would be another message."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        pairs = zip(left, right, strict=False)
        return len(left) == len(right) and all(_same(one, other) for one, other in pairs)
    return left == right


def _verified(compact: str, keys: Sequence[KeyPair]) -> bytes:
    """The payload, where one of the keys made the signature."""
    head = _protected(compact)
    kid, algorithm = str(head.get("kid", "")), str(head["alg"])
    fitting = [key for key in keys if algorithm in _fitting(key)]
    for key in [key for key in fitting if not kid or fits(key, kid)]:
        try:
            found = jws.deserialize_compact(compact, key, registry=_REGISTRY[algorithm])
        except (JoseError, ValueError, TypeError):
            continue
        return bytes(found.payload)
    raise SignatureInvalid("no key of the sender made this signature")


def _protected(compact: str) -> Mapping[str, Any]:
    first = compact.split(".", 1)[0]
    try:
        head = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError):
        raise SignatureInvalid("the signature's header is damaged") from None
    if not isinstance(head, dict) or "crit" in head or head.get("b64", True) is not True:
        raise SignatureInvalid("the signature's header asks for what is not understood")
    if head.get("alg") not in _ALGORITHMS:
        raise SignatureInvalid("the signature's algorithm is none that is believed")
    return head


def _fitting(key: KeyPair) -> tuple[str, ...]:
    """Algorithms of the key's own kind: the message does not choose."""
    match key:
        case OKPKey():
            return ("Ed25519", "EdDSA")
        case ECKey():
            return ("ES256",)
        case RSAKey():
            return ("RS256", "PS256")


def _serialized(key: KeyPair, payload: bytes) -> str:
    algorithm = {OKPKey: "EdDSA", ECKey: "ES256", RSAKey: "RS256"}[type(key)]
    head = {"alg": algorithm, "kid": key_id(key)}
    return jws.serialize_compact(head, payload, key, registry=_REGISTRY[algorithm])


def _sign_openspp(key: KeyPair, signed: Signed, *, now: datetime, sender: str) -> str:
    private = key.private_key if isinstance(key, OKPKey) else None
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError("OpenSPP's signatures are made with Ed25519")
    begun = int(now.timestamp())
    created, expires = str(begun), str(begun + VALID_SECONDS)
    value = base64.b64encode(private.sign(_signing_text(created, expires, _digest(signed))))
    parts = {
        "namespace": NAMESPACE,
        "kidId": f"{sender}|{key_id(key)}|ed25519",
        "algorithm": "ed25519",
        "created": created,
        "expires": expires,
        "headers": _COVERED,
        "signature": value.decode(),
    }
    return ", ".join(f'{name}="{text}"' for name, text in parts.items())
