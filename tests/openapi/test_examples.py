"""Each example is a request as documented, and the service takes it."""

import copy
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from app.api.schemas.audits import AuditIn, FindingIn
from app.api.schemas.consents import WithdrawalIn
from app.api.schemas.decisions import WhatIfIn
from app.api.schemas.objections import ObjectionIn
from app.api.schemas.review_items import ReviewDecisionIn
from app.api.schemas.verification import VerificationIn
from app.wiring import new_id
from tests.openapi.documents import FOLDER, SERVICE, document, faults_of
from tests.service_parts import Running

MODELS: dict[str, type[BaseModel]] = {
    "application": VerificationIn,
    "application_with_supporter": VerificationIn,
    "application_with_expenses": VerificationIn,
    "audit": AuditIn,
    "audit_finding": FindingIn,
    "objection": ObjectionIn,
    "review_decision": ReviewDecisionIn,
    "what_if": WhatIfIn,
    "what_if_draft": WhatIfIn,
    "withdrawal": WithdrawalIn,
}


def example(name: str) -> Any:
    return copy.deepcopy(document(f"examples/{name}.json"))


def test_every_example_is_listed() -> None:
    assert {path.stem for path in (FOLDER / "examples").glob("*.json")} == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_an_example_is_as_documented(name: str) -> None:
    assert faults_of(document(SERVICE), MODELS[name].__name__, example(name)) == []
    MODELS[name].model_validate(example(name))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("declared", "income", 0, "monthly"), 1200.5),
        (("declared", "income", 0, "monthly"), "-1.00"),
        (("declared", "income", 0, "kind"), "luck"),
        (("household", "members", 0, "ref"), "m 1"),
        (("region",), "2201"),
        (("nickname",), "x"),
    ],
)
def test_the_document_refuses_what_the_service_refuses(
    path: tuple[str | int, ...], value: object
) -> None:
    body = place = example("application")
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert faults_of(document(SERVICE), "VerificationIn", body)
    with pytest.raises(ValueError, match=r"validation error"):
        VerificationIn.model_validate(body)


async def sent(service: Running, name: str) -> dict[str, Any]:
    """An application, without the address of a case system that is not there."""
    body = example(name)
    body.pop("callback_url", None)
    reply = await service.post(body)
    assert reply.status_code in (httpx.codes.CREATED, httpx.codes.ACCEPTED), reply.text
    answer: dict[str, Any] = reply.json()
    assert answer["status"] == "final", answer["status"]
    return answer


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "name", [name for name, model in MODELS.items() if model is VerificationIn]
)
async def test_an_application_is_taken(shared: Running, name: str) -> None:
    answer = await sent(shared, name)
    assert [one["programme"] for one in answer["decisions"]] == example(name)["programmes"]


@pytest.mark.asyncio(loop_scope="module")
async def test_an_objection_is_taken(shared: Running) -> None:
    id_ = (await sent(shared, "application"))["id"]
    path = f"/v1/verifications/{id_}/objections"
    reply = await shared.http.post(path, json=example("objection"), headers=shared.headers)
    assert reply.status_code == httpx.codes.CREATED, reply.text
    assert faults_of(document(SERVICE), "ObjectionFiledOut", reply.json()) == []
    await shared.status_becomes(reply.json()["recheck"], "final", "in_review")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_withdrawal_is_taken(shared: Running) -> None:
    body = example("withdrawal") | {"reference": new_id("SQ")}
    path = "/v1/consents/withdrawals"
    reply = await shared.http.post(path, json=body, headers=shared.headers)
    assert reply.status_code == httpx.codes.CREATED, reply.text


@pytest.mark.asyncio(loop_scope="module")
async def test_a_reviewers_word_is_taken(shared: Running) -> None:
    await sent(shared, "application")
    wanted = {"kind": "ask_household"}
    items = await shared.http.get("/v1/review-items", params=wanted, headers=shared.headers)
    path = f"/v1/review-items/{items.json()['items'][0]['id']}/decisions"
    reply = await shared.http.post(path, json=example("review_decision"), headers=shared.headers)
    assert reply.status_code == httpx.codes.CREATED, reply.text
    assert faults_of(document(SERVICE), "WordGivenOut", reply.json()) == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model is WhatIfIn])
async def test_what_if_is_answered(shared: Running, name: str) -> None:
    id_ = (await sent(shared, "application"))["id"]
    path = f"/v1/verifications/{id_}/decisions"
    reply = await shared.http.post(path, json=example(name), headers=shared.headers)
    assert reply.status_code == httpx.codes.OK, reply.text
    assert faults_of(document(SERVICE), "WhatIfOut", reply.json()) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_an_audit_and_a_finding_are_taken(shared: Running) -> None:
    await sent(shared, "application")
    shared.clock.forward(minutes=5)
    shared.headers = await shared.client()
    drawer, reader = [await shared.client(scopes=(scope,)) for scope in ("audit", "review")]
    drawn = await shared.http.post("/v1/audits", json=example("audit"), headers=drawer)
    assert drawn.status_code == httpx.codes.CREATED, drawn.text
    path = f"/v1/audits/{drawn.json()['id']}"
    listed = await shared.http.get(f"{path}/worklist", headers=reader)
    [first, *_] = listed.json()["decisions"]
    body = example("audit_finding") | {"verification_id": first["verification_id"]}
    found = await shared.http.post(f"{path}/findings", json=body, headers=reader)
    assert found.status_code == httpx.codes.CREATED, found.text
    results = await shared.http.get(f"{path}/results", headers=drawer)
    answers = {"AuditOut": drawn, "WorklistOut": listed, "FoundOut": found, "ResultsOut": results}
    for name, answer in answers.items():
        assert faults_of(document(SERVICE), name, answer.json()) == []
