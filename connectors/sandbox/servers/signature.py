"""The insurers' signature: HMAC-SHA256 over time stamp and body, in either direction."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

OLDEST_SECONDS: Final = 300


def signature(key: str, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of `timestamp + "." + body`."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(app_id: str, key: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a signed call."""
    return {
        "X-App-Id": app_id,
        "X-Timestamp": str(timestamp),
        "X-Signature": signature(key, str(timestamp), body),
    }


def refusal(
    headers: Mapping[str, str], body: bytes, *, app_id: str, key: str, now: float
) -> str | None:
    """Why a call is not to be trusted, or None where it is."""
    timestamp = headers.get("X-Timestamp", "")
    if headers.get("X-App-Id") != app_id:
        return "unknown application"
    if not (timestamp.isascii() and timestamp.isdecimal()):
        return "no time stamp"
    if abs(now - int(timestamp)) > OLDEST_SECONDS:
        return "time stamp out of range"
    given = headers.get("X-Signature", "").lower()
    expected = signature(key, timestamp, body)
    return None if hmac.compare_digest(given.encode(), expected.encode()) else "wrong signature"
