"""A civil or social registry that speaks DCI, as the household registry 户籍管理 of a county.

A `Group` of a social registry is a household: its other members come with it, as with a
household's list, and are not taken for the person asked about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from connectors.binding import Bound, bind, bound_to, distinct
from connectors.contract import AskedPerson, Found, NoRecord, Outcome, Partial, Unknown
from connectors.dci.people import Row, number_in, person_rows
from connectors.dci.source import KIND
from connectors.failure import Failure
from connectors.mapping import FieldMap, unmapped_in
from connectors.records import AnyRecord, RegisteredPerson

MAPPING: Final = Path(__file__).with_name("dci.yaml")


@dataclass(frozen=True, slots=True)
class Registered:
    """Makes registered persons of a registry's records; `ids`: its kinds of our documents."""

    mapping: FieldMap
    ids: tuple[str, ...]

    def __call__(
        self, person: AskedPerson, records: Iterable[Mapping[str, Any]], gap: Failure | None
    ) -> Outcome:
        rows = [row for each in records for row in person_rows(each)]
        made = [self.mapping.record(KIND, _prepared(row, self.ids)) for row in rows]
        everybody = distinct(made)
        # Of whom no number is known, the name tells apart the others of the household.
        fits = {Bound.YES, Bound.CANNOT_TELL} if person.has_number else {Bound.YES}
        own = [one for one in everybody if bound_to(person, one.subjects) in fits]
        homes = {one.household_number for one in _registered(own) if one.household_number}
        others = [
            replace(one, in_household=True)
            for one in _registered(everybody)
            if one not in own and one.household_number in homes
        ]
        strangers = [one for one in everybody if one not in own and not _is_at(one, homes)]
        return _with(bind(person, [*own, *strangers], gap), others)


def _prepared(row: Row, ids: Iterable[str]) -> Row:
    """With the number of a document that is known here, and what the fields say of a death."""
    dead = row.get("is_deceased") or ("true" if row.get("death_date") else "")
    return {**row, "id_number": number_in(row, ids), "dead": dead}


def _registered(records: Iterable[AnyRecord]) -> list[RegisteredPerson]:
    return [one for one in records if isinstance(one, RegisteredPerson)]


def _is_at(one: AnyRecord, homes: set[str]) -> bool:
    return isinstance(one, RegisteredPerson) and one.household_number in homes


def _with(outcome: Outcome, others: list[RegisteredPerson]) -> Outcome:
    """The household's other members, beside whoever was asked about."""
    match outcome:
        case Found(records):
            gap = unmapped_in(others)
            together = (*records, *others)
            return Found(together) if gap is None else Partial(together, gap)
        case Partial(records, gap):
            return Partial((*records, *others), gap)
        case NoRecord() | Unknown():
            return outcome
