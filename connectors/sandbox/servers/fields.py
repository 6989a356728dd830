"""How register values look on the wire: dates, amounts, JSON numbers."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import orjson
from aiohttp import web

NAN_TEXT: Final = "NaN"
HUGE_TEXT: Final = "1e999"
JSON_TYPE: Final = "application/json; charset=utf-8"


def day(value: object, pattern: str) -> str:
    """A date in the document's pattern; what is no date stays as the register keyed it."""
    if isinstance(value, date):
        return value.strftime(pattern)
    return "" if value is None else str(value)


def text(value: object, dates: str = "%Y-%m-%d") -> str:
    """A value as text: plain decimals, dates by the pattern, nothing for null."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Decimal):
        return format(value, "f")
    return day(value, dates)


def number(value: object) -> object:
    """A Decimal as a JSON number, digit by digit."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    return value


def as_numbers(row: Mapping[str, object], dates: str = "%Y-%m-%d") -> dict[str, object]:
    """A row for JSON whose amounts are numbers."""
    return {
        field: text(value, dates) if isinstance(value, date) else number(value)
        for field, value in row.items()
    }


def as_texts(row: Mapping[str, object], dates: str = "%Y-%m-%d") -> dict[str, object]:
    """A row for JSON whose amounts are text."""
    return {
        field: text(value, dates) if isinstance(value, date | Decimal) else value
        for field, value in row.items()
    }


def spoilt_numbers(row: Mapping[str, object], fields: Iterable[str]) -> dict[str, object]:
    """The row with NaN and 1e999 in turn where these fields hold JSON numbers."""
    tokens = (orjson.Fragment(NAN_TEXT), orjson.Fragment(HUGE_TEXT))
    return _replaced(row, fields, tokens)


def spoilt_texts(row: Mapping[str, object], fields: Iterable[str]) -> dict[str, object]:
    """The row with NaN and 1e999 in turn where these fields hold amounts as text."""
    return _replaced(row, fields, (NAN_TEXT, HUGE_TEXT))


def _replaced(
    row: Mapping[str, object], fields: Iterable[str], tokens: tuple[object, object]
) -> dict[str, object]:
    present = [field for field in fields if row.get(field) is not None]
    return dict(row) | {field: tokens[place % 2] for place, field in enumerate(present)}


def json_response(
    body: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A JSON answer in UTF-8."""
    return web.Response(
        body=orjson.dumps(body),
        status=status,
        headers={"Content-Type": JSON_TYPE, **(headers or {})},
    )


def json_object(body: bytes) -> dict[str, object] | None:
    """The request's JSON object, or None where it is none."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
