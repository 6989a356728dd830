"""No repr shows a person: tracebacks, logs and failed tests quote them."""

import inspect
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.domain import profile
from connectors import contract, records
from matching.addresses import parse_address
from matching.identity import Identity
from matching.idnumber import parse_number
from matching.pair import compare
from matching.people import People
from matching.prepared import prepare
from matching.weights import load_weights
from tests import builders
from tests.service_parts import an_account, number, registered

NUMBER, NAME, STREET, AMOUNT = number("22990119800307123"), "赵瑾瑜", "玉华路8123号", "7654321.98"
CANARIES = (NUMBER, NAME, STREET, AMOUNT, "瑾", "7654321", "1980, 3, 7")
ONE = Identity(name=NAME, id_number=NUMBER, address=f"长春市{STREET}", birth_date=date(1980, 3, 7))


def things() -> Iterator[Any]:
    person = prepare(ONE)
    yield from (ONE, person, person.name, person.number, person.address, People((), ()))
    yield from (parse_number(NUMBER), parse_address(f"长春市{STREET}"))
    yield compare(person, prepare(ONE), load_weights())
    subject = records.Subject(name=NAME, id_number=NUMBER, address=STREET)
    yield from (subject, contract.Found((registered("m1", subjects=(subject,)),)))
    yield an_account("m1", AMOUNT, subjects=(subject,))
    yield contract.AskedPerson("m1", NAME, contract.IdType("resident_id"), NUMBER)
    member = builders.a_member("m1", name=NAME, id_number=NUMBER, birth_date=date(1980, 3, 7))
    yield from (member, builders.a_request(member))
    yield builders.declared(builders.declared_asset("deposit", AMOUNT))
    yield builders.declared(builders.declared_income(AMOUNT))


@pytest.mark.parametrize("thing", list(things()), ids=lambda one: type(one).__name__)
def test_nothing_of_a_person_is_shown(thing: Any) -> None:
    shown = repr(thing)
    assert [one for one in CANARIES if one in shown] == []


def _records() -> list[type]:
    found = inspect.getmembers(records, inspect.isclass)
    return [one for _, one in found if issubclass(one, records.Record | records.Subject)]


@pytest.mark.parametrize("kind", [*_records(), profile.IncomeLine, profile.AssetLine])
def test_records_and_lines_show_nothing(kind: type) -> None:
    """Amounts and accounts are in nearly all their fields: none is shown."""
    assert not kind.__dataclass_params__.repr  # type: ignore[attr-defined]
