"""The calls to one DCI registry: token, envelope, signature, and what its replies say."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

from connectors.contract import AskedPerson, Permit
from connectors.dci.asking import (
    Envelope,
    NotBelieved,
    Page,
    read_ack,
    read_message,
    read_page,
    search_body,
    status_body,
)
from connectors.dci.party import Party
from connectors.failure import FailureKind, SourceError
from connectors.transport.asking import READ_AGAIN, Asking
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate
from connectors.transport.retry import repeated
from connectors.transport.tokens import TokenKeeper, by_basic, by_form, by_query, seconds_of

SYNC_SEARCH: Final = "/sync/search"
SEARCH: Final = "/search"
SYNC_STATUS: Final = "/sync/txn/status"
_TYPES: Final = ("application/json", "text/plain", "application/octet-stream")
"""OpenCRVS declares what it sends as text; what it is, is seen when it is read."""
_BODY: Final = {"Content-Type": "application/json"}
_TOKEN: Final = {"form": by_form, "basic": by_basic, "query": by_query}
Clock = Callable[[], datetime]
T = TypeVar("T")


def system_clock() -> datetime:
    """Of this machine; tests give another."""
    return datetime.now(UTC)


@dataclass
class Registry:
    """The calls to one registry: token, envelope, signature, and what its replies say."""

    party: Party
    wire: Wire
    gate: Gate
    clock: Clock = system_clock

    def __post_init__(self) -> None:
        self._tokens: TokenKeeper | None = None
        if self.party["client_id"]:
            credentials = (self.party["client_id"], self.party["client_secret"])
            call = _TOKEN[self.party["token_in"]](self.party["token_path"], credentials)
            tries = self.gate.limits.tries
            self._tokens = TokenKeeper(self.wire, call, tries=tries, lasting=seconds_of)

    async def token(self) -> str:
        """A token that is good; empty where the registry asks for none. Raises `SourceError`."""
        return "" if self._tokens is None else await self._tokens.token()

    async def page(self, asking: Asking, person: AskedPerson, reference: str, number: int) -> Page:
        """One page of a search that is answered at once. Raises `SourceError`."""
        read = partial(self._read_page, reference, number)

        async def once(token: str) -> Page:
            body = self._search(person, reference, number)
            return await asking.read(self._call(SYNC_SEARCH, body, token), read)

        return await self._with_token(once)

    async def submit(self, person: AskedPerson, reference: str, permit: Permit) -> None:
        """Hand a search in that is answered later. Raises `SourceError`."""

        async def once(token: str) -> None:
            body = self._search(person, reference, 1)
            reply = await self.wire.send(self._call(SEARCH, body, token), permit)
            _check_status(reply)
            # An acknowledgement is not signed; what it may do is only to be waited for.
            unsigned = replace(self.party, peer_keys=())
            _, message = read_message(unsigned, reply.body, now=self.clock())
            read_ack(message)

        async def again() -> None:
            await self._with_token(once)

        await repeated(again, tries=self.gate.limits.tries, on=READ_AGAIN)

    async def status(self, reference: str, permit: Permit) -> tuple[Page | None, bytes]:
        """How far a search is: its answer once there is one. Raises `SourceError`."""

        async def once(token: str) -> tuple[Page | None, bytes]:
            body = status_body(self.party, self._envelope(reference))
            reply = await self.wire.send(self._call(SYNC_STATUS, body, token), permit)
            _check_status(reply)
            header, message = read_message(self.party, reply.body, now=self.clock())
            return self._of_status(header, message, reference), reply.body

        return await self._with_token(once)

    def read_callback(self, body: bytes) -> tuple[Mapping[str, Any], Any]:
        """Header and message, once the signature held. Raises `SourceError`."""
        return read_message(self.party, body, now=self.clock())

    def _of_status(self, header: Mapping[str, Any], message: object, reference: str) -> Page | None:
        outer = message if isinstance(message, Mapping) else {}
        told = outer.get("txnstatus_response")
        inner = told.get("txn_status") if isinstance(told, Mapping) else None
        if not isinstance(inner, Mapping):
            return None  # it only says that it knows the search
        return read_page(header, inner, transaction=reference, page=1)

    def _read_page(self, reference: str, number: int, reply: HttpReply) -> Page:
        _check_status(reply)
        header, message = read_message(self.party, reply.body, now=self.clock())
        page = read_page(header, message, transaction=reference, page=number)
        if page is None:
            raise SourceError.of(FailureKind.UNAVAILABLE, "the registry has not finished yet")
        return page

    async def _with_token(self, call: Callable[[str], Awaitable[T]]) -> T:
        """With a token, and once more with a new one where that was withdrawn early."""
        if self._tokens is None:
            return await call("")
        token = await self._tokens.token()
        try:
            return await call(token)
        except NotBelieved:
            raise
        except SourceError as error:
            if error.failure.kind is not FailureKind.REFUSED:
                raise
        return await call(await self._tokens.token(refused=token))

    def _search(self, person: AskedPerson, reference: str, number: int) -> bytes:
        return search_body(self.party, self._envelope(reference), person, number)

    def _envelope(self, reference: str) -> Envelope:
        return Envelope(message=str(uuid.uuid4()), transaction=reference, at=self.clock())

    def _call(self, path: str, body: bytes, token: str) -> HttpCall:
        head = {**_BODY, "Authorization": f"Bearer {token}"} if token else _BODY
        return HttpCall("POST", self.party["prefix"] + path, head, body, content_types=_TYPES)


def _check_status(reply: HttpReply) -> None:
    if reply.status not in {200, 201, 202}:
        raise SourceError.of(FailureKind.REJECTED, f"HTTP {reply.status}")
