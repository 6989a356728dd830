"""What the standard's own schemas and examples say of requests and answers."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.reconciliation.parts import a_pass, about, asked
from tests.reconciliation.schemas import STANDARD, check
from tests.service_parts import HEAD, SPOUSE, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
BY_TOKEN = "/v1/reconcile"


def examples(folder: str) -> list[Path]:
    return sorted((STANDARD / folder).glob("*.json"))


@pytest.mark.parametrize("example", examples("queries/valid"), ids=lambda one: one.stem)
async def test_valid_batches_are_answered(shared: Running, example: Path) -> None:
    """Nobody of those is here, and their types are none of ours: no result, and no error."""
    reply = await asked(shared, BY_TOKEN, example.read_text("utf-8"), shared.headers)
    assert reply.status_code == httpx.codes.OK, reply.text
    check("reconciliation-result-batch", reply.json())
    assert reply.json() == {key: {"result": []} for key in json.loads(example.read_text("utf-8"))}


BROKEN = {
    "no JSON": "{",
    "a list": "[]",
    "no text and no property": '{"q0": {"type": "person"}}',
    "a query that is a number": '{"q0": {"query": 7}}',
    "a property without a value": '{"q0": {"query": "x", "properties": [{"pid": "sex"}]}}',
    "another strictness": '{"q0": {"query": "x", "type_strict": "never"}}',
    "too many": json.dumps({f"q{n}": {"query": "x"} for n in range(51)}),
    "too long": json.dumps({"q0": {"query": "李" * 401}}),
    "too deep": '{"q0": ' + "[" * 100 + "]" * 100 + "}",
}


@pytest.mark.parametrize(
    "text",
    [*(one.read_text("utf-8") for one in examples("queries/invalid")), *BROKEN.values()],
    ids=[*(one.stem for one in examples("queries/invalid")), *BROKEN],
)
async def test_invalid_batches_are_refused_and_not_quoted(shared: Running, text: str) -> None:
    reply = await asked(shared, BY_TOKEN, text, shared.headers)
    assert reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY, reply.text
    assert reply.json()["errors"]
    assert "Hanewinckel" not in reply.text


@pytest.mark.parametrize("example", examples("extensions"), ids=lambda one: one.stem)
async def test_extensions_are_answered(shared: Running, example: Path) -> None:
    text = example.read_text("utf-8")
    reply = await shared.http.post(BY_TOKEN, data={"extend": text}, headers=shared.headers)
    assert reply.status_code == httpx.codes.OK, reply.text
    check("data-extension-response", reply.json())
    assert list(reply.json()["rows"]) == json.loads(text)["ids"]


@pytest.mark.parametrize(
    "form", [{}, {"queries": "{}", "extend": "{}"}, {"extend": '{"ids": ["x"]}'}], ids=str
)
async def test_a_form_has_one_whole_field(shared: Running, form: dict[str, str]) -> None:
    reply = await shared.http.post(BY_TOKEN, data=form, headers=shared.headers)
    assert reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY, reply.text


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_queries_in_an_address_are_refused(shared: Running, method: str) -> None:
    """The standard knows them there; they would stay in histories and in logs of proxies."""
    path = (await a_pass(shared))["path"]
    for where, headers in ((BY_TOKEN, shared.headers), (path, {})):
        queries = json.dumps({"q0": about("李明", id_number=HEAD)})
        reply = await shared.http.request(
            method, where, params={"queries": queries}, headers=headers, data={"extend": "{}"}
        )
        assert reply.status_code == httpx.codes.BAD_REQUEST, reply.text
        assert reply.json()["type"] == "urn:hedui:problem:personal-data-in-address"
        assert HEAD not in reply.text


async def test_a_clients_manifest_and_suggestions(shared: Running) -> None:
    manifest = (await shared.get(BY_TOKEN)).json()
    check("manifest", manifest)
    assert manifest["authentication"]["type"] == "oauth2"
    for kind, prefix, schema, first in (
        ("type", "家庭", "suggest-types-response", "household"),
        ("property", "sex", "suggest-properties-response", "sex"),
        ("entity", "城市居民", "suggest-entities-response", "urban_dibao"),
    ):
        reply = await shared.http.get(
            f"{BY_TOKEN}/suggest/{kind}", params={"prefix": prefix}, headers=shared.headers
        )
        check(schema, reply.json())
        assert reply.json()["result"][0]["id"] == first
    nobody = await shared.http.get(
        f"{BY_TOKEN}/suggest/entity", params={"prefix": "李"}, headers=shared.headers
    )
    assert nobody.json() == {"result": []}


async def test_a_score_is_explained_by_its_features(shared: Running) -> None:
    """They and the prior add up to the log2 odds; of fields that were not sent, nothing is told."""
    wrong = f"{SPOUSE[:9]}{SPOUSE[10]}{SPOUSE[9]}{SPOUSE[11:]}"
    reply = await asked(shared, BY_TOKEN, {"q0": about("王芳", id_number=wrong)}, shared.headers)
    check("reconciliation-result-batch", reply.json())
    [one] = reply.json()["q0"]["result"]
    features = {feature["id"]: feature["value"] for feature in one["features"]}
    odds = 2 ** sum(features.values())
    assert one["score"] == pytest.approx(100 * odds / (1 + odds), abs=0.01)
    assert one["match"] is False
    assert {"name", "id_number", "prior"} <= set(features)
    assert not {"address", "phone", "household_number"} & set(features)
    assert "证件号码" in one["description"]


REFERENCE: list[tuple[dict[str, Any], list[tuple[str, bool]]]] = [
    (about("220102003", "region"), [("220102003", True)]),
    (about("220102", "region"), [("220102", True)]),
    (about("220103", "region"), []),
    (about("rural_dibao", "programme"), [("rural_dibao", True)]),
    (about("城市居民最低生活保障", "programme"), [("urban_dibao", True)]),
    (about("没有这个项目", "programme"), []),
]


@pytest.mark.parametrize(("query", "expected"), REFERENCE, ids=lambda one: str(one)[:30])
async def test_regions_and_programmes(
    shared: Running, query: dict[str, Any], expected: list[tuple[str, bool]]
) -> None:
    reply = await asked(shared, BY_TOKEN, {"q0": query}, shared.headers)
    found = reply.json()["q0"]["result"]
    assert [(one["id"], one["match"]) for one in found][: max(1, len(expected))] == expected


async def test_a_household_by_its_number_or_by_a_member(shared: Running) -> None:
    case = "220102-2026-000123"
    queries = {"q0": about(case, "household"), "q1": about("王芳", "household", id_number=SPOUSE)}
    reply = await asked(shared, BY_TOKEN, queries, shared.headers)
    found = [one["result"] for one in reply.json().values()]
    assert [(one["name"], one["match"]) for some in found for one in some] == 2 * [
        (f"李* {case}", True)
    ]
