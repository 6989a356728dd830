"""Rows of one case to one request, or to the reasons why the household is rejected.

One bad row rejects its household: with a member left out, the household would be another one. A
row that repeats an earlier one to the letter is rejected alone, for nothing is in doubt.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.batch.roster.bounds import MOST_PERSONS, MOST_PROGRAMMES
from app.batch.roster.columns import COLUMNS
from app.batch.roster.persons import Person, Row, RowError, read_person
from app.batch.roster.values import words_of
from app.batch.roster.words import WORDS
from app.domain.errors import FieldError, InvalidRequest, NoStandardInForce
from app.domain.household import (
    Consent,
    Declared,
    DeclaredIncome,
    Guardianship,
    Household,
    IncomeKind,
    PersonConsent,
    Purpose,
    Relationship,
    Scope,
    VerificationRequest,
)
from app.verification.checks import check_listed

_REGION: Final = re.compile(r"[0-9]{6}(?:[0-9]{3}(?:[0-9]{3})?)?")
_CLASS: Final = re.compile(r"\S{1,64}")
InForce = Callable[[str, str, date], object]
"""Raises NoStandardInForce: programme, region, day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for all households of a batch."""

    region: str  # the client's: its subtree
    purpose: Purpose
    as_of: date
    programmes: tuple[str, ...] = ()  # for households that name none
    allowed: tuple[str, ...] = ()  # that the client may ask for; none named: all


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterHousehold:
    """A household that was accepted; `class_` as the roster names it."""

    rows: tuple[int, ...]
    request: VerificationRequest = field(repr=False)
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of the rows of one case."""

    household: RosterHousehold | None
    errors: tuple[RowError, ...]

    @property
    def rejected(self) -> int:
        """Rows that are not part of an accepted household."""
        return len({error.row for error in self.errors})


class Households:
    """Reads households under the terms of a batch; `names`: programmes by key and Chinese name."""

    def __init__(self, terms: Terms, names: Mapping[str, str], in_force: InForce) -> None:
        self._terms = terms
        self._names = names
        self._in_force = in_force

    def read(self, rows: Sequence[tuple[int, list[str], list[tuple[int, str]]]]) -> Taken:
        """`rows` as the child hands them on, all of one case."""
        told = [_row(*row) for row in rows]
        repeated = _take_out_repeated(told)
        request = self._request(told)
        if request is not None:
            household = RosterHousehold(
                rows=tuple(row.number for row in told), request=request, class_=_one(told, "class")
            )
            return Taken(household, tuple(_worded(error) for error in repeated))
        return Taken(None, tuple(_worded(error) for error in (*repeated, *_all_rejected(told))))

    def _request(self, rows: list[Row]) -> VerificationRequest | None:
        if any(row.errors for row in rows):
            return None
        if not rows[0]["case_reference"]:
            rows[0].reject("case_reference", "case_reference.missing")
            return None
        if len(rows) > MOST_PERSONS:
            rows[MOST_PERSONS].reject("case_reference", "household.too_large")
            return None
        persons = [read_person(row, index) for index, row in enumerate(rows)]
        _check_persons(persons)
        region, programmes = self._region(rows), self._programmes(rows)
        if _CLASS.fullmatch(_one(rows, "class") or "-") is None:
            rows[0].reject("class", "class.invalid")
        if any(row.errors for row in rows):
            return None
        for programme in programmes:
            try:
                self._in_force(programme, region, self._terms.as_of)
            except NoStandardInForce:
                rows[0].reject("programme", "programme.no_standard_in_force")
                return None
        return self._checked(persons, region, programmes)

    def _region(self, rows: Sequence[Row]) -> str:
        region = _one(rows, "region")
        if not region:
            rows[0].reject("region", "region.missing")
        elif _REGION.fullmatch(region) is None:
            rows[0].reject("region", "region.invalid")
        elif not region.startswith(self._terms.region):
            rows[0].reject("region", "region.outside")
        return region

    def _programmes(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """All that the rows name together."""
        found: dict[str, None] = {}
        for row in rows:
            for word in words_of(row["programme"]):
                key = self._names.get(word.lower())
                if key is None:
                    row.reject("programme", "programme.unknown")
                elif self._terms.allowed and key not in self._terms.allowed:
                    row.reject("programme", "programme.not_allowed")
                else:
                    found[key] = None
        programmes = tuple(found) or self._terms.programmes
        if not programmes and not any(row["programme"] for row in rows):
            rows[0].reject("programme", "programme.missing")
        if len(programmes) > MOST_PROGRAMMES:
            rows[0].reject("programme", "programme.too_many")
        return programmes

    def _covered(self, persons: Sequence[Person]) -> tuple[str, ...] | None:
        """The programmes that the household's consent covers; None: all."""
        found: dict[str, None] = {}
        for one in persons:
            for word in words_of(one.row["consent_programmes"]):
                found[self._names.get(word.lower(), word)] = None
        return tuple(found) or None

    def _checked(
        self, persons: Sequence[Person], region: str, programmes: tuple[str, ...]
    ) -> VerificationRequest | None:
        head = _head(persons)
        consent = _consent(persons, head, self._covered(persons))
        if consent is None:
            head.row.reject("consent_reference", "consent.no_adult_has_signed")
            return None
        address = head.row["address"]
        request = VerificationRequest(
            case_reference=head.row["case_reference"],
            region=region,
            purpose=self._terms.purpose,
            as_of=self._terms.as_of,
            programmes=programmes,
            consent=consent,
            household=Household(
                address=address or None,
                members=tuple(one.member(address) for one in persons),
            ),
            declared=Declared(
                income=tuple(
                    DeclaredIncome(person=one.ref, kind=IncomeKind.WAGE, monthly=one.monthly_income)
                    for one in persons
                    if one.monthly_income is not None
                )
            ),
        )
        try:
            return check_listed(request)
        except InvalidRequest as invalid:
            for error in invalid.errors:
                _tell(error, persons, head)
            return None


def _row(number: int, cells: list[str], faults: Sequence[tuple[int, str]]) -> Row:
    return Row(number, cells, [RowError(number, COLUMNS[at], code) for at, code in faults])


def _take_out_repeated(rows: list[Row]) -> list[RowError]:
    """Rows that say the same as an earlier one leave the household."""
    seen: set[tuple[str, ...]] = set()
    errors = []
    for row in tuple(rows):
        key = tuple(row.cells)
        if key in seen and not row.errors and row["case_reference"]:
            errors.append(RowError(row.number, "case_reference", "row.repeated"))
            rows.remove(row)
        seen.add(key)
    return errors


def _all_rejected(rows: Sequence[Row]) -> list[RowError]:
    first = next(row for row in rows if row.errors).number
    errors = []
    for row in rows:
        errors += row.errors or [
            RowError(row.number, "case_reference", "household.rejected", f"see row {first}")
        ]
    return errors


def _worded(error: RowError) -> RowError:
    words = WORDS[error.code]
    detail = f"{words}: {error.detail}" if error.detail else words
    return RowError(error.row, error.column, error.code, detail)


def _one(rows: Sequence[Row], column: str) -> str:
    """What all rows that say anything here say; the first one that says another is rejected."""
    found = ""
    for row in rows:
        written = row[column]
        if found and written and written != found:
            row.reject(column, "household.differs")
            break
        found = found or written
    return found


def _check_persons(persons: Sequence[Person]) -> None:
    """Nobody twice, and one head."""
    numbers: set[str] = set()
    has_head = False
    for one in persons:
        if one.id_number and one.id_number in numbers:
            one.row.reject("id_number", "id_number.repeated")
        numbers.add(one.id_number)
        if one.relationship is Relationship.HEAD:
            if has_head:
                one.row.reject("relationship", "relationship.two_heads")
            has_head = True


def _head(persons: Sequence[Person]) -> Person:
    return next((one for one in persons if one.relationship is Relationship.HEAD), persons[0])


def _consent(
    persons: Sequence[Person], head: Person, programmes: tuple[str, ...] | None
) -> Consent | None:
    """The head's, or the first that there is; others' where they are other ones."""
    signed = [
        (one, one.row["consent_reference"], one.valid_until)
        for one in persons
        if one.valid_until is not None
    ]
    if not signed:
        return None
    first, reference, valid_until = next((one for one in signed if one[0] is head), signed[0])
    scopes = {one.ref: Scope(sources=one.sources, programmes=programmes) for one in persons}
    scope = scopes[first.ref]
    assert valid_until is not None  # noqa: S101 - those without are left out above
    return Consent(
        reference=reference,
        signed_on=None,
        valid_until=valid_until,
        document_sha256=None,
        signatories=tuple(one.ref for one, _, _ in signed),
        of_persons=tuple(
            PersonConsent(person=one.ref, reference=its, valid_until=until, scope=scopes[one.ref])
            for one, its, until in signed
            if until is not None
            and (its, until, scopes[one.ref]) != (reference, valid_until, scope)
        ),
        scope=scope,
        guardians=tuple(
            Guardianship(person=one.ref, guardian=one.row["guardian"])
            for one in persons
            if one.row["guardian"]
        ),
    )


def _tell(error: FieldError, persons: Sequence[Person], head: Person) -> None:
    """A fault of the request as one of a row: `/household/members/1/ref` is the second row's."""
    parts = error.pointer.split("/")[1:]
    if parts[:2] == ["household", "members"]:
        persons[int(parts[2])].row.reject(parts[3], error.code)
    elif parts[:2] == ["consent", "guardians"]:
        wards = [one for one in persons if one.row["guardian"]]
        wards[int(parts[2])].row.reject("guardian", error.code)
    elif parts[0] == "programmes":
        head.row.reject("consent_programmes", error.code)
    else:
        head.row.reject("consent_reference", error.code)
