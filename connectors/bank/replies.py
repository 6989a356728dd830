"""Turns the parts that have come from one bank into replies and what to ask again (pure)."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from connectors.bank.parse import Bank, outcome_of
from connectors.bank.parts import Arrived, Part, beside_strays, parts_expected, read_part
from connectors.contract import AskAgain, AskedPerson, SourceReply, Unknown
from connectors.failure import Failure, FailureKind, SourceError


@dataclass(frozen=True, slots=True)
class Answers:
    """What one bank's parts give; `complete`: nothing more is to come from it."""

    replies: tuple[SourceReply, ...] = ()
    again: tuple[AskAgain, ...] = ()
    complete: bool = False


def arrived_of(parts: Mapping[int, str], bodies: Sequence[bytes | Failure]) -> Arrived:
    """What has come: the parts by their names, with their bytes or why there are none."""
    whole: dict[int, Part] = {}
    useless: dict[int, Failure] = {}
    for (place, name), body in zip(parts.items(), bodies, strict=True):
        if isinstance(body, Failure):
            useless[place] = body
            continue
        try:
            whole[place] = read_part(name, body)
        except SourceError as error:
            useless[place] = error.failure
    return Arrived(parts_expected(next(iter(parts.values()))), whole, useless)


def answers(
    arrived: Arrived, asked: Sequence[AskedPerson], bank: Bank, *, seen: Set[int]
) -> Answers:
    """Replies that are new since only the parts `seen` had come.

    `asked` in the order of the request: the first has sequence number 1. When all parts have come,
    whoever is not settled is asked about again, or is unknown where that would not help.
    """
    said = _said(arrived, len(asked))
    before = _said(arrived.only(seen), len(asked))
    replies = tuple(
        _reply(asked[sequence - 1], lines, arrived, bank)
        for sequence, lines in said.items()
        if before.get(sequence) != lines
    )
    if not arrived.complete:
        return Answers(replies)
    left = [
        person for sequence, person in enumerate(asked, start=1) if sequence not in arrived.settled
    ]
    failure = _why_unsettled(arrived)
    if failure.repeatable and arrived.useless:
        again = tuple(AskAgain(person.ref, bank.name, failure) for person in left)
        return Answers(replies, again, complete=True)
    return Answers((*replies, *unknown(left, bank.name, failure)), complete=True)


@dataclass(frozen=True, slots=True)
class _Lines:
    """All that is said about a settled person; `stray`: lines of nobody stand beside it."""

    bodies: tuple[bytes, ...]
    stray: FailureKind | None


def _said(arrived: Arrived, last: int) -> Mapping[int, _Lines]:
    """What is said about each settled person, by sequence number."""
    strays = beside_strays([line.sequence for line in arrived.lines], last)
    return {
        sequence: _Lines(
            tuple(line.body for line in arrived.by_sequence[sequence]), strays.get(sequence)
        )
        for sequence in sorted(arrived.settled)
        if 1 <= sequence <= last
    }


def _reply(person: AskedPerson, lines: _Lines, arrived: Arrived, bank: Bank) -> SourceReply:
    return SourceReply(
        person=person.ref,
        institution=bank.name,
        outcome=outcome_of(lines.bodies, person, bank, stray=lines.stray),
        as_of=arrived.made_on,
        raw=b"\r\n".join(lines.bodies),
    )


def unknown(
    persons: Sequence[AskedPerson], bank: str, failure: Failure, *, raw: bytes = b""
) -> tuple[SourceReply, ...]:
    """A reply for each person that says why the bank's answer is unknown."""
    return tuple(
        SourceReply(person=person.ref, institution=bank, outcome=Unknown(failure), raw=raw)
        for person in persons
    )


def _why_unsettled(arrived: Arrived) -> Failure:
    """A damaged part can be had again; in whole parts the bank left the person out."""
    failures = [arrived.useless[place] for place in sorted(arrived.useless)]
    helped = [failure for failure in failures if failure.repeatable]
    left_out = Failure(FailureKind.INCOMPLETE, "the reply has no line about the person")
    return (*helped, *failures, left_out)[0]
