"""Financial assets and the housing fund: each thing once, intervals where a bank tells no more."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from app.domain.household import Exclusion
from app.domain.interval import UNKNOWN, Interval
from app.domain.profile import FindingCode
from app.verification.merge.profile import merge
from app.verification.merge.records import Material
from connectors.records import (
    AccountState,
    AnyRecord,
    BankAccountKind,
    BankAccountState,
    HoldingKind,
    PolicyRole,
    PolicyState,
)
from tests.builders import a_material, a_member, a_request, accepted
from tests.records import a_fund_account, a_holding, a_limit, a_policy, an_account

D = Decimal


def financial(*records: AnyRecord) -> Interval:
    return merge(a_material(*records)).totals.value("financial_assets")


def exactly(amount: str) -> Interval:
    return Interval.exactly(D(amount))


# Banks


@pytest.mark.parametrize(
    ("kind", "line", "counts"),
    [
        (BankAccountKind.CURRENT, "deposit", True),
        (BankAccountKind.TIME_DEPOSIT, "deposit", True),
        (BankAccountKind.STRUCTURED_DEPOSIT, "deposit", True),
        (BankAccountKind.WEALTH_PRODUCT, "wealth_product", True),
        (BankAccountKind.LOAN, "deposit", False),
    ],
)
def test_kinds_of_accounts(kind: BankAccountKind, line: str, counts: bool) -> None:
    profile = merge(a_material(an_account("1000.00", kind=kind)))
    (found,) = profile.assets
    assert (found.kind.value, found.counted) == (line, counts)
    assert profile.totals.financial_assets == exactly("1000" if counts else "0")


def test_a_loan_is_not_netted() -> None:
    loan = an_account("800.00", kind=BankAccountKind.LOAN, account="6222****0999")
    assert financial(an_account("1000.00"), loan) == exactly("1000.00")


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (BankAccountState.NORMAL, True),
        (BankAccountState.FROZEN, True),
        (BankAccountState.DORMANT, True),
        (BankAccountState.CLOSED, False),
    ],
)
def test_open_accounts_count_frozen_and_dormant_ones_too(
    state: BankAccountState, counts: bool
) -> None:
    assert financial(an_account("70.10", state=state)) == exactly("70.10" if counts else "0")


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        ("CNY", exactly("1000.00")),
        ("USD", exactly("7100.00")),
        ("EUR", UNKNOWN),  # no rate is configured
        (None, UNKNOWN),
    ],
)
def test_foreign_money_counts_in_yuan(currency: str | None, expected: Interval) -> None:
    assert financial(an_account("1000.00", currency=currency)) == expected


def test_yuan_are_rounded_at_the_end_of_the_total() -> None:
    """0.004 yuan and 0.004 yuan are 0.01: 0.0005 dollars at 7.10 are 0.00355 yuan."""
    cents = [an_account("0.0005", currency="USD", account=str(n)) for n in range(2)]
    assert financial(*cents) == exactly("0.01")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, "1000.00"),
        ({"branch": "长春平阳街支行"}, "1000.00"),
        ({"bank": "abc"}, "2000.00"),
        ({"account": "6222****0124"}, "2000.00"),
        ({"kind": BankAccountKind.TIME_DEPOSIT}, "2000.00"),
        ({"account": None}, "2000.00"),
    ],
)
def test_an_account_is_one_by_bank_masked_number_and_kind(
    other: dict[str, object], expected: str
) -> None:
    assert financial(an_account("1000.00"), an_account("1000.00", **other)) == exactly(expected)


def test_of_one_account_told_twice_the_newest_balance_holds() -> None:
    older = an_account("5000.00", balance_on=date(2026, 11, 20))
    newer = an_account("1000.00", balance_on=date(2026, 11, 23))
    assert financial(older, newer) == financial(newer, older) == exactly("1000.00")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (an_account(None), UNKNOWN),
        (an_account("1000.00", state=None), Interval(D(0), D(1000))),
        (an_account("1000.00", kind=None), Interval(D(0), D(1000))),
        (an_account("-300.00"), exactly("0.00")),
    ],
)
def test_what_a_bank_does_not_tell_is_not_nothing(record: AnyRecord, expected: Interval) -> None:
    assert financial(record) == expected


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([a_limit(over=True)], Interval(D(20000), None)),
        ([a_limit(over=False)], Interval(D(0), D(20000))),
        ([a_limit(over=False), a_limit(over=False, limit="9000.00")], Interval(D(0), D(9000))),
        ([a_limit(over=False), an_account("500.00")], Interval(D(500), D(20500))),
        ([a_limit(over=True), an_account("500.00")], Interval(D(20500), None)),
        ([a_limit(over=True), a_limit(over=True)], Interval(D(20000), None)),
        ([a_limit(over=True), a_limit(over=True, bank="abc")], Interval(D(40000), None)),
    ],
)
def test_a_bank_that_tells_only_a_limit_makes_an_interval(
    records: list[AnyRecord], expected: Interval
) -> None:
    assert financial(*records) == expected


def test_limits_are_lines_without_an_invented_number() -> None:
    (line,) = merge(a_material(a_limit(over=True))).assets
    assert line.value == Interval(D(20000), None)
    assert line.details["discloses"] == "limit_only"


# Securities


def test_market_value_and_the_cash_once_an_account() -> None:
    rows = [
        a_holding("2931.00", "105.20"),
        a_holding("400.00", "105.20", code="000001", market="深A"),
        a_holding("10.00", "7.00", account="1800****9999"),
    ]
    assert financial(*rows) == exactly("3453.20")


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (HoldingKind.STOCK, "security"),
        (HoldingKind.BOND, "security"),
        (HoldingKind.REPO, "security"),
        (HoldingKind.OTHER, "security"),
        (HoldingKind.FUND, "fund"),
    ],
)
def test_kinds_of_securities(kind: HoldingKind, line: str) -> None:
    (found,) = merge(a_material(a_holding("100.00", kind=kind))).assets
    assert (found.kind.value, found.value) == (line, exactly("100"))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([a_holding(None, "5.00")], Interval(D(5), None)),
        ([a_holding("100.00", None)], Interval(D(100), None)),
        # another row of the account tells its cash
        ([a_holding("100.00", None), a_holding("1.00", "5.00", code="000001")], exactly("106")),
        # an account that holds nothing but cash
        ([a_holding(None, "5.00", code=None, security=None)], exactly("5.00")),
    ],
)
def test_what_a_row_does_not_tell(rows: list[AnyRecord], expected: Interval) -> None:
    assert financial(*rows) == expected


# Insurance


@pytest.mark.parametrize(
    ("role", "counts"),
    [(PolicyRole.HOLDER, True), (PolicyRole.INSURED, False), (PolicyRole.BENEFICIARY, False)],
)
def test_the_cash_value_is_the_policy_holders(role: PolicyRole, counts: bool) -> None:
    assert financial(a_policy("850.00", role=role)) == exactly("850" if counts else "0")


@pytest.mark.parametrize("state", list(PolicyState))
def test_policies_in_force_count(state: PolicyState) -> None:
    expected = "850.00" if state is PolicyState.IN_FORCE else "0"
    assert financial(a_policy("850.00", state=state)) == exactly(expected)


def test_a_policy_told_twice_is_one_whatever_the_role_that_comes_first() -> None:
    rows: list[AnyRecord] = [a_policy("850.00", role=PolicyRole.INSURED), a_policy("850.00")]
    assert financial(*rows) == financial(*reversed(rows)) == exactly("850.00")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (a_policy(None), UNKNOWN),
        (a_policy("850.00", state=None), Interval(D(0), D(850))),
        (a_policy("850.00", role=None), Interval(D(0), D(850))),
    ],
)
def test_what_an_insurer_does_not_tell(record: AnyRecord, expected: Interval) -> None:
    assert financial(record) == expected


# Housing fund


@pytest.mark.parametrize("state", list(AccountState))
def test_fund_accounts_not_closed_are_a_total_of_their_own(state: AccountState) -> None:
    account = a_fund_account(balance=D("8500.00"), state=state, last_month=date(2022, 5, 1))
    totals = merge(a_material(account)).totals
    expected = "0" if state is AccountState.CLOSED else "8500.00"
    assert totals.housing_fund_balance == exactly(expected)
    assert totals.financial_assets == exactly("0")


def test_fund_accounts_are_each_once() -> None:
    rows = [
        a_fund_account(balance=D(100), changed_at=datetime(2026, 1, 1)),  # noqa: DTZ001 - as keyed
        a_fund_account(balance=D(300), changed_at=datetime(2026, 3, 1)),  # noqa: DTZ001
        a_fund_account(balance=D(50), account="2201337002"),
    ]
    assert merge(a_material(*rows)).totals.housing_fund_balance == exactly("350")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (a_fund_account(balance=None), UNKNOWN),
        (a_fund_account(balance=D(100), state=None), Interval(D(0), D(100))),
    ],
)
def test_what_the_fund_does_not_tell(record: AnyRecord, expected: Interval) -> None:
    assert merge(a_material(record)).totals.housing_fund_balance == expected


# Whose


def test_all_members_assets_are_the_households() -> None:
    request = a_request(a_member("m1"), a_member("m2"))
    material = a_material(
        an_account("100.00"), accepted(an_account("50.01"), "m2"), request=request
    )
    totals = merge(material).totals
    assert totals.financial_assets == exactly("150.01")
    assert totals.value("financial_assets_per_person") == exactly("75.01")


def test_who_does_not_count_has_no_assets_that_count() -> None:
    request = a_request(a_member("m1"), a_member("m2", excluded=Exclusion.SERVING_SENTENCE))
    material: Material = a_material(accepted(an_account("50.00"), "m2"), request=request)
    profile = merge(material)
    (line,) = profile.assets
    assert (line.counted, line.why) == (False, "excluded_serving_sentence")
    assert profile.totals.financial_assets == exactly("0")
    assert FindingCode.ASSET_NOT_DECLARED not in [one.code for one in profile.findings]
