"""HTTP message signatures on notices: what others' code verifies, and what tampering breaks."""

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures._algorithms import ED25519
from http_message_signatures.exceptions import InvalidSignature as Refused
from http_message_signatures.resolvers import HTTPSignatureKeyResolver
from http_message_signatures.signatures import HTTPMessageVerifier

from app.jobs.signing import COVERED, NoticeSigner
from connectors.transport.signatures import content_digest
from tests.jobs.notice_parts import Bench, a_bench, a_case_system
from tests.service_parts import all_ten, running

URL = "https://case.example.test/notices?of=hedui"
BODY = b'{"event_id": "ev_1", "status": "final"}'
SIGNER = NoticeSigner(bytes(range(32)))


def a_request(body: bytes = BODY) -> httpx.Request:
    headers = {"X-Hedui-Event": "ev_1", "X-Hedui-Timestamp": "1795492800"}
    request = httpx.Request("POST", URL, content=body, headers=headers)
    SIGNER.sign(request, datetime.now(UTC))
    return request


def public_key(jwks: Any, key_id: str) -> Ed25519PublicKey:
    [key] = [one for one in jwks["keys"] if one["kid"] == key_id]
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))


def verify(method: str, url: str, headers: Any, body: bytes, jwks: Any) -> None:
    """RFC 9421, 3.2, written from the document alone. Raises `InvalidSignature`, `ValueError`."""
    given = headers["signature-input"].removeprefix("hedui=")
    covered, _, parameters = given[1:].partition(")")
    lines = []
    for name in covered.split(" "):
        value = {"@method": method, "@target-uri": url}.get(name.strip('"'))
        lines.append(f"{name}: {headers[name.strip(chr(34))] if value is None else value}")
    base = "\n".join([*lines, f'"@signature-params": {given}'])
    key_id = parameters.partition(';keyid="')[2].partition('"')[0]
    signature = base64.b64decode(headers["signature"].removeprefix("hedui=:").removesuffix(":"))
    public_key(jwks, key_id).verify(signature, base.encode())
    found = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if headers["content-digest"] != f"sha-256=:{found}:":
        raise ValueError("the body is another one")


class Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return public_key(SIGNER.jwks(), key_id)


def test_an_independent_reading_of_the_standard_verifies_it() -> None:
    request = a_request()
    verify("POST", URL, request.headers, BODY, SIGNER.jwks())


def test_the_library_verifies_it_and_sees_what_is_covered() -> None:
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=Keys())
    [found] = verifier.verify(a_request(), expect_tag="hedui")
    assert set(found.covered_components) == {
        f'"{name}"' for name in (*COVERED, "@signature-params")
    }
    assert found.parameters["alg"] == "ed25519"


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"url": URL.replace("case.", "other.")},
        {"url": URL.replace("of=hedui", "of=else")},
        {"url": URL.replace("https", "http")},
        {"header": ("x-hedui-event", "ev_2")},
        {"header": ("x-hedui-timestamp", "1795492801")},
        {"header": ("content-digest", content_digest(b"another"))},
        {"body": BODY.replace(b"final", b"other")},
        {"input": (";created=1", ";created=2")},
        {"input": ('"@method" ', "")},
    ],
    ids=str,
)
def test_whatever_is_changed_breaks_it(changed: dict[str, Any]) -> None:
    request = a_request()
    headers = dict(request.headers)
    if "header" in changed:
        headers |= dict([changed["header"]])
    if "input" in changed:
        headers["signature-input"] = headers["signature-input"].replace(*changed["input"])
    method, url = changed.get("method", "POST"), changed.get("url", URL)
    body = changed.get("body", BODY)
    with pytest.raises((InvalidSignature, ValueError)):
        verify(method, url, headers, body, SIGNER.jwks())
    if "body" not in changed:  # the library leaves the body to its caller
        verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=Keys())
        with pytest.raises(Refused):
            verifier.verify(httpx.Request(method, url, headers=headers), expect_tag="hedui")


def test_another_key_does_not_verify() -> None:
    other = NoticeSigner(bytes(32)).jwks()
    jwks = {"keys": [{**other["keys"][0], "kid": SIGNER.key_id}]}
    with pytest.raises(InvalidSignature):
        verify("POST", URL, a_request().headers, BODY, jwks)


def test_the_published_key_is_public() -> None:
    [key] = SIGNER.jwks()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}
    assert (key["kty"], key["crv"], key["kid"]) == ("OKP", "Ed25519", SIGNER.key_id)
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{key["x"]}"}}'  # RFC 7638
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).decode()
    assert key["kid"] == thumbprint.rstrip("=")


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(f"sqlite:///{tmp_path / 'hedui.sqlite3'}") as made:
        yield made


async def test_what_arrives_verifies_against_the_address_that_was_called(bench: Bench) -> None:
    notifier = replace(bench.notifier, signer=SIGNER)
    async with a_case_system() as system:
        url = f"{system.url}/消息?of=核对"
        await bench.add(url)
        await notifier.send_due()
    [(headers, body)] = system.came
    verify("POST", str(httpx.URL(url)), headers, body, SIGNER.jwks())


async def test_the_service_publishes_the_key_that_it_signs_with(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        reply = await service.http.get("/v1/notices/keys")
        assert reply.headers["content-type"] == "application/jwk-set+json"
        request = httpx.Request("POST", URL, content=BODY, headers=a_request().headers)
        service.parts.notice_signer.sign(request, datetime.now(UTC))
        verify("POST", URL, request.headers, BODY, reply.json())
