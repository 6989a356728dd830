"""Three dialects of signatures, each as its own callers make it, with names that are not ASCII."""

import base64
import hashlib
import json
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from connectors.dci.keys import BadKeys, KeyPair, read_keys
from connectors.dci.signatures import (
    Dialect,
    SignatureInvalid,
    SignatureMissing,
    Signed,
    check,
    dialect_of,
    sign,
)

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SENDER = "spmis.example.org"
HEADER = {"message_id": "m-1", "sender_id": SENDER, "total_count": 1, "is_msg_encrypted": False}
MESSAGE = {"transaction_id": "t-1", "search_request": [{"query": {"type": "UIN", "value": "李明"}}]}
SIGNED = Signed(HEADER, MESSAGE)
EDWARDS = OKPKey.generate_key("Ed25519")
ELLIPTIC = ECKey.generate_key("P-256")
RSA = RSAKey.generate_key(2_048)
STRANGER = OKPKey.generate_key("Ed25519")


def openspp(header: dict[str, Any], message: Any, key: OKPKey = EDWARDS) -> str:
    """As OpenSPP's signer does it: whatever is not ASCII is escaped before it is hashed."""
    text = json.dumps({"header": header, "message": message}, sort_keys=True, separators=(",", ":"))
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
    created = int(NOW.timestamp())
    expires = created + 300
    private = key.private_key
    assert isinstance(private, Ed25519PrivateKey)
    made = private.sign(f"(created): {created}\n(expires): {expires}\ndigest: {digest}".encode())
    return (
        f'namespace="dci", kidId="{SENDER}|key-1|ed25519", algorithm="ed25519", '
        f'created="{created}", expires="{expires}", headers="(created) (expires) digest", '
        f'signature="{base64.b64encode(made).decode()}"'
    )


def openg2p(header: dict[str, Any], message: Any, key: KeyPair = EDWARDS) -> str:
    """As OpenG2P's partners do it: sorted, compact, UTF-8, the payload taken out."""
    payload = orjson.dumps({"header": header, "message": message}, option=orjson.OPT_SORT_KEYS)
    algorithm = {OKPKey: "EdDSA", ECKey: "ES256", RSAKey: "RS256"}[type(key)]
    head = {"alg": algorithm, "kid": key.thumbprint()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # their name for Ed25519 is the older one
        full = jws.serialize_compact(head, payload, key, algorithms=[algorithm])
    first, _, last = full.split(".")
    return f"{first}..{last}"


def opencrvs(header: dict[str, Any], message: Any, key: KeyPair = RSA) -> str:
    """As OpenCRVS does it: the JSON as JavaScript writes it, in the order of the object."""
    text = json.dumps(
        {"header": header, "message": message}, ensure_ascii=False, separators=(",", ":")
    )
    head = {"alg": "RS256", "kid": key.thumbprint()}
    return jws.serialize_compact(head, text.encode(), key, algorithms=["RS256"])


CALLERS: dict[Dialect, Callable[..., str]] = {
    Dialect.OPENSPP: openspp,
    Dialect.JWS_DETACHED: openg2p,
    Dialect.JWS: opencrvs,
}
KEYS: tuple[KeyPair, ...] = (STRANGER, EDWARDS, ELLIPTIC, RSA)


@pytest.mark.parametrize("dialect", CALLERS)
def test_what_callers_sign_holds_and_the_dialect_is_found(dialect: Dialect) -> None:
    signature = CALLERS[dialect](HEADER, MESSAGE)
    assert dialect_of(signature) is dialect
    assert check(signature, SIGNED, KEYS, now=NOW, sender=SENDER) is dialect


@pytest.mark.parametrize("key", [EDWARDS, ELLIPTIC, RSA], ids=lambda key: type(key).__name__)
def test_a_detached_signature_by_any_kind_of_key(key: KeyPair) -> None:
    check(openg2p(HEADER, MESSAGE, key), SIGNED, KEYS, now=NOW, sender=SENDER)


@pytest.mark.parametrize(
    ("key", "algorithm", "published"),
    [
        (EDWARDS, "EdDSA", "EdDSA"),
        (EDWARDS, "EdDSA", "Ed25519"),
        (EDWARDS, "Ed25519", "EdDSA"),
        (EDWARDS, "Ed25519", "Ed25519"),
        (ELLIPTIC, "ES256", "ES256"),
        (RSA, "RS256", "RS256"),
        (RSA, "PS256", "PS256"),
        (RSA, "PS256", None),
    ],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # callers sign by EdDSA
def test_keys_as_they_are_published_with_use_and_algorithm(
    key: KeyPair, algorithm: str, published: str | None
) -> None:
    """Planted: with the library's own look at `alg`, a key that says EdDSA never fitted."""
    shown = {**key.as_dict(private=False), "use": "sig", "kid": "k-1", "alg": published}
    keys = read_keys({"keys": [{name: one for name, one in shown.items() if one is not None}]})
    payload = orjson.dumps({"header": HEADER, "message": MESSAGE}, option=orjson.OPT_SORT_KEYS)
    head = {"alg": algorithm, "kid": "k-1"}
    full = jws.serialize_compact(head, payload, key, algorithms=[algorithm])
    first, _, last = full.split(".")
    for signature in (full, f"{first}..{last}"):
        check(signature, SIGNED, keys, now=NOW, sender=SENDER)


@pytest.mark.parametrize("published", [{"alg": "PS256"}, {"use": "enc"}], ids=str)
def test_a_key_serves_for_what_it_is_published_for_alone(published: dict[str, str]) -> None:
    keys = read_keys({"keys": [{**RSA.as_dict(private=False), **published}]})
    with pytest.raises(SignatureInvalid):
        check(openg2p(HEADER, MESSAGE, RSA), SIGNED, keys, now=NOW, sender=SENDER)


@pytest.mark.parametrize("dialect", CALLERS)
def test_another_name_breaks_it(dialect: Dialect) -> None:
    signature = CALLERS[dialect](HEADER, MESSAGE)
    other = {
        "transaction_id": "t-1",
        "search_request": [{"query": {"type": "UIN", "value": "李眀"}}],
    }
    with pytest.raises(SignatureInvalid):
        check(signature, Signed(HEADER, other), KEYS, now=NOW, sender=SENDER)


@pytest.mark.parametrize("dialect", CALLERS)
def test_a_strangers_key_breaks_it(dialect: Dialect) -> None:
    signature = CALLERS[dialect](HEADER, MESSAGE)
    with pytest.raises(SignatureInvalid):
        check(signature, SIGNED, (STRANGER,), now=NOW, sender=SENDER)


def test_true_is_not_one_in_a_signed_text() -> None:
    signature = opencrvs({**HEADER, "total_count": True}, MESSAGE)
    with pytest.raises(SignatureInvalid, match="another thing"):
        check(signature, SIGNED, KEYS, now=NOW, sender=SENDER)


@pytest.mark.parametrize(
    ("moment", "words"),
    [(NOW + timedelta(seconds=300), "over"), (NOW - timedelta(seconds=61), "later")],
)
def test_openspp_signatures_have_their_time(moment: datetime, words: str) -> None:
    with pytest.raises(SignatureInvalid, match=words):
        check(openspp(HEADER, MESSAGE), SIGNED, KEYS, now=moment, sender=SENDER)


def test_openspp_signatures_name_their_sender() -> None:
    with pytest.raises(SignatureInvalid, match="another sender"):
        check(openspp(HEADER, MESSAGE), SIGNED, KEYS, now=NOW, sender="other.example.org")


@pytest.mark.parametrize("stub", ["unsigned-stub", None, ""])
def test_a_stub_is_no_signature(stub: str | None) -> None:
    with pytest.raises(SignatureMissing):
        check(stub or "", SIGNED, KEYS, now=NOW, sender=SENDER)


@pytest.mark.parametrize(
    "text",
    ["invalid-signature", "a.b", "..", "a..b..c", 'namespace="dci"', 'Signature: namespace="dci"'],
)
def test_what_has_no_known_form_does_not_hold(text: str) -> None:
    with pytest.raises(SignatureInvalid):
        check(text, SIGNED, KEYS, now=NOW, sender=SENDER)


@pytest.mark.parametrize(
    "head", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "EdDSA", "crit": ["x"]}]
)
def test_the_message_does_not_choose_what_is_believed(head: dict[str, Any]) -> None:
    first = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()
    with pytest.raises(SignatureInvalid, match=r"believed|header"):
        check(f"{first}..c2ln", SIGNED, KEYS, now=NOW, sender=SENDER)


@pytest.mark.parametrize(
    ("dialect", "key"),
    [
        (Dialect.OPENSPP, EDWARDS),
        (Dialect.JWS_DETACHED, EDWARDS),
        (Dialect.JWS_DETACHED, ELLIPTIC),
        (Dialect.JWS, RSA),
    ],
)
def test_our_own_hold_in_every_dialect(dialect: Dialect, key: KeyPair) -> None:
    signature = sign(dialect, key, SIGNED, now=NOW, sender=SENDER)
    assert check(signature, SIGNED, KEYS, now=NOW, sender=SENDER) is dialect


def test_ours_are_byte_for_byte_what_callers_make() -> None:
    key = OKPKey.import_key({**EDWARDS.as_dict(private=True), "kid": "key-1"})
    ours = sign(Dialect.OPENSPP, key, SIGNED, now=NOW, sender=SENDER)
    assert ours == openspp(HEADER, MESSAGE, key)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4), JSON, st.sampled_from(list(CALLERS)))
def test_whatever_is_signed_holds_and_nothing_else(
    header: dict[str, Any], message: Any, dialect: Dialect
) -> None:
    key: KeyPair = RSA if dialect is Dialect.JWS else EDWARDS
    signature = sign(dialect, key, Signed(header, message), now=NOW, sender=SENDER)
    check(signature, Signed(header, message), KEYS, now=NOW, sender=SENDER)
    with pytest.raises(SignatureInvalid):
        check(signature, Signed({**header, "more": 1}, message), KEYS, now=NOW, sender=SENDER)


@given(st.text(max_size=200))
def test_any_text_holds_or_is_refused_in_words(text: str) -> None:
    with pytest.raises((SignatureInvalid, SignatureMissing)):
        check(text, SIGNED, KEYS, now=NOW, sender=SENDER)


@pytest.mark.parametrize(
    "document",
    [None, {}, {"keys": {}}, {"keys": [1]}, {"keys": [{"kty": "RSA"}]}, {"keys": [{}] * 21}],
)
def test_key_sets_that_are_none_are_told(document: object) -> None:
    with pytest.raises(BadKeys):
        read_keys(document)


def test_weak_keys_are_refused_and_other_kinds_left_out() -> None:
    weak = {"kty": "RSA", "e": "AQAB", "n": "q" * 171}
    with pytest.raises(BadKeys, match="2048"):
        read_keys({"keys": [weak]})
    kept = read_keys({"keys": [{"kty": "oct", "k": "AAAA"}, EDWARDS.as_dict(private=False)]})
    assert [key.thumbprint() for key in kept] == [EDWARDS.thumbprint()]
