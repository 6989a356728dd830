"""What rows mean: found, none, partial or unknown."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Found, NoRecord, Outcome, Partial, SourceReply, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.records import Holding, HoldingKind
from connectors.securities.client import MAPPING
from connectors.securities.parse import Form, replies_of, table_of
from connectors.securities.workbook import Cell, rows_of
from tests.connectors.securities.builders import (
    HEADINGS,
    LI,
    LI_YU,
    WANG,
    Value,
    holding,
    says,
    workbook,
)

FORM = Form.load(MAPPING)
LAYOUT = FORM.layout
FAMILY = (LI, WANG, LI_YU)


def replies(*rows: Sequence[Cell]) -> dict[str, SourceReply]:
    table = table_of([HEADINGS, *rows], LAYOUT)
    return {reply.person: reply for reply in replies_of(table, FAMILY, FORM)}


def of_li(*rows: Sequence[Value]) -> Outcome:
    cells = [[_cell(value) for value in row] for row in rows]
    return replies(*cells)["m1"].outcome


def _cell(value: Value) -> Cell:
    """As the child process tells it."""
    if isinstance(value, date):
        return value.isoformat()
    return Decimal(repr(value)) if isinstance(value, float) else value


async def test_a_workbook_from_end_to_end() -> None:
    rows = [holding(), holding(市值=1260.26, 证券类别="基金"), says(2, "无"), says(3, "失败：不符")]
    table = table_of(await rows_of(workbook(rows)), LAYOUT)
    one, two, three = replies_of(table, FAMILY, FORM)
    assert isinstance(one.outcome, Found)
    stock, fund = one.outcome.records
    assert isinstance(stock, Holding)
    assert isinstance(fund, Holding)
    assert stock.account == "1800****4521"
    assert (stock.market, stock.code, stock.security) == ("沪A", "600000", "某某股份")
    assert (stock.kind, fund.kind) == (HoldingKind.STOCK, HoldingKind.FUND)
    assert stock.quantity == 300
    assert (stock.market_value, fund.market_value) == (Decimal("2931.00"), Decimal("1260.26"))
    assert stock.cash == fund.cash == Decimal("105.2")
    assert stock.valued_on == one.as_of == date(2026, 11, 23)
    assert stock.subjects[0].id_number == "229901198003071236"
    assert stock.raw["市值"] == "2,931.00"
    assert two.outcome == NoRecord()
    assert isinstance(three.outcome, Unknown)
    assert three.outcome.gap.kind is FailureKind.REJECTED
    assert "不符" not in three.outcome.gap.detail
    assert "不符" in three.raw.decode()


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("股票", HoldingKind.STOCK),
        ("基金", HoldingKind.FUND),
        ("债券", HoldingKind.BOND),
        ("回购", HoldingKind.REPO),
        ("其他", HoldingKind.OTHER),
    ],
)
def test_kinds(word: str, kind: HoldingKind) -> None:
    outcome = of_li(holding(证券类别=word))
    assert isinstance(outcome, Found)
    assert isinstance(outcome.records[0], Holding)
    assert outcome.records[0].kind is kind


@pytest.mark.parametrize(
    "spoilt", [2.20102e17, "2.20102E+17", 229901198003071232.0, 12345, "2.29901E17"]
)
def test_a_spoilt_identity_number_is_no_number_at_all(spoilt: Value) -> None:
    outcome = of_li(holding(证件号码=spoilt))
    assert isinstance(outcome, Found)
    assert outcome.records[0].subjects[0].id_number is None
    assert outcome.records[0].subjects[0].name == "李明"
    assert outcome.records[0].problems


def test_fifteen_digits_are_whole_in_a_number_cell() -> None:
    outcome = of_li(holding(证件号码=229901800307123))
    assert isinstance(outcome, Found)
    assert outcome.records[0].subjects[0].id_number == "229901800307123"


@pytest.mark.parametrize("sequence", [1, "1", 1.0, " 1 ", "1.0"])
def test_a_row_is_bound_by_its_number(sequence: Value) -> None:
    assert isinstance(of_li(holding(sequence)), Found)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([says(1, "无"), says(1, "无")], (NoRecord, None, 0)),
        ([holding(), holding()], (Found, None, 1)),
        ([holding(), says(1, "无")], (Unknown, FailureKind.MALFORMED, 0)),
        ([says(1, "失败：超时"), says(1, "无")], (Unknown, FailureKind.MALFORMED, 0)),
        ([holding(), says(1, "失败：超时")], (Partial, FailureKind.REJECTED, 1)),
        ([says(1, "失败")], (Unknown, FailureKind.REJECTED, 0)),
        ([says(1, "有")], (Unknown, FailureKind.MALFORMED, 0)),
        ([says(1, "")], (Unknown, FailureKind.MALFORMED, 0)),
        ([says(1, "不详")], (Unknown, FailureKind.MALFORMED, 0)),
        ([holding(查询结果="无")], (Unknown, FailureKind.MALFORMED, 0)),
        ([says(2, "无")], (Unknown, FailureKind.INCOMPLETE, 0)),
        ([], (Unknown, FailureKind.INCOMPLETE, 0)),
        ([holding(person=WANG)], (Unknown, FailureKind.MISMATCHED, 0)),
        ([holding(), holding(person=WANG)], (Partial, FailureKind.MISMATCHED, 1)),
        ([holding(证券类别="期货")], (Partial, FailureKind.UNMAPPED, 1)),
        ([holding(), holding("x", 市值="9")], (Partial, FailureKind.MALFORMED, 1)),
        ([holding(), holding(99)], (Partial, FailureKind.MISMATCHED, 1)),
    ],
)
def test_what_rows_mean(
    rows: Sequence[Sequence[Value]], expected: tuple[type, FailureKind | None, int]
) -> None:
    outcome = of_li(*rows)
    kind, why, records = expected
    assert type(outcome) is kind
    assert (outcome.gap.kind if isinstance(outcome, (Partial, Unknown)) else None) is why
    held = outcome.records if isinstance(outcome, (Found, Partial)) else ()
    assert len(held) == records


@pytest.mark.parametrize("amount", ["nan", "inf", "很多", Decimal("1E+999")])
def test_an_amount_that_is_none_is_never_nothing(amount: Cell) -> None:
    row = [
        amount if name == "市值" else cell for name, cell in zip(HEADINGS, holding(), strict=True)
    ]
    cells = [Decimal("105.2") if isinstance(cell, float) else cell for cell in row]
    outcome = replies(cells)["m1"].outcome  # type: ignore[arg-type]
    assert isinstance(outcome, (Partial, Unknown))
    if isinstance(outcome, Partial):
        assert isinstance(outcome.records[0], Holding)
        assert outcome.records[0].market_value is None


@pytest.mark.parametrize(
    "headings",
    [(), HEADINGS[:-1], HEADINGS[1:], (*HEADINGS, "市值"), ("序 号", *HEADINGS[1:]), (1, 2)],
)
def test_without_its_headings_a_workbook_is_damaged(headings: Sequence[Cell]) -> None:
    with pytest.raises(SourceError) as caught:
        table_of([headings, ()], LAYOUT)
    assert caught.value.failure.kind is FailureKind.MALFORMED


def test_a_row_that_comes_twice_counts_once_in_whatever_form() -> None:
    outcome = of_li(holding(市值="2,931.00"), holding(市值=2931.0), holding(证券代码="600001"))
    assert isinstance(outcome, Found)
    assert [one.code for one in outcome.records if isinstance(one, Holding)] == ["600000", "600001"]


def test_no_row_at_all_is_damaged() -> None:
    with pytest.raises(SourceError):
        table_of([], LAYOUT)


def test_columns_are_found_by_their_headings() -> None:
    nothing: list[Cell] = [1, "无", *[None] * 11]
    table = table_of([HEADINGS[::-1], nothing[::-1]], LAYOUT)
    assert replies_of(table, (LI,), FORM)[0].outcome == NoRecord()


CELLS = st.none() | st.text(max_size=5) | st.integers(0, 9) | st.booleans() | st.decimals()


@given(st.lists(st.lists(CELLS, max_size=14), max_size=5))
def test_any_cells_give_typed_answers_and_never_nothing(rows: list[list[Cell]]) -> None:
    for reply in replies(*rows).values():
        if isinstance(reply.outcome, NoRecord):
            assert "无" in reply.raw.decode()
