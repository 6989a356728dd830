"""What clients prove themselves by: keys, assertions, certificates; and how they are registered."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from app.access.assertions import ASSERTION_TYPE, read_jwks
from app.access.certificates import thumbprint_of
from app.access.clients import new_secret, secret_hash
from app.store.clients import Client, ClientKey, KeyKind
from app.wiring import new_id
from tests.service_parts import NOON, Running

PROXY = "10.0.0.7"
PROXIES = "10.0.0.0/24"
GRANT = {"grant_type": "client_credentials"}


@cache
def key(kind: str, name: str = "k1") -> Key:
    """A private key under an id."""
    made: dict[str, Any] = {
        "ed": lambda: OKPKey.generate_key("Ed25519", {"kid": name}),
        "named": lambda: OKPKey.generate_key("Ed25519", {"kid": name, "alg": "EdDSA"}),
        "ec": lambda: ECKey.generate_key("P-256", {"kid": name}),
        "rsa": lambda: RSAKey.generate_key(2048, {"kid": name}),
        "ps": lambda: RSAKey.generate_key(2048, {"kid": name, "alg": "PS256"}),
    }
    generated: Key = made[kind]()
    return generated


def public(one: Key) -> str:
    return json.dumps({"keys": [one.as_dict(private=False)]})


def segment(document: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def signed(
    by: Key, claims: Mapping[str, Any], header: Mapping[str, Any], alg: str = "Ed25519"
) -> str:
    """A claim or header given as None is left out."""
    named = {"alg": alg, "kid": by.kid, **header}
    return jwt.encode(
        {name: value for name, value in named.items() if value is not None},
        {name: value for name, value in claims.items() if value is not None},
        by,
        algorithms=[alg],
        default_type=None,
    )


def by_hmac(secret: bytes, claims: Mapping[str, Any], kid: str) -> str:
    key_ = OctKey.import_key(secret)
    return jwt.encode({"alg": "HS256", "kid": kid}, dict(claims), key_, algorithms=["HS256"])


@dataclass(frozen=True)
class Shown:
    """A certificate as a proxy hands it on."""

    parsed: x509.Certificate

    @property
    def thumbprint(self) -> str:
        return thumbprint_of(self.parsed)

    @property
    def rfc9440(self) -> str:
        der = self.parsed.public_bytes(Encoding.DER)
        return f":{base64.b64encode(der).decode()}:"

    @property
    def pem(self) -> bytes:
        return self.parsed.public_bytes(Encoding.PEM)

    @property
    def nginx(self) -> str:
        return quote(self.pem.decode(), safe="")


def certificate(begins: datetime = NOON - timedelta(days=1), days: int = 365) -> Shown:
    signer = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "case system")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .sign(signer, hashes.SHA256())
    )
    return Shown(made)


@dataclass(frozen=True)
class Known:
    """A registered client, and its secret where it has one."""

    id: str
    secret: str = ""


async def register(
    service: Running,
    *,
    secret: bool = False,
    keys: tuple[Key, ...] = (),
    shown: Shown | None = None,
    **more: Any,
) -> Known:
    """A client of 220102 with these proofs; `more` are its limits."""
    parts, made = service.parts, Known(new_id("cl"), new_secret() if secret else "")
    values = {"region": "220102", "scopes": ("verify", "read", "batch"), **more}
    new = Client(client_id=made.id, name="test", created_at=service.clock(), **values)
    held: list[tuple[KeyKind, str, str]] = []
    if secret:
        held.append(("secret", "", secret_hash(made.secret)))
    for one in keys:
        held += [("jwk", kid, value) for kid, value in read_jwks(public(one))]
    if shown is not None:
        held.append(("certificate", "", shown.thumbprint))

    def work(tx: Any) -> None:
        parts.clients.add(tx, new)
        for kind, kid, value in held:
            parts.clients.add_key(tx, a_key(made.id, kind, kid, value, service.clock()))

    await parts.shelf.database.write(work)
    return made


def a_key(client_id: str, kind: KeyKind, kid: str, value: str, at: datetime) -> ClientKey:
    return ClientKey(
        id=new_id("ck"), client_id=client_id, kind=kind, kid=kid, value=value, created_at=at
    )


def claims_of(service: Running, client_id: str, **changes: Any) -> dict[str, Any]:
    """What an assertion says."""
    now = int(service.clock().timestamp())
    return {
        "iss": client_id,
        "sub": client_id,
        "aud": f"{service.parts.public_url}/oauth/token",
        "iat": now,
        "exp": now + 60,
        "jti": new_id("jt"),
        **changes,
    }


async def ask(
    service: Running,
    *,
    address: str = "127.0.0.1",
    headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
    **form: str,
) -> httpx.Response:
    """POST /oauth/token from an address."""
    async with via(service, address) as http:
        return await http.post("/oauth/token", data={**GRANT, **form}, headers=headers)


async def ask_by(service: Running, assertion: str, **form: str) -> httpx.Response:
    """The same with a signed assertion."""
    kind = form.pop("client_assertion_type", ASSERTION_TYPE)
    return await ask(
        service, headers=None, client_assertion_type=kind, client_assertion=assertion, **form
    )


def via(service: Running, address: str) -> httpx.AsyncClient:
    """As if the connection came from there."""
    transport = httpx.ASGITransport(app=service.app, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://hedui.test")


async def end_keys(service: Running, known: Known, until: Any = None) -> None:
    clients = service.parts.clients

    def work(tx: Any) -> None:
        ids = [one.id for one in clients.keys(tx, known.id)]
        clients.end_keys(tx, ids, until or service.clock())

    await service.parts.shelf.database.write(work)


async def revoke(service: Running, known: Known) -> None:
    await service.parts.shelf.database.write(
        lambda tx: service.parts.clients.revoke(tx, known.id, service.clock())
    )
