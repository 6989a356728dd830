"""Searches that are answered at once: three forms, what they find, what they are told."""

import pytest

from connectors.dci.signatures import Dialect
from tests.dci.parts import a_partner, by_id
from tests.service_parts import HEAD, NAMES, SPOUSE, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("dialect", ["openspp", "jws_detached", "jws", "none"])
async def test_a_person_is_found_by_number_in_each_dialect(verified: Running, dialect: str) -> None:
    """Names are Chinese: OpenSPP signs them escaped, OpenG2P as UTF-8, OpenCRVS as written."""
    partner = await a_partner(verified, dialect=Dialect(dialect), dialects=(dialect,))
    query = by_id("UIN", HEAD, response_entity="Member", consent={"said by": NAMES["m1"]})
    (record,) = await partner.records(query)
    assert record["name"]["surname"] == "李"
    assert record["name"]["given_name"] == "明"
    assert record["sex"] == "male"
    assert record["is_head_of_household"]
    assert record["household_size"] == 3


async def test_a_household_is_found_by_any_member(verified: Running) -> None:
    partner = await a_partner(verified)
    (record,) = await partner.records(by_id("UIN", SPOUSE))
    assert record["@type"] == "Group"
    assert [one["demographic_info"]["name"]["full_name"] for one in record["member_list"]] == [
        NAMES["m1"],
        NAMES["m2"],
        NAMES["m3"],
    ]
    told = {one["name"]: one["value"] for one in record["additional_attributes"]}
    assert told["verification.status"] == "final"
