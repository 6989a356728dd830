"""Clients' credentials and short-lived access tokens (RFC 6749 §4.4, RFC 9068)."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from app.domain.errors import NotAuthenticated
from app.store.clients import Client
from app.store.crypto import FieldCipher

TOKEN_SECONDS = 600
SCOPES = ("verify", "batch", "read", "eligibility", "review", "audit", "erase")
_TYPE = "at+jwt"
_ALGORITHM = "Ed25519"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a client or a member of staff, its region's subtree and what it may do.

    No programmes or purposes: all of them.
    """

    actor: str
    """The id of the client or of the member of staff, as it stands in the audit trail."""
    region: str
    scopes: tuple[str, ...]
    kind: Literal["client", "staff"] = "client"
    roles: frozenset[str] = frozenset()
    programmes: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


class Tokens:
    """Issues and checks access tokens."""

    def __init__(self, seed: bytes, issuer: str, now: Callable[[], datetime]) -> None:
        self._key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
        self._issuer = issuer
        self._now = now

    def issue(self, client: Client, scopes: tuple[str, ...]) -> str:
        now = int(self._now().timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": client.client_id,
            "client_id": client.client_id,
            "scope": " ".join(scopes),
            "region": client.region,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": secrets.token_hex(16),
        }
        header = {"alg": _ALGORITHM, "typ": _TYPE}
        return jwt.encode(header, claims, self._key, algorithms=[_ALGORITHM])

    def check(self, token: str) -> Caller:
        """Raises `NotAuthenticated` for anything but a token of ours that holds now."""
        try:
            decoded = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
            registry = jwt.JWTClaimsRegistry(
                now=int(self._now().timestamp()),
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._issuer},
                exp={"essential": True},
                iat={"essential": True},
                jti={"essential": True},
                client_id={"essential": True},
                region={"essential": True},
                scope={"essential": True},
            )
            registry.validate(decoded.claims)
        except (JoseError, ValueError):
            raise NotAuthenticated("the access token does not hold") from None
        if decoded.header.get("typ") != _TYPE:
            raise NotAuthenticated("this is no access token")
        claims = decoded.claims
        return Caller(claims["client_id"], claims["region"], tuple(claims["scope"].split()))


def new_secret() -> str:
    """A client secret: 256 bits, shown once."""
    return secrets.token_urlsafe(32)


def secret_hash(cipher: FieldCipher, secret: str) -> str:
    """What is stored of a secret: keyed, and one round, for the secret itself has 256 bits."""
    return cipher.blind("client.secret_hash", secret).hex()


def secret_matches(cipher: FieldCipher, client: Client | None, secret: str) -> bool:
    """Takes as long for an unknown client as for a known one."""
    stored = "0" * 64 if client is None else client.secret_hash
    same = hmac.compare_digest(stored, secret_hash(cipher, secret))
    return same and client is not None and client.revoked_at is None
