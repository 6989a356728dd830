"""A small identity provider (OpenID Connect) on a free port, which checks what it is asked.

It shares no code with app/access/oidc.py. A test changes what it says: the ID token's claims and
header, the key, its configuration.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

CLIENT, SECRET = "hedui", "s3cret/with:signs"
CLAIMS = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class IdentityProvider:
    """`subject`: who is signed in there; codes are used once."""

    now: Callable[[], datetime]
    subject: str = "sub-1"
    url: str = ""
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1"}))
    published: list[Key] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)
    change: CLAIMS = lambda claims: claims
    configuration: dict[str, Any] = field(default_factory=dict)
    signer: Key | None = None
    padding: int = 0
    given: dict[str, dict[str, str]] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/.well-known/openid-configuration":
            document = {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                **self.configuration,
            }
            return web.json_response({**document, "padding": "x" * self.padding})
        if request.path == "/keys":
            keys = [key.as_dict(private=False) for key in (self.published or [self.key])]
            return web.json_response({"keys": keys})
        if request.path == "/token":
            return await self._token(request)
        return web.json_response({"error": "none"}, status=404)

    def authorise(self, address: str) -> dict[str, str]:
        """What the browser is sent back with, once somebody has signed in there."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.given)}"
        self.given[code] = asked
        return {"code": code, "state": asked["state"]}

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.given.pop(str(form.get("code")), None)
        basic = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        verifier = str(form.get("code_verifier", ""))
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = (
            asked is not None
            and basic == "hedui:s3cret%2Fwith%3Asigns"
            and challenge == asked["code_challenge"]
            and form.get("redirect_uri") == asked["redirect_uri"]
        )
        if asked is None or not right:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"token_type": "Bearer", "id_token": self._signed(asked)})

    def _signed(self, asked: dict[str, str]) -> str:
        now = int(self.now().timestamp())
        claims = {
            "iss": self.url,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "amr": ["pwd", "mfa"],
        }
        header = {"alg": "ES256", "kid": "k1", **self.header}
        if header["alg"] == "none":
            parts = [_part(header), _part(self.change(claims)), ""]
            return ".".join(parts)
        changed, key = self.change(claims), self.signer or self.key
        return jwt.encode(header, changed, key, algorithms=[header["alg"]])


def _part(document: dict[str, Any]) -> str:
    text = str(document).replace("'", '"').encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def other_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "k1"})


def shared_key() -> OctKey:
    """As if the public key's bytes were a shared secret."""
    return OctKey.import_key("0" * 64, {"kid": "k1"})


def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "k2"})
