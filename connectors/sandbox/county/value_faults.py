"""Faults in what a record says: each rule gives the fields keyed wrongly, or None if it cannot."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from connectors.sandbox.county.data_faults import DataFault
from connectors.sandbox.register import Entry

Changes = Mapping[str, object]
Rule = Callable[[Random, Entry], Changes | None]

_DATE_FIELDS: Final = (
    "csrq", "djsj", "estDate", "conDate", "CSRQ", "ccdjrq", "djrq", "balance_date", "sxrq", "日期",
)  # fmt: skip
_MONEY_FIELDS: Final = ("ZHYE", "balance", "xjjz", "市值")
"""Where yuan stand; business registration has 10,000 yuan, social insurance fen."""
_TEXT_MONEY_FIELDS: Final = ("balance", "xjjz", "市值", "sre")
"""Where an amount is text or a cell, so that a separator can slip in."""
_LIVE: Final = {
    "qszt": ("历史", "现势"),
    "zt": ("E", "A"),
    "state": ("9", "0"),
    "bdzt": ("终止", "有效"),
}
_SQUARE_METRES_OF_A_MU: Final = Decimal("666.67")


def date_zeroes(rng: Random, entry: Entry) -> Changes | None:
    return _dated(entry, "0000")


def date_1900(rng: Random, entry: Entry) -> Changes | None:
    return _dated(entry, date(1900, 1, 1))


def date_impossible(rng: Random, entry: Entry) -> Changes | None:
    return _dated(entry, "20191301")


def date_epoch(rng: Random, entry: Entry) -> Changes | None:
    """Milliseconds since 1970."""
    field = _date_field(entry)
    if field is None:
        return None
    day = entry.row[field]
    ordinal = day.toordinal() if isinstance(day, date) else 0
    return {field: str((ordinal - date(1970, 1, 1).toordinal()) * 86_400_000)}


def ten_thousands(rng: Random, entry: Entry) -> Changes | None:
    """10,000 yuan where yuan belong."""
    found = _amount(entry, _MONEY_FIELDS)
    return None if found is None else {found[0]: (found[1] / 10_000).quantize(Decimal("0.0001"))}


def fen_for_yuan(rng: Random, entry: Entry) -> Changes | None:
    found = _amount(entry, _MONEY_FIELDS)
    return None if found is None else {found[0]: (found[1] * 100).quantize(Decimal(1))}


def thousands_separators(rng: Random, entry: Entry) -> Changes | None:
    found = _amount(entry, _TEXT_MONEY_FIELDS)
    if found is None or found[1] < 1000:
        return None
    return {found[0]: f"{found[1]:,.2f}"}


def area_in_mu(rng: Random, entry: Entry) -> Changes | None:
    area = entry.row.get("mj")
    if not isinstance(area, Decimal):
        return None
    return {"mj": (area / _SQUARE_METRES_OF_A_MU).quantize(Decimal("0.0001"))}


def cancelled_still_live(rng: Random, entry: Entry) -> Changes | None:
    """What has ended is still kept as in force."""
    for field, (ended, live) in _LIVE.items():
        if entry.row.get(field) == ended:
            return {field: live}
    return {"zt": "在籍"} if entry.row.get("zt") == "注销" else None


def living_reported_dead(rng: Random, entry: Entry) -> Changes | None:
    if entry.row.get("swbs") != "0":
        return None
    born = entry.row.get("csrq")
    if not isinstance(born, date):
        return None
    return {"swbs": "1", "swrq": born + timedelta(days=rng.randrange(1, 360))}


def plate_o_for_zero(rng: Random, entry: Entry) -> Changes | None:
    plate = entry.row.get("hphm")
    if not isinstance(plate, str) or "0" not in plate:
        return None
    return {"hphm": plate.replace("0", "O")}


def plate_without_region(rng: Random, entry: Entry) -> Changes | None:
    plate = entry.row.get("hphm")
    return {"hphm": plate[1:]} if isinstance(plate, str) else None


def closed_as_open(rng: Random, entry: Entry) -> Changes | None:
    closed = entry.row.get("entStatus") in ("2", "3", "4")
    return {"entStatus": "1"} if closed else None


VALUE_RULES: Final[Mapping[DataFault, Rule]] = {
    DataFault.DATE_ZEROES: date_zeroes,
    DataFault.DATE_1900: date_1900,
    DataFault.DATE_IMPOSSIBLE: date_impossible,
    DataFault.DATE_EPOCH: date_epoch,
    DataFault.TEN_THOUSANDS: ten_thousands,
    DataFault.FEN_FOR_YUAN: fen_for_yuan,
    DataFault.THOUSANDS_SEPARATORS: thousands_separators,
    DataFault.AREA_IN_MU: area_in_mu,
    DataFault.CANCELLED_STILL_LIVE: cancelled_still_live,
    DataFault.LIVING_REPORTED_DEAD: living_reported_dead,
    DataFault.PLATE_O_FOR_ZERO: plate_o_for_zero,
    DataFault.PLATE_WITHOUT_REGION: plate_without_region,
    DataFault.CLOSED_AS_OPEN: closed_as_open,
}


def _date_field(entry: Entry) -> str | None:
    for field in _DATE_FIELDS:
        if isinstance(entry.row.get(field), date | datetime):
            return field
    return None


def _dated(entry: Entry, keyed: object) -> Changes | None:
    field = _date_field(entry)
    return None if field is None else {field: keyed}


def _amount(entry: Entry, fields: tuple[str, ...]) -> tuple[str, Decimal] | None:
    for field in fields:
        value = entry.row.get(field)
        if isinstance(value, Decimal) and value > 0:
            return field, value
    return None
