"""Reply workbooks and made-up people for the tests of the securities source."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import TypeAlias

from openpyxl import Workbook

from connectors.contract import AskedPerson, IdType, Months, SourceQuery

Value: TypeAlias = str | int | float | date | None

HEADINGS = (
    "序号",
    "查询结果",
    "姓名",
    "证件号码",
    "一码通账号",
    "市场",
    "证券代码",
    "证券简称",
    "证券类别",
    "持有数量",
    "市值",
    "资金余额",
    "日期",
)
LI = AskedPerson("m1", "李明", IdType.RESIDENT_ID, "229901198003071236")
WANG = AskedPerson("m2", "王芳", IdType.RESIDENT_ID, "229901198204152227")
LI_YU = AskedPerson("m3", "李小雨", IdType.RESIDENT_ID, "229901201006081223")


def a_query(*persons: AskedPerson, sequence: int = 1) -> SourceQuery:
    """A query about the persons (those of the family where none are given)."""
    return SourceQuery(
        reference="rq_1",
        sequence=sequence,
        region="220102003",
        persons=persons or (LI, WANG, LI_YU),
        window=Months(date(2025, 11, 1), date(2026, 10, 31)),
        as_of=date(2026, 11, 24),
        sent_on=date(2026, 11, 24),
    )


def holding(sequence: Value = 1, person: AskedPerson = LI, **change: Value) -> tuple[Value, ...]:
    """A row that tells a holding; `change` names headings."""
    row: dict[str, Value] = {
        "序号": sequence,
        "查询结果": "有",
        "姓名": person.name,
        "证件号码": person.id_number,
        "一码通账号": "1800****4521",
        "市场": "沪A",
        "证券代码": "600000",
        "证券简称": "某某股份",
        "证券类别": "股票",
        "持有数量": 300,
        "市值": "2,931.00",
        "资金余额": 105.2,
        "日期": "2026-11-23",
    }
    return tuple((row | change).values())


def says(sequence: Value, result: str) -> tuple[Value, ...]:
    """A row with a result and nothing else."""
    return (sequence, result, *[None] * 11)


def workbook(rows: Sequence[Sequence[Value]], headings: Sequence[Value] = HEADINGS) -> bytes:
    """A reply workbook with the rows below its headings."""
    made = Workbook(write_only=True)
    sheet = made.create_sheet("Sheet1")
    for row in (headings, *rows):
        sheet.append(list(row))
    body = BytesIO()
    made.save(body)
    return body.getvalue()
