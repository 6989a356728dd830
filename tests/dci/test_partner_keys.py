"""Keys that partners publish: fetched by the rules for callbacks, seldom, of every kind in use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import pytest
from aiohttp import web
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from connectors.dci.encryption import decrypt, encrypt
from connectors.dci.keys import KeyPair, public_of
from tests.connectors.web_server import serving
from tests.dci.parts import SEARCH, Partner, a_partner, by_id
from tests.service_parts import HEAD, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
EDWARDS, ANOTHER = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
ELLIPTIC, RSA = ECKey.generate_key("P-256"), RSAKey.generate_key(2_048)
BOX: Final = OKPKey.generate_key("X25519")


@dataclass
class Published:
    """A partner's key set at an address of its own; `wrong`: what is said instead."""

    keys: list[dict[str, Any]]
    wrong: web.Response | None = None
    asked: list[str] = field(default_factory=list)

    async def __call__(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.json_response({"keys": self.keys}) if self.wrong is None else self.wrong


def shown(key: KeyPair, algorithm: str, use: str = "sig") -> dict[str, Any]:
    return public_of(key, use=use, algorithm=algorithm)


@asynccontextmanager
async def publishing(
    service: Running, published: Published, key: KeyPair
) -> AsyncIterator[Partner]:
    async with serving(published) as url:
        partner = await a_partner(service, jwks="", jwks_uri=f"{url}/.well-known/jwks.json")
        partner.key = key
        yield partner


async def said(partner: Partner, body: Any = None) -> str:
    """`succ`, or the code of the refusal."""
    reply = await partner.sends(body or partner.search(by_id("UIN", HEAD)))
    document: dict[str, Any] = reply.json()
    if "errors" in document:
        return str(document["errors"][0]["code"])
    return str(document["header"]["status"])


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (EDWARDS, "EdDSA"),
        (EDWARDS, "Ed25519"),
        (ELLIPTIC, "ES256"),
        (RSA, "RS256"),
        (RSA, "PS256"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # partners sign by EdDSA
async def test_every_kind_of_key_is_fetched_and_believed(
    verified: Running, key: KeyPair, algorithm: str
) -> None:
    published = Published([shown(key, algorithm), shown(BOX, "ECDH-ES+A256KW", "enc")])
    async with publishing(verified, published, key) as partner:
        unsigned = partner.search(by_id("UIN", HEAD))
        parts = {name: unsigned[name] for name in ("header", "message")}
        head = {"alg": algorithm, "kid": key.thumbprint()}
        payload = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
        full = jws.serialize_compact(head, payload, key, algorithms=[algorithm])
        first, _, last = full.split(".")
        assert await said(partner, {"signature": f"{first}..{last}", **parts}) == "succ"
        again = partner.header("search", message_id="m-full")
        payload = orjson.dumps({"header": again, "message": parts["message"]})
        full = jws.serialize_compact(head, payload, key, algorithms=[algorithm])
        body = {"signature": full, "header": again, "message": parts["message"]}
        assert await said(partner, body) == "succ"
    assert published.asked == ["/.well-known/jwks.json"]


async def test_a_new_key_is_looked_for_once_in_a_minute(verified: Running) -> None:
    published = Published([shown(EDWARDS, "EdDSA")])
    async with publishing(verified, published, EDWARDS) as partner:
        assert await said(partner) == "succ"
        published.keys = [shown(ANOTHER, "EdDSA")]
        partner.key = ANOTHER
        for _ in range(3):
            assert await said(partner) == "err.signature.invalid"
        assert len(published.asked) == 1
        verified.clock.forward(seconds=61)
        assert await said(partner) == "succ"
        assert len(published.asked) == 2
        partner.key = EDWARDS
        verified.clock.forward(seconds=61)
        assert await said(partner) == "err.signature.invalid"


async def test_what_is_encrypted_is_answered_for_the_key_that_is_published(
    verified: Running,
) -> None:
    published = Published([shown(RSA, "RS256"), shown(BOX, "ECDH-ES+A256KW", "enc")])
    async with publishing(verified, published, RSA) as partner:
        plain = partner.search(by_id("UIN", HEAD))
        sealed = encrypt(plain["message"], verified.parts.registry.own.x25519)
        header = {**plain["header"], "is_msg_encrypted": True}
        reply = (await partner.sends(partner.signed(header, sealed))).json()
        partner.check(reply)
        message = decrypt(reply["message"], [BOX])
    assert message["search_response"][0]["data"]["reg_records"]


WRONG: Final = {
    "away": lambda: web.Response(status=503),
    "a redirect": lambda: web.Response(status=302, headers={"Location": "/elsewhere"}),
    "no JSON": lambda: web.Response(text="<html>"),
    "no key set": lambda: web.json_response([1]),
    "too long": lambda: web.Response(body=b" " * 70_000),
    "a weak key": lambda: web.json_response({"keys": [{"kty": "RSA", "n": "x", "e": "AQAB"}]}),
    "too many": lambda: web.json_response({"keys": [shown(EDWARDS, "EdDSA")] * 21}),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_keys_that_cannot_be_had_let_nobody_in(verified: Running, wrong: str) -> None:
    """And what was known before is believed on, where there was something."""
    published = Published([shown(EDWARDS, "EdDSA")], WRONG[wrong]())
    async with publishing(verified, published, EDWARDS) as partner:
        for _ in range(2):
            assert await said(partner) == "err.signature.invalid"
        assert len(published.asked) == 1, "nor is anybody called at each message"
        published.wrong = None
        verified.clock.forward(minutes=2)
        assert await said(partner) == "succ"
    published = Published([shown(EDWARDS, "EdDSA")])
    async with publishing(verified, published, EDWARDS) as partner:
        assert await said(partner) == "succ"
        published.wrong = WRONG[wrong]()
        verified.clock.forward(minutes=11)
        partner.headers = await partner.fresh()
        assert await said(partner) == "succ"


@pytest.mark.parametrize("uri", ["http://169.254.169.254/keys", "http://10.0.0.1/", "file:///x"])
async def test_keys_are_fetched_from_allowed_addresses_alone(verified: Running, uri: str) -> None:
    partner = await a_partner(verified, jwks="", jwks_uri=uri)
    reply = await partner.sends(partner.search(by_id("UIN", HEAD)), SEARCH)
    assert reply.json()["errors"][0]["code"] == "err.signature.invalid"
    assert uri not in reply.text
