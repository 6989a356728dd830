"""Each HTTP source answers as its document says."""

import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from lxml import etree
from yarl import URL

from connectors.sandbox.sandbox import Sandbox
from tests.connectors.sandbox.servers.tiny_registers import (
    HOUSEHOLD,
    LI_MING,
    NOBODY,
    RARE,
    WANG_FANG,
    tiny_sandbox,
)

TAX_QUESTION = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:t="urn:tax:income:v1"><soapenv:Body><t:queryIncome><t:xm>{}</t:xm><t:zjlx>201</t:zjlx>
<t:zjhm>{}</t:zjhm><t:skssqq>2025-11</t:skssqq><t:skssqz>2026-10</t:skssqz></t:queryIncome>
</soapenv:Body></soapenv:Envelope>"""
TAX_HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"queryIncome"'}
T = "{urn:tax:income:v1}"
EXACT = partial(json.loads, parse_float=str)


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with tiny_sandbox(tmp_path) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def url(sandbox: Sandbox, source: str, path: str) -> str:
    return f"{sandbox.sources_configuration()[source]['url']}{path}"


async def hukou(
    sandbox: Sandbox, http: aiohttp.ClientSession, body: object, path: str = "person-query"
) -> Any:
    headers = {"X-Auth-Token": sandbox.credentials.household_registry_token}
    at = url(sandbox, "household_registry", f"/hukou/v1/{path}")
    async with http.post(at, json=body, headers=headers) as reply:
        assert reply.status == 200
        return await reply.json()


async def test_household_registry_finds_a_person_and_the_namesake(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    found = await hukou(sandbox, http, {"xm": "李 明", "gmsfhm": LI_MING[1]})
    assert (found["code"], found["count"]) == ("00", 2)
    assert found["rows"][0]["csrq"] == "19800307"
    assert found["rows"][0]["swrq"] is None


@pytest.mark.parametrize(
    ("path", "body", "code", "count"),
    [
        ("person-query", {"xm": NOBODY[0], "gmsfhm": NOBODY[1]}, "01", 0),
        ("person-query", {"xm": "", "gmsfhm": WANG_FANG[1]}, "00", 1),
        ("person-query", {"xm": "", "gmsfhm": ""}, "99", 0),
        ("household-query", {"hh": HOUSEHOLD}, "00", 2),
        ("household-query", {"hh": "1"}, "01", 0),
    ],
)
async def test_household_registry_codes(
    sandbox: Sandbox,
    http: aiohttp.ClientSession,
    path: str,
    body: object,
    code: str,
    count: int,
) -> None:
    answer = await hukou(sandbox, http, body, path)
    assert (answer["code"], answer["count"], len(answer["rows"])) == (code, count, count)


async def test_household_registry_refuses_another_token(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    at = url(sandbox, "household_registry", "/hukou/v1/person-query")
    async with http.post(at, json={"xm": "李明"}, headers={"X-Auth-Token": "x"}) as reply:
        assert (await reply.json())["code"] == "98"


async def test_household_registry_says_90_when_hurried(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    async with tiny_sandbox(tmp_path, household_registry_rate=2) as sandbox:
        person = {"xm": "", "gmsfhm": LI_MING[1]}
        codes = [(await hukou(sandbox, http, person))["code"] for _ in range(3)]
    assert codes == ["00", "00", "90"]


async def ask_tax(
    sandbox: Sandbox, http: aiohttp.ClientSession, question: str, password: str
) -> tuple[int, bytes]:
    auth = aiohttp.encode_basic_auth(sandbox.credentials.tax_username, password)
    at = url(sandbox, "tax", "/tax/services/IncomeQuery")
    headers = TAX_HEADERS | {"Authorization": auth}
    async with http.post(at, data=question.encode(), headers=headers) as reply:
        return reply.status, await reply.read()


async def test_tax_tells_the_items_within_the_months(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    password = sandbox.credentials.tax_password
    status, body = await ask_tax(sandbox, http, TAX_QUESTION.format(*LI_MING), password)
    answer = etree.fromstring(body).find(f".//{T}queryIncomeResponse")
    assert answer is not None
    items = answer.findall(f"{T}item")
    assert (status, answer.findtext(f"{T}fhm"), answer.findtext(f"{T}jls")) == (200, "000", "3")
    assert [item.findtext(f"{T}skssqq") for item in items] == [
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
    ]
    assert [item.findtext(f"{T}sre") for item in items] == ["2600.00", "2600.00", "4100.50"]
    assert items[0].findtext(f"{T}kjywrmc") == "长春市某某<物业>有限公司"


@pytest.mark.parametrize(
    ("question", "password", "status", "words"),
    [
        (TAX_QUESTION.format(*NOBODY), None, 200, b"<t:fhm>001</t:fhm><t:fhxx/><t:jls>0</t:jls>"),
        (TAX_QUESTION.format(*LI_MING), "wrong", 401, b""),
        ("<no", None, 500, b"<faultcode>soapenv:Client</faultcode>"),
        (TAX_QUESTION.format(*LI_MING).replace("201<", "999<"), None, 500, b"soapenv:Client"),
    ],
)
async def test_tax_says_no_record_or_fails(
    sandbox: Sandbox,
    http: aiohttp.ClientSession,
    question: str,
    password: str | None,
    status: int,
    words: bytes,
) -> None:
    given = password or sandbox.credentials.tax_password
    answered, body = await ask_tax(sandbox, http, question, given)
    assert answered == status
    assert words in body


async def test_social_insurance_runs_and_is_done(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.credentials.social_insurance_key}"}
    people = [{"xm": name, "sfzh": number} for name, number in (LI_MING, NOBODY, WANG_FANG)]
    jobs = url(sandbox, "social_insurance", "/sb/v2/jobs")
    body = {"from": "202512", "to": "202611", "persons": people}
    async with http.post(jobs, json=body, headers=headers) as reply:
        assert reply.status == 202
        job = (await reply.json())["jobId"]
    async with http.get(f"{jobs}/{job}", headers=headers) as reply:
        assert await reply.json() == {"jobId": job, "state": "RUNNING", "pollAfterSeconds": 0}
    async with http.get(f"{jobs}/{job}", headers=headers) as reply:
        done = await reply.json()
    assert (done["state"], done["jobId"]) == ("DONE", job)
    first, nobody, third = done["results"]
    assert [record["jfny"] for record in first["records"]] == ["202512", "202611"]
    assert nobody == {"index": 1, "found": False, "records": []}
    assert third["records"][0] == {
        "type": "BENEFIT",
        "xm": "王芳",
        "sfzh": WANG_FANG[1],
        "dylx": "02",
        "ffny": "202601",
        "ffje": 142000,
    }


@pytest.mark.parametrize(
    ("method", "path", "key", "persons", "status"),
    [
        ("POST", "/sb/v2/jobs", "wrong", 1, 401),
        ("POST", "/sb/v2/jobs", None, 101, 400),
        ("POST", "/sb/v2/jobs", None, 100, 202),
        ("GET", "/sb/v2/jobs/j-unknown", None, 0, 404),
        ("GET", "/sb/v2/jobs/j-unknown", "wrong", 0, 401),
    ],
)
async def test_social_insurance_refusals(
    sandbox: Sandbox,
    http: aiohttp.ClientSession,
    method: str,
    path: str,
    key: str | None,
    persons: int,
    status: int,
) -> None:
    given = key or sandbox.credentials.social_insurance_key
    people = [{"xm": LI_MING[0], "sfzh": LI_MING[1]}] * persons
    async with http.request(
        method,
        url(sandbox, "social_insurance", path),
        json={"from": "202511", "to": "202610", "persons": people},
        headers={"Authorization": f"Bearer {given}"},
    ) as reply:
        assert reply.status == status


@pytest.mark.parametrize(
    ("page", "size", "rows"), [(1, 20, 20), (3, 20, 5), (4, 20, 0), (1, 50, 45), (1, 51, None)]
)
async def test_property_pages(
    sandbox: Sandbox, http: aiohttp.ClientSession, page: int, size: int, rows: int | None
) -> None:
    query = {"name": LI_MING[0], "certNo": LI_MING[1], "page": str(page), "size": str(size)}
    at = url(sandbox, "property", "/bdc/ownerships")
    headers = {"apikey": sandbox.credentials.property_key}
    async with http.get(at, params=query, headers=headers) as reply:
        assert reply.status == 200
        answer = await reply.json(loads=EXACT)
    if rows is None:
        assert answer["success"] is False
        return
    assert (answer["total"], answer["page"], len(answer["list"])) == (45, page, rows)
    if rows:
        assert answer["list"][0]["mj"] == "58.42"
        assert answer["list"][0]["djsj"] == "2019-05-06 10:22:31"


async def test_property_refuses_another_key(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    at = url(sandbox, "property", "/bdc/ownerships")
    async with http.get(at, params={"name": "李明"}, headers={"apikey": "x"}) as reply:
        assert reply.status == 401


async def aic_token(sandbox: Sandbox, http: aiohttp.ClientSession) -> dict[str, str]:
    secret = sandbox.credentials
    auth = aiohttp.encode_basic_auth(secret.business_client_id, secret.business_client_secret)
    async with http.post(
        url(sandbox, "business_registration", "/oauth/token"),
        data={"grant_type": "client_credentials"},
        headers={"Authorization": auth},
    ) as reply:
        token = await reply.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 600)
    return {"Authorization": f"Bearer {token['access_token']}"}


async def test_business_masks_numbers_and_hurries_nobody(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    headers = await aic_token(sandbox, http)
    at = url(sandbox, "business_registration", "/aic/v1/persons/interests")
    query = {"name": LI_MING[0], "idNo": LI_MING[1]}
    async with http.get(at, params=query, headers=headers) as reply:
        answer = await reply.json(loads=EXACT)
    assert answer["status"] == 200
    assert answer["data"]["shareholder"] == answer["data"]["manager"] == []
    (shop,) = answer["data"]["legalRepresentative"]
    assert (shop["idNo"], shop["regCap"]) == ("229901********1236", "20.5")
    assert shop["estDate"] == "2021-04-02"
    statuses = []
    for _ in range(20):
        async with http.get(at, params=query, headers=headers) as reply:
            statuses.append(reply.status)
            assert "Retry-After" not in reply.headers
    assert statuses == [200] * 19 + [429]


async def test_business_refuses_unknown_and_expired_tokens(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    async with tiny_sandbox(tmp_path, token_seconds=0) as sandbox:
        at = url(sandbox, "business_registration", "/aic/v1/persons/interests")
        async with http.post(url(sandbox, "business_registration", "/oauth/token")) as reply:
            assert reply.status == 401
        auth = aiohttp.encode_basic_auth("hedui", sandbox.credentials.business_client_secret)
        async with http.post(
            url(sandbox, "business_registration", "/oauth/token"),
            data={"grant_type": "client_credentials"},
            headers={"Authorization": auth},
        ) as reply:
            token = (await reply.json())["access_token"]
        for given in (token, "unknown"):
            headers = {"Authorization": f"Bearer {given}"}
            async with http.get(at, params={"name": "李明"}, headers=headers) as reply:
                assert reply.status == 401
                assert (await reply.json())["status"] == 401


async def ask_vehicle(
    sandbox: Sandbox, http: aiohttp.ClientSession, name: str, number: str, licence: str
) -> tuple[bytes, Any]:
    asked = quote(name.encode("gbk", errors="xmlcharrefreplace"))
    path = f"/ccgl/query?xm={asked}&sfzmhm={number}&sqm={licence}"
    async with http.get(URL(url(sandbox, "vehicle", path), encoded=True)) as reply:
        body = await reply.read()
    assert body.startswith(b'<?xml version="1.0" encoding="GBK"?>')
    return body, etree.fromstring(body)


async def test_vehicle_lists_cars_and_boats_in_gbk(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    licence = sandbox.credentials.vehicle_licence
    body, root = await ask_vehicle(sandbox, http, LI_MING[0], "", licence)
    assert root.findtext("head/code") == "1"
    assert root.findtext("head/rownum") == "2"
    assert [(element.tag, element.get("id")) for element in root.find("body")] == [
        ("vehicle", "0"),
        ("vessel", "1"),
    ]
    assert root.findtext("body/vessel/zdw") == "3.2"
    assert "成功".encode("gbk") in body


async def test_vehicle_takes_and_gives_characters_outside_gbk(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    licence = sandbox.credentials.vehicle_licence
    body, root = await ask_vehicle(sandbox, http, RARE[0], "", licence)
    assert root.findtext("body/vehicle/syr") == RARE[0]
    assert b"&#183382;" in body


@pytest.mark.parametrize(
    ("person", "licence", "code"), [(NOBODY, None, "1"), (LI_MING, "wrong", "-1")]
)
async def test_vehicle_codes(
    sandbox: Sandbox,
    http: aiohttp.ClientSession,
    person: tuple[str, str],
    licence: str | None,
    code: str,
) -> None:
    given = licence or sandbox.credentials.vehicle_licence
    _, root = await ask_vehicle(sandbox, http, *person, given)
    assert (root.findtext("head/code"), root.findtext("head/rownum")) == (code, "0")
    assert len(root.find("body")) == 0


async def test_the_log_holds_who_was_asked(sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
    await hukou(sandbox, http, {"xm": LI_MING[0], "gmsfhm": LI_MING[1]})
    (call,) = sandbox.log.asked()
    assert (call.source, call.name, call.id_number) == ("household_registry", *LI_MING)
    assert LI_MING[1] not in repr(call)
