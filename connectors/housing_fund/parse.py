"""Reads rows of the view: accounts, found or none (pure)."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from connectors.binding import bind
from connectors.contract import AskedPerson, NoRecord, Outcome
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.readers import CHINA
from connectors.records import AnyRecord

_IN_PARTS_OF_A_SECOND: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\.\d+", re.ASCII)
_WHOLE_SECONDS: Final = len("2026-10-15 09:30:00")


def row_of(row: Mapping[str, object]) -> Mapping[str, str | None]:
    """A row as text, column names in upper case.

    Raises `SourceError` (`MALFORMED`) for a value of a kind that no column of the view has.
    """
    return {name.upper(): _text_of(name, value) for name, value in row.items()}


def _text_of(name: str, value: object) -> str | None:
    match value:
        case None:
            return None
        case str():
            return value[:_WHOLE_SECONDS] if _IN_PARTS_OF_A_SECOND.fullmatch(value) else value
        case datetime():
            here = value if value.tzinfo is None else value.astimezone(CHINA)
            return here.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case bool() | bytes():
            raise SourceError.of(FailureKind.MALFORMED, f"unexpected kind of value in {name}")
        case int() | Decimal():
            return str(value)
        case _:
            raise SourceError.of(FailureKind.MALFORMED, f"unexpected kind of value in {name}")


def outcome_of(
    rows: Sequence[Mapping[str, str | None]],
    person: AskedPerson,
    mapping: FieldMap,
    *,
    more: bool = False,
) -> Outcome:
    """What the rows say about the person; `more`: there were more rows than are read."""
    if not rows:
        return NoRecord()
    records: list[AnyRecord] = []
    gaps: list[Failure] = []
    for row in rows:
        try:
            records.append(mapping.record("account", row))
        except SourceError as error:
            gaps.append(error.failure)
    if more:
        gaps.append(Failure(FailureKind.TOO_LARGE, "more rows than are read for one person"))
    return bind(person, records, gaps[0] if gaps else None)


def kept(rows: Sequence[Mapping[str, str | None]]) -> bytes:
    """The rows, to be parsed again: a JSON object a line."""
    return "\n".join(map(_key_of, rows)).encode()


def _key_of(row: Mapping[str, str | None]) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True)
