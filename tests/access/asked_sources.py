"""Sources whose logs are the judge: who was asked about, by whom, and when by the one clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from connectors.contract import (
    AskAgain,
    AskedPerson,
    NoRecord,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
)
from connectors.contract_bulk import BulkRequest, Outstanding, PlacedReply
from connectors.failure import Failure, FailureKind


class Killed(BaseException):  # the process ends here, whatever it was doing
    """As a signal that nobody handles."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a source saw: about whom, for which place (none in a file), at which moment."""

    source: str
    numbers: tuple[str, ...]
    region: str | None
    at: datetime
    kind: str  # asked, polled, file
    strict: bool = False
    """What happened meanwhile, happened before the gate was asked."""


@dataclass
class Watch:
    """The logs of all sources together, and the clock that they share."""

    now: Callable[[], datetime]
    seen: list[Asking] = field(default_factory=list)

    def note(self, source: str, kind: str, query: SourceQuery, *, strict: bool = False) -> None:
        numbers = tuple(person.id_number for person in query.persons)
        self.seen.append(Asking(source, numbers, query.region, self.now(), kind, strict))


Meanwhile = Callable[[], Any]
"""Awaited at the source's door, just before the gate is asked."""


@dataclass
class LoggedSource:
    """Says no record, at once or later; `script`: what it does at the next askings instead."""

    name: str
    watch: Watch
    institutions: tuple[str, ...] = ("",)
    persons_a_query: int = 1
    answers_later: bool = False
    ready: bool = False
    script: list[str] = field(default_factory=list)
    meanwhile: list[Meanwhile] = field(default_factory=list)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        what = self.script.pop(0) if self.script else "answers"
        if what == "dies_before":
            raise Killed
        strict = bool(self.meanwhile)
        while self.meanwhile:
            await self.meanwhile.pop(0)()
        await permit()
        self.watch.note(self.name, "asked", query, strict=strict)
        if what == "dies_after":
            raise Killed
        if what == "faults":
            raise RuntimeError("a fault of the connector")
        refs = tuple(person.ref for person in query.persons)
        if what == "is_busy":
            busy = Failure(FailureKind.UNAVAILABLE, "busy")
            again = [AskAgain(ref, one, busy) for ref in refs for one in self._asked(query)]
            return Progress(again=tuple(again))
        if self.answers_later:
            return Progress(ticket=Ticket(query.reference, refs, timedelta(seconds=30)))
        return Progress(replies=self._replies(query))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        await permit()
        self.watch.note(self.name, "polled", query)
        return Progress(replies=self._replies(query)) if self.ready else Progress(ticket=ticket)

    def _asked(self, query: SourceQuery) -> tuple[str, ...]:
        return query.institutions or self.institutions

    def _replies(self, query: SourceQuery) -> tuple[SourceReply, ...]:
        return tuple(
            SourceReply(person=person.ref, institution=one, outcome=NoRecord(), raw=b"none")
            for person in query.persons
            for one in self._asked(query)
        )

    async def aclose(self) -> None:
        """Nothing is held."""


@dataclass
class FileSource(LoggedSource):
    """One that is handed request files for batches: they lie in its folder until it takes them."""

    lying: dict[str, Mapping[int, AskedPerson]] = field(default_factory=dict)
    taken: dict[str, Mapping[int, AskedPerson]] = field(default_factory=dict)
    at_the_folder: list[Meanwhile] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    persons_a_request: int = 100
    pause: timedelta = timedelta(seconds=60)

    @property
    def in_bulk(self) -> "FileSource":
        return self

    def request_name(self, county: str, sent_on: date, number: int, *, unique: str) -> str | None:
        return f"F_{county}_{sent_on:%Y%m%d}_{number:04d}"

    def can_be_named(self, person: AskedPerson) -> bool:
        return bool(person.id_number)

    def body_of(self, request: BulkRequest) -> bytes:
        return repr(sorted(request.persons)).encode()

    async def reachable(self, institution: str) -> Failure | None:
        return None

    async def hand_over(self, request: BulkRequest, body: bytes, permit: Permit) -> Failure | None:
        strict = bool(self.at_the_folder)
        while self.at_the_folder:
            await self.at_the_folder.pop(0)()
        await permit()
        numbers = tuple(person.id_number for person in request.persons.values())
        self.watch.seen.append(Asking(self.name, numbers, None, self.watch.now(), "file", strict))
        self.lying[request.name] = dict(request.persons)
        return None

    async def take_back(self, name: str, institution: str) -> bool:
        if self.lying.pop(name, None) is None:
            return False
        self.back.append(name)
        return True

    def pick_up(self) -> None:
        """Whatever lies there is the institution's from now on."""
        self.taken |= self.lying
        self.lying = {}

    async def look(self, request: Outstanding) -> "AllRead | None":
        return AllRead() if self.ready and request.name in self.taken else None

    def part_in(self, body: bytes, last_place: int) -> int | None:
        return None


@dataclass(frozen=True)
class AllRead:
    """The whole reply: nothing of anybody."""

    parts: frozenset[int] = frozenset({1})
    complete: bool = True
    final: bool = True

    def settled(self, places: Sequence[int]) -> Sequence[int]:
        return places

    def about(self, asked: Mapping[int, AskedPerson]) -> Sequence[PlacedReply]:
        return [
            PlacedReply(place, SourceReply(person=person.ref, outcome=NoRecord(), raw=b"none"))
            for place, person in asked.items()
        ]
