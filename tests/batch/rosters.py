"""Rosters of made-up people, and what is read of them by the real child."""

import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from openpyxl import Workbook

from app.batch.roster.bounds import Unusable
from app.batch.roster.households import Households, RosterHousehold, Terms
from app.batch.roster.persons import RowError
from app.batch.roster.process import End, reading
from app.batch.roster.programmes import programme_names
from app.batch.roster.reading import taken_of
from app.domain.household import Purpose
from tests.builders import shipped
from tests.service_parts import CHILD, HEAD, SPOUSE

HEADER = (
    "case_reference",
    "region",
    "programme",
    "ref",
    "name",
    "id_type",
    "id_number",
    "relationship",
    "consent_reference",
    "consent_valid_until",
    "declared_monthly_income",
)
CHINESE = (
    "案件编号",
    "行政区划",
    "救助类型",
    "序号",
    "姓名",
    "证件类型",
    "证件号码",
    "与户主关系",
    "授权书编号",
    "授权有效期",
    "申报月收入（元）",
)
AS_OF = date(2026, 11, 24)
TERMS = Terms(region="220102", purpose=Purpose.REVERIFICATION, as_of=AS_OF)


def a_row(**changes: Any) -> dict[str, Any]:
    """The head of a household of one."""
    values = {
        "case_reference": "220102-2026-1",
        "region": "220102003",
        "programme": "urban_dibao",
        "ref": "m1",
        "name": "李明",
        "id_type": "resident_id",
        "id_number": HEAD,
        "relationship": "head",
        "consent_reference": "SQ-1",
        "consent_valid_until": "2027-11-19",
        "declared_monthly_income": "1200.00",
    }
    return {**values, **changes}


def a_family(case: str = "220102-2026-1") -> list[dict[str, Any]]:
    """Three of them; the child has no consent of its own."""
    return [
        a_row(case_reference=case),
        a_row(
            case_reference=case,
            ref="m2",
            name="王芳",
            id_number=SPOUSE,
            relationship="spouse",
            consent_reference="SQ-2",
            declared_monthly_income="",
        ),
        a_row(
            case_reference=case,
            ref="m3",
            name="李小雨",
            id_number=CHILD,
            relationship="child",
            consent_reference="",
            consent_valid_until="",
            declared_monthly_income="",
        ),
    ]


def as_csv(
    rows: list[dict[str, Any]],
    *,
    header: tuple[str, ...] = HEADER,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in HEADER] for row in rows)
    return out.getvalue().encode(encoding)


def as_xlsx(
    rows: list[dict[str, Any]],
    *,
    titles: tuple[str, ...] = (),
    more: dict[str, Any] | None = None,
) -> bytes:
    """`titles` stand above the header; `more` are cells by their places."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for title in titles:
        sheet.append([title])
    sheet.append(HEADER)
    for row in rows:
        sheet.append([row.get(name) or None for name in HEADER])
    for place, value in (more or {}).items():
        sheet[place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_member(workbook: bytes, name: str, data: bytes) -> bytes:
    """A workbook with one file of its archive added or replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, data)
    return out.getvalue()


@dataclass
class Read:
    """What came of a file."""

    households: list[RosterHousehold] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    rejected: int = 0
    rows: int = 0
    format: str = ""
    failure: str = ""

    @property
    def codes(self) -> dict[int, list[str]]:
        """By row."""
        found: dict[int, list[str]] = {}
        for error in self.errors:
            found.setdefault(error.row, []).append(error.code)
        return found

    @property
    def accepted(self) -> int:
        return sum(len(one.rows) for one in self.households)


async def read(data: bytes, folder: Path, terms: Terms = TERMS) -> Read:
    """Through the child, as a worker reads it; accepted and rejected rows are all rows."""
    standards = shipped()
    households = Households(terms, programme_names(standards), standards.in_force)
    result = Read()
    with TemporaryFile(dir=folder) as file:
        file.write(data)
        file.flush()
        try:
            async with reading(file, folder) as child:
                said = await child.next()
                while not isinstance(said, End):
                    for taken in taken_of(households, said):
                        if taken.household is not None:
                            result.households.append(taken.household)
                        result.errors += taken.errors
                        result.rejected += taken.rejected
                    said = await child.next()
        except Unusable as unusable:
            result.failure = unusable.failure.value
            return result
    result.rows, result.format = said.rows, said.format
    assert result.accepted + result.rejected == result.rows
    return result
