"""How notices 回调通知 are signed, so that a case system can tell that they are the service's own.

Two ways at once: an HMAC of time and body with the client's own key, and an HTTP message signature
(RFC 9421, Ed25519) over method, address, body digest (RFC 9530), event and time, which anybody can
check against the published key.
"""

import hmac
from datetime import datetime
from typing import Final

import httpx

from connectors.transport.signatures import MessageSigner, content_digest

COVERED: Final = ("@method", "@target-uri", "content-digest", "x-hedui-event", "x-hedui-timestamp")
"""What an HTTP message signature of ours covers."""

LABEL: Final = "hedui"
"""The signature's tag; its name in `Signature-Input` and `Signature` is the same."""


class NoticeSigner(MessageSigner):
    """Signs notices with the service's own key for them."""

    def sign(self, request: httpx.Request, created: datetime) -> None:
        """Add `Content-Digest`, `Signature-Input` and `Signature`; the body must be in memory."""
        request.headers["Content-Digest"] = content_digest(request.content)
        self.sign_message(request, created, COVERED, tag=LABEL)


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """`sha256=<hex HMAC-SHA256 of timestamp + "." + body>`."""
    return "sha256=" + hmac.new(key, timestamp.encode() + b"." + body, "sha256").hexdigest()
