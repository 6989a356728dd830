"""What the shape of a request cannot say: references, signatures, numbers, programmes."""

import re
from collections.abc import Callable, Iterator
from datetime import date

from app.access.consent import is_adult, may_sign_for
from app.domain.errors import FieldError, InvalidRequest
from app.domain.household import IdType, Member, Supporter, VerificationRequest
from matching.idnumber import parse_number

_RESIDENT = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")


def check(
    request: VerificationRequest, *, known: Callable[[str], bool], today: date
) -> VerificationRequest:
    """Raises `InvalidRequest` with every fault at once, each with where and what."""
    errors = (
        *_programmes(request, known),
        *_dates(request, today),
        *_persons(request),
        *_signatures(request),
        *_guardians(request),
        *_scope(request),
        *_declared(request),
    )
    if errors:
        raise InvalidRequest(errors)
    return request


def check_listed(request: VerificationRequest) -> VerificationRequest:
    """The same for a household of a roster 名册, whose terms are its batch's.

    There an adult who has not signed is no fault: he or she is not asked about. But one must have,
    and somebody where all are minors 未成年人.
    """
    errors = (
        *_persons(request),
        *_some_adult(request),
        *_guardians(request),
        *_scope(request),
    )
    if errors:
        raise InvalidRequest(errors)
    return request


def check_covered(request: VerificationRequest) -> VerificationRequest:
    """The same for a household asked about again, which may be for another purpose."""
    errors = tuple(_scope(request))
    if errors:
        raise InvalidRequest(errors)
    return request


def _programmes(request: VerificationRequest, known: Callable[[str], bool]) -> Iterator[FieldError]:
    for index, key in enumerate(request.programmes):
        if not known(key):
            yield FieldError(f"/programmes/{index}", "programme.unknown", "no such programme")


def _dates(request: VerificationRequest, today: date) -> Iterator[FieldError]:
    if request.as_of > today:
        yield FieldError("/as_of", "as_of.in_future", "the day of judgement has not come yet")
    consent = request.consent
    if consent.signed_on is not None and consent.valid_until < consent.signed_on:
        yield FieldError(
            "/consent/valid_until", "consent.ends_before_signed", "ends before it was signed"
        )


def _persons(request: VerificationRequest) -> Iterator[FieldError]:
    seen: set[str] = set()
    household = request.household
    for index, member in enumerate(household.members):
        yield from _person(member, f"/household/members/{index}", seen)
    members = {member.ref for member in household.members}
    for index, supporter in enumerate(household.supporters):
        pointer = f"/household/supporters/{index}"
        yield from _person(supporter, pointer, seen)
        for place, ref in enumerate(supporter.supports):
            if ref not in members:
                yield FieldError(
                    f"{pointer}/supports/{place}", "ref.unknown", "no member has this ref"
                )


def _person(person: Member | Supporter, pointer: str, seen: set[str]) -> Iterator[FieldError]:
    if person.ref in seen:
        yield FieldError(f"{pointer}/ref", "ref.repeated", "another person has this ref")
    seen.add(person.ref)
    number, kind = person.id_number, person.id_type
    where = f"{pointer}/id_number"
    if kind is IdType.NONE and number:
        yield FieldError(where, "id_number.not_expected", "id_type none has no number")
    elif kind is not IdType.NONE and not number:
        yield FieldError(where, "id_number.missing", "this id_type needs a number")
    elif number and not number.isascii():
        yield FieldError(where, "id_number.invalid", "digits and letters are ASCII, half-width")
    elif kind is IdType.RESIDENT_ID and not _is_resident_number(number):
        yield FieldError(
            where,
            "id_number.invalid",
            "not a resident identity number: 18 characters with a real date and its check "
            "character, or 15 digits (GB 11643)",
        )


def _is_resident_number(number: str) -> bool:
    """Exactly as sources write it; a reader's tolerance is not for what we send on."""
    return _RESIDENT.fullmatch(number) is not None and parse_number(number).is_valid


def _signatures(request: VerificationRequest) -> Iterator[FieldError]:
    persons = {person.ref for person in request.household.persons}
    for index, ref in enumerate(request.consent.signatories):
        if ref not in persons:
            yield FieldError(
                f"/consent/signatories/{index}", "ref.unknown", "no person has this ref"
            )
    for index, member in enumerate(request.household.members):
        if request.consent.guardian_of(member.ref) is not None:
            continue
        if is_adult(member, request) is not False and not request.has_signed(member.ref):
            yield FieldError(
                f"/household/members/{index}",
                "consent.adult_has_not_signed",
                "members of 18 or older at as_of must be among the signatories",
            )


def _guardians(request: VerificationRequest) -> Iterator[FieldError]:
    """A guardian 监护人 who is named is grown up, nobody's ward, and has signed."""
    persons = {person.ref for person in request.household.persons}
    seen: set[str] = set()
    for index, one in enumerate(request.consent.guardians):
        where = f"/consent/guardians/{index}"
        for name, ref in (("person", one.person), ("guardian", one.guardian)):
            if ref not in persons:
                yield FieldError(f"{where}/{name}", "ref.unknown", "no person has this ref")
        if one.person in seen:
            yield FieldError(
                f"{where}/person", "consent.guardian_repeated", "a person has one guardian here"
            )
        seen.add(one.person)
        if one.guardian in persons and not may_sign_for(request, one.guardian, one.person):
            yield FieldError(
                f"{where}/guardian",
                "consent.guardian_may_not_sign",
                "a guardian is 18 or older at as_of, among the signatories, and nobody's ward",
            )


def _scope(request: VerificationRequest) -> Iterator[FieldError]:
    """What is asked for is what the consent was given for 核对类型须与授权一致."""
    scope = request.consent.scope
    for index, programme in enumerate(request.programmes):
        if scope.programmes is not None and programme not in scope.programmes:
            yield FieldError(
                f"/programmes/{index}",
                "consent.programme_not_covered",
                "the consent was not given for this programme",
            )
    if scope.purposes is not None and request.purpose not in scope.purposes:
        yield FieldError(
            "/purpose",
            "consent.purpose_not_covered",
            "the consent was not given for this purpose",
        )


def _some_adult(request: VerificationRequest) -> Iterator[FieldError]:
    members = request.household.members
    grown_up = [member for member in members if is_adult(member, request) is not False]
    if not any(request.has_signed(member.ref) for member in grown_up or members):
        yield FieldError(
            "/consent/signatories",
            "consent.no_adult_has_signed",
            "a member of 18 or older at as_of must be among the signatories",
        )


def _declared(request: VerificationRequest) -> Iterator[FieldError]:
    members = {member.ref for member in request.household.members}
    declared = request.declared
    parts = {
        "income": [one.person for one in declared.income],
        "assets": [one.person for one in declared.assets],
        "expenses": [one.person for one in declared.expenses],
    }
    for name, persons in parts.items():
        for index, person in enumerate(persons):
            if person not in members:
                yield FieldError(
                    f"/declared/{name}/{index}/person", "ref.unknown", "no member has this ref"
                )
