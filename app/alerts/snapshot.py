"""What a verification found, as facts 事实 that can be compared with the next one's."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeAlias

import orjson

Mark: TypeAlias = tuple[str, str]
"""A person's index and a place that was asked about him or her: `tax`, `bank/icbc`."""
Part: TypeAlias = tuple[Decimal, Decimal | None]
"""What a fact adds to a total: at least, at most (None: no bound known)."""
NO_PART: Final[Part] = (Decimal(0), Decimal(0))
_FORMAT: Final = 1


class FactKind(StrEnum):
    """What a fact is about."""

    PERSON = "person"
    RELATIVE = "relative"  # registered in the household, not declared
    VEHICLE = "vehicle"
    VESSEL = "vessel"
    BUILDING = "building"
    ROLE = "role"
    JOB = "job"
    BENEFIT = "benefit"
    INCOME = "income"
    MONEY = "money"  # at one source: bank, securities, insurance
    FUND = "fund"
    LIMIT = "limit"  # what a bank says that tells no balance
    ACCOUNT = "account"
    POLICY = "policy"
    EXPENSE = "expense"
    OTHER_CASE = "other_case"
    RULE = "rule"  # a rule of one's own that holds
    CONFIRMED_FOR = "confirmed_for"  # a programme that was not asked for


Key: TypeAlias = tuple[FactKind, str, str]
"""Kind, person's index (empty: the household), and what identifies the thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact; money among `values` is decimal text.

    `parts` is what it adds to the totals of the first programme, `may_add` what it could add by
    another programme's rules. `marks` are the answers that show it (none: the request itself);
    `aliases` are other names of the same thing.
    """

    kind: FactKind
    person: str = ""
    thing: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    parts: Mapping[str, Part] = field(default_factory=dict, repr=False)
    may_add: Mapping[str, Decimal] = field(default_factory=dict, repr=False)
    marks: tuple[Mark, ...] = ()
    aliases: tuple[str, ...] = field(default=(), repr=False)

    @property
    def key(self) -> Key:
        return self.kind, self.person, self.thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All facts of one verification; what is not in `known` may be so or otherwise.

    `persons`: index → ref. `missing`: sources that did not answer all → the persons concerned.
    `unconsented`: whose consent did not hold. `outcomes`: programme → what was determined.
    """

    as_of: date
    persons: Mapping[str, str]
    known: frozenset[Mark]
    missing: Mapping[str, tuple[str, ...]]
    unconsented: tuple[str, ...]
    outcomes: Mapping[str, str]
    facts: Mapping[Key, Fact] = field(repr=False)

    def knows(self, marks: tuple[Mark, ...]) -> bool:
        """All of these answers are complete."""
        return self.known.issuperset(marks)

    def knows_one(self, marks: tuple[Mark, ...]) -> bool:
        """One of them is, or none is needed."""
        return not marks or not self.known.isdisjoint(marks)


def dumped(snapshot: Snapshot) -> bytes:
    """The snapshot as packed JSON; persons stand in it as numbers, answers once a place.

    Packed before it is sealed: what is sealed cannot be packed any more, and it is a third.
    """
    places: dict[str, list[int]] = {}
    number = {index: place for place, index in enumerate(snapshot.persons)}
    for person, place in sorted(snapshot.known):
        places.setdefault(place, []).append(number[person])
    body = orjson.dumps(
        {
            "format": _FORMAT,
            "as_of": snapshot.as_of.isoformat(),
            "persons": list(snapshot.persons.items()),
            "known": places,
            "missing": {name: list(persons) for name, persons in snapshot.missing.items()},
            "unconsented": list(snapshot.unconsented),
            "outcomes": dict(snapshot.outcomes),
            "facts": [_row(fact, number) for fact in snapshot.facts.values()],
        }
    )
    return zlib.compress(body, level=1)


def _row(fact: Fact, number: Mapping[str, int]) -> list[Any]:
    """Empty ends are left out: most facts have no aliases."""
    row: list[Any] = [
        fact.kind.value,
        number.get(fact.person),
        fact.thing,
        dict(fact.values),
        {name: _texts(part) for name, part in fact.parts.items()},
        [[number[person], place] for person, place in fact.marks],
        {name: str(value) for name, value in fact.may_add.items()},
        list(fact.aliases),
    ]
    while not row[-1] and len(row) > 3:
        row.pop()
    return row


def _texts(part: Part) -> list[str | None]:
    low, high = part
    if high is None:
        return [str(low), None]
    return [str(low)] if low == high else [str(low), str(high)]


def loaded(body: bytes) -> Snapshot:
    """A snapshot as `dumped` wrote it."""
    document = orjson.loads(zlib.decompress(body))
    persons = dict(document["persons"])
    index = list(persons)
    facts = [_fact(row, index) for row in document["facts"]]
    return Snapshot(
        as_of=date.fromisoformat(document["as_of"]),
        persons=persons,
        known=frozenset(
            (index[number], place)
            for place, numbers in document["known"].items()
            for number in numbers
        ),
        missing={name: tuple(those) for name, those in document["missing"].items()},
        unconsented=tuple(document["unconsented"]),
        outcomes=document["outcomes"],
        facts={fact.key: fact for fact in facts},
    )


def _fact(row: list[Any], index: list[str]) -> Fact:
    kind, person, thing, values, parts, marks, may_add, aliases = (*row, *_EMPTY[len(row) - 3 :])
    return Fact(
        kind=FactKind(kind),
        person="" if person is None else index[person],
        thing=thing,
        values=values,
        parts={name: _part(texts) for name, texts in parts.items()},
        may_add={name: Decimal(text) for name, text in may_add.items()},
        marks=tuple((index[number], place) for number, place in marks),
        aliases=tuple(aliases),
    )


_EMPTY: Final[tuple[Any, ...]] = ({}, {}, (), {}, ())


def _part(texts: list[str | None]) -> Part:
    low = Decimal(str(texts[0]))
    if len(texts) == 1:
        return low, low
    return low, None if texts[1] is None else Decimal(texts[1])
