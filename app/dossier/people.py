"""The household's persons as staff see them: masked; and what supporters have to pay."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.access.consent import birth_date_of
from app.access.masking import masked_name, masked_number
from app.domain.household import Member, Person, Supporter, VerificationRequest
from app.domain.interval import NOTHING, Interval
from app.domain.money import as_text
from app.domain.period import age_on
from app.dossier.lines import Line, amount
from app.verification.merge.person_income import lines_of
from app.verification.merge.records import Material
from app.verification.merge.support import INCOME_SOURCES


def household_name(request: VerificationRequest) -> str:
    """By the head, or who stands first: `李*`."""
    members = request.household.members
    head = next((one for one in members if one.relationship.value == "head"), members[0])
    return masked_name(head.name)


def persons_document(
    request: VerificationRequest, profile: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Members and supporters, in the order of the application."""
    known = {one["ref"]: one for one in (profile or {}).get("persons", ())}
    return [_person(one, request, known.get(one.ref)) for one in request.household.persons]


def _person(
    one: Person, request: VerificationRequest, known: Mapping[str, Any] | None
) -> dict[str, Any]:
    born = one.birth_date or birth_date_of(one)
    return {
        "ref": one.ref,
        "role": "supporter" if isinstance(one, Supporter) else "member",
        "name": masked_name(one.name),
        "id_type": one.id_type.value,
        "id_number": masked_number(one.id_number),
        "relationship": one.relationship.value,
        "age": None if born is None else age_on(born, request.as_of),
        "in_school": one.in_school if isinstance(one, Member) else None,
        "excluded": one.excluded.value if isinstance(one, Member) and one.excluded else None,
        "supports": list(one.supports) if isinstance(one, Supporter) else [],
        "signed": request.has_signed(one.ref),
        "identity": None if known is None else known["identity"],
        "alive": None if known is None else known["alive"],
        "counted": None if known is None else known["counted"],
        "why": None if known is None else known["why"],
    }


def supporters_document(material: Material, income: Sequence[Line]) -> list[dict[str, Any]]:
    """What each supporter 赡养人 has to pay, and by which figures."""
    return [_supporter(material, one, income) for one in material.request.household.supporters]


def _supporter(material: Material, one: Supporter, income: Sequence[Line]) -> dict[str, Any]:
    line = next((line for line in income if line.person == one.ref), None)
    declared = one.declared_payment_monthly
    signed = material.request.has_signed(one.ref)
    return {
        "ref": one.ref,
        "household_size": one.household_size,
        "supports": list(one.supports),
        "signed": signed,
        "declared": None if declared is None else as_text(declared),
        "payment": _payment(line, asked=signed),
        "basis": "computed" if signed else "declared" if declared is not None else "not_asked",
        "formula": _formula(material, one) if signed else None,
    }


def _payment(line: Line | None, *, asked: bool) -> Any:
    if line is None or line.value is None:
        return as_text(NOTHING.low) if asked else None
    return amount(line.value)


def _formula(material: Material, one: Supporter) -> dict[str, Any]:
    """(income ÷ household − standard) × share × those who count ÷ those supported; a month."""
    counting = material.counting
    lines = [line for line in lines_of(material, one.ref) if line.counted]
    income = sum((line.total for line in lines), NOTHING)
    is_open = any(material.is_open(one.ref, source) for source in INCOME_SOURCES)
    monthly = income.per(Interval.exactly(counting.window_months))
    if is_open:
        monthly = Interval(monthly.low, None)
    many = len(one.supports) >= counting.supporters_many
    return {
        "income_monthly": amount(monthly),
        "household_size": one.household_size,
        "income_per_person": amount(monthly.per(Interval.exactly(one.household_size))),
        "standard": as_text(counting.local_standard),
        "share": f"{(counting.supporter_share_many if many else counting.supporter_share):f}",
        "supported": len([ref for ref in one.supports if not material.why_not_counted(ref)]),
        "of": len(one.supports),
    }
