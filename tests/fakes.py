"""Stand-ins for what a test does not want to be real: the clock, and a source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from connectors.contract import (
    NoRecord,
    Outcome,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
)

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
"""Noon in China."""


@dataclass
class FixedClock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@dataclass
class FakeSource:
    """A source that holds what it is given; whoever is not named has no record.

    `answers`: outcome by (person, institution), or by person for all institutions. `later`: the
    replies are collected with a ticket instead of coming at once.
    """

    name: str
    answers: Mapping[str | tuple[str, str], Outcome] = field(default_factory=dict)
    institutions: tuple[str, ...] = ("",)
    persons_a_query: int = 1
    answers_later: bool = False
    as_of: date | None = None
    asked: list[SourceQuery] = field(default_factory=list)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        await permit()
        self.asked.append(query)
        if not self.answers_later:
            return Progress(replies=self._replies(query))
        refs = tuple(person.ref for person in query.persons)
        return Progress(ticket=Ticket(query.reference, refs, timedelta(seconds=1)))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        await permit()
        return Progress(replies=self._replies(query))

    def _replies(self, query: SourceQuery) -> tuple[SourceReply, ...]:
        return tuple(
            SourceReply(
                person=person.ref,
                outcome=self._outcome(person.ref, institution),
                institution=institution,
                as_of=self.as_of,
                raw=f"{self.name}/{person.ref}/{institution}".encode(),
            )
            for person in query.persons
            for institution in query.institutions or self.institutions
        )

    def _outcome(self, ref: str, institution: str) -> Outcome:
        return self.answers.get((ref, institution), self.answers.get(ref, NoRecord()))

    async def aclose(self) -> None:
        """Nothing is held."""
