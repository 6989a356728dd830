"""A workbook is read by a child that it may use up, and the service may not."""

import resource
import zipfile
from collections.abc import Callable, Iterable
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook

from connectors.failure import FailureKind, SourceError
from connectors.securities.workbook import rows_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(*rows: tuple[str | float | None, ...]) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    body = BytesIO()
    made.save(body)
    return body.getvalue()


def with_sheet(sheet: Iterable[bytes], strings: bytes = b"") -> bytes:
    """A workbook whose first sheet holds this XML (in pieces)."""
    body = BytesIO()
    original = zipfile.ZipFile(BytesIO(workbook(("x",))))
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in original.namelist():
            if name == "xl/worksheets/sheet1.xml":
                with archive.open(name, "w") as member:
                    for piece in sheet:
                        member.write(piece)
            elif name == "xl/sharedStrings.xml" and strings:
                archive.writestr(name, strings)
            else:
                archive.writestr(name, original.read(name))
    return body.getvalue()


def sheet_of(cells: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'.encode()


async def kind_of(body: bytes) -> FailureKind:
    with pytest.raises(SourceError) as caught:
        await rows_of(body)
    return caught.value.failure.kind


async def test_cells_come_as_they_are_kept() -> None:
    rows: tuple[tuple[str | float | None, ...], ...] = (
        ("序号", "市值", "证件号码"),
        (1, 1260.26, "229901198003071236"),
        (2, "2,931.00", 229901800307123),
        (3, None, 2.20102e17),
        (4, True, "=1+1"),
    )
    assert await rows_of(workbook(*rows)) == (
        ("序号", "市值", "证件号码"),
        (1, Decimal("1260.26"), "229901198003071236"),
        (2, "2,931.00", 229901800307123),
        (3, None, Decimal("2.20102E+17")),
        (4, True, None),  # a formula that nobody has computed has no value
    )


async def test_the_value_kept_beside_a_formula_is_read() -> None:
    cells = '<row r="1"><c r="A1"><f>HYPERLINK("http://x")</f><v>7</v></c></row>'
    assert await rows_of(with_sheet([sheet_of(cells)])) == ((7,),)


@pytest.mark.parametrize("number", ["NaN", "1e999", "-inf", "abc"])
async def test_no_number_that_is_none_comes_through_as_one(number: str) -> None:
    cells = f'<row r="1"><c r="A1"><v>{number}</v></c></row>'
    ((cell,),) = await rows_of(with_sheet([sheet_of(cells)]))
    assert isinstance(cell, str)


@pytest.mark.parametrize(
    "body",
    [b"", b"garbage", b"PK\x03\x04", workbook(("x",))[:-30], workbook(("x",))[:200]],
    ids=["empty", "garbage", "begins-well", "cut-short", "cut-early"],
)
async def test_what_cannot_be_opened_is_malformed(body: bytes) -> None:
    assert await kind_of(body) is FailureKind.MALFORMED


async def test_an_archive_without_a_workbook_is_malformed() -> None:
    body = BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("notes.txt", "nothing")
    assert await kind_of(body.getvalue()) is FailureKind.MALFORMED


def _unpacks_to_200_mb() -> bytes:
    return with_sheet(b" " * 1024 * 1024 for _ in range(200))


def _one_cell_far_away() -> bytes:
    near = '<row r="1"><c r="A1"><v>1</v></c></row>'
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return with_sheet([sheet_of(near + far)])


def _one_long_cell() -> bytes:
    text = "x" * 2000
    cells = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'
    return with_sheet([sheet_of(cells)])


def _one_string_everywhere() -> bytes:
    strings = f'<sst xmlns="{MAIN}"><si><t>{"x" * 900}</t></si></sst>'.encode()
    row = '<c t="s"><v>0</v></c>' * 60
    rows = "".join(f'<row r="{number}">{row}</row>' for number in range(1, 12_001))
    return with_sheet([sheet_of(rows)], strings)


def _many_members() -> bytes:
    body = BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for number in range(300):
            archive.writestr(f"{number}.xml", "")
    return body.getvalue()


@pytest.mark.parametrize(
    "bomb",
    [
        _unpacks_to_200_mb,
        _one_cell_far_away,
        _one_long_cell,
        _one_string_everywhere,
        _many_members,
    ],
)
async def test_a_bomb_uses_up_the_child_only(bomb: Callable[[], bytes]) -> None:
    body = bomb()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert await kind_of(body) in {FailureKind.TOO_LARGE, FailureKind.MALFORMED}
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 64 * 1024  # kilobytes


async def test_a_full_reply_is_read_whole() -> None:
    made = Workbook(write_only=True)
    sheet = made.create_sheet()
    for number in range(20_000):
        sheet.append([number, "有", "李明", "229901198003071236", "1800****4521", 1.5, "股票"])
    body = BytesIO()
    made.save(body)
    assert len(await rows_of(body.getvalue())) == 20_000
