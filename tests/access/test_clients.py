"""Secrets, registered keys, and what a client may have asked."""

import base64
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from app.access.assertions import read_jwks
from app.access.clients import check_within, new_secret, secret_hash, secret_matches
from app.access.tokens import Caller
from app.domain.errors import InvalidFile, NotAllowed
from app.domain.household import Purpose
from app.store.crypto import FieldCipher
from tests.client_parts import key, public

CIPHER = FieldCipher(bytes(32))


def test_a_secret_is_its_clients_own() -> None:
    secret = new_secret()
    stored = [secret_hash(new_secret()), secret_hash(secret)]
    assert secret_matches(CIPHER, stored, secret)
    for other in (new_secret(), "", stored[1], "\ud800"):
        assert not secret_matches(CIPHER, stored, other)
    assert not secret_matches(CIPHER, [], secret)
    assert secret not in "".join(stored)


def test_secrets_of_the_first_release_hold() -> None:
    stored = [CIPHER.blind("client.secret_hash", "s").hex()]
    assert secret_matches(CIPHER, stored, "s")
    assert not secret_matches(CIPHER, stored, "t")
    assert not secret_matches(FieldCipher(bytes([1] * 32)), stored, "s")


def test_secrets_have_256_bits_and_never_repeat() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(base64.urlsafe_b64decode(one + "=")) == 32 for one in made)


@pytest.mark.parametrize("kind", ["ed", "ec", "rsa", "ps"])
def test_public_keys_are_read_with_their_ids(kind: str) -> None:
    ((kid, kept),) = read_jwks(public(key(kind)))
    assert kid == json.loads(kept)["kid"] == "k1"
    assert read_jwks(json.dumps(key(kind).as_dict(private=False))) == [(kid, kept)]


def test_a_key_without_an_id_has_its_thumbprint() -> None:
    one = OKPKey.generate_key("Ed25519")
    ((kid, _),) = read_jwks(public(one))
    assert kid == one.thumbprint()


REFUSED: dict[str, Any] = {
    "no JSON": "{",
    "a list": "[]",
    "words": '"keys"',
    "no key": {"keys": [{}]},
    "a number": {"keys": [7]},
    "keys that are no list": {"keys": 7},
    "a private key": key("ed").as_dict(private=True),
    "a private RSA key": key("rsa").as_dict(private=True),
    "a shared key": OctKey.generate_key(256).as_dict(private=True),
    "a key for agreements": OKPKey.generate_key("X25519").as_dict(private=False),
    "another curve": ECKey.generate_key("P-384").as_dict(private=False),
    "another Edwards curve": OKPKey.generate_key("Ed448").as_dict(private=False),
    "a short RSA key": {"kty": "RSA", "n": "_" * 170, "e": "AQAB"},
    "an empty id": {**key("ed").as_dict(private=False), "kid": ""},
    "a very long id": {**key("ed").as_dict(private=False), "kid": "x" * 201},
    "an id with a NUL": {**key("ed").as_dict(private=False), "kid": "\x00"},
    "a point off the curve": {**key("ec").as_dict(private=False), "x": "AAAA"},
}


@pytest.mark.promise(18)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # of the short key
@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED.keys())
def test_keys_that_cannot_be_used_are_refused(document: Any) -> None:
    """Planted: without the look for private members, the private Ed25519 key was registered."""
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(InvalidFile) as refusal:
        read_jwks(text)
    assert "AAAA" not in str(refusal.value)


LIMITED = Caller(
    "cl_1", "220102", ("verify",), programmes=("urban_dibao",), purposes=("application",)
)


@pytest.mark.parametrize(
    ("purpose", "programmes", "region", "allowed"),
    [
        (Purpose.APPLICATION, ("urban_dibao",), "220102003", True),
        (Purpose.APPLICATION, (), None, True),
        (Purpose.APPLICATION, ("urban_dibao",), "220103", False),
        (Purpose.APPLICATION, ("urban_dibao",), "2201", False),
        (Purpose.OBJECTION, ("urban_dibao",), "220102", False),
        (Purpose.APPLICATION, ("rural_dibao",), "220102", False),
        (Purpose.APPLICATION, ("urban_dibao", "rural_dibao"), "220102", False),
    ],
)
def test_what_may_be_asked(
    purpose: Purpose, programmes: tuple[str, ...], region: str | None, allowed: bool
) -> None:
    if allowed:
        check_within(LIMITED, purpose, programmes, region)
        return
    with pytest.raises(NotAllowed):
        check_within(LIMITED, purpose, programmes, region)


def test_without_limits_all_of_the_region_may_be_asked() -> None:
    for purpose in Purpose:
        check_within(Caller("cl_1", "22", ()), purpose, ("anything",), "220102")
