"""The table of values: which source is used and why, months, and what stays unknown."""

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.programmes.standard import Standards
from tests.records import WINDOW, a_contribution, a_fund_account, a_tax_entry
from tests.service_parts import ScriptedSource, a_body, all_ten, found, running
from tests.web.households import a_file, body, sources

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    async with running(tmp_path_factory.mktemp("rows"), sources()) as service:
        id_, person = await a_file(service, body())
        shown: dict[str, Any] = (await person.get(f"/v1/verifications/{id_}/profile")).json()
        return shown


def row_of(document: dict[str, Any], id_: str) -> dict[str, Any]:
    (row,) = (one for one in document["rows"] if one["id"] == id_)
    found: dict[str, Any] = row
    return found


async def test_one_source_of_a_wage_is_used_and_each_says_why(document: dict[str, Any]) -> None:
    row = row_of(document, "income-wage-m1")
    assert [(one["source"], one["use"], one["why"], one["monthly"]) for one in row["sources"]] == [
        ("tax", "used", "first_in_order", "2600.00"),
        ("housing_fund", "corroborates", "agrees_with_used", "2600.00"),
        ("social_insurance", "not_used", "later_in_order", "3800.00"),
    ]
    assert (row["comparison"], row["difference"]) == ("under_declared", "1400.00")


async def test_what_nobody_answered_is_unknown_and_not_zero(document: dict[str, Any]) -> None:
    row = row_of(document, "financial-housing_fund-m2")
    assert row["verified"] is None
    assert row["comparison"] == "cannot_be_checked"
    (told,) = row["sources"]
    assert (told["state"], told["use"], told["why"]) == ("failed", "open", "not_answered")


async def test_who_has_nothing_anywhere_stands_in_one_row(document: dict[str, Any]) -> None:
    row = row_of(document, "things-vehicle-m1-m2-m3")
    assert (row["declared"], row["verified"], row["comparison"]) == (None, 0, "equal")


async def test_a_supporters_payment_has_its_formula(document: dict[str, Any]) -> None:
    (one,) = document["supporters"]
    assert one["basis"] == "computed"
    assert one["formula"]["standard"] == "760.00"
    assert (one["formula"]["supported"], one["formula"]["of"]) == (1, 1)


async def test_payers_name_nobody_and_amounts_are_no_numbers(tmp_path: Any) -> None:
    """A shop is called after its owner; what it pays may have as many digits as an account."""
    paid = a_tax_entry("1234567890.00", WINDOW[0], payer="南关区王芳小吃店", payer_code=None)
    async with running(tmp_path, all_ten(ScriptedSource("tax", {"m1": found(paid)}))) as service:
        id_, person = await a_file(service, a_body())
        shown = await person.get(f"/v1/verifications/{id_}/profile")
        assert "王芳" not in shown.text
        assert "南关区王*小吃店" in shown.text
        told, *_ = row_of(shown.json(), "income-wage-m1")["sources"]
        assert told["monthly"] == "1234567890.00"
        assert (await person.get(f"/ui/cases/{id_}")).status_code == httpx.codes.OK


async def wage_of(tmp_path: Any, *given: ScriptedSource) -> list[dict[str, Any]]:
    async with running(tmp_path, all_ten(*given)) as service:
        id_, person = await a_file(service, a_body())
        shown = (await person.get(f"/v1/verifications/{id_}/profile")).json()
        told: list[dict[str, Any]] = row_of(shown, "income-wage-m1")["sources"]
        return told


async def test_months_that_a_source_lacks_are_filled_by_the_next(tmp_path: Any) -> None:
    taxed = [a_tax_entry("2600.00", month) for month in WINDOW[:8]]
    fund = a_fund_account("2700.00", last_month=date(2026, 10, 1), balance=Decimal(0))
    tax, housing, _ = await wage_of(
        tmp_path,
        ScriptedSource("tax", {"m1": found(*taxed)}),
        ScriptedSource("housing_fund", {"m1": found(fund)}),
    )
    assert [one["state"] for one in tax["months"]] == ["record"] * 8 + ["none"] * 4
    assert (tax["why"], housing["use"], housing["why"]) == (
        "first_in_order",
        "used",
        "fills_months",
    )


async def test_a_base_at_the_floor_says_nothing_of_pay(tmp_path: Any) -> None:
    taxed = [a_tax_entry("2600.00", month) for month in WINDOW]
    standard = Standards.load().in_force("urban_dibao", "220102003", date(2026, 11, 24))
    floor = f"{standard.counting.contribution_floor:f}"
    insured = [a_contribution(floor, month) for month in WINDOW]
    *_, social = await wage_of(
        tmp_path,
        ScriptedSource("tax", {"m1": found(*taxed)}),
        ScriptedSource("social_insurance", {"m1": found(*insured)}),
    )
    assert (social["use"], social["why"]) == ("not_used", "base_at_floor")
