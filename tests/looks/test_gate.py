"""A look of a member of staff: purpose, case, no relative; on record before the bytes leave."""

from typing import Any

import pytest

from tests.looks.parts import a_case, assigned, entries_of, somebody
from tests.service_parts import NUMBERS, Running

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.promise(16)]
VIEWS = ("", "/evidence", "/report", "/report/view", "/report/papers")


@pytest.mark.parametrize("view", VIEWS)
async def test_an_assigned_case_is_shown_and_the_look_stands_in_the_trail(
    shared: Running, view: str
) -> None:
    """Planted: the entry named no persons: `'' == 'm1,m2,m3,s1'`."""
    id_, case = await a_case(shared)
    checker = await somebody(shared, "county_checker")
    await assigned(shared, case, checker)
    reply = await checker.get(f"/v1/verifications/{id_}{view}")
    assert reply.status_code == 200, reply.text
    looks = [one for one in await entries_of(shared, checker.id) if "look" in one[2]]
    _, object_, details = looks[-1]
    assert (object_, details["look"], details["case"]) == (id_, "case", case)
    assert details["purpose"] == "application"
    assert details["persons"] == "m1,m2,m3,s1"
    assert details["consent"] == "SQ-2026-000123"
    assert details["basis"].startswith("assignment:ca_")


@pytest.mark.parametrize("view", VIEWS)
async def test_without_a_purpose_nothing_is_shown(shared: Running, view: str) -> None:
    """Planted: no purpose taken for the verification's own: 200 instead of 403."""
    id_, case = await a_case(shared)
    checker = await somebody(shared, "county_checker")
    await assigned(shared, case, checker)
    reply = await checker.get(f"/v1/verifications/{id_}{view}", None)
    assert reply.status_code == 403
    assert reply.json()["type"] == "urn:hedui:problem:purpose-needed"


@pytest.mark.parametrize("view", VIEWS)
async def test_a_case_that_is_not_ones_own_is_refused_and_told_of(
    shared: Running, view: str
) -> None:
    """Planted: the assignment not asked for: 200; the refusal not written: no entry."""
    id_, _ = await a_case(shared)
    checker = await somebody(shared, "county_checker")
    reply = await checker.get(f"/v1/verifications/{id_}{view}")
    assert reply.status_code == 403
    assert reply.json()["type"] == "urn:hedui:problem:case-not-assigned"
    action, object_, details = (await entries_of(shared, checker.id))[-1]
    assert (action, object_, details["why"]) == ("look_refused", id_, "not_assigned")


@pytest.mark.parametrize(
    "relation",
    [
        {"kind": "sibling", "id_number": NUMBERS["m2"]},
        {"kind": "self", "id_number": NUMBERS["m1"]},
        {"kind": "parent", "id_number": NUMBERS["s1"]},
        {"kind": "parent", "id_number": NUMBERS["s1"][:6] + NUMBERS["s1"][8:17]},
        {
            "kind": "household",
            "address": "吉林省长春市南关区民康街道平阳街12号3栋2单元501",
            "region": "220102",
        },
    ],
    ids=("sibling", "oneself", "supporter", "of 15 digits", "home"),
)
@pytest.mark.parametrize("view", VIEWS)
async def test_a_relatives_case_is_as_if_it_were_not_there(
    shared: Running, view: str, relation: dict[str, Any]
) -> None:
    """Planted: `related` not looked at: 200; numbers as they were written: 200 for 15 digits."""
    id_, case = await a_case(shared)
    checker = await somebody(shared, "county_checker")
    await assigned(shared, case, checker)
    path = f"/v1/verifications/{id_}{view}"
    assert (await checker.get(path)).status_code == 200
    assert (await checker.post("/v1/relations", relation, None)).status_code == 201
    refused = await checker.get(path)
    absent = await checker.get(f"/v1/verifications/vf_none{view}")
    assert (refused.status_code, refused.content) == (404, absent.content)
    action, object_, details = (await entries_of(shared, checker.id))[-1]
    assert (action, object_, details["why"]) == ("look_refused", id_, "related")
