"""Is this question covered by a consent 授权 at this moment?"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from app.domain.consent import ConsentDecision, Refusal, Withdrawal
from app.domain.evidence import Unasked
from app.domain.household import IdType, Member, Person, VerificationRequest
from app.domain.instants import china_day
from app.domain.period import Window, age_on
from matching.idnumber import parse_number

ADULT = 18
ASKED_ABOUT_MONTHS: Final = frozenset({"tax", "social_insurance"})
"""Sources whose question names months; the others are asked what they hold now."""


def consent_holds(
    request: VerificationRequest,
    refs: Iterable[str],
    source: str,
    *,
    withdrawals: Iterable[Withdrawal],
    now: datetime,
) -> ConsentDecision:
    """Whether the source may be asked about everybody in `refs` now (days are days in China).

    Adults and supporters must have signed themselves, or the guardian 监护人 who is named for
    them; for a minor without one an adult member's signature stands. `withdrawals`: those of the
    request's region and above it.
    """
    given = tuple(withdrawals)
    for ref in refs:
        refusal = (
            _not_begun(request, now)
            or _ended(request, ref, source, withdrawals=given, now=now)
            or _unsigned(request, ref)
            or _beyond(request, ref, source)
        )
        if refusal is not None:
            return ConsentDecision(refusal, now)
    return ConsentDecision(None, now)


def withdrawn_since(
    request: VerificationRequest, ref: str, source: str, withdrawals: Iterable[Withdrawal]
) -> datetime | None:
    """Since when the source may not be asked about the person, for the consent was taken back."""
    reference, _ = request.consent.of(ref)
    number = next((comparable(p.id_number) for p in request.household.persons if p.ref == ref), "")
    since = [
        one.at
        for one in withdrawals
        if one.reference == reference
        and request.region.startswith(one.region)
        and one.number in (None, number)
        and one.source in (None, source)
    ]
    return min(since, default=None)


def comparable(id_number: str) -> str:
    """A document's number as withdrawals name it: 15 digits as the 18 characters they became."""
    return parse_number(id_number).text or id_number.upper()


def _not_begun(request: VerificationRequest, now: datetime) -> Refusal | None:
    signed_on = request.consent.signed_on
    if signed_on is None or china_day(now) >= signed_on:
        return None
    return Refusal(Unasked.NOT_YET_VALID, "the consent is not signed yet")


def _ended(
    request: VerificationRequest,
    ref: str,
    source: str,
    *,
    withdrawals: Sequence[Withdrawal],
    now: datetime,
) -> Refusal | None:
    since = withdrawn_since(request, ref, source, withdrawals)
    if since is not None and since <= now:
        return Refusal(Unasked.WITHDRAWN, "the consent was withdrawn")
    _, valid_until = request.consent.of(ref)
    if china_day(now) > valid_until:
        return Refusal(Unasked.EXPIRED, "the consent has expired")
    return None


def _unsigned(request: VerificationRequest, ref: str) -> Refusal | None:
    person = next((one for one in request.household.persons if one.ref == ref), None)
    if person is None:
        return Refusal(Unasked.NOT_SIGNED, f"{ref} has not signed")
    guardian = request.consent.guardian_of(ref)
    if guardian is not None:
        if may_sign_for(request, guardian, ref):
            return None
        return Refusal(Unasked.NO_GUARDIAN, f"the guardian of {ref} has not signed")
    if request.has_signed(ref) or _minor_of_signed(person, request):
        return None
    return Refusal(Unasked.NOT_SIGNED, f"{ref} has not signed")


def may_sign_for(request: VerificationRequest, guardian: str, ward: str) -> bool:
    """The guardian has signed, is grown up, and is nobody's ward."""
    consent = request.consent
    person = next((one for one in request.household.persons if one.ref == guardian), None)
    if person is None or guardian == ward or consent.guardian_of(guardian) is not None:
        return False
    return request.has_signed(guardian) and is_adult(person, request) is not False


def _beyond(request: VerificationRequest, ref: str, source: str) -> Refusal | None:
    scope = request.consent.scope_of(ref)
    if scope.sources is not None and source not in scope.sources:
        return Refusal(Unasked.OUT_OF_SCOPE, "the consent does not cover this source")
    if scope.purposes is not None and request.purpose not in scope.purposes:
        return Refusal(Unasked.OUT_OF_SCOPE, "the consent does not cover this purpose")
    if scope.programmes is not None and not set(request.programmes) <= set(scope.programmes):
        return Refusal(Unasked.OUT_OF_SCOPE, "the consent does not cover every programme")
    if scope.data_from is None or source not in ASKED_ABOUT_MONTHS:
        return None
    if Window.before(request.as_of).start >= scope.data_from:
        return None
    return Refusal(Unasked.OUT_OF_SCOPE, "the consent does not cover all the months asked about")


def _minor_of_signed(person: Person, request: VerificationRequest) -> bool:
    """A member under age in a household of which an adult member has signed."""
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
