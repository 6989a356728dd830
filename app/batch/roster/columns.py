"""The columns of a roster and how headers name them."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from app.batch.roster.bounds import Failure, Unusable

COLUMNS: Final = (
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
    "address",
    "birth_date",
    "in_school",
    "class",
    "consent_sources",
    "consent_programmes",
    "guardian",
    "registered_region",
)
"""In the order in which the child hands rows on."""
CASE, NAME, ID_NUMBER, ADDRESS = (
    COLUMNS.index(name) for name in ("case_reference", "name", "id_number", "address")
)
REQUIRED: Final = (
    "case_reference",
    "region",
    "name",
    "id_number",
    "consent_reference",
    "consent_valid_until",
)
_CHINESE: Final = {
    "案件编号": "case_reference",
    "行政区划": "region",
    "行政区划代码": "region",
    "救助类型": "programme",
    "序号": "ref",
    "姓名": "name",
    "证件类型": "id_type",
    "证件号码": "id_number",
    "身份证号": "id_number",
    "身份证号码": "id_number",
    "公民身份号码": "id_number",
    "与户主关系": "relationship",
    "授权书编号": "consent_reference",
    "授权有效期": "consent_valid_until",
    "申报月收入": "declared_monthly_income",
    "地址": "address",
    "出生日期": "birth_date",
    "在校": "in_school",
    "类别": "class",
    "授权信息源": "consent_sources",
    "授权救助类型": "consent_programmes",
    "监护人": "guardian",
    "户籍地": "registered_region",
    "户籍所在地": "registered_region",
    "户籍地区划代码": "registered_region",
}
_PLACES: Final = {
    **{name: place for place, name in enumerate(COLUMNS)},
    **{alias: COLUMNS.index(name) for alias, name in _CHINESE.items()},
}
_BESIDE: Final = re.compile(r"[\s*'\"\ufeff]|\(.*\)")
"""Marks of needed columns, units in brackets."""


def place_of(header: str) -> int | None:
    """The column that a header means; None where it is none of ours."""
    plain = unicodedata.normalize("NFKC", header)
    return _PLACES.get(_BESIDE.sub("", plain).lower())


def read_header(cells: Sequence[str]) -> list[int] | None:
    """For each column its place in the row, -1 where it has none; None: this is no header.

    Raises `Unusable` where a header names a column twice.
    """
    places = [-1] * len(COLUMNS)
    repeated = False
    for index, cell in enumerate(cells):
        column = place_of(cell)
        if column is None:
            continue
        repeated = repeated or places[column] >= 0
        places[column] = index
    if any(places[COLUMNS.index(name)] < 0 for name in REQUIRED):
        return None
    if repeated:
        raise Unusable(Failure.HEADER_REPEATED)
    return places
