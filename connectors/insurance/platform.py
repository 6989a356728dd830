"""The insurers' platform on the wire: inquiries submitted and polled, every call signed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import orjson

from connectors.contract import AskedPerson, Permit
from connectors.failure import FailureKind, SourceError
from connectors.insurance.parse import read_accepted
from connectors.insurance.signature import SharedKey
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.retry import repeated

INQUIRIES: Final = "/ins/v1/inquiries"
JSON: Final = "application/json"
UNTYPED: Final = ("application/octet-stream", "text/plain")
"""As which "not ready yet", which has no body that matters, may be declared."""
PASSING: Final = frozenset(
    {
        FailureKind.UNREACHABLE,
        FailureKind.TIMED_OUT,
        FailureKind.UNAVAILABLE,
        FailureKind.RATE_LIMITED,
    }
)
"""Retried: a poll is a read, and the same inquiry number again is the same inquiry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Where inquiries go; `callback_url` where the platform is to bring its answers."""

    wire: Wire
    key: SharedKey = field(repr=False)
    callback_url: str | None
    tries: int
    clock: Callable[[], float]

    def inquiry(self, number: str, persons: Iterable[tuple[int, AskedPerson]]) -> bytes:
        """The body of an inquiry about these persons, each with a number of his own."""
        listed = [
            {"seq": seq, "xm": person.name, "zjhm": person.id_number} for seq, person in persons
        ]
        called_back: Mapping[str, str] = {}
        if self.callback_url is not None:
            called_back = {"callbackUrl": self.callback_url}
        return orjson.dumps({"inquiryNo": number, "persons": listed, **called_back})

    async def submit(self, number: str, body: bytes, permit: Permit) -> None:
        """Until it is accepted; raises `SourceError` and what `permit` raises."""

        async def submitted() -> None:
            reply = await self.wire.send(self._call("POST", INQUIRIES, body), permit)
            if reply.status not in (200, 202):
                raise SourceError.of(FailureKind.REJECTED, f"HTTP status {reply.status}")
            read_accepted(reply.body, number)

        await repeated(submitted, tries=self.tries, on=PASSING)

    async def poll(self, number: str, permit: Permit) -> HttpReply:
        """The answer, or that it is not ready (202) or not known (404); raises `SourceError`."""
        path = f"{INQUIRIES}/{quote(number, safe='')}"

        async def polled() -> HttpReply:
            return await self.wire.send(self._call("GET", path, b""), permit)

        reply = await repeated(polled, tries=self.tries, on=PASSING)
        if reply.status not in (200, 202, 404):
            raise SourceError.of(FailureKind.REJECTED, f"HTTP status {reply.status}")
        if reply.status == 200 and not reply.headers.get("content-type", "").startswith(JSON):
            raise SourceError.of(FailureKind.MALFORMED, "the answer is not declared as JSON")
        return reply

    def _call(self, method: str, path: str, body: bytes) -> HttpCall:
        """Signed now: a repeat carries a timestamp of its own."""
        headers = dict(self.key.headers(body, now=self.clock()))
        if not body:
            return HttpCall(method, path, headers=headers, content_types=(JSON, *UNTYPED))
        headers["Content-Type"] = JSON
        return HttpCall(method, path, headers=headers, body=body)
