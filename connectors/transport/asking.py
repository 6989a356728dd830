"""Asking a source that answers at once: each person by itself, failures as unknown replies."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from connectors.contract import (
    AskedPerson,
    Outcome,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Unknown,
)
from connectors.failure import FailureKind, NotPermitted, SourceError
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Limits
from connectors.transport.retry import repeated

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
    kept: list[bytes] = field(default_factory=list, repr=False)

    async def read(self, call: HttpCall, read: Callable[[HttpReply], T]) -> T:
        """Send and read; both again where that can help. Raises `SourceError`."""
        place = len(self.kept)

        async def once() -> T:
            del self.kept[place:]
            reply = await self.wire.send(call, self.permit)
            self.kept.append(reply.body)
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
