"""Asking a source that answers at once: each person by itself, failures as unknown replies."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeVar

from connectors.contract import (
    AskedPerson,
    Outcome,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import FailureKind, NotPermitted, SourceError
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Limits
from connectors.transport.retry import repeated
from connectors.transport.x_road import proof_of

T = TypeVar("T")

READ_AGAIN: Final = frozenset(
    {
        FailureKind.UNREACHABLE,
        FailureKind.TIMED_OUT,
        FailureKind.UNAVAILABLE,
        FailureKind.RATE_LIMITED,
    }
)
"""Kinds after which a query is sent again at once: it is a read, a repeat changes nothing."""

SEPARATOR: Final = b"\x1e"
"""Between the replies of one person in `raw` (the record separator, which no JSON or XML holds)."""


@dataclass(slots=True)
class Asking:
    """The sendings about one person, and the replies they brought, kept as they came."""

    wire: Wire
    permit: Permit
    limits: Limits
    issue: str = ""
    kept: list[bytes] = field(default_factory=list, repr=False)

    async def read(self, call: HttpCall, read: Callable[[HttpReply], T]) -> T:
        """Send and read; both again where that can help. Raises `SourceError`."""
        place = len(self.kept)

        async def once() -> T:
            del self.kept[place:]
            reply = await self.wire.send(replace(call, issue=self.issue), self.permit)
            self.kept += [reply.body, *filter(None, (proof_of(reply.headers),))]
            if sum(map(len, self.kept)) > self.limits.max_bytes:
                raise SourceError.of(FailureKind.TOO_LARGE, "the replies together are too large")
            return read(reply)

        return await repeated(once, tries=self.limits.tries, on=READ_AGAIN)


async def reply_about(
    person: AskedPerson, asking: Asking, outcome_of: Callable[[Asking], Awaitable[Outcome]]
) -> SourceReply:
    """The reply about one person; a `SourceError` becomes `Unknown`, with what came kept."""
    try:
        outcome = await outcome_of(asking)
    except SourceError as error:
        outcome = Unknown(error.failure)
    return SourceReply(person=person.ref, outcome=outcome, raw=SEPARATOR.join(asking.kept))


async def ask_each(
    query: SourceQuery, ask: Callable[[AskedPerson], Awaitable[SourceReply]]
) -> Progress:
    """Ask about all persons of the query side by side; the gate bounds how many at once.

    Raises `NotPermitted`, and stops the rest.
    """
    if len(query.persons) == 1:
        return Progress((await ask(query.persons[0]),))
    refused: list[NotPermitted] = []
    tasks: Sequence[asyncio.Task[SourceReply]] = ()

    async def guarded(person: AskedPerson) -> SourceReply:
        try:
            return await ask(person)
        except NotPermitted as refusal:
            refused.append(refusal)
            raise

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(guarded(person)) for person in query.persons]
    except* NotPermitted:
        pass
    if refused:
        raise refused[0]
    return Progress(tuple(task.result() for task in tasks))


class AtOnceSource(ABC):
    """A source over HTTP that answers a person's query at once; its folder adds `outcome`."""

    institutions: tuple[str, ...] = ("",)
    persons_a_query: int = 1
    answers_later: bool = False

    def __init__(self, name: str, wire: Wire, limits: Limits) -> None:
        self.name = name
        self._wire = wire
        self._limits = limits

    @abstractmethod
    async def outcome(self, person: AskedPerson, query: SourceQuery, asking: Asking) -> Outcome:
        """What the source says about the person. Raises `SourceError`."""

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """All replies; failures come back as `Unknown` or `Partial`."""
        return await ask_each(query, partial(self._about, query, permit))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """There is nothing to collect: all is answered at once."""
        return Progress()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    async def _about(self, query: SourceQuery, permit: Permit, person: AskedPerson) -> SourceReply:
        asking = Asking(self._wire, permit, self._limits, query.reference)
        return await reply_about(person, asking, partial(self.outcome, person, query))
