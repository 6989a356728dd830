"""Reads a reply: vehicles and vessels, found, none or unknown (pure)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from lxml import etree

from connectors.binding import bind, distinct
from connectors.contract import AskedPerson, Outcome
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.readers import UNKNOWN_CODE
from connectors.records import AnyRecord, Vehicle, VehicleKind
from connectors.transport.documents import read_xml
from connectors.vehicle.wire import ENCODING

_DECLARATION: Final = re.compile(rb"""<\?xml [^>]*encoding=["']([A-Za-z0-9_.-]+)["']""")
_COUNT: Final = re.compile(r"\d{1,6}", re.ASCII)
_FARM_PLATE: Final = "13"

_FAILURES: Final[Mapping[str, Failure]] = {
    "-1": Failure(FailureKind.REFUSED, "the licence code is refused (code -1)"),
    "-2": Failure(FailureKind.UNAVAILABLE, "the source is busy (code -2)"),
    "-9": Failure(FailureKind.UNAVAILABLE, "the source has an internal error (code -9)"),
}


def read_reply(body: bytes, person: AskedPerson, mapping: FieldMap) -> Outcome:
    """What the reply says about the person.

    Raises `SourceError` for a failure that the reply tells and for a reply that is none.
    """
    root = _root_of(body)
    code = _only_text(root, "head/code")
    elements = list(_only(root, "body").iterchildren(tag=etree.Element)) if code == "1" else []
    if code != "1":
        raise SourceError(_failure_of(code, root))
    return _outcome(elements, _count_of(root), person, mapping)


def _root_of(body: bytes) -> etree._Element:
    declared = _DECLARATION.match(body.lstrip())
    if declared is None or declared[1].lower() != ENCODING.encode():
        raise SourceError.of(FailureKind.MALFORMED, "the reply is not declared as XML in GBK")
    if not body.isascii() and _is_utf8(body) and not _says_in_gbk(body):
        # The usual mistake, and most of it would read as GBK. Few words are valid in both: where
        # the message is one that the document knows, in GBK, the declaration is right.
        raise SourceError.of(FailureKind.MALFORMED, "the reply is declared as GBK and is UTF-8")
    root = read_xml(body, ENCODING)
    if root.tag != "root":
        raise SourceError.of(FailureKind.MALFORMED, "the reply is no answer to a query")
    return root


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


_MESSAGES = ("成功", "系统忙", "授权码错误", "系统内部错误")


def _says_in_gbk(body: bytes) -> bool:
    return any(f"<message>{word}</message>".encode(ENCODING) in body for word in _MESSAGES)


def _failure_of(code: str, root: etree._Element) -> Failure:
    """The failure that the code tells; records beside it contradict it."""
    if root.find("body/*") is not None:
        return Failure(FailureKind.MALFORMED, "a failure code stands beside records")
    unknown = Failure(FailureKind.UNAVAILABLE, "the source tells a failure of its own")
    return _FAILURES.get(code, unknown)


def _count_of(root: etree._Element) -> int:
    count = _only_text(root, "head/rownum")
    if _COUNT.fullmatch(count) is None:
        raise SourceError.of(FailureKind.MALFORMED, "rownum is no number of rows")
    return int(count)


def _outcome(
    elements: Sequence[etree._Element], count: int, person: AskedPerson, mapping: FieldMap
) -> Outcome:
    if count == 0 and elements:
        raise SourceError.of(FailureKind.MALFORMED, "rownum is 0, yet there are records")
    if count and not elements:
        raise SourceError.of(FailureKind.INCOMPLETE, "rownum counts records that are not there")
    records: list[AnyRecord] = []
    gaps: list[Failure] = []
    for element in elements:
        try:
            records.append(_record_of(element, mapping))
        except SourceError as error:
            gaps.append(error.failure)
    # A source that sends a record twice may count it once or twice.
    if count not in (len(elements), len(distinct(records)) + len(gaps)):
        gaps.append(Failure(FailureKind.INCOMPLETE, "rownum is not the number of records"))
    return bind(person, records, gaps[0] if gaps else None)


def _record_of(element: etree._Element, mapping: FieldMap) -> AnyRecord:
    row = {str(child.tag): child.text or "" for child in element.iterchildren(tag=etree.Element)}
    if len(row) != len(element):
        raise SourceError.of(FailureKind.MALFORMED, "a record has a field twice")
    match element.tag:
        case "vehicle":
            record = mapping.record("vehicle", row)
            return _farm_vehicle(record, row) if isinstance(record, Vehicle) else record
        case "vessel":
            return mapping.record("vessel", row)
        case _:
            raise SourceError.of(FailureKind.UNMAPPED, "a kind of record that is not mapped")


def _farm_vehicle(record: Vehicle, row: Mapping[str, str]) -> Vehicle:
    """The farm plate decides the kind, but on a passenger car, where one of the two is wrong."""
    if row.get("hpzl", "").strip() != _FARM_PLATE:
        return record
    if record.kind is VehicleKind.PASSENGER_CAR:
        problem = f"{UNKNOWN_CODE} in cllx beside hpzl"
        return replace(record, kind=None, problems=(*record.problems, problem))
    return replace(record, kind=VehicleKind.FARM_VEHICLE)


def _only(root: etree._Element, path: str) -> etree._Element:
    found = root.findall(path)
    if len(found) != 1:
        raise SourceError.of(FailureKind.MALFORMED, f"the reply has not one {path}")
    return found[0]


def _only_text(root: etree._Element, path: str) -> str:
    return (_only(root, path).text or "").strip()
