"""One household as the registry knows it: its newest verification and what that found. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.access.consent import birth_date_of
from app.dci import attributes
from app.dci.conditions import Known, Read
from app.domain.household import IdType, Member, Relationship
from app.domain.instants import china_day
from app.domain.period import age_on
from app.store.dci_enrolments import Enrolment
from app.store.dci_households import FoundReport
from app.store.verifications import StoredVerification
from matching.idnumber import parse_number

_PER_PERSON: Final = "monthly_income_per_person"
_PLACES: Final = Decimal("0.0001")
_IDENTIFIERS: Final = {
    IdType.RESIDENT_ID: attributes.NATIONAL_ID,
    IdType.PASSPORT: attributes.PASSPORT,
    IdType.HK_MACAU_PERMIT: attributes.HK_MACAU_PERMIT,
    IdType.TAIWAN_PERMIT: attributes.TAIWAN_PERMIT,
}
_MARITAL: Final = {"1": "S", "2": "M", "3": "W", "4": "D"}
"""GB/T 2261.2 婚姻状况 by its first digit, in HL7's codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """`result` as stored, cut to what the caller's programmes need; None: nothing is decided yet.

    `registered`: the household registry's record of each person, by ref. `enrolled`: in which
    programmes it receives relief. `earlier`: ids of other verifications of the household. `today`:
    for ages.
    """

    verification: StoredVerification
    result: Mapping[str, Any] | None = field(repr=False, default=None)
    report: FoundReport | None = None
    registered: Mapping[str, Mapping[str, Any]] = field(repr=False, default_factory=dict)
    enrolled: Sequence[Enrolment] = ()
    earlier: tuple[str, ...] = ()
    today: date

    @property
    def id(self) -> str:
        return self.verification.id

    @property
    def region(self) -> str:
        return self.verification.request.region

    @property
    def members(self) -> tuple[Member, ...]:
        return self.verification.request.household.members

    @property
    def head(self) -> Member:
        """The head, or who stands first."""
        found = (one for one in self.members if one.relationship is Relationship.HEAD)
        return next(found, self.members[0])

    @property
    def is_final(self) -> bool:
        return self.verification.status == "final"

    @property
    def decisions(self) -> Sequence[Mapping[str, Any]]:
        """None before the verification is final: what is not final is nobody's to act on."""
        return self.result["decisions"] if self.result is not None and self.is_final else ()

    @property
    def totals(self) -> Mapping[str, Any]:
        """As the interface has them: exact values, or `min` and `max`."""
        profile = self.result.get("profile") if self.result is not None and self.is_final else None
        return profile["totals"] if profile else {}

    @property
    def poverty(self) -> tuple[Decimal, str] | None:
        """Verified income a month and person, as a ratio of the limit of the first programme that
        has one, and the name of that standard; None where the income is not known exactly."""
        for decision in self.decisions:
            for test in decision["tests"]:
                if test["test"] == _PER_PERSON and test["limit"] is not None:
                    value, limit = exact(test["value"]), Decimal(str(test["limit"]))
                    if value is None or limit <= 0:
                        return None
                    return (value / limit).quantize(_PLACES), str(decision["standard"])
        return None


def exact(total: object) -> Decimal | None:
    """A total as a number; None where it is an interval or missing."""
    if isinstance(total, str | int) and not isinstance(total, bool):
        return Decimal(total)
    return None


def sex_of(member: Member) -> str | None:
    """By the identity number; None where it does not tell."""
    if member.id_type is not IdType.RESIDENT_ID:
        return None
    sex = parse_number(member.id_number, member.id_type.value).sex
    return None if sex is None else sex.value


def born_on(member: Member) -> date | None:
    return member.birth_date or birth_date_of(member)


def marital_of(household: Household, member: Member) -> str | None:
    """As the household registry has it; None where it was not told, or is not known there."""
    code = household.registered.get(member.ref, {}).get("hyzk")
    return _MARITAL.get(str(code)[:1]) if code else None


def identifier_kind(member: Member) -> str | None:
    """Our name for the kind of the member's document; None: there is none."""
    return _IDENTIFIERS.get(member.id_type) if member.id_number else None


def read_of(household: Household, member: Member) -> Read:
    """What conditions read of the household and of one of its members."""

    def read(name: str) -> Known:
        if attributes.ATTRIBUTES[name].of_member:
            return _of_member(household, member, name)
        return _of_group(household, name)

    return read


def _of_member(household: Household, member: Member, name: str) -> Known:
    born = born_on(member)
    match name:
        case "sex":
            return _one(sex_of(member))
        case "marital_status":
            return _one(marital_of(household, member))
        case "birth_date":
            return _one(born)
        case "birth_year":
            return None if born is None else (Decimal(born.year),)
        case "age":
            return None if born is None else (Decimal(age_on(born, household.today)),)
        case _:
            fits = identifier_kind(member) == name
            return (attributes.comparable(name, member.id_number),) if fits else ()


def _of_group(household: Household, name: str) -> Known:
    verification = household.verification
    request = verification.request
    match name:
        case "group_size":
            return (Decimal(len(household.members)),)
        case "region":
            return tuple(request.region[:length] for length in range(2, len(request.region) + 1))
        case "registration_date":
            return (china_day(verification.requested_at),)
        case "last_updated":
            return (china_day(verification.final_at or verification.changed_at),)
        case "poverty_score":
            return None if household.poverty is None else (household.poverty[0],)
        case attributes.HOUSEHOLD_ID:
            return (request.case_reference, verification.id, *household.earlier)
        case _:
            return _of_verification(household, name.removeprefix("verification."))


def _of_verification(household: Household, name: str) -> Known:
    decisions = household.decisions
    match name:
        case "status":
            return (household.verification.status,)
        case "as_of":
            return (household.verification.request.as_of,)
        case "valid_until":
            return _one(None if household.report is None else household.report.valid_until)
        case "programme":
            return tuple(one["programme"] for one in decisions) or None
        case "outcome":
            return tuple(one["outcome"] for one in decisions) or None
        case "error_rate_score":
            return _one(error_rate(household))
        case "income.monthly":
            return _one(exact(household.totals.get("monthly_income")))
        case "assets.total":
            return _one(exact(household.totals.get("financial_assets")))
    raise AssertionError(name)


def error_rate(household: Household) -> Decimal | None:
    """The highest predicted error rate of its decisions, from 0 to 1."""
    rates = [Decimal(str(one["error_rate"])) for one in household.decisions]
    return max(rates, default=None)


def _one(value: Decimal | date | str | None) -> Known:
    return None if value is None else (value,)
