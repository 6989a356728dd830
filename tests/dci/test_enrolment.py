"""The registry of beneficiaries: is somebody enrolled, and whom partners say they enrolled."""

from typing import Any, Final

import pytest

from tests.dci.parts import SEARCH, Partner, a_partner, by_id, receives
from tests.dci.standard_parts import IBR
from tests.service_parts import CHILD, HEAD, SPOUSE, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
ON_BOTH = True
ENROLLED: Final = "/registry/sync/enrolled"
UPDATES: Final = "/registry/sync/enrollment/updates"


async def asks(partner: Partner, query: Any, **criteria: Any) -> dict[str, Any]:
    made = {"query_type": "expression", "query": query, **criteria}
    message = {"transaction_id": "t-1", "enrolled_criteria": made}
    body = partner.signed(partner.header("search"), message)
    found: dict[str, Any] = (await partner.sends(body, ENROLLED, standard=IBR)).json()
    return found


async def is_enrolled(partner: Partner, value: str, programme: str = "") -> str:
    query = {"person_identifier": {"eq": value}}
    if programme:
        query["programme_identifier.program.programme_identifier"] = {"eq": programme}
    reply = await asks(partner, query)
    return str(reply["message"]["enrolled_response"][0]["enrolled_status"])


async def tells(partner: Partner, value: str, status: str, **more: Any) -> list[dict[str, Any]]:
    beneficiary = {
        "@type": "Beneficiary",
        "assistance_unit": "1",
        "member": {
            "member_identifier": "HS0205202401",
            "demographic_info": {"person": {"identifier_type": "NID", "identifier_value": value}},
        },
        "programme_identifier": {
            "programme": {"programme_identifier": "DCI001", "programme_name": "Test"},
            "enrolment_date": "02.02.2024",
            "enrolment_status": status,
        },
        **more,
    }
    header = partner.header("notify", status="succ")
    message = {"transaction_id": "t-1", "enrolled_updates": {"beneficiaries": [beneficiary]}}
    reply = await partner.sends(partner.signed(header, message), UPDATES, standard=IBR)
    found: list[dict[str, Any]] = reply.json()["message"]["enrolled_response"]
    return found


async def test_what_a_partner_tells_others_are_told(verified: Running) -> None:
    """Within the region, until it says that it ended."""
    one, other = await a_partner(verified), await a_partner(verified)
    elsewhere = await a_partner(verified, region="220103")
    assert await is_enrolled(other, SPOUSE) == "no"
    assert [item["status"] for item in await tells(one, SPOUSE, "Active")] == ["succ"]
    assert await is_enrolled(other, SPOUSE) == "yes"
    assert await is_enrolled(other, SPOUSE, "DCI001") == "yes"
    assert await is_enrolled(other, SPOUSE, "DCI002") == "no"
    assert await is_enrolled(elsewhere, SPOUSE) == "no"
    await tells(other, SPOUSE, "Ended")
    assert await is_enrolled(other, SPOUSE) == "yes"
    await tells(one, SPOUSE, "Ended")
    assert await is_enrolled(other, SPOUSE) == "no"


async def test_who_receives_relief_here_is_enrolled(verified: Running) -> None:
    """Asked as the registry of beneficiaries, those alone are told of, with their programmes."""
    partner = await a_partner(verified)
    query = by_id("UIN", HEAD, reg_type="ns:org:RegistryType:IBR", response_entity="Member")
    assert await partner.records(query) == []
    assert await is_enrolled(partner, HEAD) == "no"
    await receives(verified, HEAD)
    assert await is_enrolled(partner, HEAD, "urban_dibao") == "yes"
    assert await is_enrolled(partner, HEAD, "medical_relief") == "no"
    reply = await partner.sends(partner.search(query), SEARCH, standard=IBR)
    (item,) = reply.json()["message"]["search_response"]
    (record,) = item["data"]["reg_records"]
    assert record["@type"] == "Beneficiary"
    assert record["programme_identifier"][0]["programme"] == {"programme_identifier": "urban_dibao"}
    (social,) = await partner.records({**query, "reg_type": "SOCIAL_REGISTRY"})
    assert social["enrolled_programs"] == ["urban_dibao"]


async def test_what_cannot_be_read_is_refused_by_itself(verified: Running) -> None:
    partner = await a_partner(verified)
    broken: list[dict[str, Any]] = [
        {"programme_identifier": ""},
        {"programme_identifier": {"programme": {}, "enrolment_status": "Active"}},
        {"member": {}},
    ]
    for wrong in broken:
        (item,) = await tells(partner, HEAD, "Active", **wrong)
        assert item["status"] == "rjct"
        assert HEAD not in item["status_reason_message"]
    (item,) = await tells(partner, CHILD, "perhaps")
    assert item["status"] == "rjct"
    assert await is_enrolled(partner, CHILD) == "no"


@pytest.mark.parametrize("query", [{}, {"age": {"lt": 5}}, {"person_identifier": {"lt": "1"}}])
async def test_one_person_is_asked_about(verified: Running, query: Any) -> None:
    partner = await a_partner(verified)
    reply = await asks(partner, query)
    assert reply["header"]["status"] == "rjct"
    assert reply["errors"][0]["code"] == "err.request.bad"
