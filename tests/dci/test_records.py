"""What is not known is not there, or said in words: never a zero, never a number."""

from datetime import date
from typing import Any, Final

import pytest

from app.api.schemas.verification import VerificationIn
from app.dci.conditions import Compare, Not, Operator, holds
from app.dci.household import Household, read_of
from app.dci.records import group_record, member_record
from app.dci.words import Words
from app.domain.interval import Truth
from app.store.verifications import StoredVerification
from tests.service_parts import NOON, a_body

STANDARD: Final = "urban_dibao@2026-01-01/220102"


def a_household(per_person: Any, *, status: str = "final") -> Household:
    """With that income a person, and nothing known of its assets."""
    test = {"test": "monthly_income_per_person", "value": per_person, "limit": "800.00"}
    decision = {
        "programme": "urban_dibao",
        "standard": STANDARD,
        "outcome": "undetermined",
        "tests": [test],
        "error_rate": 0.25,
    }
    totals = {
        "monthly_income": {"min": "1200.00", "max": None},
        "monthly_income_per_person": per_person,
        "financial_assets": {"min": "0.00", "max": None},
    }
    return Household(
        verification=StoredVerification(
            id="vf_1",
            client_id="cl_1",
            status=status,
            request=VerificationIn(**a_body()).to_domain(),
            requested_at=NOON,
            changed_at=NOON,
            final_at=None,
            recheck_of=None,
        ),
        result={"profile": {"totals": totals}, "decisions": [decision]},
        today=date(2026, 11, 24),
    )


def told(household: Household, locale: str = "eng") -> dict[str, Any]:
    record = group_record(household, Words.of(locale), "https://hedui.test")
    return {one["name"]: one["value"] for one in record["additional_attributes"]}


@pytest.mark.parametrize(
    ("locale", "income", "assets"),
    [("eng", "at least 1200.00", "not known"), ("zho", "不低于1200.00", "不详")],
)
def test_intervals_are_said_in_words(locale: str, income: str, assets: str) -> None:
    named = told(a_household({"min": "400.00", "max": None}), locale)
    assert named["verification.income.monthly"] == income
    assert named["verification.income.monthly.min"] == "1200.00"
    assert named["verification.assets.total"] == assets
    assert "verification.assets.total.min" not in named


def test_the_score_is_a_ratio_of_a_known_income() -> None:
    record = group_record(a_household("400.00"), Words.of("eng"), "https://hedui.test")
    assert record["poverty_score"] == 0.5
    assert STANDARD in record["poverty_score_type"]


def test_an_interval_has_no_score_and_nobody_is_found_by_it() -> None:
    household = a_household({"min": "400.00", "max": "500.00"})
    assert "poverty_score" not in group_record(household, Words.of("eng"), "")
    read = read_of(household, household.head)
    below = Compare("poverty_score", Operator.LESS, (10**9,))  # type: ignore[arg-type]
    assert holds(below, read) is holds(Not(below), read) is Truth.OPEN


def test_before_it_is_final_there_is_its_status_alone() -> None:
    household = a_household("400.00", status="querying")
    named = told(household)
    assert set(named) == {
        "verification.id",
        "verification.status",
        "verification.status_text",
        "verification.as_of",
    }
    member = member_record(household, household.head, Words.of("eng"), "")
    assert "poverty_score" not in member
    assert member["enrolled_programs"] == []
