"""Rows add up to their group's total, and a wage to what counts of it, whatever sources tell."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.settlement import SettledAs
from app.dossier.document import File, dossier
from app.verification.conclude import Case, conclude
from app.verification.document import profile_document
from app.verification.questions import settlement_of
from connectors.records import AnyRecord
from tests.builders import a_member, a_request, a_supporter, declared_income
from tests.concluding import Told, knowledge, told
from tests.records import (
    OTHER_WORKS,
    WINDOW,
    a_contribution,
    a_fund_account,
    a_registered_person,
    a_tax_entry,
    subject,
)
from tests.verification.test_decisions import CASES, request_of, rows_of

FLOOR = "4166.00"


def shown(case: Case) -> dict[str, Any]:
    """The table of values of the case, as it is concluded from its records."""
    body = {"profile": profile_document(conclude(case, knowledge()).profile)}
    return dossier(File(case=case, body=body, version=1, computed_at=None), knowledge())


def of_wage(case: Case, ref: str = "m1") -> dict[str, Any]:
    (row,) = (one for one in shown(case)["rows"] if one["id"] == f"income-wage-{ref}")
    found: dict[str, Any] = row
    return found


def uses(row: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["source"]: (one["use"], one["why"]) for one in row["sources"]}


def least(value: Any) -> Decimal:
    if value is None:
        return Decimal(0)
    return Decimal(value["min"] if isinstance(value, dict) else value)


def adds_up(document: dict[str, Any]) -> None:
    """Each row is rounded once, and so is the total."""
    rows = [one for one in document["rows"] if one["group"] == "income" and one["counted"]]
    added = sum((least(one["verified"]) for one in rows), Decimal(0))
    most = Decimal("0.005") * (1 + sum(len(one["lines"]) for one in rows))
    assert abs(added - least(document["income_before_deductions"])) <= most
    for row in rows:
        if row["wage_sum"] is not None:
            wage = {name: Decimal(value) for name, value in row["wage_sum"].items()}
            assert wage["gross"] - wage["tax"] - wage["own"] + wage["raised"] == wage["counted"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_income_rows_add_up_to_the_groups_total(case: dict[str, Any]) -> None:
    request = request_of(case)
    everybody = {one.ref: [a_registered_person(one.ref)] for one in request.household.persons}
    found = Told(
        request=request,
        records=rows_of(case.get("holds", {})),
        registered={**everybody, **rows_of(case.get("registered", {}))},
        failed=[(ref, source) for ref, source in case.get("failed", [])],
    )
    adds_up(shown(found.case()))


MONEY = st.decimals(min_value=0, max_value=20_000, places=2).map(str)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(MONEY, max_size=12), MONEY, st.none() | MONEY, MONEY, st.sampled_from(("tax", "bank"))
)
def test_rows_add_up_whatever_is_told(
    taxed: list[str], own: str, base: str | None, parents: str, failed: str
) -> None:
    """Wages at two employers, deductions beyond them, and a parent who pays."""
    own_records: list[AnyRecord] = [
        a_tax_entry(gross, month) for gross, month in zip(taxed, WINDOW, strict=False)
    ]
    own_records += [a_contribution(FLOOR, month, own) for month in WINDOW[:5]]
    if base is not None:
        employer, code = OTHER_WORKS
        own_records.append(
            a_fund_account(base, employer=employer, employer_code=code, monthly=Decimal("12.33"))
        )
    theirs = [a_tax_entry(parents, month, subjects=(subject("s1"),)) for month in WINDOW]
    request = a_request(a_member(), a_supporter(), declared=_odd_jobs())
    found = told(*own_records, request=request, failed=[("m1", failed)])
    adds_up(shown(replace(found, records={**found.records, "s1": theirs}).case()))


def _odd_jobs() -> Any:
    declared = a_request().declared
    return replace(declared, income=(declared_income("210.00", basis="odd_jobs"),))


def test_what_a_supporter_pays_is_income_and_nobody_declares_it() -> None:
    theirs = [a_tax_entry("5000.00", month, subjects=(subject("s1"),)) for month in WINDOW]
    found = told(request=a_request(a_member(), a_supporter()))
    document = shown(replace(found, records={"s1": theirs}).case())
    (row,) = (one for one in document["rows"] if one["kind"] == "support")
    assert (row["group"], row["persons"], row["why"]) == ("income", ["s1"], "support_computed")
    assert row["comparison"] is None
    assert Decimal(row["verified"]) > 0
    assert row["verified"] == document["income_before_deductions"]


def test_a_wage_says_how_gross_becomes_what_counts() -> None:
    taxed = [a_tax_entry("2600.00", month) for month in WINDOW]
    insured = [a_contribution("2600.00", month, "500.80") for month in WINDOW]
    row = of_wage(told(*taxed, *insured).case())
    added = row["wage_sum"]
    assert row["verified"] == "2099.20"
    assert (added["gross"], added["tax"], added["own"], added["counted"]) == (
        "31200.00",
        "0.00",
        "6009.60",
        "25190.40",
    )
    assert (added["months"], added["window_months"], added["exact"]) == (12, 12, True)


def test_a_base_at_its_floor_counts_as_the_minimum_wage() -> None:
    floor = f"{knowledge_counting().contribution_floor:f}"
    insured = [a_contribution(floor, month) for month in WINDOW[:3]]
    added = of_wage(told(*insured).case())["wage_sum"]
    assert (added["months"], added["floor_months"]) == (3, 3)
    assert Decimal(added["gross"]) == 3 * knowledge_counting().minimum_wage


def knowledge_counting() -> Any:
    request = a_request()
    standards = knowledge().standards
    return standards.in_force(request.programmes[0], request.region, request.as_of).counting


def test_two_jobs_use_two_sources_and_none_is_said_to_be_later_in_order() -> None:
    """Of one employer the tax office tells, of the other the housing fund alone."""
    employer, code = OTHER_WORKS
    taxed = [a_tax_entry("2600.00", month) for month in WINDOW]
    fund = a_fund_account("1800.00", employer=employer, employer_code=code)
    found = uses(of_wage(told(*taxed, fund).case()))
    assert found["tax"] == ("used", "first_in_order")
    assert found["housing_fund"] == ("used", "fills_jobs")


@pytest.mark.parametrize(
    ("how", "more", "expected"),
    [
        (
            SettledAs.USE,
            {"option": "housing_fund"},
            {
                "tax": ("not_used", "another_source_chosen"),
                "housing_fund": ("used", "chosen_by_person"),
            },
        ),
        (
            SettledAs.AMOUNT,
            {"amount": Decimal("1500.00")},
            {
                "tax": ("not_used", "amount_set_by_person"),
                "housing_fund": ("not_used", "amount_set_by_person"),
            },
        ),
    ],
)
def test_a_persons_choice_is_the_reason(
    how: SettledAs, more: dict[str, Any], expected: dict[str, Any]
) -> None:
    taxed = [a_tax_entry("1200.00", month) for month in WINDOW]
    case = told(*taxed, a_fund_account("9000.00")).case()
    conclusion = conclude(case, knowledge())
    (found,) = (one for one in conclusion.profile.findings if one.code == "wage_sources_differ")
    rows = [row for row in conclusion.evidence if row.id in found.evidence]
    answer = settlement_of(found.subject or "", rows, how, **more)
    row = of_wage(replace(case, settlements={answer.subject: answer}))
    told_of = uses(row)
    assert {source: told_of[source] for source in expected} == expected
    assert (row["wage_sum"] is None) == (how is SettledAs.AMOUNT)
