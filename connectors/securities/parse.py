"""Reads a reply workbook's rows into a reply for each person (pure)."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from connectors.binding import bind
from connectors.contract import (
    AskedPerson,
    Found,
    NoRecord,
    Outcome,
    Partial,
    SourceReply,
    Unknown,
)
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.readers import UNREADABLE
from connectors.records import AnyRecord, Holding
from connectors.securities.layout import Layout
from connectors.securities.workbook import Cell

_WHOLE: Final = re.compile(r"[0-9]{1,6}(?:\.0)?")
_SPOILT: Final = re.compile(r"[0-9.]+[Ee]\+?[0-9]+")
"""A number that a spreadsheet has rewritten: its last digits are lost."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is needed to read a reply: how it is laid out and what its fields mean."""

    layout: Layout
    mapping: FieldMap

    @classmethod
    def load(cls, path: Path) -> "Form":
        """Read both from a mapping file; raises `ValueError` naming what is wrong in it."""
        return cls(Layout.load(path), FieldMap.load(path))


@dataclass(frozen=True, slots=True)
class Row:
    """A row below the headings; `sequence` None: its 序号 is no number."""

    sequence: int | None
    cells: Mapping[str, Cell]


def table_of(rows: Sequence[Sequence[Cell]], layout: Layout) -> tuple[Row, ...]:
    """The rows by their headings; raises `SourceError` where a heading is missing or double."""
    headings = headings_of((rows or [[]])[0], layout)
    read = (row_under(headings, row, layout) for row in rows[1:])
    return tuple(row for row in read if row is not None)


def headings_of(row: Sequence[Cell], layout: Layout) -> Sequence[str]:
    """Row 1; raises `SourceError` where a heading is missing or double."""
    headings = [cell.strip() if isinstance(cell, str) else "" for cell in row]
    for heading in layout.headings:
        if headings.count(heading) != 1:
            raise SourceError.of(FailureKind.MALFORMED, f"heading {heading} is not there once")
    return headings


def row_under(headings: Sequence[str], row: Sequence[Cell], layout: Layout) -> Row | None:
    """A row by its headings; None for an empty one."""
    if not any(cell is not None and cell != "" for cell in row):
        return None
    padded = [*row, *[None] * (len(headings) - len(row))]
    cells = {name: cell for name, cell in zip(headings, padded, strict=False) if name}
    return Row(_sequence(cells[layout.sequence]), cells)


def _sequence(cell: Cell) -> int | None:
    text = "" if cell is None or isinstance(cell, bool) else str(cell).strip()
    return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None


def replies_of(
    table: Sequence[Row], asked: Sequence[AskedPerson], form: Form
) -> tuple[SourceReply, ...]:
    """A reply for each person; `asked` in the order of the request: the first has 序号 1."""
    by_sequence: dict[int, list[Row]] = {}
    for row in table:
        if row.sequence is not None:
            by_sequence.setdefault(row.sequence, []).append(row)
    strays = beside_strays([row.sequence for row in table], len(asked))
    return tuple(
        reply_of(by_sequence.get(sequence, []), person, form, strays.get(sequence))
        for sequence, person in enumerate(asked, start=1)
    )


def reply_of(
    rows: Sequence[Row], person: AskedPerson, form: Form, stray: FailureKind | None
) -> SourceReply:
    """The reply about a person from the rows under the 序号.

    `stray`: beside them stood rows of nobody, which may have been the person's.
    """
    outcome = _outcome(rows, person, form, stray)
    raw = "\n".join(json.dumps(dict(row.cells), ensure_ascii=False, default=str) for row in rows)
    records = outcome.records if isinstance(outcome, (Found, Partial)) else ()
    days = [r.valued_on for r in records if isinstance(r, Holding) and r.valued_on is not None]
    as_of = min(days) if days else None
    return SourceReply(person=person.ref, outcome=outcome, as_of=as_of, raw=raw.encode())


def _outcome(
    rows: Sequence[Row], person: AskedPerson, form: Form, stray: FailureKind | None
) -> Outcome:
    records: list[AnyRecord] = []
    gaps: list[Failure] = []
    nothing_held = False
    for row in rows:
        try:
            result = _text(row.cells[form.layout.result])
            if result == form.layout.nothing:
                _nothing_beside(row.cells, form.layout)
                nothing_held = True
            else:
                records.append(_holding(row.cells, result, form))
        except SourceError as error:
            gaps.append(error.failure)
    if nothing_held and (records or gaps):
        return Unknown(Failure(FailureKind.MALFORMED, "no holding stands beside other rows"))
    if nothing_held:
        return NoRecord()
    if stray is not None:
        # It may have been one more of the person's.
        gaps.append(Failure(stray, "a row beside the person's belongs to nobody asked about"))
    if not records and not gaps:
        return Unknown(Failure(FailureKind.INCOMPLETE, "the reply has no row about the person"))
    return bind(person, _each_once(records), gaps[0] if gaps else None)


def _each_once(records: Sequence[AnyRecord]) -> list[AnyRecord]:
    """A row that came twice counts once, though its amounts be a number here and text there."""
    seen: list[AnyRecord] = []
    kept = []
    for record in records:
        said = replace(record, raw={})
        if said not in seen:
            seen.append(said)
            kept.append(record)
    return kept


def _nothing_beside(cells: Mapping[str, Cell], layout: Layout) -> None:
    said = (layout.sequence, layout.result)
    if any(_text(cells[heading]) for heading in layout.headings if heading not in said):
        raise SourceError.of(FailureKind.MALFORMED, "a row without holding has other cells")


def _holding(cells: Mapping[str, Cell], result: str, form: Form) -> AnyRecord:
    layout = form.layout
    if result.startswith(layout.failed):
        # Its reason may quote the person, so it stays in the raw reply.
        raise SourceError.of(FailureKind.REJECTED, "could not be looked up")
    if result != layout.held:
        raise SourceError.of(FailureKind.MALFORMED, f"{layout.result} is not as agreed")
    problems: list[str] = []
    if not _text(cells[layout.value]):
        if not _text(cells[layout.cash]):
            raise SourceError.of(FailureKind.MALFORMED, "a holding has no amount")
        if _text(cells[layout.security]):
            problems.append(f"{UNREADABLE} amount in {layout.value}: nothing stands there")
    written = {heading: _written(cell) for heading, cell in cells.items()}
    if _usable(cells[layout.id_number]):
        return form.mapping.record("holding", written, problems=tuple(problems))
    # The name and the 序号 are still there; of the number nothing may be concluded.
    problems.append(f"{layout.id_number} lost its last digits")
    record = form.mapping.record("holding", written, problems=tuple(problems))
    return replace(
        record, subjects=tuple(replace(subject, id_number=None) for subject in record.subjects)
    )


def _usable(number: Cell) -> bool:
    """A number cell keeps 15 digits: an old identity number is whole, a new one is not."""
    if isinstance(number, str):
        return not _SPOILT.fullmatch(number.strip())
    return number is None or (isinstance(number, int) and len(str(number)) == 15)


def _written(cell: Cell) -> str | int | bool | None:
    return cell if cell is None or isinstance(cell, (str, int, bool)) else str(cell)


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def beside_strays(sequences: Sequence[int | None], last: int) -> Mapping[int, FailureKind]:
    """Whom rows that belong to nobody may be about: the neighbours and whoever is between them.

    Rows stand in the order of their 序号; where they stand in none, it may be anybody.
    """
    places = [_place_of(sequence, last) for sequence in sequences]
    known = [place for place in places if isinstance(place, int)]
    strays = [place for place in places if isinstance(place, FailureKind)]
    if strays and any(right < left for left, right in pairwise(known)):
        return dict.fromkeys(range(1, last + 1), strays[0])
    found: dict[int, FailureKind] = {}
    before, stray = 1, None
    for place in (*places, last):
        if isinstance(place, FailureKind):
            stray = place
            continue
        if stray is not None:
            found.update(dict.fromkeys(range(before, place + 1), stray))
        before, stray = place, None
    return found


def _place_of(sequence: int | None, last: int) -> int | FailureKind:
    if sequence is None:
        return FailureKind.MALFORMED
    return sequence if 1 <= sequence <= last else FailureKind.MISMATCHED
