"""private_key_jwt: a client proves itself by a short statement that it signs (RFC 7523)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256, shake_256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from app.domain.errors import InvalidFile, TokenRefused
from app.store.base import storable
from connectors.transport.jws import SignatureRegistry, one_name

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MOST_SECONDS: Final = 300
"""How far ahead an assertion may end."""
_LEEWAY: Final = 30  # seconds that a client's clock may differ
_ALGORITHMS: Final = {"Ed25519": "OKP", "ES256": "EC", "RS256": "RSA", "PS256": "RSA"}
_HEADER: Final = {"alg", "kid", "typ"}
_TYPES: Final = (None, "JWT", "client-authentication+jwt")
_PRIVATE: Final = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_LEAST_RSA_BITS: Final = 2_048
_MOST_JTI: Final = 200
_MOST_KID: Final = 200
_MOST_KEPT: Final = 2_000
_MOST_CHARACTERS: Final = 4_096
_REFUSED: Final = "unknown client, or its credentials are others"


def refused() -> TokenRefused:
    """One answer, whatever does not hold."""
    return TokenRefused("invalid_client", _REFUSED)


@dataclass(frozen=True, slots=True)
class Signed:
    """An assertion that holds: who signed it, and what makes it one of its kind."""

    client_id: str
    jti_digest: str
    until: datetime
    """After it, the assertion is refused for its age."""


class Assertions:
    """Checks assertions that are made out to one of these audiences."""

    def __init__(self, audiences: Sequence[str]) -> None:
        self._audiences = tuple(audiences)
        self._registry = SignatureRegistry(algorithms=list(_ALGORITHMS))
        # A client that is not known, or a key, costs a signature's check all the same.
        self._decoys: dict[str, Key] = {
            "OKP": OKPKey.generate_key("Ed25519"),
            "EC": ECKey.generate_key("P-256"),
            "RSA": RSAKey.import_key(_nobodys_rsa()),
        }

    def claimed(self, assertion: str) -> str:
        """Whose it says it is; nothing is checked. Empty where it says nothing."""
        if len(assertion) > _MOST_CHARACTERS:
            return ""
        try:
            payload = jws.extract_compact(assertion.encode()).payload
            claims = json.loads(payload)
        except (JoseError, ValueError, RecursionError):
            return ""
        subject = claims.get("sub") if isinstance(claims, dict) else None
        return subject if isinstance(subject, str) else ""

    def check(self, assertion: str, client_id: str, jwks: Sequence[str], now: datetime) -> Signed:
        """`jwks`: the client's registered public keys. Raises `TokenRefused`."""
        keys = _by_id(jwks)

        def key_of(signed: Any) -> Key:
            header = signed.headers()
            if not set(header) <= _HEADER or header.get("typ") not in _TYPES:
                raise refused()
            key = keys.get(header.get("kid", ""))
            if key is None:
                return self._decoys[_ALGORITHMS.get(header["alg"], "OKP")]
            if key.alg is not None and one_name(key.alg) != one_name(header["alg"]):
                raise refused()
            return key

        try:
            claims = jwt.decode(assertion, key_of, registry=self._registry).claims
            _registry_of(client_id, self._audiences, now).validate(claims)
        except (JoseError, ValueError, TypeError):
            raise refused() from None
        return _signed(claims, client_id, now)


def _nobodys_rsa() -> RSAPublicKey:
    """A modulus that was not made of primes, so that nobody has its private key."""
    drawn = int.from_bytes(shake_256(b"hedui: nobody's key").digest(_LEAST_RSA_BITS // 8))
    return RSAPublicNumbers(65_537, drawn | 1 | 1 << (_LEAST_RSA_BITS - 1)).public_key()


def _registry_of(client_id: str, audiences: Sequence[str], now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": client_id},
        sub={"essential": True, "value": client_id},
        aud={"essential": True, "values": list(audiences)},
        exp={"essential": True},
        jti={"essential": True},
    )


def _signed(claims: dict[str, Any], client_id: str, now: datetime) -> Signed:
    expires, jti, audience = claims["exp"], claims["jti"], claims["aud"]
    if expires - now.timestamp() > MOST_SECONDS:
        raise refused()
    # One audience: what is made out to others, too, those others could hand in here.
    if len(jti) > _MOST_JTI or (isinstance(audience, list) and len(audience) != 1):
        raise refused()
    digest = sha256(jti.encode("utf-8", "surrogatepass")).hexdigest()
    return Signed(client_id, digest, now + timedelta(seconds=MOST_SECONDS + 2 * _LEEWAY))


def _by_id(jwks: Sequence[str]) -> dict[str, Key]:
    keys = [JWKRegistry.import_key(json.loads(one)) for one in jwks]
    return {key.kid: key for key in keys if key.kid is not None}


def read_jwks(text: str) -> list[tuple[str, str]]:
    """The public keys of a JWK set's file: each one's id and itself as JSON.

    Raises `InvalidFile`; a private key is refused, for it is nobody's but the client's.
    """
    try:
        document = json.loads(text)
        rows = document.get("keys", [document])
        return [_public(row) for row in rows]
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise InvalidFile("the file holds no JWK set that can be used (RFC 7517)") from None


def _public(row: dict[str, Any]) -> tuple[str, str]:
    if _PRIVATE & set(row):
        raise InvalidFile("the file holds a private or shared key: hand in the public one alone")
    key = JWKRegistry.import_key(row)
    kind = {OKPKey: "OKP", ECKey: "EC", RSAKey: "RSA"}.get(type(key))
    fits = (
        (kind == "OKP" and row["crv"] == "Ed25519")
        or (kind == "EC" and row["crv"] == "P-256")
        or (isinstance(key.raw_value, RSAPublicKey) and key.raw_value.key_size >= _LEAST_RSA_BITS)
    )
    if not fits:
        raise InvalidFile("a key is Ed25519, P-256, or RSA of at least 2048 bits")
    key.ensure_kid()
    kid, kept = str(key.kid), json.dumps(key.as_dict(private=False), sort_keys=True)
    if not 1 <= len(kid) <= _MOST_KID or len(kept) > _MOST_KEPT or not storable(kid):
        raise InvalidFile(f"a key's id has at most {_MOST_KID} characters, a key {_MOST_KEPT}")
    return kid, kept
