"""Short-lived access tokens of clients (RFC 9068), signed by keys that change by themselves."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from app.domain.errors import NotAuthenticated
from app.store.clients import Client
from app.store.crypto import derive

TOKEN_SECONDS = 600
SCOPES = (
    "verify",
    "batch",
    "read",
    "eligibility",
    "review",
    "audit",
    "erase",
    "dci",
    "dci_wide",
    "assist",
)
KEY_SECONDS: Final = 30 * 86_400
"""How long a key signs. Its neighbours in time are taken, too: clocks differ, tokens last."""
_TYPE = "at+jwt"
_ALGORITHM = "Ed25519"
_HEADER: Final = {"alg", "typ", "kid"}
_ESSENTIAL: Final = ("exp", "iat", "jti", "sub", "client_id", "region", "scope")
_MOST_CHARACTERS: Final = 4_096
_MOST_KNOWN: Final = 2_048
_REFUSED = "the access token does not hold"


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
    source: str | None = None
    """Of a source's clerk: the one for which he or she answers."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What a token says whose signature was checked once."""

    caller: Caller
    certificate: str | None
    issued_at: float
    expires_at: float


class Tokens:
    """Issues and checks access tokens; keys are derived from one seed, a key a period."""

    def __init__(self, seed: bytes, issuer: str, now: Callable[[], datetime]) -> None:
        self._seed = seed
        self._issuer = issuer
        self._now = now
        self._keys: dict[int, OKPKey] = {}
        self._known: OrderedDict[bytes, _Held] = OrderedDict()

    def issue(
        self, client: Client, scopes: tuple[str, ...], *, certificate: str | None = None
    ) -> str:
        """Bound to the certificate (its SHA-256 thumbprint, RFC 8705) where there is one."""
        now = int(self._now().timestamp())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": client.client_id,
            "client_id": client.client_id,
            "scope": " ".join(scopes),
            "region": client.region,
            "programmes": list(client.programmes),
            "purposes": list(client.purposes),
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": token_hex(16),
        }
        if certificate is not None:
            claims["cnf"] = {"x5t#S256": certificate}
        key = self._key(self._period())
        header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[_ALGORITHM])

    def check(self, token: str, *, certificate: str | None = None) -> Caller:
        """Raises `NotAuthenticated` for anything but a token of ours that holds now.

        `certificate`: the thumbprint of the one that the caller has shown.
        """
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        held = self._known.get(digest)
        if held is None:
            held = self._read(token)
            self._known[digest] = held
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        if not held.issued_at <= self._now().timestamp() < held.expires_at:
            raise NotAuthenticated(_REFUSED)
        if held.certificate is not None and held.certificate != certificate:
            raise NotAuthenticated("the access token is bound to another certificate")
        return held.caller

    def public_keys(self) -> list[dict[str, Any]]:
        """As JWKs: of the period before, of this one and of the next."""
        return [
            {**key.as_dict(private=False), "use": "sig", "alg": _ALGORITHM}
            for key in self._accepted()
        ]

    def _period(self) -> int:
        return int(self._now().timestamp()) // KEY_SECONDS

    def _accepted(self) -> list[OKPKey]:
        period = self._period()
        return [self._key(one) for one in (period - 1, period, period + 1)]

    def _key(self, period: int) -> OKPKey:
        if period not in self._keys:
            seed = derive(self._seed, f"access tokens of period {period}")
            key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
            key.ensure_kid()
            self._keys[period] = key
        return self._keys[period]

    def _key_of(self, signed: Any) -> OKPKey:
        """By the header, of which nothing but the kind and the key's id may be there."""
        header = signed.headers()
        if header.get("typ") != _TYPE or not set(header) <= _HEADER:
            raise NotAuthenticated("this is no access token")
        for key in self._accepted():
            if key.kid == header.get("kid"):
                return key
        raise NotAuthenticated(_REFUSED)

    def _read(self, token: str) -> _Held:
        if len(token) > _MOST_CHARACTERS:
            raise NotAuthenticated(_REFUSED)
        essential: dict[str, Any] = {name: {"essential": True} for name in _ESSENTIAL}
        try:
            decoded = jwt.decode(token, self._key_of, algorithms=[_ALGORITHM])
            jwt.JWTClaimsRegistry(
                now=int(self._now().timestamp()),
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._issuer},
                **essential,
            ).validate(decoded.claims)
            return _held(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise NotAuthenticated(_REFUSED) from None


def _held(claims: Mapping[str, Any]) -> _Held:
    """Raises `ValueError` where a claim is not what it must be."""
    caller = Caller(
        _word(claims["client_id"]),
        _word(claims["region"]),
        tuple(_word(claims["scope"]).split()),
        programmes=tuple(map(_word, claims.get("programmes", ()))),
        purposes=tuple(map(_word, claims.get("purposes", ()))),
    )
    if claims["sub"] != caller.actor:
        raise ValueError("a client's token is about the client")
    bound = claims.get("cnf")
    certificate = None if bound is None else _word(bound["x5t#S256"])
    return _Held(caller, certificate, claims["iat"], claims["exp"])


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a claim is text")
    return value
