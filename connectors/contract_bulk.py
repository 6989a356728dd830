"""The contract between the service and a source that can be asked about thousands at once.

Persons are addressed by their place in the request; which verification's person stands there is
the service's own knowledge. A reply is read as it lies there, a few places at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from connectors.contract import AskedPerson, Permit, SourceReply
from connectors.failure import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRequest:
    """One request about many persons, each at a place (from 1) by which the replies name him.

    Places stay as they are when a person is taken out: they may have gaps. `name` is the request
    file's without ending, or the source's own number of the request.
    """

    name: str
    institution: str
    sent_on: date
    persons: Mapping[int, AskedPerson] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """A request that was handed over, and what has been read of its reply.

    `last_place` is the highest that was asked about; `kept` are the bodies of calls that the
    source made about it.
    """

    name: str
    institution: str
    last_place: int
    seen: frozenset[int] = frozenset()
    kept: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PlacedReply:
    """The reply about the person at a place; `again`: a new request may bring a better one."""

    place: int
    reply: SourceReply
    again: bool = False


class Reading(Protocol):
    """What has come of a reply by now, taken apart a few places at a time (pure, for a thread)."""

    @property
    def parts(self) -> frozenset[int]:
        """The parts that have come, the useless ones included."""
        ...

    @property
    def complete(self) -> bool:
        """Nothing more is to come: every place is settled."""
        ...

    @property
    def final(self) -> bool:
        """Whoever was settled when fewer parts were here is settled alike now."""
        ...

    def settled(self, places: Sequence[int]) -> Sequence[int]:
        """Those of the places about which nothing more can come."""
        ...

    def about(self, asked: Mapping[int, AskedPerson]) -> Sequence[PlacedReply]:
        """A reply for each of these persons, all of them settled."""
        ...


class AnswersInBulk(Protocol):
    """How a source is asked about thousands of persons by one request; see `AsksInBulk`."""

    @property
    def persons_a_request(self) -> int:
        """How many persons one request may name."""
        ...

    @property
    def pause(self) -> timedelta:
        """Between two looks."""
        ...

    def request_name(self, county: str, sent_on: date, number: int, *, unique: str) -> str | None:
        """The name of the day's request with this number; None where no name is left.

        `unique` is a name of the service's own, for a source that takes any.
        """
        ...

    def can_be_named(self, person: AskedPerson) -> bool:
        """Whether a request has room for the person's name and number."""
        ...

    def body_of(self, request: BulkRequest) -> bytes:
        """The request's bytes: the same persons at the same places (pure, for a thread)."""
        ...

    async def reachable(self, institution: str) -> Failure | None:
        """Why the institution cannot be handed a request at the moment; asks about nobody."""
        ...

    async def hand_over(self, request: BulkRequest, body: bytes, permit: Permit) -> Failure | None:
        """Why the institution has no request, or None where it has; repeats change nothing.

        Raises `NotPermitted`, and then nothing left.
        """
        ...

    async def take_back(self, name: str, institution: str) -> bool:
        """Whether a request that nobody had taken up yet was taken back."""
        ...

    async def look(self, request: Outstanding) -> Reading | None:
        """What has come; None for nothing beyond what was seen. Raises `SourceError`."""
        ...

    def part_in(self, body: bytes, last_place: int) -> int | None:
        """The number of the part that a call's body is; None where it is none.

        Signature and time have been checked by `ReceivesCallbacks.reference_of`.
        """
        ...


class AsksInBulk(Protocol):
    """A source that can also be asked about many persons by one request."""

    @property
    def in_bulk(self) -> AnswersInBulk:
        """The way to do so."""
        ...
