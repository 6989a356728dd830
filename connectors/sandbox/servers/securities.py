"""Securities 证券: Excel workbooks over SFTP, one row a holding."""

import asyncio
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from connectors.sandbox.faults import Fault, Step
from connectors.sandbox.register import Entry
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.fields import HUGE_TEXT, NAN_TEXT, text
from connectors.sandbox.servers.file_faults import FILES
from connectors.sandbox.servers.mailbox import Delivery, Mailroom, Reply
from connectors.sandbox.servers.workbook import (
    HEADINGS,
    Cell,
    UnreadableRequest,
    read_request,
    spoilt_workbook,
    write_reply,
)

NAME: Final = re.compile(r"ZQREQ_(?P<tail>\d+_\d{8}_\d{4})\.xlsx")
LARGEST: Final = 20_000
FOLDER: Final = "securities"
SHOWN: Final = FILES | {
    Fault.GZIP_BOMB,
    Fault.XML_ENTITY_BOMB,
    Fault.BROKEN_WORKBOOK,
    Fault.MISSING_HEADINGS,
    Fault.ID_AS_NUMBER,
}
_OTHER_REQUEST_ROWS: Final = 5000
_AMOUNTS: Final = frozenset({"市值", "资金余额"})


class Securities:
    """The register's one mailroom."""

    def __init__(self, desk: Desk, root: Path) -> None:
        self._desk = desk
        self.mailroom = Mailroom(desk, {FOLDER: root / FOLDER}, ".xlsx", self._answer)

    async def _answer(self, _folder: str, file_name: str, body: bytes) -> Reply:
        named = NAME.fullmatch(file_name)
        if named is None:
            return Reply(())
        try:
            persons = await asyncio.to_thread(read_request, body)
        except UnreadableRequest:
            return Reply(())  # the document knows no rejection: the caller hears nothing
        fault = self._desk.choose(Step.RESULT, SHOWN)
        for _sequence, name, number in persons:
            self._desk.note(Step.ASK, (name, number), file_name)
        rows = [row for person in persons for row in self._rows(person, len(persons), fault)]
        headings = ("",) * len(HEADINGS) if fault is Fault.MISSING_HEADINGS else HEADINGS
        good = await asyncio.to_thread(write_reply, rows, headings=headings)
        spoilt = await asyncio.to_thread(spoilt_workbook, good, fault, self._desk.rng)
        reply_name = f"ZQRSP_{named['tail']}.xlsx"
        return Reply((Delivery(reply_name, spoilt, fault is not Fault.MISSING_OK),), fault)

    def _rows(
        self, person: tuple[int, str, str], asked: int, fault: Fault | None
    ) -> Iterable[tuple[Cell, ...]]:
        sequence, name, number = person
        if fault is Fault.HTTP_200_ERROR:
            return [_row(sequence, "失败：系统异常")]
        if asked > LARGEST:
            return [_row(sequence, "失败：超过每文件人数上限")]
        if not name and not number:
            return [_row(sequence, "失败：证件号码不符")]
        entries = self._desk.entries(name, number, fault)
        if fault is Fault.OTHER_REQUEST:
            sequence += _OTHER_REQUEST_ROWS
        if not entries:
            return [_row(sequence, "无")]
        return [self._holding(sequence, entry, fault) for entry in entries]

    def _holding(self, sequence: int, entry: Entry, fault: Fault | None) -> tuple[Cell, ...]:
        number: Cell = entry.id_number or None
        if fault is Fault.ID_AS_NUMBER and entry.id_number:
            number = _as_number(entry.id_number)
        separated = self._desk.rng.random() < 0.5
        cells = [_cell(heading, entry, separated) for heading in HEADINGS[4:]]
        if fault is Fault.NAN:
            cells[HEADINGS.index("市值") - 4] = NAN_TEXT
            cells[HEADINGS.index("资金余额") - 4] = HUGE_TEXT
        return _row(sequence, "有", entry.name, number, *cells)


def _row(sequence: int, result: str, *cells: Cell) -> tuple[Cell, ...]:
    return (sequence, result, *cells, *(None,) * (len(HEADINGS) - 2 - len(cells)))


def _cell(heading: str, entry: Entry, separated: bool) -> Cell:  # noqa: FBT001 - a row's way of writing
    """A holding's cell; an amount comes as a number, or as text with thousands separators."""
    value = entry.row.get(heading)
    if isinstance(value, Decimal):
        return format(value, ",.2f") if separated and heading in _AMOUNTS else value
    if value is None or isinstance(value, int):
        return value
    return text(value)


def _as_number(number: str) -> Cell:
    """An identity number as a spreadsheet mangles it: six digits and a power of ten."""
    try:
        return format(Decimal(number.strip()), ".5E")
    except InvalidOperation:
        return number
