"""Signs calls and checks signatures: HMAC-SHA256 over timestamp, a dot and the body (pure)."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from connectors.contract import Callback, CallbackRefused

TOLERANCE: Final = 300
"""Seconds by which a timestamp may be off."""

_SECONDS: Final = re.compile(r"\d{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SharedKey:
    """The key that both sides hold, and our name with the source."""

    app_id: str
    key: str = field(repr=False)

    def headers(self, body: bytes, *, now: float) -> Mapping[str, str]:
        """The headers of a call of ours; `now` in seconds since 1970. A GET's body is empty."""
        timestamp = str(int(now))
        return {
            "X-App-Id": self.app_id,
            "X-Timestamp": timestamp,
            "X-Signature": self.signature(timestamp, body),
        }

    def signature(self, timestamp: str, body: bytes) -> str:
        """Hexadecimal, lower case."""
        return hmac.new(self.key.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()

    def check(self, callback: Callback) -> None:
        """Raise `CallbackRefused` unless the call is the source's own and of now."""
        timestamp = callback.headers.get("x-timestamp", "")
        if _SECONDS.fullmatch(timestamp) is None:
            raise CallbackRefused("the call has no timestamp")
        if abs(callback.received_at - int(timestamp)) > TOLERANCE:
            raise CallbackRefused(f"the timestamp is more than {TOLERANCE} s off")
        given = callback.headers.get("x-signature", "").lower().encode("utf-8", "surrogateescape")
        wanted = self.signature(timestamp, callback.body).encode()
        if not hmac.compare_digest(given, wanted):
            raise CallbackRefused("the signature is wrong")
