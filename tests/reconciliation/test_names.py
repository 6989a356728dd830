"""Names as rosters have them, and what is no name: each is answered by the standard, by a pass."""

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from tests.reconciliation.parts import SCOPES, a_pass, about, asked, results
from tests.reconciliation.schemas import check
from tests.service_parts import NUMBERS, SPOUSE, Running, a_body, all_ten, number, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
_LONG: Final = "阿不都热合曼" * 5  # 30 characters
_OTHER: Final = number("22990119900909125")
NAMED: Final = {
    "m1": ("䶮", "*"),
    "m2": ("阿卜杜拉·买买提", None),
    "m3": (_LONG, None),
    "s1": ("김철수", "김*수"),
    "other": ("李𬱖", "李*"),
}
"""By person: the name, and the masked one where it is told here."""
WRITTEN: Final = [
    ("m1", "䶮"),
    ("m2", "阿卜杜拉·买买提"),
    ("m2", "阿卜杜拉•买买提"),  # another dot
    ("m2", "阿卜杜拉买买提"),
    ("m3", _LONG),
    ("s1", "김철수"),
    ("other", "李𬱖"),
]
"""Each is the person, and nobody else."""
NO_NAMES: Final = ("", "   ", "<script>alert(1)</script>", "%s'\"--", "\u202e", "\u0000", "١٢", "·")
HOME: Final = {"address": "南关区平阳街12号3栋2单元501室", "birth_date": "1982-04-15"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def named(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Running, str]]:
    """A service with two households of such names, and the path of a pass."""
    async with running(tmp_path_factory.mktemp("names"), all_ten()) as service:
        service.headers = await service.client(scopes=SCOPES)
        for body in _bodies():
            verified = await service.post(body)
            assert verified.is_success, verified.text
        yield service, (await a_pass(service, rows=2_000))["path"]


def _bodies() -> list[dict[str, Any]]:
    first, second = a_body(), a_body(case_reference="220102-2026-000124")
    household = first["household"]
    for person in (*household["members"], *household["supporters"]):
        person["name"] = NAMED[person["ref"]][0]
    alone = second["household"]
    alone["members"], alone["supporters"] = alone["members"][:1], []
    alone["members"][0] |= {"name": NAMED["other"][0], "id_number": _OTHER}
    alone["address"] = "长春市南关区民康街道大经路8号1单元102室"
    second["consent"]["signatories"], second["declared"] = ["m1"], {}
    return [first, second]


@pytest.mark.parametrize(("ref", "name"), WRITTEN)
async def test_a_name_of_every_kind_is_found_and_masked(
    named: tuple[Running, str], ref: str, name: str
) -> None:
    service, path = named
    its = {**NUMBERS, "other": _OTHER}[ref]
    [found] = await results(service, path, about(name, id_number=its))
    whole, masked = NAMED[ref]
    assert found["match"] is True
    assert found["name"] == masked if masked else "*" in found["name"]
    assert whole not in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize("kind", ["person", "household", "region", "programme"])
@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
async def test_what_is_no_name_finds_nobody_at_home(
    named: tuple[Running, str], name: str, kind: str
) -> None:
    """An address and a day of birth find by a name alone: else all who live there were told."""
    service, path = named
    reply = await asked(service, path, {"q0": about(name, kind, **HOME)})
    assert reply.status_code == httpx.codes.OK, reply.text
    check("reconciliation-result-batch", reply.json())
    assert [one for one in reply.json()["q0"]["result"] if one["score"] > 50] == []
    assert "<script" not in reply.text


ODD: Final[dict[str, tuple[dict[str, Any], int]]] = {
    "no query, properties alone": (
        {"properties": [{"pid": "id_number", "v": SPOUSE}]},
        httpx.codes.OK,
    ),
    "null for what may be left out": (
        {"query": "x", "properties": None, "type": None, "limit": None, "type_strict": None},
        httpx.codes.OK,
    ),
    "null for both": ({"query": None, "properties": None}, httpx.codes.UNPROCESSABLE_ENTITY),
    "a property without a value": (
        {"query": "x", "properties": [{"pid": "sex", "v": None}]},
        httpx.codes.UNPROCESSABLE_ENTITY,
    ),
    "an unknown property": (
        {"query": "x", "properties": [{"pid": "colour", "v": "red"}]},
        httpx.codes.OK,
    ),
    "a limit of 1000": ({"query": "x", "limit": 1000}, httpx.codes.OK),
    "a limit of 3.0": ({"query": "x", "limit": 3.0}, httpx.codes.OK),
    "a limit of 0": ({"query": "x", "limit": 0}, httpx.codes.UNPROCESSABLE_ENTITY),
    "a limit below 0": ({"query": "x", "limit": -1}, httpx.codes.UNPROCESSABLE_ENTITY),
    "half a candidate": ({"query": "x", "limit": 1.5}, httpx.codes.UNPROCESSABLE_ENTITY),
    "a number beyond all": (
        {"query": "x", "properties": [{"pid": "id_number", "v": 10**40}]},
        httpx.codes.OK,
    ),
}


@pytest.mark.parametrize("name", ODD)
async def test_odd_queries(named: tuple[Running, str], name: str) -> None:
    service, path = named
    query, status = ODD[name]
    reply = await asked(service, path, {"q0": query})
    assert reply.status_code == status, reply.text
    if status == httpx.codes.OK:
        check("reconciliation-result-batch", reply.json())


@pytest.mark.parametrize(("count", "status"), [(0, 200), (50, 200), (51, 422), (500, 422)])
async def test_a_batch_has_fifty_queries_at_most(
    named: tuple[Running, str], count: int, status: int
) -> None:
    service, path = named
    reply = await asked(service, path, {f"q{n}": {"query": "x"} for n in range(count)})
    assert reply.status_code == status, reply.text
    if status == httpx.codes.OK:
        assert len(reply.json()) == count


async def test_no_jsonp_and_no_name_in_an_address(named: tuple[Running, str]) -> None:
    """Neither by the manifest, nor by what stands under it, nor by a form."""
    service, path = named
    for where in ("", "/suggest/type", "/properties", "/preview"):
        reply = await service.http.get(path + where, params={"callback": "jQuery1", "id": "x"})
        assert reply.status_code == httpx.codes.BAD_REQUEST, where
        assert reply.headers["content-type"] == "application/problem+json"
        assert "jQuery1" not in reply.text
    form = {"queries": "{}"}
    posted = await service.http.post(path, params={"callback": "jQuery1"}, data=form)
    assert posted.status_code == httpx.codes.BAD_REQUEST
    old = await service.http.get(path, params={"query": "李明"})
    assert old.status_code == httpx.codes.BAD_REQUEST
    assert "李明" not in old.text
