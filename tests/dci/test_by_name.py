"""Who has no document: asked for by name and birth date, and whose record it is, is judged."""

from pathlib import Path
from typing import Any, Final

import pytest

from connectors.over_dci import over_dci
from connectors.transport.limits import Gate, Limits
from tests.connectors.dci.registry import Registry, found
from tests.connectors.web_server import serving
from tests.service_parts import NAMES, NUMBERS, a_body, all_ten, running

BORN: Final = "2010-06-08"
BY_NAME: Final = {"name": "full_name", "birth_date": "birthdate"}
LIMITS: Final = Limits(tries=1)


def a_child(**more: Any) -> dict[str, Any]:
    name = {"surname": NAMES["m3"][:1], "given_name": NAMES["m3"][1:]}
    programme = {"programme_identifier": "RD", "programme_name": "农村低保"}
    entry = {"programme": programme, "enrolment_status": "Active"}
    person = {"name": name, "birth_date": BORN, "sex": "female"}
    return {**person, "programme_identifier": entry, **more}


def numbered(value: str) -> dict[str, Any]:
    return a_child(identifier=[{"identifier_type": "UIN", "identifier_value": value}])


def without_document() -> dict[str, Any]:
    body = a_body()
    child = body["household"]["members"][2]
    child.update(id_type="none", id_number="", birth_date=BORN)
    return body


@pytest.mark.parametrize(
    ("records", "state"),
    [
        ([numbered(NUMBERS["m3"])], "answered"),
        ([a_child()], "answered"),
        ([numbered(NUMBERS["m3"]), numbered(NUMBERS["s1"])], "failed"),
    ],
    ids=["one", "one without a number", "two"],
)
async def test_a_record_of_that_name_waits_for_a_person(
    tmp_path: Path, records: list[dict[str, Any]], state: str
) -> None:
    """It is never taken for the child's by itself."""

    def answer(request: dict[str, Any]) -> Any:
        criteria = request["message"]["search_request"][0]["search_criteria"]
        return found(records if criteria["query_type"] == "expression" else [])(request)

    async with serving(Registry([answer])) as url:
        section = {"url": url, "sender_id": "hedui.example", "by_name": BY_NAME}
        source: Any = over_dci("relief_register", {"dci": section}, Gate("relief_register", LIMITS))
        async with running(tmp_path, [*all_ten(), source]) as service:
            document = (await service.post(without_document())).json()
            rows = (await service.get(f"/v1/verifications/{document['id']}/evidence")).json()
    assert document["status"] == "in_review"
    told = {one["person"]: one for one in document["sources"] if one["source"] == source.name}
    assert told["m1"]["state"] == "no_record"
    assert told["m3"]["state"] == state, told["m3"]
    links = [one["link"] for one in rows["evidence"] if one["source"] == source.name]
    assert links == ["in_review"] * len(records)
    assert "duplicate_relief" not in {one["code"] for one in document["findings"]}
