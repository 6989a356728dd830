"""Replies of the register of vehicles and vessels."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import AskedPerson, Found, IdType, NoRecord, Outcome, Partial, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.records import Vehicle, VehicleKind, VehicleState, Vessel
from connectors.vehicle.client import MAPPING
from connectors.vehicle.parse import read_reply

MAP = FieldMap.load(MAPPING)
PERSON = AskedPerson("p1", "李明", IdType.RESIDENT_ID, "229901198003071236")
CAR = {
    "hphm": "吉A3K58C",
    "hpzl": "02",
    "cllx": "K33",
    "clpp1": "某某牌",
    "clsbdh": "LFV2A21K5A3000001",
    "syr": "李明",
    "sfzmhm": "229901198003071236",
    "syxz": "A",
    "ccdjrq": "2016-03-02",
    "zt": "A",
    "pl": "1598",
    "hdzk": "5",
}
BOAT = {
    "cm": "吉渔0123",
    "cbdjh": "220000012345",
    "cblx": "渔船",
    "zdw": "3.2",
    "syr": "李明",
    "sfzmhm": "229901800307123",
    "djrq": "2012-06-01",
    "zt": "在籍",
}


def element(tag: str, fields: Mapping[str, str]) -> str:
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f'<{tag} id="0">{inside}</{tag}>'


def car(**changed: str) -> str:
    return element("vehicle", {**CAR, **changed})


def boat(**changed: str) -> str:
    return element("vessel", {**BOAT, **changed})


def reply(*rows: str, code: str = "1", count: str | None = None, encoding: str = "GBK") -> bytes:
    counted = str(len(rows)) if count is None else count
    head = f"<head><code>{code}</code><message>成功</message><rownum>{counted}</rownum></head>"
    text = f"<root>{head}<body>{''.join(rows)}</body></root>"
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    return (declaration + text).encode(encoding, errors="xmlcharrefreplace")


def outcome(body: bytes, person: AskedPerson = PERSON) -> Outcome:
    try:
        return read_reply(body, person, MAP)
    except SourceError as error:
        return Unknown(error.failure)


def test_a_vehicle_and_a_vessel_are_read() -> None:
    found = outcome(reply(car(), boat()))
    assert isinstance(found, Found)
    first, second = found.records
    assert isinstance(first, Vehicle)
    assert (first.plate, first.plate_kind, first.kind) == (
        "吉A3K58C",
        "02",
        VehicleKind.PASSENGER_CAR,
    )
    assert (first.state, first.registered_on) == (VehicleState.NORMAL, date(2016, 3, 2))
    assert first.raw["pl"] == "1598"
    assert isinstance(second, Vessel)
    assert (second.tonnage, second.in_register) == (Decimal("3.2"), True)
    assert second.subjects[0].id_number == "229901800307123"


def test_a_character_outside_the_charset_comes_as_its_reference() -> None:
    person = AskedPerson("p1", "𬱖", IdType.RESIDENT_ID, "229901198003071236")
    body = reply(car(syr="𬱖"))
    assert b"&#183382;" in body
    found = outcome(body, person)
    assert isinstance(found, Found)
    assert found.records[0].subjects[0].name == "𬱖"


def test_no_row_is_no_record() -> None:
    assert outcome(reply()) == NoRecord()


@pytest.mark.parametrize(
    ("plate", "type_", "kind"),
    [
        ("02", "H31", VehicleKind.LORRY),
        ("07", "M21", VehicleKind.MOTORCYCLE),
        ("01", "N11", VehicleKind.THREE_WHEELER),
        ("01", "T11", VehicleKind.TRACTOR),
        ("13", "H31", VehicleKind.FARM_VEHICLE),
        ("13", "N11", VehicleKind.FARM_VEHICLE),
    ],
)
def test_the_kind_is_the_first_letter_or_the_farm_plate(
    plate: str, type_: str, kind: VehicleKind
) -> None:
    found = outcome(reply(car(hpzl=plate, cllx=type_)))
    assert isinstance(found, Found)
    assert isinstance(found.records[0], Vehicle)
    assert found.records[0].kind is kind


@pytest.mark.parametrize(
    "changed",
    [
        {"cllx": "Z99"},
        {"zt": "Q"},
        {"ccdjrq": "20161301"},
        {"hpzl": "13", "cllx": "K33"},
    ],
    ids=str,
)
def test_what_the_mapping_does_not_know_stays_as_a_gap(changed: dict[str, str]) -> None:
    partial = outcome(reply(car(**changed), boat()))
    assert isinstance(partial, Partial)
    assert partial.gap.kind is FailureKind.UNMAPPED
    assert len(partial.records) == 2
    assert partial.records[0].problems


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (reply(code="-1"), FailureKind.REFUSED),
        (reply(code="-2"), FailureKind.UNAVAILABLE),
        (reply(code="-9"), FailureKind.UNAVAILABLE),
        (reply(code="0"), FailureKind.UNAVAILABLE),
        (reply(code=""), FailureKind.UNAVAILABLE),
        (reply(car(), code="-9"), FailureKind.MALFORMED),
        (reply(car(), count="0"), FailureKind.MALFORMED),
        (reply(count="2"), FailureKind.INCOMPLETE),
        (reply(count=""), FailureKind.MALFORMED),
        (reply(count="NaN"), FailureKind.MALFORMED),
        (reply(element("tram", CAR)), FailureKind.UNMAPPED),
        (reply(car(syr="张三", sfzmhm="229902198909140639")), FailureKind.MISMATCHED),
        (reply(car(), encoding="UTF-8"), FailureKind.MALFORMED),
        (reply(encoding="UTF-8").replace(b"UTF-8", b"GBK"), FailureKind.MALFORMED),
        (reply(car()).replace(b"\xc0\xee", b"\xff\xff"), FailureKind.MALFORMED),
        (reply(car())[:-20], FailureKind.MALFORMED),
        (b"", FailureKind.MALFORMED),
        (b"<html/>", FailureKind.MALFORMED),
        (b'<?xml version="1.0" encoding="GBK"?><html/>', FailureKind.MALFORMED),
        (b'<?xml version="1.0" encoding="GBK"?><root/>', FailureKind.MALFORMED),
        (
            reply().replace(b"<root>", b'<!DOCTYPE root [<!ENTITY a "b">]><root>'),
            FailureKind.MALFORMED,
        ),
    ],
)
def test_a_failure_is_never_no_record(body: bytes, kind: FailureKind) -> None:
    unknown = outcome(body)
    assert isinstance(unknown, Unknown)
    assert unknown.gap.kind is kind
    assert "李" not in unknown.gap.detail


@pytest.mark.parametrize("count", ["1", "2"])
def test_a_record_twice_is_one(count: str) -> None:
    found = outcome(reply(car(), car(), count=count))
    assert isinstance(found, Found)
    assert len(found.records) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (reply(car(), count="2"), FailureKind.INCOMPLETE),
        (reply(car(), boat(), count="1"), FailureKind.INCOMPLETE),
        (reply(car(), element("tram", CAR)), FailureKind.UNMAPPED),
        (
            reply(car(), car(syr="张三", sfzmhm="229902198909140639")),
            FailureKind.MISMATCHED,
        ),
    ],
)
def test_what_can_be_read_of_a_reply_is_kept(body: bytes, kind: FailureKind) -> None:
    partial = outcome(body)
    assert isinstance(partial, Partial)
    assert partial.gap.kind is kind
    assert len(partial.records) in (1, 2)


@given(st.binary(max_size=200))
def test_no_bytes_are_no_record(body: bytes) -> None:
    assert isinstance(outcome(body), Unknown)


@given(st.data())
def test_a_cut_reply_is_never_no_record(data: st.DataObject) -> None:
    whole = reply(car(), boat())
    length = data.draw(st.integers(0, len(whole) - 1))
    assert isinstance(outcome(whole[:length]), Unknown)
