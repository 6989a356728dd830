"""Asks the insurers about hundreds by one inquiry; its parts come by signed calls or a poll."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from connectors.contract import AskedPerson, Permit, SourceReply, Unknown
from connectors.contract_bulk import BulkRequest, Outstanding, PlacedReply, Reading
from connectors.failure import Failure, FailureKind, SourceError
from connectors.insurance.parse import FAILED_AT_SOURCE, outcome_of, text_of
from connectors.insurance.parts import Arrived, Entry, Part, read_part
from connectors.insurance.platform import Platform
from connectors.mapping import FieldMap
from connectors.transport.bulk import SaidOfAll

MOST_PERSONS: Final = 500
"""The interface names no limit: as many as an answer surely has room for."""

_NOT_KNOWN: Final = Failure(FailureKind.EXPIRED, "the source does not know the inquiry")


@dataclass(frozen=True, slots=True)
class InsuranceReading:
    """All parts of an inquiry's answer: the results by their number, each once."""

    mapping: FieldMap
    results: Mapping[int, Sequence[Entry]] = field(repr=False)
    parts: frozenset[int]
    complete: bool = True
    final: bool = True

    @classmethod
    def over(cls, mapping: FieldMap, arrived: Arrived) -> "InsuranceReading":
        """Of parts that are all there."""
        found: dict[int, list[Entry]] = {}
        for entry in arrived.results:
            entries = found.setdefault(int(str(entry["seq"])), [])
            if entry not in entries:
                entries.append(entry)
        return cls(mapping, found, arrived.seen)

    def settled(self, places: Sequence[int]) -> Sequence[int]:
        """All: nothing is concluded from some parts."""
        return places

    def about(self, asked: Mapping[int, AskedPerson]) -> Sequence[PlacedReply]:
        """By the results under each one's number; whom it failed for may be asked about again."""
        return [self._about(place, person) for place, person in asked.items()]

    def _about(self, place: int, person: AskedPerson) -> PlacedReply:
        entries = self.results.get(place, ())
        outcome = outcome_of(entries, person, self.mapping, complete=True)
        again = outcome is None
        raw = b"\n".join(text_of(entry).encode() for entry in entries)
        reply = SourceReply(
            person=person.ref, outcome=outcome or Unknown(FAILED_AT_SOURCE), raw=raw
        )
        return PlacedReply(place, reply, again)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuranceInBulk:
    """The one platform; its institution is the empty name."""

    platform: Platform
    mapping: FieldMap
    pause: timedelta
    persons_a_request: int = MOST_PERSONS

    def request_name(self, county: str, sent_on: date, number: int, *, unique: str) -> str | None:
        """Never one that was used before: the same number again would be the same inquiry."""
        return unique

    def can_be_named(self, person: AskedPerson) -> bool:
        """JSON has room for all."""
        return True

    def body_of(self, request: BulkRequest) -> bytes:
        """The inquiry."""
        return self.platform.inquiry(request.name, request.persons.items())

    async def reachable(self, institution: str) -> Failure | None:
        """There is no call that asks about nobody."""
        return None

    async def hand_over(self, request: BulkRequest, body: bytes, permit: Permit) -> Failure | None:
        """Submit it; the same number again is the same inquiry."""
        try:
            await self.platform.submit(request.name, body, permit)
        except SourceError as error:
            return error.failure
        return None

    async def take_back(self, name: str, institution: str) -> bool:
        """An inquiry is taken up as it comes."""
        return False

    async def look(self, request: Outstanding) -> Reading | None:
        """The answer once all its parts have come, by calls or by a poll."""
        parts = [read_part(body, request.last_place) for body in request.kept]
        called = _together(parts)
        if called is not None:
            return InsuranceReading.over(self.mapping, called)
        reply = await self.platform.poll(request.name, _nobody_is_asked)
        if reply.status == 404:
            return SaidOfAll(_NOT_KNOWN, again=True)
        if reply.status == 202:
            return None
        part = read_part(reply.body, request.last_place)
        if part.inquiry != request.name:
            raise SourceError.of(FailureKind.MISMATCHED, "the answer is about another inquiry")
        polled = _together([*parts, part])
        return None if polled is None else InsuranceReading.over(self.mapping, polled)

    def part_in(self, body: bytes, last_place: int) -> int | None:
        """The part's number, where it can be read."""
        try:
            return read_part(body, last_place).place
        except SourceError:
            return None


async def _nobody_is_asked() -> None:
    """A poll names nobody; consent was checked as the inquiry left."""


def _together(parts: Iterable[Part]) -> Arrived | None:
    """The parts that agree on how many there are and are all here; None where none do."""
    by_count: dict[int, Arrived] = {}
    for part in parts:
        by_count[part.of] = by_count.get(part.of, Arrived()).with_part(part)
    complete = (arrived for arrived in by_count.values() if arrived.complete)
    return next(complete, None)
