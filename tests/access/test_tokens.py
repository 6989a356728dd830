"""Access tokens: ours, of now, for access; and nothing else. Secrets are compared keyed."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from app.access.tokens import (
    TOKEN_SECONDS,
    Caller,
    Tokens,
    new_secret,
    secret_hash,
    secret_matches,
)
from app.domain.errors import NotAuthenticated
from app.store.clients import Client
from app.store.crypto import FieldCipher
from tests.service_parts import NOON, Clock

SEED, OTHER_SEED = bytes(32), bytes([1] * 32)
ISSUER = "http://hedui.test"
CLIENT = Client(
    client_id="cl_1",
    name="test",
    region="220102",
    scopes=("verify", "read"),
    secret_hash="",
    created_at=NOON,
)
NOW = int(NOON.timestamp())
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": ISSUER,
    "sub": "cl_1",
    "client_id": "cl_1",
    "scope": "verify",
    "region": "220102",
    "iat": NOW,
    "exp": NOW + 60,
    "jti": "0" * 32,
}


def tokens(clock: Clock | None = None, seed: bytes = SEED, issuer: str = ISSUER) -> Tokens:
    return Tokens(seed, issuer, clock or Clock())


def signed(seed: bytes = SEED, typ: str | None = "at+jwt", **claims: Any) -> str:
    """A token of any content under a key; a claim given as None is left out."""
    key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
    header = {"alg": "Ed25519"} if typ is None else {"alg": "Ed25519", "typ": typ}
    body = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return jwt.encode(header, body, key, algorithms=["Ed25519"])


def part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def unsigned() -> str:
    return f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(CLAIMS)}."


def with_a_shared_key() -> str:
    """Signed by HMAC with what everybody may know: the public key."""
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
    key = OctKey.import_key(public)
    return jwt.encode({"alg": "HS256", "typ": "at+jwt"}, CLAIMS, key, algorithms=["HS256"])


def test_a_token_of_ours_names_its_client() -> None:
    assert tokens().check(signed()) == Caller("cl_1", "220102", ("verify",))
    issued = tokens().issue(CLIENT, ("read",))
    assert tokens().check(issued) == Caller("cl_1", "220102", ("read",))


def test_a_token_is_short_lived() -> None:
    clock = Clock()
    issued = tokens(clock).issue(CLIENT, ("read",))
    assert TOKEN_SECONDS <= 600
    clock.forward(seconds=TOKEN_SECONDS - 1)
    tokens(clock).check(issued)
    clock.forward(seconds=2)
    with pytest.raises(NotAuthenticated):
        tokens(clock).check(issued)


REFUSED = {
    "no algorithm": unsigned(),
    "HMAC with the public key": with_a_shared_key(),
    "another key": signed(OTHER_SEED),
    "an identity token": signed(typ="JWT"),
    "no type": signed(typ=None),
    "a type in capitals": signed(typ="AT+JWT "),
    "expired": signed(exp=NOW - 1),
    "no expiry": signed(exp=None),
    "an expiry in words": signed(exp="never"),
    "not yet": signed(nbf=NOW + 3600),
    "issued in future": signed(iat=NOW + 3600),
    "another issuer": signed(iss="http://other.test"),
    "no issuer": signed(iss=None),
    "another audience": signed(aud="http://other.test"),
    "no audience": signed(aud=None),
    "no client": signed(client_id=None),
    "no region": signed(region=None),
    "no scope": signed(scope=None),
    "no id": signed(jti=None),
    "no time of issue": signed(iat=None),
    "another's header": f"{part({'alg': 'Ed25519', 'typ': 'at+jwt', 'kid': 'x'})}."
    + signed().split(".", 1)[1],
    "another's claims": ".".join(
        (
            signed().split(".")[0],
            part({**CLAIMS, "region": "22"}),
            signed().split(".")[2],
        )
    ),
    "no signature": signed().rsplit(".", 1)[0] + ".",
    "two parts": signed().rsplit(".", 1)[0],
    "four parts": signed() + ".x",
    "empty": "",
    "dots": "..",
    "no base64": "é.é.é",
    "claims that are a list": f"{signed().split('.')[0]}.W10.{signed().split('.')[2]}",
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED.keys())
def test_everything_else_is_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated) as refusal:
        tokens().check(token)
    assert token == "" or token not in str(refusal.value)


@given(st.text(max_size=80))
def test_any_text_is_refused_and_not_a_fault(token: str) -> None:
    with pytest.raises(NotAuthenticated):
        tokens().check(token)


@given(st.integers(0, 400), st.characters(codec="ascii"))
def test_every_changed_sign_is_found(place: int, char: str) -> None:
    token = signed()
    place %= len(token) - 1  # the last sign holds bits that mean nothing
    if token[place] == char:
        return
    with pytest.raises(NotAuthenticated):
        tokens().check(token[:place] + char + token[place + 1 :])


def test_a_secret_is_its_clients_own() -> None:
    cipher = FieldCipher(SEED)
    secret = new_secret()
    client = Client(
        client_id="cl_1",
        name="",
        region="22",
        scopes=(),
        secret_hash=secret_hash(cipher, secret),
        created_at=NOON,
    )
    assert secret_matches(cipher, client, secret)
    assert not secret_matches(cipher, client, new_secret())
    assert not secret_matches(cipher, client, "")
    assert not secret_matches(cipher, None, secret)
    assert not secret_matches(FieldCipher(OTHER_SEED), client, secret)
    assert secret not in client.secret_hash
    assert secret not in repr(client)


def test_a_revoked_client_is_refused() -> None:
    cipher = FieldCipher(SEED)
    client = Client(
        client_id="cl_1",
        name="",
        region="22",
        scopes=(),
        secret_hash=secret_hash(cipher, "s"),
        created_at=NOON,
        revoked_at=NOON + timedelta(days=1),
    )
    assert not secret_matches(cipher, client, "s")


def test_secrets_have_256_bits_and_never_repeat() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(base64.urlsafe_b64decode(one + "=")) == 32 for one in made)
