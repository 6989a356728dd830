"""tests/cases/decisions.yaml: what registers hold of a household, and the decisions that follow."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from app.domain.decision import Decision
from app.domain.household import (
    AssetKind,
    Declared,
    DeclaredAsset,
    Exclusion,
    ExpenseKind,
    VerificationRequest,
)
from app.verification.document import decision_document, totals_document
from connectors.records import (
    AnyRecord,
    BenefitKind,
    EnterpriseState,
    VehicleKind,
    VehicleState,
)
from tests.builders import (
    a_consent,
    a_member,
    a_request,
    a_supporter,
    an_expense,
    declared_income,
)
from tests.concluding import Told
from tests.records import (
    WINDOW,
    a_benefit,
    a_business_interest,
    a_contribution,
    a_fund_account,
    a_home,
    a_limit,
    a_registered_person,
    a_shareholding,
    a_tax_entry,
    a_vehicle,
    a_vessel,
    an_account,
    subject,
)

CASES: Final[list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "decisions.yaml").read_text("utf-8")
)
AS_BEFORE_2015: Final = {
    "unit": None,
    "certificate": "长房权证南字第12345号",
    "address": "平阳街十二号3-2-501",
}


def wages(ref: str, gross: str, months: int = 12) -> list[AnyRecord]:
    whose = (subject(ref),)
    return [a_tax_entry(gross, month, subjects=whose) for month in WINDOW[:months]]


def base(ref: str, base: str) -> list[AnyRecord]:
    return [a_contribution(base, month, subjects=(subject(ref),)) for month in WINDOW]


def fund(ref: str, base: str) -> list[AnyRecord]:
    return [a_fund_account(base, subjects=(subject(ref),))]


def pension(ref: str, kind: str, amount: str) -> list[AnyRecord]:
    """Of two years, so that any window of the cases is full."""
    months = (date(2025 + n // 12, n % 12 + 1, 1) for n in range(24))
    whose = (subject(ref),)
    return [a_benefit(BenefitKind(kind), amount, month, subjects=whose) for month in months]


def account(ref: str, balance: str) -> list[AnyRecord]:
    return [an_account(balance, subjects=(subject(ref),))]


def limit(ref: str, over: bool) -> list[AnyRecord]:
    return [a_limit(over=over, subjects=(subject(ref),))]


def home(
    ref: str, owners: Sequence[str] = (), old: bool = False, **changes: Any
) -> list[AnyRecord]:
    return [a_home(*(owners or (ref,)), **(AS_BEFORE_2015 if old else {}), **changes)]


def share(ref: str, subscribed: str, state: str = "in_business") -> list[AnyRecord]:
    whose = (subject(ref),)
    return [a_shareholding(subscribed, state=EnterpriseState(state), subjects=whose)]


def shop(ref: str) -> list[AnyRecord]:
    return [a_business_interest(subjects=(subject(ref),))]


def car(
    ref: str, state: str = "normal", kind: str = "passenger_car", **changes: Any
) -> list[AnyRecord]:
    whose = (subject(ref),)
    return [a_vehicle(state=VehicleState(state), kind=VehicleKind(kind), subjects=whose, **changes)]


def vessel(ref: str) -> list[AnyRecord]:
    return [a_vessel(subjects=(subject(ref),))]


def person(ref: str, dead: bool = False, **about: Any) -> list[AnyRecord]:
    record = a_registered_person(ref, dead=dead)
    if about:
        record = a_registered_person(ref, dead=dead, subjects=(subject(ref, **about),))
    return [record]


ROWS: Final[Mapping[str, Callable[..., list[AnyRecord]]]] = {
    one.__name__: one
    for one in (
        wages, base, fund, pension, account, limit, home, share, shop, car, vessel, person
    )
}  # fmt: skip


def rows_of(held: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[AnyRecord]]:
    return {
        ref: [
            record for row in rows for name, how in row.items() for record in ROWS[name](ref, **how)
        ]
        for ref, rows in held.items()
    }


def request_of(case: Mapping[str, Any]) -> VerificationRequest:
    away = case.get("excluded", {})
    members = [
        a_member(ref, excluded=Exclusion(away[ref]) if ref in away else None)
        for ref in case.get("members", ["m1"])
    ]
    supporters = [a_supporter(ref) for ref in case.get("supporters", [])]
    signed = tuple(set(a_consent().signatories) - set(case.get("unsigned", [])))
    return a_request(
        *members,
        *supporters,
        as_of=case.get("as_of", date(2026, 11, 24)),
        programmes=tuple(case["expected"]),
        consent=a_consent(signatories=signed),
        declared=_declared(case.get("declared", {})),
    )


def _declared(what: Mapping[str, Any]) -> Declared:
    return Declared(
        income=tuple(declared_income(*one) for one in what.get("income", [])),
        assets=tuple(
            DeclaredAsset(person="m1", kind=AssetKind(one), value=Decimal(0))
            for one in what.get("assets", [])
        ),
        expenses=tuple(
            an_expense(yearly, ExpenseKind(kind)) for yearly, kind in what.get("expenses", [])
        ),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_decisions_that_follow(case: dict[str, Any]) -> None:
    request = request_of(case)
    everybody = {one.ref: [a_registered_person(one.ref)] for one in request.household.persons}
    conclusion = Told(
        request=request,
        records=rows_of(case.get("holds", {})),
        registered={**everybody, **rows_of(case.get("registered", {}))},
        failed=[(ref, source) for ref, source in case.get("failed", [])],
    ).conclusion()
    totals = totals_document(conclusion.profile.totals)
    assert {name: totals[name] for name in case.get("totals", {})} == case.get("totals", {})
    for decision in conclusion.decisions:
        check(decision, case["expected"][decision.programme])
    if "findings" in case:
        assert {one.code.value for one in conclusion.profile.findings} == set(case["findings"])


def check(decision: Decision, expected: Mapping[str, Any]) -> None:
    shown = decision_document(decision)
    tests = {one["test"]: one for one in shown["tests"]}
    assert shown["outcome"] == expected["outcome"]
    for name, values in expected.get("tests", {}).items():
        assert {key: tests[name][key] for key in values} == values
    for key in set(expected) - {"outcome", "tests"}:
        assert shown[key] == expected[key], key


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({case["case"] for case in CASES}) == len(CASES)
