"""Submits inquiries to the insurers' platform 保险; answers come by its call or by a poll."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from connectors.config import mapping_of, texts_of
from connectors.contract import (
    AskAgain,
    Callback,
    CallbackRefused,
    Partial,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import Failure, FailureKind, SourceError
from connectors.insurance.bulk import InsuranceInBulk
from connectors.insurance.parse import FAILED_AT_SOURCE, outcome_of, text_of
from connectors.insurance.parts import Arrived, Part, Seal, inquiry_of, read_part
from connectors.insurance.platform import (
    PASSING,
    Platform,
)
from connectors.insurance.signature import SharedKey
from connectors.mapping import FieldMap
from connectors.transport.documents import read_json
from connectors.transport.http import HttpReply, Wire
from connectors.transport.limits import Gate

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
OPTIONAL: Final = frozenset({"callback_url", "poll_seconds"})
DEFAULT_POLL_SECONDS: Final = 60
BAD_POLLS: Final = 3
"""Answers in a row that may be unreadable before the inquiry is given up."""


class InsuranceSource:
    """The insurers' platform; calls back, or is polled.

    Configuration: `url`, `app_id`, `key`, and as wanted `callback_url`, `poll_seconds`. Ticket:
    `of`, `seen`, `sealed` (see `parts`) and `bad`, the polls in a row that were unreadable.
    """

    institutions: tuple[str, ...] = ("",)
    persons_a_query: int = 100
    answers_later: bool = True

    def __init__(
        self,
        config: Mapping[str, Any],
        gate: Gate,
        mapping: FieldMap,
        *,
        name: str = "insurance",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._key = SharedKey(str(config["app_id"]), str(config["key"]))
        self._seal = Seal(str(config["key"]))
        self._pause = timedelta(seconds=config.get("poll_seconds", DEFAULT_POLL_SECONDS))
        self._wire = Wire(str(config["url"]), gate)
        self._mapping = mapping
        self._platform = Platform(
            wire=self._wire,
            key=self._key,
            callback_url=config.get("callback_url"),
            tries=gate.limits.tries,
            clock=clock,
        )
        self.in_bulk = InsuranceInBulk(platform=self._platform, mapping=mapping, pause=self._pause)

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any], gate: Gate) -> "InsuranceSource":
        """Raises `ValueError` naming a key that is missing or unknown."""
        needed = {key: value for key, value in config.items() if key not in OPTIONAL}
        texts_of(name, needed, ("url", "app_id", "key"))
        return cls(config, gate, mapping_of(config, MAPPING), name=name)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """Submit an inquiry for all persons of the query."""
        body = self._platform.inquiry(query.reference, enumerate(query.persons, start=1))
        refs = tuple(person.ref for person in query.persons)
        try:
            await self._platform.submit(query.reference, body, permit)
        except SourceError as error:
            return Progress(_unknown(refs, error.failure))
        return Progress(ticket=Ticket(query.reference, refs, self._pause))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """Poll once. A failed poll says nothing about the inquiry, which may yet be called back."""
        try:
            reply = await self._platform.poll(ticket.reference, permit)
            return self._after_poll(reply, ticket, query)
        except SourceError as error:
            return _after_bad_poll(ticket, error.failure)

    def reference_of(self, callback: Callback) -> str:
        """The asking that a call of the source is about, once signature and time are checked."""
        self._key.check(callback)
        try:
            reply = read_json(callback.body)
            if not isinstance(reply, dict):
                raise CallbackRefused("the call holds no answer")
            return inquiry_of(reply)
        except SourceError as error:
            raise CallbackRefused(f"the call holds no answer: {error.failure.detail}") from None

    def receive(self, callback: Callback, ticket: Ticket, query: SourceQuery) -> Progress:
        """Take a part in. What is unreadable changes nothing: the poll finds it too and decides."""
        self._key.check(callback)
        try:
            return self._take_in(read_part(callback.body, len(query.persons)), ticket, query)
        except SourceError:
            return Progress(ticket=ticket)

    async def aclose(self) -> None:
        await self._wire.aclose()

    def _after_poll(self, reply: HttpReply, ticket: Ticket, query: SourceQuery) -> Progress:
        match reply.status:
            case 200:
                return self._take_in(read_part(reply.body, len(query.persons)), ticket, query)
            case 202:
                waiting = replace(ticket, pause=self._pause)
                return Progress(ticket=_with_bad_polls(waiting, 0))
            case 404:
                failure = Failure(FailureKind.EXPIRED, "the source does not know the inquiry")
                return Progress(again=_again(ticket.persons, failure))
            case status:
                raise SourceError.of(FailureKind.REJECTED, f"HTTP status {status}")

    def _take_in(self, part: Part, ticket: Ticket, query: SourceQuery) -> Progress:
        """Replies of the part; the persons stay on the ticket until all parts have come."""
        if part.inquiry != ticket.reference:
            raise SourceError.of(FailureKind.MISMATCHED, "the answer is about another inquiry")
        before = self._seal.take(ticket)
        arrived = before.with_part(part)
        if arrived.complete:
            return self._final(arrived, ticket, query)
        if arrived == before:
            return Progress(ticket=_with_bad_polls(ticket, 0))
        replies = self._replies(arrived, ticket, query)
        return Progress(
            tuple(reply for reply in replies if isinstance(reply.outcome, Partial)),
            self._seal.put(arrived, _with_bad_polls(ticket, 0)),
        )

    def _final(self, arrived: Arrived, ticket: Ticket, query: SourceQuery) -> Progress:
        replies = self._replies(arrived, ticket, query)
        answered = {reply.person for reply in replies}
        failed = tuple(person for person in ticket.persons if person not in answered)
        return Progress(replies, again=_again(failed, FAILED_AT_SOURCE))

    def _replies(
        self, arrived: Arrived, ticket: Ticket, query: SourceQuery
    ) -> tuple[SourceReply, ...]:
        """For the persons outstanding, but for those whom the source could not answer for."""
        replies: list[SourceReply] = []
        for seq, person in enumerate(query.persons, start=1):
            entries = arrived.about(seq)
            outcome = outcome_of(entries, person, self._mapping, complete=arrived.complete)
            if person.ref in ticket.persons and outcome is not None:
                raw = b"\n".join(text_of(entry).encode() for entry in entries)
                replies.append(SourceReply(person=person.ref, outcome=outcome, raw=raw))
        return tuple(replies)


def _after_bad_poll(ticket: Ticket, failure: Failure) -> Progress:
    if failure.kind in PASSING or failure.kind is FailureKind.BREAKER_OPEN:
        pause = max(ticket.pause, failure.retry_after or ticket.pause)
        return Progress(ticket=replace(ticket, pause=pause))
    bad = int(str(ticket.payload.get("bad", 0))) + 1
    if bad >= BAD_POLLS:
        return Progress(_unknown(ticket.persons, failure))
    return Progress(ticket=_with_bad_polls(ticket, bad))


def _with_bad_polls(ticket: Ticket, bad: int) -> Ticket:
    return replace(ticket, payload={**ticket.payload, "bad": bad})


def _unknown(persons: tuple[str, ...], failure: Failure) -> tuple[SourceReply, ...]:
    return tuple(SourceReply(person=person, outcome=Unknown(failure)) for person in persons)


def _again(persons: tuple[str, ...], failure: Failure) -> tuple[AskAgain, ...]:
    return tuple(AskAgain(person, "", failure) for person in persons)
