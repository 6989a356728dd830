"""Is this question covered by a consent 授权 at this moment?"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone

from app.domain.household import (
    Consent,
    ConsentDecision,
    IdType,
    Member,
    Person,
    VerificationRequest,
)
from app.domain.period import age_on

CHINA = timezone(timedelta(hours=8), "CST")
ADULT = 18


def china_day(now: datetime) -> date:
    """The day of the moment in China, where all days of this service are days."""
    return now.astimezone(CHINA).date()


def consent_holds(
    request: VerificationRequest,
    refs: Iterable[str],
    *,
    withdrawn: Mapping[str, datetime],
    now: datetime,
) -> ConsentDecision:
    """Whether everybody in `refs` may be asked about now (days are days in China).

    Adults and supporters must have signed themselves; for a minor an adult member's signature
    stands (guardian 监护人). `withdrawn`: since when consents do not hold, by reference.
    """
    consent = request.consent
    if consent.signed_on is not None and china_day(now) < consent.signed_on:
        return ConsentDecision(False, "the consent is not signed yet", now)
    persons = {person.ref: person for person in request.household.persons}
    for ref in refs:
        why = _ended(consent, ref, withdrawn, now)
        if why is None and (ref not in persons or not _covered(persons[ref], request)):
            why = f"{ref} has not signed"
        if why is not None:
            return ConsentDecision(False, why, now)
    return ConsentDecision(True, None, now)


def _ended(
    consent: Consent, ref: str, withdrawn: Mapping[str, datetime], now: datetime
) -> str | None:
    reference, valid_until = consent.of(ref)
    if reference in withdrawn and withdrawn[reference] <= now:
        return "the consent was withdrawn"
    return "the consent has expired" if china_day(now) > valid_until else None


def _covered(person: Person, request: VerificationRequest) -> bool:
    if request.has_signed(person.ref):
        return True
    if not isinstance(person, Member) or is_adult(person, request) is not False:
        return False
    return any(
        request.has_signed(member.ref) and is_adult(member, request) is not False
        for member in request.household.members
    )


def is_adult(person: Person, request: VerificationRequest) -> bool | None:
    """18 or older at as_of; None where the birth date is not known."""
    born = person.birth_date or birth_date_of(person)
    return None if born is None else age_on(born, request.as_of) >= ADULT


def birth_date_of(person: Person) -> date | None:
    """The date inside a resident identity number of 18 characters (GB 11643)."""
    number = person.id_number
    digits = number[6:14]
    if person.id_type is not IdType.RESIDENT_ID or len(number) != 18:
        return None
    if not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
