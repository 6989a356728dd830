"""A concluded case as facts are read from it: persons by index, complete answers, records."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from app.alerts.snapshot import Mark
from app.domain.evidence import Evidence, Link
from app.domain.household import Member, Supporter
from app.domain.period import Window
from app.verification.conclude import Case, Conclusion
from connectors.contract import Found, NoRecord
from connectors.records import AnyRecord, RegisteredPerson

R = TypeVar("R")
REGISTRY = "household_registry"
INCOME_SOURCES = (
    "tax",
    "social_insurance",
    "housing_fund",
    "business_registration",
    "insurance",
)
"""Without one of these a person's income is not known."""


def person_words(person: Member | Supporter) -> str:
    """What tells a person from others: document and number, else name and date of birth."""
    if person.id_number:
        return f"{person.id_type.value}\n{person.id_number.upper()}"
    return f"name\n{person.name}\n{person.birth_date}"


@dataclass(frozen=True)
class Reading:
    """All that facts are read from; `digest` makes an index of words that tells nothing."""

    case: Case
    conclusion: Conclusion
    digest: Callable[[str], str]

    @cached_property
    def index(self) -> Mapping[str, str]:
        """A person's index by ref, members first; the same in every verification."""
        persons = self.case.request.household.persons
        return {person.ref: self.digest(person_words(person)) for person in persons}

    @cached_property
    def window(self) -> Window:
        return Window.before(self.case.request.as_of)

    @cached_property
    def records(self) -> Mapping[str, Evidence[AnyRecord]]:
        """The accepted records by their ids."""
        return {row.id: row for row in self.conclusion.evidence if row.link is Link.ACCEPTED}

    def of(self, kind: type[R]) -> Iterator[tuple[Evidence[AnyRecord], R]]:
        """The accepted records of a kind."""
        for row in self._by_type.get(kind, ()):
            if isinstance(row.record, kind):
                yield row, row.record

    @cached_property
    def _by_type(self) -> Mapping[type, list[Evidence[AnyRecord]]]:
        found: dict[type, list[Evidence[AnyRecord]]] = {}
        for row in self.records.values():
            if row.person in self.index:
                found.setdefault(type(row.record), []).append(row)
        return found

    def marks(self, ref: str, places: Iterable[str]) -> tuple[Mark, ...]:
        person = self.index[ref]
        return tuple((person, place) for place in places)

    @cached_property
    def known(self) -> frozenset[Mark]:
        """Complete answers; where a person has yet to say whose a record is, none is."""
        doubtful = self._in_review
        whole = {
            (self.index[one.person], one.source)
            for one in self.case.statuses
            if one.complete and one.person in self.index
        }
        parts = {
            (self.index[one.person], f"{one.source}/{one.institution}")
            for one in self.case.replies
            if one.institution
            and one.person in self.index
            and isinstance(one.outcome, Found | NoRecord)
        }
        return frozenset((whole | parts) - doubtful)

    @cached_property
    def _in_review(self) -> set[Mark]:
        found: set[Mark] = set()
        for row in self.conclusion.evidence:
            listed = isinstance(row.record, RegisteredPerson) and row.record.in_household
            if row.link is Link.IN_REVIEW and not listed and row.person in self.index:
                person = self.index[row.person]
                found |= {(person, row.source), (person, f"{row.source}/{row.institution}")}
        return found
