"""Files of every kind, good and hostile: bounded, and every row accounted for (promise 26)."""

import io
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.batch.roster.bounds import Unusable
from app.batch.roster.spool import Spool
from tests.batch.rosters import (
    CHINESE,
    a_family,
    a_row,
    as_csv,
    as_xlsx,
    read,
    with_member,
)
from tests.service_parts import HEAD, SPOUSE


def as_encrypted(workbook: bytes) -> bytes:
    """Each member marked as encrypted in the archive's list, as a zip with a password has it."""
    parts = workbook.split(b"PK\x01\x02")
    marked = [part[:4] + bytes([part[4] | 1]) + part[5:] for part in parts[1:]]
    return b"PK\x01\x02".join([parts[0], *marked])


SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (as_csv(a_family()), "csv"),
        (as_csv(a_family(), encoding="utf-8-sig"), "csv"),
        (as_csv(a_family(), encoding="gb18030"), "csv"),
        (as_csv(a_family(), encoding="utf-16"), "csv"),
        (as_csv(a_family(), delimiter=";"), "csv"),
        (as_csv(a_family(), delimiter="\t", encoding="gb18030"), "csv"),
        (as_csv(a_family(), header=CHINESE), "csv"),
        (as_csv(a_family()).replace(b"\r\n", b"\n"), "csv"),
        (b"2026 roster\r\n\r\n" + as_csv(a_family()), "csv"),
        (as_xlsx(a_family()), "xlsx"),
        (as_xlsx(a_family(), titles=("城市低保名册", "2026")), "xlsx"),
        (b"".join(orjson.dumps(row) + b"\n" for row in a_family()), "jsonl"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
async def test_a_family_is_the_same_from_any_format(data: bytes, kind: str, tmp_path: Path) -> None:
    found = await read(data, tmp_path)
    assert (found.format, found.rows, found.errors) == (kind, 3, [])
    [family] = found.households
    members = family.request.household.members
    assert [(one.ref, one.name, one.id_number) for one in members][:2] == [
        ("m1", "李明", HEAD),
        ("m2", "王芳", SPOUSE),
    ]
    assert family.rows == (1, 2, 3)


async def test_rows_of_a_case_come_together_wherever_they_stand(tmp_path: Path) -> None:
    first, second = a_family("A"), a_family("B")
    mixed = [row for pair in zip(first, second, strict=True) for row in pair]
    found = await read(as_csv(mixed), tmp_path)
    assert [one.request.case_reference for one in found.households] == ["A", "B"]
    assert [one.rows for one in found.households] == [(1, 3, 5), (2, 4, 6)]


@pytest.mark.promise(26)
@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (b"", "file.empty"),
        (b"\n \n", "file.empty"),
        (as_csv([]), "file.no_rows"),
        (b"a,b,c\n1,2,3\n", "header.missing"),
        (
            as_csv(a_family(), header=(*CHINESE[:3], "姓名", *CHINESE[4:])),
            "header.repeated",
        ),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "file.not_a_roster"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(200), "header.missing"),
        (b"PK\x03\x04 this is no archive", "file.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file.unsupported"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(600)
            + "EncryptedPackage".encode("utf-16-le"),
            "file.encrypted",
        ),
        (with_member(as_xlsx(a_family()), "xl/vbaProject.bin", b"x"), "file.has_macros"),
        (as_encrypted(as_xlsx(a_family())), "file.encrypted"),
        (with_member(as_xlsx(a_family()), SHEET, b"<worksheet"), "file.damaged"),
        (with_member(as_xlsx(a_family()), SHEET, bytes(40_000_000)), "file.too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_files_that_cannot_be_used(data: bytes, failure: str, tmp_path: Path) -> None:
    """Planted: macros not looked for, and members marked as encrypted unpacked: each was named."""
    found = await read(data, tmp_path)
    assert (found.failure, found.households) == (failure, [])


async def test_an_archive_of_another_kind(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert (await read(out.getvalue(), tmp_path)).failure == "file.unsupported"


@pytest.mark.promise(26)
async def test_a_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    """Planted: the ratio of what is unpacked to what is packed not looked at: read to its end."""
    bomb = with_member(as_xlsx(a_family()), "xl/media/zeros.bin", bytes(150_000_000))
    assert len(bomb) < 1_000_000
    assert (await read(bomb, tmp_path)).failure == "file.too_large"


@pytest.mark.promise(26)
async def test_entities_are_not_expanded(tmp_path: Path) -> None:
    """Planted: entities resolved in a sheet: the head was found, and the family."""
    with zipfile.ZipFile(io.BytesIO(as_xlsx(a_family()))) as workbook:
        sheet = workbook.read(SHEET)
    hidden = sheet.replace(b"<t>case_reference</t>", b"<t>&b;</t>")
    kinds = b'<!DOCTYPE w [<!ENTITY a "case"><!ENTITY b "&a;_reference">]>'
    found = await read(with_member(as_xlsx(a_family()), SHEET, kinds + hidden), tmp_path)
    assert (found.failure, found.households) == ("header.missing", [])


@pytest.mark.parametrize("more", [{"XFD1048576": "x"}, {"A1048576": None, "XFD1": "x"}])
async def test_a_cell_at_the_far_end_costs_nothing(more: dict[str, Any], tmp_path: Path) -> None:
    found = await read(as_xlsx(a_family(), more=more), tmp_path)
    assert (found.rows, found.errors) == (3, [])


async def test_one_enormous_cell_is_one_bad_row(tmp_path: Path) -> None:
    """30 MB in one line of text, which no reader may hold."""
    good = as_csv(a_family())
    data = good + b"x," + b"\xe6\x9d\x8e" * 10_000_000 + b"\r\n" + as_csv(a_family("B"))[130:]
    found = await read(data, tmp_path)
    assert found.codes[4] == ["cell.too_long"]
    assert found.rows > 4
    assert found.households[0].rows == (1, 2, 3)


async def test_an_enormous_cell_of_a_workbook(tmp_path: Path) -> None:
    sheet = (
        f'<worksheet {NAMESPACE}><sheetData><row r="1"><c t="inlineStr"><is><t>'
        + "李明" * 4_000_000
        + "</t></is></c></row></sheetData></worksheet>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(a_family()))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name != SHEET:
                new.writestr(name, old.read(name))
        new.writestr(SHEET, sheet)
    assert (await read(out.getvalue(), tmp_path)).failure in ("file.damaged", "file.too_large")


@pytest.mark.promise(26)
async def test_full_width_digits_and_forced_text_are_plain_digits(tmp_path: Path) -> None:
    """Planted: cells not normalised (NFKC): three errors."""
    wide = HEAD.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    rows = [
        a_row(case_reference="A", id_number=wide),
        a_row(case_reference="B", id_number=f"'{SPOUSE}", consent_valid_until="2027年11月19日"),
        a_row(case_reference="C", id_number=f'="{HEAD}"', declared_monthly_income="１,200"),
    ]
    found = await read(as_csv(rows), tmp_path)
    assert found.errors == []
    numbers = [one.request.household.members[0].id_number for one in found.households]
    assert numbers == [HEAD, SPOUSE, HEAD]


@pytest.mark.promise(26)
async def test_a_number_that_lost_digits_rejects_its_household(tmp_path: Path) -> None:
    """Planted: `rounded` never looked at in persons.py: such numbers were called invalid."""
    lost = [
        a_row(case_reference="A", id_number=int(HEAD[:17] + "0")),
        *a_family("B"),
        a_row(case_reference="C", id_number="2.29901E+17"),
        a_row(case_reference="D", id_number=HEAD[:15] + "000"),
    ]
    for data in (as_xlsx(lost), as_csv(lost[1:])):
        found = await read(data, tmp_path)
        codes = [code for row in found.codes.values() for code in row]
        assert set(codes) == {"id_number.lost_digits"}
        assert [one.request.case_reference for one in found.households] == ["B"]


async def test_numbers_and_days_that_a_workbook_keeps_as_such(tmp_path: Path) -> None:
    row = a_row(
        region=220102003,
        consent_valid_until=46345,  # 2026-11-19
        declared_monthly_income=1200.1,
        consent_reference=2026000123,
    )
    found = await read(as_xlsx([row]), tmp_path)
    request = found.households[0].request
    assert request.region == "220102003"
    assert request.consent.reference == "2026000123"
    assert request.consent.valid_until.isoformat() == "2026-11-19"
    assert str(request.declared.income[0].monthly) == "1200.10"


async def test_mixed_encodings_reject_the_rows_that_do_not_fit(tmp_path: Path) -> None:
    lines = [as_csv(a_family(case)).split(b"\r\n", 1)[1] for case in "ABC"]
    foreign = [row | {"name": "张小明"} for row in a_family("D")]
    header = as_csv([])
    main = as_csv(foreign).split(b"\r\n", 1)[1]
    other = as_csv(foreign, encoding="gb18030").split(b"\r\n", 1)[1]
    in_utf8 = await read(header + b"".join(lines) + other, tmp_path)
    gb = [line.decode().encode("gb18030") for line in lines]
    in_gb = await read(header + b"".join(gb) + main, tmp_path)
    for found in (in_utf8, in_gb):
        assert [one.request.case_reference for one in found.households] == ["A", "B", "C"]
        assert found.codes[10] == ["cell.unreadable"]


async def test_rows_that_are_none_and_rows_that_are_wrong(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        a_row(case_reference="A"),
        {},
        a_row(case_reference="A"),  # to the letter
        {"case_reference": "合计", "declared_monthly_income": "2400"},
        a_row(case_reference="B", name="a\x00b"),
        a_row(case_reference=""),
        a_row(case_reference="C", name="李\n明"),
    ]
    found = await read(as_csv(rows), tmp_path)
    assert found.rows == 6
    assert found.codes == {
        3: ["row.repeated"],
        4: ["row.totals"],
        5: ["cell.control_characters"],
        6: ["case_reference.missing"],
    }
    assert found.households[1].request.household.members[0].name == "李 明"


async def test_a_quote_that_is_not_closed_takes_no_good_row_silently(tmp_path: Path) -> None:
    bad = '"220102,' + "x" * 10 + "\r\n"
    data = as_csv(a_family("A")) + bad.encode() + as_csv(a_family("B")).split(b"\r\n", 1)[1]
    found = await read(data, tmp_path)
    assert found.households[0].rows == (1, 2, 3)
    assert found.codes[4] == ["row.malformed"]


async def test_lines_of_json_that_are_no_rows(tmp_path: Path) -> None:
    good = orjson.dumps(a_row()).decode()
    lines = [good, "", "[1]", "{", '{"name": ["x"]}', '{"case_reference": "B", "id_number": 1e400}']
    found = await read("\n".join(lines).encode(), tmp_path)
    assert (found.rows, found.accepted) == (5, 1)
    assert [found.codes[row] for row in (3, 4, 5)] == [["row.malformed"]] * 3


async def test_a_column_filled_down_by_mistake(tmp_path: Path) -> None:
    found = await read(as_csv([a_row(ref=f"m{place}") for place in range(3_000)]), tmp_path)
    assert found.rejected == 3_000
    assert {code for row in found.codes.values() for code in row} == {"household.too_large"}


def test_more_rows_than_a_roster_may_have() -> None:
    spool = Spool(io.BytesIO(), most=3)
    for number in range(1, 4):
        spool.add(number, list(a_row().values()) + [""] * 4)
    with pytest.raises(Unusable, match="too_many_rows"):
        spool.add(4, [""] * 15)
