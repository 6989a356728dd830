"""Access tokens: ours, of now, for access; and nothing else. Secrets are compared keyed."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey, RSAKey

from app.access.tokens import KEY_SECONDS, TOKEN_SECONDS, Caller, Tokens
from app.domain.errors import NotAuthenticated
from app.store.clients import Client
from app.store.crypto import derive
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


def private_key(seed: bytes = SEED, period: int = NOW // KEY_SECONDS) -> Ed25519PrivateKey:
    """The key that signs in a period."""
    return Ed25519PrivateKey.from_private_bytes(derive(seed, f"access tokens of period {period}"))


def kid_of(key: Ed25519PrivateKey) -> str:
    return OKPKey.import_key(key).thumbprint()


def signed(seed: bytes = SEED, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token of any content under a key; a claim or header given as None is left out."""
    raw = private_key(seed)
    key = OKPKey.import_key(raw)
    named = {"alg": "Ed25519", "typ": "at+jwt", "kid": kid_of(private_key()), **(header or {})}
    header = {name: value for name, value in named.items() if value is not None}
    body = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return jwt.encode(header, body, key, algorithms=["Ed25519"], default_type=None)


def part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def unsigned() -> str:
    return f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(CLAIMS)}."


def with_a_shared_key() -> str:
    """Signed by HMAC with what everybody may know: the public key."""
    key = OctKey.import_key(private_key().public_key().public_bytes_raw())
    header = {"alg": "HS256", "typ": "at+jwt", "kid": kid_of(private_key())}
    return jwt.encode(header, CLAIMS, key, algorithms=["HS256"])


def with_rsa() -> str:
    """Signed by another kind of key under the id of ours."""
    header = {"alg": "RS256", "typ": "at+jwt", "kid": kid_of(private_key())}
    return jwt.encode(header, CLAIMS, RSAKey.generate_key(2048), algorithms=["RS256"])


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
    "RSA under our key's id": with_rsa(),
    "another key under our key's id": signed(OTHER_SEED),
    "an unknown key id": signed(header={"kid": "x"}),
    "no key id": signed(header={"kid": None}),
    "an address of keys": signed(header={"jku": "https://evil.test/jwks.json"}),
    "a key of its own": signed(
        OTHER_SEED,
        header={"jwk": OKPKey.import_key(private_key(OTHER_SEED)).as_dict(private=False)},
    ),
    "an address of certificates": signed(header={"x5u": "https://evil.test/chain.pem"}),
    "a critical extension": signed(header={"crit": ["b64"], "b64": True}),
    "an identity token": signed(header={"typ": "JWT"}),
    "an assertion": signed(header={"typ": "client-authentication+jwt"}),
    "no type": signed(header={"typ": None}),
    "a type in capitals": signed(header={"typ": "AT+JWT "}),
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
    "of somebody else": signed(sub="cl_2"),
    "scopes that are a list": signed(scope=["verify"]),
    "a region that is a number": signed(region=22),
    "an expiry that is no number": signed(exp=True),
    "an expiry without end": signed(exp=float("inf")),
    "bound to another certificate": signed(cnf={"x5t#S256": "A" * 43}),
    "bound to nobody knows what": signed(cnf={"jkt": "A" * 43}),
    "very long": signed(jti="0" * 5_000),
    "another's header": f"{part({'alg': 'Ed25519', 'typ': 'at+jwt', 'kid': 'y'})}."
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


@pytest.mark.promise(18)
@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED.keys())
def test_everything_else_is_refused(token: str) -> None:
    """Planted: without the look at `typ`, four rows held; without that at the header's members,
    the addresses of keys and of certificates, and the critical extension.
    """
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


@pytest.mark.promise(18)
def test_keys_change_and_tokens_of_the_change_hold() -> None:
    """Planted: with the key of the period alone accepted, the token was refused a second later."""
    clock = Clock()
    issuing = tokens(clock)
    clock.now = clock.now.fromtimestamp(
        (NOW // KEY_SECONDS + 1) * KEY_SECONDS - 1, clock.now.tzinfo
    )
    issued, first = issuing.issue(CLIENT, ("read",)), issuing.public_keys()
    clock.forward(seconds=1)
    assert tokens(clock).check(issued).actor == "cl_1"
    second = issuing.public_keys()
    assert [one["kid"] for one in first[1:]] == [one["kid"] for one in second[:2]]
    assert issuing.issue(CLIENT, ("read",)) != issued


def test_a_token_tells_what_the_client_may_ask_for() -> None:
    limited = replace(CLIENT, programmes=("urban_dibao",), purposes=("application",))
    issued = tokens().issue(limited, ("read",), certificate="A" * 43)
    who = tokens().check(issued, certificate="A" * 43)
    assert (who.programmes, who.purposes) == (("urban_dibao",), ("application",))
    for other in (None, "B" * 43):
        with pytest.raises(NotAuthenticated):
            tokens().check(issued, certificate=other)
