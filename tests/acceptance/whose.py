"""Whose record a row of evidence really is: the register entry it came from, by its fields."""

from collections.abc import Mapping, Set
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from connectors.sandbox.register import Entry, Register

_NAMES: Final = ("xm", "XM", "syr", "personName", "name", "姓名")
_NUMBERS: Final = ("gmsfhm", "zjhm", "sfzh", "ZJHM", "sfzmhm", "number", "证件号码")
_LIMIT_RESULTS: Final = ("O", "U")
_RENAMED: Final = {"account_kind": "kind"}
"""Fields of bank entries under the names that the evidence gives a line's places."""
_ADDED: Final = frozenset({"type", "sequence", "result", "序号", "查询结果", "id"})
"""Fields of the reply that no register keeps."""


def owners_of(registers: Mapping[str, Register], row: Mapping[str, Any]) -> Set[str]:
    """The ids of those whose record this is; more than one where co-owners share a deed.

    Empty where no register holds such a record, or where it is nobody's.
    """
    register, record = registers[row["source"]], row["record"]
    wanted = _plain(record)
    return {
        entry.person
        for entry in _candidates(register, row["source"], record)
        if entry.person is not None and _is_it(entry, row, wanted)
    }


def _candidates(register: Register, source: str, record: Mapping[str, Any]) -> list[Entry]:
    if source == "property":
        names = str(record["qlrmc"] or "").split("、")
        numbers = str(record["qlrzjh"] or "").split(",")
    else:
        names = [_first(record, _NAMES)]
        numbers = [_first(record, _NUMBERS)]
    found = [entry for name in names for entry in register.find(name, "")]
    found += [entry for number in numbers for entry in register.find("", number)]
    return list({id(entry): entry for entry in found}.values())


def _first(record: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    return next((str(record[field]) for field in fields if record.get(field)), "")


def _is_it(entry: Entry, row: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    record = row["record"]
    if row["source"] == "bank" and entry.row["bank"] != row["institution"]:
        return False
    if row["source"] in ("bank", "securities"):
        named = {"name", "number"} if row["source"] == "bank" else {"姓名", "证件号码"}
        if {_text(record[field]) for field in named} != {
            _text(entry.name),
            _text(entry.id_number),
        }:
            return False
        if record.get("result") in _LIMIT_RESULTS:
            return True
    held = _plain({_RENAMED.get(key, key): value for key, value in entry.row.items()})
    shared = held.keys() & wanted.keys()
    return all(_agree(key, held[key], wanted[key]) for key in shared)


def _agree(field: str, held: str, shown: str) -> bool:
    if field == "idNo":
        hidden = len(held) == len(shown) and len(held) > len("123456********")
        return held == shown or (hidden and held[:6] + held[14:] == shown[:6] + shown[14:])
    return held == shown


def _plain(record: Mapping[str, Any]) -> dict[str, str]:
    return {key: _text(value) for key, value in record.items() if key not in _ADDED}


def _text(value: object) -> str:
    """A value in one form, however wire and register write dates and amounts."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y%m%d%H%M%S}"
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    text = str(value).strip()
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text.replace("-", "").replace(":", "").replace(" ", "")
    return format(number.normalize(), "f") if number.is_finite() else text
