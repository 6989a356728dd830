"""No route tells one county of another: every route of the OpenAPI by every id that it takes.

Two counties hold the same shape of data in one service. For each line of `table.py` one county
sends the other's value and one that never was: both answers are the same, headers and all; then
the owner sends it and succeeds. How long an answer takes is the same by construction: the region
stands in the one statement that looks the id up, and nothing is looked up after it.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from app.store.migrate import upgrade
from tests.isolation.counties import County, sources, two_counties
from tests.isolation.lines import How, Line
from tests.isolation.roles import two_roles
from tests.isolation.table import (
    LINES,
    LISTS,
    LISTS_OF_STAFF,
    NAMES_NOTHING,
    NOTHING_BUT_A_CALLER,
    PUBLIC,
)
from tests.postgresql import PostgresqlServer
from tests.service_parts import Running, all_ten, running

pytestmark = pytest.mark.timeout(300)
_OTHERWISE = frozenset({"date", "ratelimit"})
"""Headers in which two answers of the same differ: when it was, how many calls are left."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def served_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the newest revision, reached as a role that owns nothing."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    with two_roles(server) as made:
        upgrade(made.owner)
        yield made.service


@asynccontextmanager
async def counties(folder: Path, url: str) -> AsyncIterator[tuple[Running, County, County]]:
    asking = sources()
    async with running(folder, all_ten(*asking.values()), database_url=url) as service:
        yield service, *await two_counties(service, asking)


def never(value: str) -> str:
    """Of the same shape, and nobody's."""
    if value[2:3] == "_":
        return value[:3] + "0" * (len(value) - 3)
    return value[:-1] + "000000"


def built(line: Line, who: County, whose: County, value: str) -> httpx.Request:
    """As `who` asks, with the value where the line says, the rest `whose`."""
    method, _, path = line.route.partition(" ")
    given = {name: whose.ids[of] for name, of in line.with_.items()}
    given |= {name: who.ids[of] for name, of in line.mine.items()}
    asking = who.headers if line.by is None else who.staff[line.by]
    query, headers = dict(line.query), {"Idempotency-Key": "its own", **line.headers, **asking}
    if f"{{{line.parameter}}}" in path:
        given[line.parameter] = value
    elif line.parameter == "idempotency-key":
        headers["Idempotency-Key"] = value
    elif line.parameter in line.query or (line.body is None and line.files is None):
        query[line.parameter] = value
    return who.service.http.build_request(
        method,
        path.format(**given),
        params=query,
        json=None if line.body is None else line.body(who, value),
        files=None if line.files is None else line.files(who, value),
        headers=headers,
    )


async def sent(request: httpx.Request, who: County) -> httpx.Response:
    return await who.service.http.send(request)


def comparable(reply: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: of for name, of in reply.headers.items() if name not in _OTHERWISE}
    return reply.status_code, reply.content, headers


async def refusal(line: Line, stranger: County, owner: County) -> str | None:
    """What was told that should not have been; None: nothing."""
    value = owner.region if line.names == "region" else owner.ids[line.names]
    reply = await sent(built(line, stranger, owner, value), stranger)
    text = reply.text.replace(value, "")  # what the stranger sent may come back
    told = [one for one in owner.needles if one in text and one != value]
    if told:
        return f"{reply.status_code}, shows {told}"
    match line.how:
        case How.HIDDEN | How.ALIKE:
            nobody = await sent(built(line, stranger, owner, never(value)), stranger)
            if comparable(reply) != comparable(nobody):
                return f"{reply.text} is not {nobody.text}"
            if line.how is How.HIDDEN and reply.status_code != httpx.codes.NOT_FOUND:
                return f"{reply.status_code} is not 404: {reply.text}"
        case How.OUTSIDE:
            if reply.status_code not in (httpx.codes.OK, httpx.codes.FORBIDDEN):
                return f"{reply.status_code}: {reply.text}"
        case How.OWN:
            if not reply.is_success:
                return f"{reply.status_code}: {reply.text}"
    return None


async def success(line: Line, owner: County) -> str | None:
    """The owner's own request; what went wrong."""
    if not line.owner:
        return None
    value = owner.region if line.names == "region" else owner.ids[line.names]
    request = built(line, owner, owner, value)
    if line.by_second:
        request.headers.update(owner.second if line.by is None else owner.staff[f"{line.by} 2"])
    reply = await sent(request, owner)
    return None if reply.is_success else f"its owner: {reply.status_code} {reply.text}"


@pytest.mark.promise(14)
async def test_an_id_of_another_county_is_as_one_that_never_was(
    tmp_path: Path, served_url: str, record_property: Any
) -> None:
    """With the second wall down (`see("")` in `deps.caller`) this still holds by the first alone.

    Planted: `looked_at` without the region, and the second wall down: the other county's evidence,
    report and decisions came with 200. With the wall up the same fault changed no answer.
    """
    async with counties(tmp_path, served_url) as (_, a, b):
        await b.goes_on()
        wrong = []
        for line in LINES:
            for stranger, owner in ((a, b), (b, a)):
                found = await refusal(line, stranger, owner) or await success(line, owner)
                if found is not None:
                    wrong.append(f"{line.route} {line.parameter}: {found}")
        assert wrong == [], "\n".join(wrong)
    record_property("cases", 4 * len(LINES))


@pytest.mark.promise(14)
async def test_lists_and_counts_are_the_same_without_the_other_county(
    tmp_path: Path, served_url: str, record_property: Any
) -> None:
    """Read before and after the other county verifies, reviews, audits, batches, objects.

    Planted: the region left out of the page of batches, and the second wall down: the list was
    another one once the other county had its batch.
    """
    async with counties(tmp_path, served_url) as (service, a, b):

        async def read() -> dict[str, str]:
            shown = {}
            for path in LISTS:
                reply = await service.http.get(path, headers=a.headers)
                assert reply.status_code == httpx.codes.OK, (path, reply.text)
                shown[path] = reply.text
            for role, path in LISTS_OF_STAFF:
                reply = await service.http.get(path, headers=a.staff[role])
                assert reply.status_code == httpx.codes.OK, (path, reply.text)
                shown[f"{role}: {path}"] = reply.text
            for path in ("results", "changes", "errors"):
                reply = await service.http.get(
                    f"/v1/batches/{a.ids['batch']}/{path}", headers=a.headers
                )
                shown[path] = reply.text
            return shown

        before = await read()
        await b.goes_on()
        assert await read() == before
        theirs = [(path, one) for path, text in before.items() for one in b.needles if one in text]
        assert theirs == []
    record_property("cases", 2 * (len(LISTS) + len(LISTS_OF_STAFF) + 3))


async def test_a_township_does_all_that_a_county_does(tmp_path: Path, served_url: str) -> None:
    """What it does is counted for its county, looked up above it and beside it: no wall stands in
    its own way."""
    asking = sources()
    async with running(tmp_path, all_ten(*asking.values()), database_url=served_url) as service:
        town = County(service, asking, "2", below="003")
        await town.begins()
        service.clock.forward(days=30)
        await town.goes_on()
        regions = [line for line in LINES if line.how is How.OUTSIDE and line.body is not None]
        for line in LINES:
            found = None if line in regions else await success(line, town)
            assert found is None, f"{line.route} {line.parameter}: {found}"


@pytest.mark.promise(14)
async def test_a_request_that_nobody_signed_for_sees_nothing(
    tmp_path: Path, served_url: str
) -> None:
    """A route that forgets to say who calls has no rows to show.

    Planted: `nothing_yet` left out of the outermost layer: the route saw the rows.
    """
    async with counties(tmp_path, served_url) as (service, a, _):

        @service.app.get("/forgetful")
        async def forgetful() -> dict[str, bool]:
            shelf = service.parts.shelf
            found = await shelf.database.read(
                lambda tx: shelf.verifications.get_many(tx, a.ids.values())
            )
            return {"seen": bool(found)}

        reply = await service.http.get("/forgetful", headers=a.headers)
        assert reply.json() == {"seen": False}


@dataclass(frozen=True)
class Taken:
    """A parameter that a route takes."""

    route: str
    name: str


def taken(document: dict[str, Any]) -> Iterator[Taken]:
    """Every parameter whose value is free text: of path, query, headers and body."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            route = f"{method.upper()} {path}"
            for one in operation.get("parameters", []):
                if one["in"] == "path" or _is_text(document, one["schema"]):
                    yield Taken(route, one["name"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for name in _properties(document, content["schema"], depth=2):
                    yield Taken(route, name)


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _resolved(document, document["components"]["schemas"][name])
    parts = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if parts:
        return [one for part in parts for one in _resolved(document, part)]
    return [schema]


def _is_text(document: dict[str, Any], schema: dict[str, Any]) -> bool:
    return any(
        one.get("type") == "string"
        and not {"enum", "const"} & set(one)
        and one.get("format") not in ("date", "date-time", "uri", "binary")
        for one in _resolved(document, schema)
    )


def _properties(document: dict[str, Any], schema: dict[str, Any], *, depth: int) -> Iterator[str]:
    for one in _resolved(document, schema):
        for name, its in one.get("properties", {}).items():
            if _is_text(document, its):
                yield name
            elif depth > 1:
                yield from _properties(document, its, depth=depth - 1)


@pytest.mark.promise(14)
def test_every_route_and_id_of_the_interface_has_its_line(
    tmp_path: Path, record_property: Any
) -> None:
    """Planted: a route `GET /v1/subscriptions/of/{case_id}` and a query `verification` of the
    events: each was named here."""
    document = create_app(Settings(data_dir=tmp_path)).openapi()
    routes = {
        f"{method.upper()} {path}" for path, all_ in document["paths"].items() for method in all_
    }
    lines = {(line.route, line.parameter) for line in LINES}
    known = {route for route, _ in lines} | set(PUBLIC) | NOTHING_BUT_A_CALLER
    assert sorted(routes - known) == [], "a route without a line"
    assert sorted(known - routes) == [], "a line without its route"
    params = {
        (one.route, one.name)
        for one in taken(document)
        if one.route not in PUBLIC
        and one.name not in NAMES_NOTHING
        and f"{one.route} {one.name}" not in NAMES_NOTHING
    }
    assert sorted(params - lines) == [], "a parameter without a line"
    record_property("cases", len(list(taken(document))))
