"""Whether a notice 回调通知 is the service's own: by its public keys or the client's own."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hedui_client.errors import HeduiError

WINDOW: Final = 300.0
"""Seconds that a notice may be on its way, and that clocks may differ."""
_COVERED: Final = ("@method", "@target-uri", "content-digest", "x-hedui-event", "x-hedui-timestamp")
_INPUT: Final = re.compile(r'hedui=(\(([^()]*)\)[^,]*;keyid="([^",]+)"[^,]*)')
_SIGNATURE: Final = re.compile(r"hedui=:([A-Za-z0-9+/=]+):")


class NoticeRefused(HeduiError):  # noqa: N818 - what happened, as in the service
    """It is not the service's, was changed on its way, or is an old one sent again."""


def verify_notice(
    headers: Mapping[str, str],
    body: bytes,
    keys: Mapping[str, Any],
    *,
    url: str = "",
    now: float | None = None,
) -> dict[str, Any]:
    """The notice, where it is genuine and new enough. Raises `NoticeRefused`.

    `body`: the bytes as they came. `keys`: the answer of `notice_keys` (Ed25519; then `url` is the
    `callback_url` as it was given) or of `notice_key` (HMAC). The service repeats a notice until it
    is accepted: keep each `event_id` for as long, and do nothing where it is there already.
    """
    given = {name.lower(): value for name, value in headers.items()}
    timestamp, event = _named(given, "x-hedui-timestamp"), _named(given, "x-hedui-event")
    if "keys" in keys:
        _by_public_key(given, body, keys, url)
    else:
        _by_own_key(given, body, str(keys["key"]), timestamp)
    at = time.time() if now is None else now
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(at - int(timestamp)) > WINDOW:
        raise NoticeRefused("the time of its sending is too far from now")
    notice: dict[str, Any] = json.loads(body)
    if notice.get("event_id") != event:
        raise NoticeRefused("X-Hedui-Event is not the event of the body")
    return notice


def _named(headers: Mapping[str, str], name: str) -> str:
    if name not in headers:
        raise NoticeRefused(f"there is no {name}")
    return headers[name]


def _by_own_key(headers: Mapping[str, str], body: bytes, key: str, timestamp: str) -> None:
    given = _named(headers, "x-hedui-signature")
    made = hmac.new(bytes.fromhex(key), timestamp.encode() + b"." + body, "sha256").hexdigest()
    if not hmac.compare_digest(f"sha256={made}".encode(), given.encode()):
        raise NoticeRefused("the HMAC is another one")


def _by_public_key(
    headers: Mapping[str, str], body: bytes, keys: Mapping[str, Any], url: str
) -> None:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if _named(headers, "content-digest") != f"sha-256=:{digest}:":
        raise NoticeRefused("the body is another one")
    told = _INPUT.fullmatch(_named(headers, "signature-input"))
    signature = _SIGNATURE.fullmatch(_named(headers, "signature"))
    if told is None or signature is None:
        raise NoticeRefused("there is no signature of hedui")
    parameters, covered, key_id = told.groups()
    names = [name.strip('"') for name in covered.split(" ")]
    if not set(_COVERED) <= set(names):
        raise NoticeRefused("the signature covers too little")
    own = {"@method": "POST", "@target-uri": str(httpx.URL(url))}
    lines = [f'"{name}": {own.get(name) or _named(headers, name)}' for name in names]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    try:
        _public_key(keys, key_id).verify(base64.b64decode(signature[1]), base.encode())
    except InvalidSignature as error:
        raise NoticeRefused("the signature is not by this key") from error


def _public_key(keys: Mapping[str, Any], key_id: str) -> Ed25519PublicKey:
    for key in keys["keys"]:
        if key["kid"] == key_id and key["crv"] == "Ed25519":
            return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))
    raise NoticeRefused("the key is not among those known: fetch them anew")
