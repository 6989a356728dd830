"""Signatures of the insurers' platform."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

import pytest

from connectors.contract import Callback, CallbackRefused
from connectors.insurance.signature import SharedKey

KEY = SharedKey("hedui", "a-shared-key")
NOW = 1_795_500_000.0
BODY = b'{"inquiryNo": "q-1", "part": 1, "parts": 1, "results": []}'


def headers(body: bytes = BODY, *, at: float = NOW, key: SharedKey = KEY) -> Mapping[str, str]:
    return {name.lower(): value for name, value in key.headers(body, now=at).items()}


def test_timestamp_dot_and_body_are_signed() -> None:
    wanted = hmac.new(b"a-shared-key", b"1795500000." + BODY, sha256).hexdigest()
    assert KEY.headers(BODY, now=NOW + 0.9) == {
        "X-App-Id": "hedui",
        "X-Timestamp": "1795500000",
        "X-Signature": wanted,
    }


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_a_call_of_now_is_accepted(off: float) -> None:
    KEY.check(Callback(headers(), BODY, NOW + off))


def test_a_signature_in_capitals_is_the_same_number() -> None:
    given = {**headers(), "x-signature": headers()["x-signature"].upper()}
    KEY.check(Callback(given, BODY, NOW))


REFUSED: Mapping[str, Callback] = {
    "too old": Callback(headers(), BODY, NOW + 301),
    "of the future": Callback(headers(), BODY, NOW - 301),
    "other body": Callback(headers(), BODY + b" ", NOW),
    "other key": Callback(headers(key=SharedKey("hedui", "another")), BODY, NOW),
    "other timestamp": Callback({**headers(), "x-timestamp": "1795500001"}, BODY, NOW),
    "no signature": Callback({"x-timestamp": headers()["x-timestamp"]}, BODY, NOW),
    "no timestamp": Callback({"x-signature": headers()["x-signature"]}, BODY, NOW),
    "timestamp no number": Callback({**headers(), "x-timestamp": "１795500000"}, BODY, NOW),
    "signature no ASCII": Callback({**headers(), "x-signature": "é\udc80"}, BODY, NOW),
    "signature cut short": Callback(
        {**headers(), "x-signature": headers()["x-signature"][:-1]}, BODY, NOW
    ),
}


@pytest.mark.parametrize("callback", REFUSED.values(), ids=REFUSED.keys())
def test_any_other_call_is_refused(callback: Callback) -> None:
    with pytest.raises(CallbackRefused):
        KEY.check(callback)


def test_the_key_is_in_no_repr() -> None:
    assert "shared" not in repr(KEY)
