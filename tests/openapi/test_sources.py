"""The sources' documents are valid, agree with the mappings, and the sandbox answers by them."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
import yaml
from lxml import etree
from openapi_spec_validator import OpenAPIV31SpecValidator

import connectors
from connectors.sandbox.sandbox import Sandbox
from tests.connectors.sandbox.servers.raw_http import (
    HTTP_SOURCES,
    Raw,
    exchange,
    prepared,
    question,
    signed,
)
from tests.connectors.sandbox.servers.tiny_registers import (
    HOUSEHOLD,
    LI_MING,
    NOBODY,
    WANG_FANG,
    tiny_sandbox,
)
from tests.openapi.documents import FOLDER, faults, faults_of, found, references, source

POSITIVE: Final = {
    "household_registry": ("/hukou/v1/person-query", "post"),
    "social_insurance": ("/sb/v2/jobs/{jobId}", "get"),
    "property": ("/bdc/ownerships", "get"),
    "business_registration": ("/aic/v1/persons/interests", "get"),
    "insurance": ("/ins/v1/inquiries/{inquiryNo}", "get"),
}
"""The JSON sources, and the operation that `prepared` asks."""
CODED: Final = {
    ("household_registry", "person"): "Person",
    ("tax", "item"): "Item",
    ("social_insurance", "contribution"): "Payment",
    ("social_insurance", "benefit"): "Benefit",
    ("property", "ownership"): "Ownership",
    ("business_registration", "legalRepresentative"): "LegalRepresentative",
    ("business_registration", "shareholder"): "Shareholder",
    ("business_registration", "manager"): "Manager",
    ("vehicle", "vehicle"): "Vehicle",
    ("vehicle", "vessel"): "Vessel",
    ("insurance", "policy"): "Policy",
}
"""Which schema describes a mapping's kind of record."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with tiny_sandbox(tmp_path_factory.mktemp("sandbox"), running_polls=0) as started:
        yield started


def mapping(name: str) -> Any:
    path = Path(connectors.__path__[0]) / name / "mapping.yaml"
    return yaml.safe_load(path.read_text("utf-8"))


def fields_read(record: Any) -> Iterator[tuple[str, Any]]:
    for rule in (record.get("subject", {}) | record["fields"]).values():
        yield rule["from"], rule


def properties(whole: Any, schema: Any) -> dict[str, Any]:
    """A schema's own properties and those of what it refers to or is made of."""
    if "$ref" in schema:
        return properties(whole, found(whole, *schema["$ref"].removeprefix("#/").split("/")))
    own: dict[str, Any] = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        own |= properties(whole, part)
    return own


def said(whole: Any, answer: Raw, path: str, method: str) -> list[str]:
    """The faults of a JSON answer, by the schema that its path, method and status have."""
    answers = found(whole, "paths", path, method, "responses", str(answer.status))
    return faults(whole, answers["content"]["application/json"]["schema"], body_of(answer))


def body_of(answer: Raw) -> Any:
    return json.loads(answer.body)


def test_every_http_source_has_a_document() -> None:
    assert {path.stem for path in (FOLDER / "sources").glob("*.yaml")} == set(HTTP_SOURCES)


@pytest.mark.parametrize("name", HTTP_SOURCES)
def test_a_document_is_valid(name: str) -> None:
    whole = source(name)
    OpenAPIV31SpecValidator(whole).validate()
    for reference in set(references(whole)):
        assert found(whole, *reference.removeprefix("#/").split("/"))


@pytest.mark.parametrize(("name", "kind"), CODED)
def test_fields_and_codes_are_those_of_the_mapping(name: str, kind: str) -> None:
    whole = source(name)
    described = properties(whole, {"$ref": f"#/components/schemas/{CODED[name, kind]}"})
    for field, rule in fields_read(mapping(name)["records"][kind]):
        assert field in described
        codes = [str(code) for code in rule.get("codes", ())]
        for code in codes:
            # In a mapping `?` is one sign and `*` are any.
            plain = code.replace("?", "1").replace("*", "33")
            assert faults(whole, described[field], plain) == [], f"{field} {code}"
        if codes and "enum" in described[field]:
            assert set(codes) == set(described[field]["enum"])


def test_every_kind_of_record_is_described() -> None:
    kinds = {(name, kind) for name in HTTP_SOURCES for kind in mapping(name)["records"]}
    assert kinds == set(CODED)


def test_what_is_not_documented_is_seen() -> None:
    whole = source("household_registry")
    person = whole["components"]["responses"]["Answer"]["content"]["application/json"]
    good = person["examples"]["found"]["value"]
    assert faults_of(whole, "Answer", good) == []
    for change in ({"xb": "3"}, {"csrq": "1980-03-07"}, {"yhzgx": "03"}):
        bad = good | {"rows": [good["rows"][0] | change]}
        assert faults_of(whole, "Answer", bad)


@pytest.mark.parametrize("name", HTTP_SOURCES)
def test_examples_are_as_described(name: str) -> None:
    whole = source(name)
    for media in media_of(whole):
        values = [one["value"] for one in media.get("examples", {}).values()]
        values += [media["example"]] if "example" in media else []
        for value in values:
            if not isinstance(value, str):
                assert faults(whole, media["schema"], value) == []


def media_of(part: Any) -> Iterator[Any]:
    """Every media type with a schema, wherever it stands."""
    if isinstance(part, dict):
        for media in part.get("content", {}).values():
            if "schema" in media:
                yield media
        for value in part.values():
            yield from media_of(value)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", POSITIVE)
async def test_a_positive_answer(sandbox: Sandbox, name: str) -> None:
    path, method = POSITIVE[name]
    answer = await exchange(sandbox.ports[name], await prepared(sandbox, name))
    assert answer.status == 200
    assert LI_MING[0] in answer.body.decode()
    assert said(source(name), answer, path, method) == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("body", [{"hh": HOUSEHOLD}, {"hh": "1"}])
async def test_a_household_by_its_number(sandbox: Sandbox, body: dict[str, str]) -> None:
    headers = {"X-Auth-Token": sandbox.credentials.household_registry_token}
    path = "/hukou/v1/household-query"
    asked = question("POST", path, headers, json.dumps(body).encode())
    answer = await exchange(sandbox.ports["household_registry"], asked)
    whole = source("household_registry")
    media = whole["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    assert faults(whole, media["schema"], body) == []
    assert said(whole, answer, path, "post") == []


@pytest.mark.asyncio(loop_scope="module")
async def test_a_job_from_taking_in_to_its_end(sandbox: Sandbox) -> None:
    whole, port = source("social_insurance"), sandbox.ports["social_insurance"]
    headers = {"Authorization": f"Bearer {sandbox.credentials.social_insurance_key}"}
    persons = [{"xm": name, "sfzh": number} for name, number in (LI_MING, WANG_FANG, NOBODY)]
    body = {"from": "202511", "to": "202610", "persons": persons}
    assert faults_of(whole, "JobRequest", body) == []
    asked = question("POST", "/sb/v2/jobs", headers, json.dumps(body).encode())
    taken = await exchange(port, asked)
    assert said(whole, taken, "/sb/v2/jobs", "post") == []
    job = body_of(taken)["jobId"]
    done = await exchange(port, question("GET", f"/sb/v2/jobs/{job}", headers))
    assert said(whole, done, "/sb/v2/jobs/{jobId}", "get") == []
    kinds = {row["type"] for one in body_of(done)["results"] for row in one["records"]}
    assert kinds == {"PAYMENT", "BENEFIT"}
    gone = await exchange(port, question("GET", "/sb/v2/jobs/j-0", headers))
    assert said(whole, gone, "/sb/v2/jobs/{jobId}", "get") == []


@pytest.mark.asyncio(loop_scope="module")
async def test_an_inquiry_and_who_is_not_found(sandbox: Sandbox) -> None:
    whole, port = source("insurance"), sandbox.ports["insurance"]
    body = {"inquiryNo": "T-7", "persons": [{"seq": 1, "xm": NOBODY[0], "zjhm": NOBODY[1]}]}
    assert faults_of(whole, "Inquiry", body) == []
    sent, path = json.dumps(body).encode(), "/ins/v1/inquiries"
    taken = await exchange(port, question("POST", path, signed(sandbox, sent), sent))
    assert said(whole, taken, path, "post") == []
    fetched = await exchange(port, question("GET", f"{path}/T-7", signed(sandbox, b"")))
    assert said(whole, fetched, path + "/{inquiryNo}", "get") == []
    refused = await exchange(port, question("GET", f"{path}/T-7", signed(sandbox, b"x")))
    assert refused.status == 401
    assert said(whole, refused, path + "/{inquiryNo}", "get") == []


@pytest.mark.parametrize("name", ["household_registry", "property", "business_registration"])
@pytest.mark.asyncio(loop_scope="module")
async def test_who_may_not_ask(sandbox: Sandbox, name: str) -> None:
    path, method = POSITIVE[name]
    asked = question(method.upper(), f"{path}?name=x", {"Authorization": "Bearer x"}, b"{}")
    answer = await exchange(sandbox.ports[name], asked)
    assert said(source(name), answer, path, method) == []


@pytest.mark.parametrize(
    ("name", "elements"),
    [("tax", {"item": "Item"}), ("vehicle", {"vehicle": "Vehicle", "vessel": "Vessel"})],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_the_elements_of_xml(sandbox: Sandbox, name: str, elements: dict[str, str]) -> None:
    whole = source(name)
    answer = await exchange(sandbox.ports[name], await prepared(sandbox, name))
    root = etree.fromstring(answer.body)
    for element, schema in elements.items():
        rows = root.findall(f".//{{*}}{element}")
        assert rows
        for row in rows:
            fields = {etree.QName(one).localname: one.text or "" for one in row}
            assert faults_of(whole, schema, fields) == []
            described = properties(whole, {"$ref": f"#/components/schemas/{schema}"})
            assert list(fields) == [field for field in described if field != "id"]
