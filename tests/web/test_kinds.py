"""The work areas of questions and of sources that did not answer, and the dialog of a conflict."""

import pytest

from connectors.failure import Failure, FailureKind, SourceError
from connectors.records import Relation, Subject
from tests.looks.parts import Person as Colleague
from tests.looks.parts import assigned
from tests.review.settled import wages
from tests.service_parts import (
    NAMES,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    registered,
)
from tests.staff_parts import session_of, with_roles

pytestmark = pytest.mark.asyncio(loop_scope="module")
GONE = SourceError(Failure(FailureKind.UNREACHABLE, "refused"))
HIDDEN = "赵四海"


def kinds_sources() -> list[ScriptedSource]:
    """Wages and money of m1 in question, somebody who was not declared, no vehicle register."""
    taxed, funded = wages()
    stranger = registered(
        "m1",
        subjects=(Subject(name=HIDDEN, id_number="229903197102140032"),),
        raw={"xm": HIDDEN},
        relation=Relation.CHILD,
        in_household=True,
    )
    rows = {ref: found(registered(ref)) for ref in NAMES if ref != "s1"}
    rows["m1"] = found(registered("m1"), stranger)
    return all_ten(
        ScriptedSource("household_registry", rows),
        ScriptedSource("tax", {"m1": found(*taxed)}),
        ScriptedSource("housing_fund", {"m1": found(funded)}),
        ScriptedSource("bank", {"m1": found(an_account("m1", "9000000.00"))}),
        ScriptedSource("vehicle", fault=GONE),
    )


async def seeded(service: Running) -> tuple[dict[str, str], dict[str, str], str]:
    """The path of an item of each kind and of the dialog, a checker's headers, the case."""
    body = a_body(purpose="objection", programmes=["urban_dibao", "dibao_edge"])
    document = (await service.post(body)).json()
    assert document["status"] == "in_review", document["status"]
    account = await with_roles(service, "county_checker")
    headers = await session_of(service, account)
    await assigned(service, document["case_reference"], Colleague(service, account, headers))
    items = (await service.get("/v1/review-items?limit=500")).json()["items"]
    paths: dict[str, str] = {}
    for one in items:
        paths.setdefault(one["kind"], f"/ui/review/{one['id']}")
    finding = next(
        one["id"] for one in document["findings"] if one["code"] == "wage_sources_differ"
    )
    paths["dialog"] = f"/ui/cases/{document['id']}/conflicts/{finding}"
    return paths, headers, document["id"]
