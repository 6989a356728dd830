"""Small builders with good defaults: a household of made-up people, a request, the evidence.

Every builder gives something that stands by itself; what a test is about is what it changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any, Final

from app.domain.evidence import Evidence, Link, SourceState, SourceStatus
from app.domain.household import (
    AssetKind,
    Consent,
    Declared,
    DeclaredAsset,
    DeclaredExpense,
    DeclaredIncome,
    ExpenseKind,
    Household,
    IdType,
    IncomeBasis,
    IncomeKind,
    Member,
    Purpose,
    Relationship,
    Supporter,
    VerificationRequest,
)
from app.programmes.needs import Needs
from app.programmes.standard import Counting, Standards
from app.verification.merge.records import Material, Rates
from app.verification.plan import SOURCES
from connectors.records import (
    AnyRecord,
    BalanceLimit,
    BankAccount,
    Benefit,
    BusinessInterest,
    Contribution,
    FundAccount,
    Holding,
    IncomeEntry,
    Ownership,
    Policy,
    RegisteredPerson,
    Vehicle,
    Vessel,
)
from tests.records import AS_OF, PEOPLE

NOON: Final = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
REGION: Final = "220102003"
"""A street in town: the urban standard of 760.00 holds."""
_evidence_numbers = count(1)


def a_member(ref: str = "m1", **changes: Any) -> Member:
    name, id_number = PEOPLE[ref]
    relations = {"m2": Relationship.SPOUSE, "m3": Relationship.CHILD, "m4": Relationship.PARENT}
    values: dict[str, Any] = {
        "ref": ref,
        "name": name,
        "id_type": IdType.RESIDENT_ID,
        "id_number": id_number,
        "relationship": relations.get(ref, Relationship.HEAD),
    }
    return Member(**{**values, **changes})


def a_supporter(ref: str = "s1", **changes: Any) -> Supporter:
    """A parent outside the household, alone, who supports m1."""
    name, id_number = PEOPLE[ref]
    values: dict[str, Any] = {
        "ref": ref,
        "name": name,
        "id_type": IdType.RESIDENT_ID,
        "id_number": id_number,
        "relationship": Relationship.PARENT,
        "supports": ("m1",),
        "household_size": 1,
    }
    return Supporter(**{**values, **changes})


def a_household(*persons: Member | Supporter) -> Household:
    """These persons, or one member alone."""
    return Household(
        address="长春市南关区民康街道平阳街12号3栋2单元501室",
        members=tuple(one for one in persons if isinstance(one, Member)) or (a_member(),),
        supporters=tuple(one for one in persons if isinstance(one, Supporter)),
    )


def a_consent(**changes: Any) -> Consent:
    values: dict[str, Any] = {
        "reference": "SQ-2026-000123",
        "signed_on": date(2026, 11, 20),
        "valid_until": date(2027, 11, 19),
        "document_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "signatories": ("m1", "m2", "m4", "s1", "s2"),
    }
    return Consent(**{**values, **changes})


def a_request(*persons: Member | Supporter, **changes: Any) -> VerificationRequest:
    """A request for urban dibao; everybody grown up has signed and nothing is declared."""
    values: dict[str, Any] = {
        "case_reference": "220102-2026-000123",
        "region": REGION,
        "purpose": Purpose.APPLICATION,
        "as_of": AS_OF,
        "programmes": ("urban_dibao",),
        "consent": a_consent(),
        "household": a_household(*persons),
        "declared": Declared(),
    }
    return VerificationRequest(**{**values, **changes})


def declared(*items: DeclaredIncome | DeclaredAsset | DeclaredExpense) -> Declared:
    return Declared(
        income=tuple(one for one in items if isinstance(one, DeclaredIncome)),
        assets=tuple(one for one in items if isinstance(one, DeclaredAsset)),
        expenses=tuple(one for one in items if isinstance(one, DeclaredExpense)),
    )


def declared_income(
    monthly: str, kind: str = "wage", basis: str = "employment", person: str = "m1"
) -> DeclaredIncome:
    return DeclaredIncome(
        person=person, kind=IncomeKind(kind), monthly=Decimal(monthly), basis=IncomeBasis(basis)
    )


def declared_asset(kind: str, value: str | None = None, person: str = "m1") -> DeclaredAsset:
    amount = None if value is None else Decimal(value)
    return DeclaredAsset(person=person, kind=AssetKind(kind), value=amount)


def an_expense(
    yearly: str, kind: str = "medical", *, proven: bool = True, person: str = "m1"
) -> DeclaredExpense:
    return DeclaredExpense(
        person=person, kind=ExpenseKind(kind), yearly=Decimal(yearly), proven=proven
    )


SOURCE_OF: Final[dict[type, str]] = {
    RegisteredPerson: "household_registry",
    IncomeEntry: "tax",
    Contribution: "social_insurance",
    Benefit: "social_insurance",
    Ownership: "property",
    BusinessInterest: "business_registration",
    FundAccount: "housing_fund",
    Vehicle: "vehicle",
    Vessel: "vehicle",
    BankAccount: "bank",
    BalanceLimit: "bank",
    Policy: "insurance",
    Holding: "securities",
}


def accepted(record: AnyRecord, person: str = "m1", **changes: Any) -> Evidence[AnyRecord]:
    """The record as evidence that is the person's by rule."""
    values: dict[str, Any] = {
        "id": f"ev_{next(_evidence_numbers)}",
        "source": SOURCE_OF[type(record)],
        "person": person,
        "institution": "",
        "record": record,
        "link": Link.ACCEPTED,
        "probability": 0.9999999,
        "decided_by": "rule",
        "rule": "number_and_name",
        "comparison": (),
        "prior": -10.0,
        "raw_digest": "sha256:00",
        "answered_at": NOON,
    }
    return Evidence(**{**values, **changes})


def in_review(record: AnyRecord, person: str = "m1", **changes: Any) -> Evidence[AnyRecord]:
    """A record of which a person must say whose it is."""
    return accepted(
        record, person, **{"link": Link.IN_REVIEW, "probability": 0.5, "rule": None, **changes}
    )


def refused(record: AnyRecord, person: str = "m1", **changes: Any) -> Evidence[AnyRecord]:
    return accepted(
        record, person, **{"link": Link.REFUSED, "probability": 0.0, "rule": None, **changes}
    )


def statuses(
    request: VerificationRequest, failed: Iterable[tuple[str, str]] = ()
) -> tuple[SourceStatus, ...]:
    """All ten sources answered all about everybody, but for the (person, source) that failed."""
    gone = set(failed)
    return tuple(
        SourceStatus(
            source=source,
            person=person.ref,
            state=SourceState.FAILED if (person.ref, source) in gone else SourceState.ANSWERED,
            complete=(person.ref, source) not in gone,
        )
        for person in request.household.persons
        for source in SOURCES
    )


@cache
def counting(programme: str = "urban_dibao", as_of: date = AS_OF, region: str = REGION) -> Counting:
    """The shipped counting rules."""
    return shipped().in_force(programme, region, as_of).counting


@cache
def shipped() -> Standards:
    return Standards.load()


NEEDS: Final = Needs.load()
"""The shipped table of what each programme may ask."""
RATES: Final = Rates({"USD": Decimal("7.10")})


def a_material(
    *evidence: Evidence[AnyRecord] | AnyRecord,
    request: VerificationRequest | None = None,
    failed: Sequence[tuple[str, str]] = (),
    **counted: Any,
) -> Material:
    """What a profile is made from; a bare record is m1's. `counted` changes counting rules."""
    asked = request or a_request()
    return Material(
        request=asked,
        evidence=tuple(one if isinstance(one, Evidence) else accepted(one) for one in evidence),
        statuses=statuses(asked, failed),
        counting=replace(counting(as_of=asked.as_of), **counted),
        rates=RATES,
    )
