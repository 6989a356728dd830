"""What a person settles, in the merge: values chosen, explanations accepted, records left out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.interval import Interval
from app.domain.profile import Finding, FindingCode, Profile
from app.domain.settlement import SettledAs, Settlement
from app.verification.merge.anomalies import anomalies_of, rules
from app.verification.merge.comparisons import Compared, comparisons_of
from app.verification.merge.conflicts import Conflict, conflicts_of
from app.verification.merge.explanations import Effect, explanations
from app.verification.merge.profile import merge
from app.verification.merge.records import Material
from app.verification.questions import in_place, open_questions, settlement_of
from connectors.records import AnyRecord
from tests.builders import a_material, a_member, a_request, accepted, declared
from tests.builders import declared_asset as of_asset
from tests.builders import declared_income as of_income
from tests.records import (
    AS_OF,
    WINDOW,
    a_contribution,
    a_fund_account,
    a_home,
    a_registered_person,
    a_tax_entry,
    a_vehicle,
    an_account,
)

TAXED = [a_tax_entry("1200.00", month) for month in WINDOW]
WAGES: tuple[AnyRecord, ...] = (a_registered_person("m1"), *TAXED, a_fund_account("9000.00"))
OWNER = a_registered_person("m1")


def finding(material: Material, code: FindingCode) -> Finding:
    [found] = [one for one in merge(material).findings if one.code is code]
    return found


def settled(material: Material, subject: str, how: SettledAs, **more: Any) -> Material:
    """With an answer to the question, about the records that it is about now."""
    found = next(one for one in merge(material).findings if one.subject == subject)
    rows = [row for row in material.evidence if row.id in found.evidence]
    answer = settlement_of(subject, rows, how, **more)
    return replace(material, settled=in_place({subject: answer}, material.evidence))


def the_conflict(material: Material) -> Conflict:
    [found] = conflicts_of(material)
    return found


def totals(material: Material, name: str) -> Interval:
    return merge(material).totals.value(name)


@pytest.mark.parametrize(
    ("how", "more", "monthly"),
    [
        (SettledAs.USE, {"option": "tax"}, "1200.00"),
        (SettledAs.USE, {"option": "housing_fund"}, "9000.00"),
        (SettledAs.AMOUNT, {"amount": Decimal("2345.67")}, "2345.67"),
    ],
)
def test_the_wage_that_was_chosen_counts(how: SettledAs, more: Any, monthly: str) -> None:
    material = a_material(*WAGES)
    conflict = the_conflict(material)
    assert [one.key for one in conflict.options] == ["tax", "housing_fund"]
    assert [one.holds for one in conflict.options] == [True, False]
    after = settled(material, conflict.subject, how, **more)
    assert totals(after, "monthly_income") == Interval.exactly(Decimal(monthly))
    codes = {one.code for one in merge(after).findings}
    assert FindingCode.WAGE_SOURCES_DIFFER not in codes
    assert FindingCode.VALUE_SETTLED in codes
    asked = {one.subject for one in open_questions(merge(after).findings)}
    assert conflict.subject not in asked


def test_what_was_chosen_is_about_those_records_alone() -> None:
    """One record more, and the question is open again; the first figure counts meanwhile."""
    material = a_material(*WAGES)
    after = settled(material, the_conflict(material).subject, SettledAs.USE, option="housing_fund")
    more = replace(after, evidence=(*after.evidence, accepted(a_contribution("3600.00"))))
    assert totals(more, "monthly_income") == totals(material, "monthly_income")
    assert FindingCode.WAGE_SOURCES_DIFFER in {one.code for one in merge(more).findings}
    gone = tuple(row for row in after.evidence if row.source != "housing_fund")
    assert in_place(after.settled, gone) == {}


def test_two_balances_of_one_account_and_day_are_a_question() -> None:
    low, high = accepted(an_account("100.00")), accepted(an_account("90000.00"))
    material = a_material(accepted(OWNER), low, high)
    assert totals(material, "financial_assets").low == Decimal("90000.00")
    found = finding(material, FindingCode.VALUES_DIFFER)
    assert (found.detail, set(found.evidence)) == ("account", {low.id, high.id})
    subject = the_conflict(material).subject
    after = settled(material, subject, SettledAs.USE, option=low.id)
    assert totals(after, "financial_assets") == Interval.exactly(Decimal("100.00"))
    mine = settled(material, subject, SettledAs.AMOUNT, amount=Decimal("55.00"))
    assert totals(mine, "financial_assets") == Interval.exactly(Decimal("55.00"))


def test_an_older_balance_is_none() -> None:
    older = an_account("100.00", balance_on=AS_OF - timedelta(days=1))
    assert conflicts_of(a_material(OWNER, older, an_account("90000.00"))) == ()
    assert conflicts_of(a_material(OWNER, an_account("100.00"), an_account("100.00"))) == ()


def test_two_areas_of_one_unit_are_a_question() -> None:
    old, new = (
        accepted(a_home(area="60.00")),
        accepted(a_home(area="160.00", certificate="2", registered_on=date(2020, 1, 1))),
    )
    material = a_material(accepted(OWNER), old, new)
    assert totals(material, "homes") == Interval.exactly(1)
    subject = the_conflict(material).subject
    assert finding(material, FindingCode.VALUES_DIFFER).detail == "home"
    for option, area in ((old.id, "60.00"), (new.id, "160.00")):
        after = settled(material, subject, SettledAs.USE, option=option)
        assert totals(after, "floor_area") == Interval.exactly(Decimal(area))
    mine = settled(material, subject, SettledAs.AMOUNT, amount=Decimal("80.00"))
    assert totals(mine, "floor_area") == Interval.exactly(Decimal("80.00"))


def test_measured_twice_is_no_question() -> None:
    again = a_home(area="60.40", certificate="2")
    assert conflicts_of(a_material(OWNER, a_home(area="60.00"), again)) == ()


def explained(material: Material, code: str, amount: str | None = None) -> Material:
    subject = next(
        str(one.subject)
        for one in merge(material).findings
        if str(one.subject).startswith("declared:") and one.evidence
    )
    told = None if amount is None else Decimal(amount)
    return settled(material, subject, SettledAs.EXPLAINED, explanation=code, amount=told)


@pytest.mark.parametrize(
    ("code", "amount", "left"),
    [
        ("stolen_identity", None, "0.00"),
        ("nominal_holder", None, "0.00"),
        ("donation_for_illness", "4000.00", "5000.00"),
        ("donation_for_illness", "40000.00", "0.00"),
        ("forgotten", None, "9000.00"),
    ],
)
def test_what_an_accepted_explanation_leaves_of_money(
    code: str, amount: str | None, left: str
) -> None:
    accounts = an_account("6000.00"), an_account("3000.00", account="2")
    after = explained(a_material(OWNER, *accounts), code, amount)
    assert totals(after, "financial_assets") == Interval.exactly(Decimal(left))
    lines = merge(after).assets
    changed = explanations()[code].effect is not Effect.STANDS
    assert {line.why for line in lines} == ({f"explained_{code}"} if changed else {None})


@pytest.mark.parametrize(
    ("code", "amount", "monthly"),
    [("left_the_job", None, "0.00"), ("lagging_payment", "500.00", "500.00")],
)
def test_what_it_leaves_of_wages(code: str, amount: str | None, monthly: str) -> None:
    after = explained(a_material(OWNER, *TAXED), code, amount)
    assert totals(after, "monthly_income") == Interval.exactly(Decimal(monthly))


def test_a_sold_car_does_not_count_and_another_one_does() -> None:
    material = explained(a_material(OWNER, a_vehicle()), "sold_not_transferred")
    assert totals(material, "vehicles") == Interval.exactly(0)
    second = replace(material, evidence=(*material.evidence, accepted(a_vehicle(plate="吉A00002"))))
    assert totals(second, "vehicles") == Interval.exactly(1)


def test_what_is_not_accepted_stands() -> None:
    material = a_material(OWNER, an_account("9000.00"))
    subject = "declared:asset:m1:deposit"
    after = settled(material, subject, SettledAs.STANDS)
    assert totals(after, "financial_assets") == totals(material, "financial_assets")
    assert subject not in {one.subject for one in open_questions(merge(after).findings)}


def test_each_explanation_says_of_what_and_by_which_rule() -> None:
    kinds = {kind for one in explanations().values() for kind in one.of}
    assert all(kind.split(":")[0] in ("income", "asset") for kind in kinds)
    for code, one in explanations().items():
        assert one.zh, code
        assert one.en, code
        assert not (one.effect is Effect.NOT_COUNTED and not one.proof), code


_UNUSUAL: Mapping[str, tuple[AnyRecord, ...]] = {
    "monthly_pay_high": (a_tax_entry("900000.00"),),
    "monthly_pay_low": (a_tax_entry("0.45"),),
    "contribution_base_high": (a_contribution("360000.00"),),
    "fund_base_high": (a_fund_account("380000.00"),),
    "balance_high": (an_account("9000000.00"),),
    "area_low": (a_home(area="0.09"),),
    "balance_of_a_day_to_come": (an_account(balance_on=AS_OF + timedelta(days=9)),),
    "registered_on_a_day_to_come": (a_home(registered_on=AS_OF + timedelta(days=9)),),
    "same_entry_twice": (a_tax_entry("3000.00"), a_tax_entry("3000.00")),
}


@pytest.mark.parametrize("rule", rules())
def test_each_rule_points_at_its_value_and_at_no_other(rule: str) -> None:
    material = a_material(OWNER, *_UNUSUAL[rule])
    assert [one.rule for one in anomalies_of(material)] == [rule]
    usual = a_material(OWNER, a_tax_entry(), a_contribution(), a_fund_account(), a_home())
    assert list(anomalies_of(usual)) == []


def test_a_reply_that_came_late_may_tell_of_its_own_day() -> None:
    material = a_material(OWNER, an_account(balance_on=AS_OF + timedelta(days=3)))
    late = tuple(
        replace(row, answered_at=row.answered_at + timedelta(days=4)) for row in material.evidence
    )
    assert list(anomalies_of(material)) != []
    assert list(anomalies_of(replace(material, evidence=late))) == []


@pytest.mark.parametrize("rule", rules())
def test_what_is_left_out_counts_no_more_and_what_is_true_is_asked_no_more(rule: str) -> None:
    material = a_material(OWNER, *_UNUSUAL[rule])
    [anomaly] = anomalies_of(material)
    out = settled(material, anomaly.subject, SettledAs.LEFT_OUT)
    others = tuple(row for row in material.evidence if row.id != anomaly.row.id)
    assert merge(out).totals == merge(replace(material, evidence=others)).totals
    true = settled(material, anomaly.subject, SettledAs.TRUE)
    assert merge(true).totals == merge(material).totals
    for after in (out, true):
        asked = [one.subject for one in open_questions(merge(after).findings)]
        assert anomaly.subject not in asked


def compared(*records: AnyRecord, request: Any = None, **more: Any) -> dict[str, Compared]:
    material = a_material(OWNER, *records, request=request, **more)
    profile: Profile = merge(material)
    return {one.kind: one.compared for one in comparisons_of(material, profile)}


def told(*items: Any) -> Any:
    return a_request(a_member("m1"), declared=declared(*items))


@pytest.mark.parametrize(
    ("items", "records", "word"),
    [
        ((of_income("1200.00"),), TAXED, Compared.EQUAL),
        ((of_income("600.00"),), TAXED, Compared.UNDER_DECLARED),
        ((of_income("6000.00"),), TAXED, Compared.OVER_DECLARED),
        ((), TAXED, Compared.OMITTED),
        ((of_income("600.00"),), (), Compared.NOT_CONFIRMED),
    ],
)
def test_declared_beside_verified(items: Any, records: Any, word: Compared) -> None:
    assert compared(*records, request=told(*items)) == {"wage": word}


def test_what_no_source_answered_cannot_be_checked() -> None:
    request = told(of_income("600.00"), of_asset("deposit", "10.00"))
    failed = [("m1", "tax"), ("m1", "bank")]
    words = compared(request=request, failed=failed)
    assert words == {
        "wage": Compared.CANNOT_BE_CHECKED,
        "deposit": Compared.CANNOT_BE_CHECKED,
    }


@given(
    st.sampled_from(["tax", "housing_fund"]),
    st.decimals(min_value=0, max_value=9_000_000, places=2),
    st.sampled_from([SettledAs.USE, SettledAs.AMOUNT]),
)
def test_without_it_everything_is_as_before(option: str, amount: Decimal, how: SettledAs) -> None:
    """A settlement that is taken away leaves no trace in the profile."""
    material = a_material(*WAGES)
    before = merge(material)
    given_ = {"option": option} if how is SettledAs.USE else {"amount": amount}
    after = settled(material, the_conflict(material).subject, how, **given_)
    assert merge(replace(after, settled={})) == before
    other = Settlement(subject="conflict:wage:m1:none", how=how, records=frozenset({"x/y"}))
    assert in_place({"x": other}, material.evidence) == {}
