"""The form in which a person is keyed: the same for the same document, however it was written.

Form 1: a resident identity number in 18 characters (from 15 digits, full-width, small x, blanks),
whatever kind it was filed under; another document with its kind, cleaned likewise. Form 0, of
before 2026-12, knew capitals alone.
"""

from collections.abc import Sequence

from app.domain.household import Member, Person
from matching.idnumber import NumberKind, cleaned, parse_number


def person_form(person: Person, form: int) -> str:
    """The document's, else that of the name and date of birth."""
    if not person.id_number:
        return "\n".join((person.name, str(person.birth_date)))
    if form == 0:
        return "\n".join((person.id_type.value, person.id_number.upper()))
    read = parse_number(person.id_number, person.id_type.value)
    if read.is_valid:
        return read.text
    number = read.text if read.kind is NumberKind.OTHER else cleaned(person.id_number)
    return "\n".join((person.id_type.value, number))


def household_form(members: Sequence[Member], form: int) -> str | None:
    """The same members, in whatever order.

    Form 0 has none where a number is missing: it took all such members for the same.
    """
    if form == 0:
        numbers = sorted(member.id_number.upper() for member in members)
        return "\n".join(numbers) if all(numbers) else None
    return "\n\n".join(sorted(person_form(member, form) for member in members))
