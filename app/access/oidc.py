"""Signing in through an identity provider: OpenID Connect Core, code flow with PKCE (RFC 7636).

The provider says who somebody is; whether he or she has an account here, two administrators said
before (the account's link). Nobody gets an account by coming from the provider.
"""

import asyncio
import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from app.domain.errors import ConfigurationError, NotAuthenticated, ProviderUnavailable

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
PENDING: Final = timedelta(minutes=10)
_DEADLINE: Final = 10.0
_MOST: Final = 256 * 1024
_KEPT: Final = timedelta(minutes=10)
_AGAIN: Final = timedelta(minutes=1)
_LEEWAY: Final = 60
_REFUSED: Final = "the identity provider's answer does not hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """Whom we ask, as whom, and which values of `acr` or `amr` tell of a second factor."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    second_factor: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pending:
    """What the browser keeps, sealed, from its leaving until its return."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    until: float

    def packed(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def unpacked(cls, packed: bytes) -> "Pending":
        return cls(**orjson.loads(packed))


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brings back; `issuer` where the provider says it (RFC 9207)."""

    code: str = field(repr=False)
    state: str = field(repr=False)
    issuer: str | None = None


class Provider:
    """One identity provider; its configuration and keys are read when they are needed."""

    def __init__(
        self, settings: ProviderSettings, http: httpx.AsyncClient, now: Callable[[], datetime]
    ) -> None:
        if not _is_safe(settings.issuer):
            raise ConfigurationError("HEDUI_OIDC_ISSUER must be an https:// address")
        if not settings.second_factor:
            raise ConfigurationError("HEDUI_OIDC_SECOND_FACTOR: name a value of acr or amr")
        self._settings = settings
        self._http = http
        self._now = now
        self._configuration: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at: datetime | None = None

    async def start(self) -> tuple[str, Pending]:
        """Where to send the browser, and what to hold its return against."""
        configuration = await self._configured()
        verifier = secrets.token_urlsafe(48)
        pending = Pending(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=verifier,
            until=(self._now() + PENDING).timestamp(),
        )
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=")
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": "openid",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        endpoint = configuration["authorization_endpoint"]
        joint = "&" if urlsplit(endpoint).query else "?"
        return f"{endpoint}{joint}{urlencode(query)}", pending

    async def finish(self, pending: Pending, returned: Returned) -> str:
        """The subject that is vouched for. Raises NotAuthenticated, ProviderUnavailable."""
        if self._now().timestamp() >= pending.until:
            raise NotAuthenticated("it took too long: begin again")
        if not secrets.compare_digest(pending.state.encode(), returned.state.encode()):
            raise NotAuthenticated(_REFUSED)
        configuration = await self._configured()
        named = configuration.get("authorization_response_iss_parameter_supported") is True
        if (returned.issuer is not None or named) and returned.issuer != self._settings.issuer:
            raise NotAuthenticated(_REFUSED)
        token = await self._exchanged(configuration["token_endpoint"], pending, returned.code)
        return await self._subject(token, pending)

    async def _exchanged(self, endpoint: str, pending: Pending, code: str) -> str:
        given = self._settings
        basic = f"{quote(given.client_id, safe='')}:{quote(given.client_secret, safe='')}"
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": given.redirect_uri,
            "code_verifier": pending.verifier,
        }
        headers = {"Authorization": f"Basic {base64.b64encode(basic.encode()).decode()}"}
        request = self._http.build_request("POST", endpoint, data=form, headers=headers)
        status, document = await self._answer(request)
        token = document.get("id_token")
        if status != httpx.codes.OK or not isinstance(token, str):
            raise NotAuthenticated(_REFUSED)
        return token

    async def _subject(self, token: str, pending: Pending) -> str:
        """Checks the ID token as OpenID Connect Core 3.1.3.7 says, and more."""
        decoded = await self._decoded(token)
        client = self._settings.client_id
        registry = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": pending.nonce},
        )
        try:
            registry.validate(decoded.claims)
        except JoseError:
            raise NotAuthenticated(_REFUSED) from None
        claims, kind = decoded.claims, decoded.header.get("typ", "JWT")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        for_us = claims.get("azp", None if several else client) == client
        subject = claims["sub"]
        is_one = isinstance(subject, str) and 0 < len(subject) <= 255
        if str(kind).upper() != "JWT" or not for_us or not is_one:
            raise NotAuthenticated(_REFUSED)
        if not _factors(claims) & self._settings.second_factor:
            raise NotAuthenticated("the identity provider asked for no second factor")
        return str(subject)

    async def _decoded(self, token: str) -> jwt.Token:
        """Signed with a key of the provider's; unknown ones are looked for once more a minute."""
        try:
            return jwt.decode(token, await self._key_set(_KEPT), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            fresh = await self._key_set(_AGAIN)
        try:
            return jwt.decode(token, fresh, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            raise NotAuthenticated(_REFUSED) from None

    async def _configured(self) -> dict[str, Any]:
        await self._key_set(_KEPT)
        return self._configuration

    async def _key_set(self, kept: timedelta) -> KeySet:
        """The provider's public keys, not older than so long."""
        now = self._now()
        if self._keys is not None and self._read_at is not None and now - self._read_at < kept:
            return self._keys
        issuer = self._settings.issuer
        place = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        configuration = await self._fetched(place)
        if configuration.get("issuer") != issuer:
            raise ProviderUnavailable(
                "the identity provider calls itself otherwise than configured"
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(configuration.get(name), str) or not _is_safe(configuration[name]):
                raise ProviderUnavailable(f"the identity provider names no safe {name}")
        keys = await self._fetched(configuration["jwks_uri"])
        self._keys = _public(keys)
        self._configuration, self._read_at = configuration, now
        return self._keys

    async def _fetched(self, url: str) -> dict[str, Any]:
        status, document = await self._answer(self._http.build_request("GET", url))
        if status != httpx.codes.OK:
            raise ProviderUnavailable(f"the identity provider answers {status}")
        return document

    async def _answer(self, request: httpx.Request) -> tuple[int, dict[str, Any]]:
        """Status and JSON object, within a deadline and a size; redirects are not followed."""
        body = bytearray()
        try:
            async with asyncio.timeout(_DEADLINE):
                reply = await self._http.send(request, stream=True, follow_redirects=False)
                try:
                    async for piece in reply.aiter_bytes():
                        body += piece
                        if len(body) > _MOST:
                            raise ProviderUnavailable("the identity provider's answer is too large")
                finally:
                    await reply.aclose()
            document = orjson.loads(body)
        except (httpx.HTTPError, TimeoutError, orjson.JSONDecodeError) as error:
            kind = type(error).__name__
            raise ProviderUnavailable(f"the identity provider does not answer: {kind}") from None
        if not isinstance(document, dict):
            raise ProviderUnavailable("the identity provider's answer is no object")
        return reply.status_code, document


def _factors(claims: Mapping[str, Any]) -> frozenset[str]:
    """What the provider says of how somebody proved who he or she is."""
    methods = claims.get("amr")
    named = methods if isinstance(methods, list) else []
    return frozenset(str(one) for one in (claims.get("acr"), *named) if isinstance(one, str))


def _public(document: Mapping[str, Any]) -> KeySet:
    """Keys for signatures; one that is shared or unknown to us is left out."""
    try:
        found = KeySet.import_key_set({"keys": list(document.get("keys", ()))})
    except (JoseError, ValueError, TypeError):
        raise ProviderUnavailable("the identity provider's keys cannot be read") from None
    return KeySet([key for key in found.keys if isinstance(key, RSAKey | ECKey | OKPKey)])


def _is_safe(url: str) -> bool:
    """By TLS, but on this machine."""
    parts = urlsplit(url)
    here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))
