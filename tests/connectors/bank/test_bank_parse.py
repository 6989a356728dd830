"""What a person's lines mean: found, none, partial or unknown."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bank.client import MAPPING
from connectors.bank.parse import Bank, outcome_of
from connectors.contract import Found, NoRecord, Outcome, Partial, Unknown
from connectors.failure import FailureKind
from connectors.mapping import FieldMap
from connectors.records import BalanceLimit, BankAccount, BankAccountKind, BankAccountState
from tests.connectors.bank.builders import LI, WANG, account, nothing

FIELDS = FieldMap.load(MAPPING)
ICBC = Bank("icbc", None, FIELDS)
PSBC = Bank("psbc", Decimal("20000.00"), FIELDS)
LINE = "1|Y|李明|229901198003071236|6222****0123|{kind}|CNY|{balance}|{day}|支行|{state}|1.00|2.00"


def a_line(
    kind: str = "01", balance: str = "15320.55", day: str = "20261124", state: str = "0"
) -> str:
    return LINE.format(kind=kind, balance=balance, day=day, state=state)


def limit(result: str, name: str = "李明", number: str = "229901198003071236") -> str:
    return f"1|{result}|{name}|{number}" + "|" * 9


def read(*lines: str, bank: Bank = ICBC) -> Outcome:
    return outcome_of([line.encode("gb18030") for line in lines], LI, bank)


def test_an_account_in_its_own_currency() -> None:
    line = (
        "1|Y|李明|229901800307123|6228****7789|02|USD|1200.00|20261124|长春平阳街支行|1|3.10|2.00"
    )
    outcome = read(line)
    assert isinstance(outcome, Found)
    (record,) = outcome.records
    assert isinstance(record, BankAccount)
    assert record.bank == "icbc"
    assert record.account == "6228****7789"
    assert record.kind is BankAccountKind.TIME_DEPOSIT
    assert record.currency == "USD"
    assert record.balance == Decimal("1200.00")
    assert record.balance_on == date(2026, 11, 24)
    assert record.branch == "长春平阳街支行"
    assert record.state is BankAccountState.FROZEN
    assert (record.money_in, record.money_out) == (Decimal("3.10"), Decimal("2.00"))
    assert record.subjects[0].name == "李明"
    assert record.subjects[0].id_number == "229901800307123"
    assert record.raw["balance"] == "1200.00"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("01", BankAccountKind.CURRENT),
        ("02", BankAccountKind.TIME_DEPOSIT),
        ("03", BankAccountKind.WEALTH_PRODUCT),
        ("04", BankAccountKind.STRUCTURED_DEPOSIT),
        ("09", BankAccountKind.LOAN),
    ],
)
def test_kinds(code: str, kind: BankAccountKind) -> None:
    outcome = read(a_line(kind=code))
    assert isinstance(outcome, Found)
    assert isinstance(outcome.records[0], BankAccount)
    assert outcome.records[0].kind is kind


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([nothing(1)], (NoRecord, None, 0)),
        ([nothing(1), nothing(1)], (NoRecord, None, 0)),
        ([account(1), account(1)], (Found, None, 1)),  # the same line twice
        ([account(1), account(1, end="7789")], (Found, None, 2)),
        ([account(1, WANG)], (Unknown, FailureKind.MISMATCHED, 0)),
        ([account(1), account(1, WANG)], (Partial, FailureKind.MISMATCHED, 1)),
        ([account(1), nothing(1)], (Unknown, FailureKind.MALFORMED, 0)),
        (["1|E|证件号码不符" + "|" * 10], (Unknown, FailureKind.REJECTED, 0)),
        ([account(1), "1|E|超时" + "|" * 10], (Partial, FailureKind.REJECTED, 1)),
        ([nothing(1), "1|E|超时" + "|" * 10], (Unknown, FailureKind.MALFORMED, 0)),
        ([account(1), "1|Y|李明"], (Partial, FailureKind.MALFORMED, 1)),
        (["1|N"], (Unknown, FailureKind.MALFORMED, 0)),
        (["1|N|李明" + "|" * 10], (Unknown, FailureKind.MALFORMED, 0)),
        (["1|Q" + "|" * 11], (Unknown, FailureKind.MALFORMED, 0)),
        (["1|Y" + "|" * 11], (Unknown, FailureKind.MALFORMED, 0)),
        ([a_line(kind="77")], (Partial, FailureKind.UNMAPPED, 1)),
        ([a_line(state="5")], (Partial, FailureKind.UNMAPPED, 1)),
        ([limit("O")], (Unknown, FailureKind.UNMAPPED, 0)),  # no limit is agreed with this bank
        ([], (Unknown, FailureKind.INCOMPLETE, 0)),
    ],
)
def test_what_lines_mean(
    lines: Sequence[str], expected: tuple[type, FailureKind | None, int]
) -> None:
    outcome = read(*lines)
    kind, why, records = expected
    assert type(outcome) is kind
    assert (outcome.gap.kind if isinstance(outcome, (Partial, Unknown)) else None) is why
    held = outcome.records if isinstance(outcome, (Found, Partial)) else ()
    assert len(held) == records


@pytest.mark.parametrize("balance", ["NaN", "1e999", "一万", "", "Infinity"])
def test_a_balance_that_is_no_amount_is_never_nothing(balance: str) -> None:
    outcome = read(a_line(balance=balance))
    assert isinstance(outcome, (Partial, Unknown))
    if isinstance(outcome, Partial):
        assert isinstance(outcome.records[0], BankAccount)
        assert outcome.records[0].balance is None
        assert outcome.records[0].problems


def test_over_and_not_over_the_limit_of_that_bank() -> None:
    outcome = read(limit("O"), limit("U", number="229902197803110733"), bank=PSBC)
    assert isinstance(outcome, Found)
    over, not_over = outcome.records
    assert isinstance(over, BalanceLimit)
    assert isinstance(not_over, BalanceLimit)
    assert (over.over, over.limit, over.bank) == (True, Decimal("20000.00"), "psbc")
    assert not_over.over is False
    assert not_over.subjects[0].id_number == "229902197803110733"


@pytest.mark.parametrize(
    "lines",
    [
        [limit("O"), limit("U")],
        [limit("O"), nothing(1)],
        [limit("O").replace("|||||||||", "|6222||||||||")],
    ],
)
def test_contradictions_about_the_limit_are_unknown(lines: Sequence[str]) -> None:
    outcome = read(*lines, bank=PSBC)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is FailureKind.MALFORMED


def test_a_character_with_a_bar_in_it_splits_nothing() -> None:
    name = next(c for c in map(chr, range(0x4E00, 0x9FA5)) if b"|" in c.encode("gb18030"))
    outcome = read(a_line().replace("支行", name))
    assert isinstance(outcome, Found)
    assert isinstance(outcome.records[0], BankAccount)
    assert outcome.records[0].branch == name


def test_a_line_in_another_encoding_fails_this_person_only() -> None:
    lines = [account(1).encode("gb18030"), b"1|Y|\xff\xff" + b"|" * 10]
    outcome = outcome_of(lines, LI, ICBC)
    assert isinstance(outcome, Partial)
    assert outcome.gap.kind is FailureKind.MALFORMED


def test_a_line_of_nobody_beside_it_makes_what_was_found_a_part() -> None:
    lines = [account(1).encode("gb18030")]
    outcome = outcome_of(lines, LI, ICBC, stray=FailureKind.MALFORMED)
    assert isinstance(outcome, Partial)


@given(st.lists(st.binary(max_size=60).map(lambda tail: b"1|" + tail), max_size=4))
def test_only_the_line_for_nothing_means_nothing(lines: list[bytes]) -> None:
    outcome = outcome_of(lines, LI, ICBC)
    if isinstance(outcome, NoRecord):
        assert {line.replace(b" ", b"") for line in lines} == {nothing(1).encode()}


@given(st.permutations([account(1), account(1, end="7789"), "1|Y|李明"]))
def test_the_order_of_lines_changes_nothing(lines: list[str]) -> None:
    outcome = read(*lines)
    assert isinstance(outcome, Partial)
    assert {record.raw["account"] for record in outcome.records} == {"6222****0123", "6222****7789"}


def test_failures_say_nothing_about_the_person() -> None:
    lines = ["1|E|李明 229901198003071236" + "|" * 10, a_line(kind="李明"), "1|Y|李明"]
    for line in lines:
        outcome = read(line)
        assert isinstance(outcome, (Partial, Unknown))
        assert "李明" not in repr(outcome)
        assert "229901" not in repr(outcome)
