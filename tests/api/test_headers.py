"""Security headers on every answer, errors too, and names that are markup (promise 19)."""

from collections.abc import AsyncIterator, Callable
from html.parser import HTMLParser
from typing import Final

import httpx
import pytest
import pytest_asyncio
from markupsafe import escape

from app.api.problems import headers_for
from connectors.records import Subject
from tests.access.test_role_matrix import TABLE, routes
from tests.service_parts import (
    NUMBERS,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    found,
    registered,
    registry,
    running,
)
from tests.staff_parts import signed_in

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.promise(19)]
EVERYWHERE: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}
PUBLIC_AND_CACHED: Final = {
    "/static/report.css": "max-age=3600",
    "/v1/assistance/keys": "public, max-age=3600",
    "/v1/notices/keys": "public, max-age=3600",
    "/v1/reports/keys": "public, max-age=3600",
}
"""A style sheet and public keys: nothing of anybody."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tls(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A service that others reach by TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEDUI_PUBLIC_URL", "https://hedui.example")
        async with running(tmp_path_factory.mktemp("tls"), all_ten()) as service:
            yield service


def check(reply: httpx.Response) -> None:
    said = reply.headers
    assert {name: said.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert said.get_list("content-security-policy") == [said["content-security-policy"]]
    parts = [part.split() for part in said["content-security-policy"].split(";")]
    policy = {name: values for name, *values in parts}
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'none'"]
    assert "unsafe-inline" not in said["content-security-policy"]
    assert "unsafe-eval" not in said["content-security-policy"]
    assert "camera=()" in said["permissions-policy"]
    fine = {"no-store", PUBLIC_AND_CACHED.get(reply.request.url.path)}
    assert said["cache-control"] in fine


@pytest.mark.parametrize("route", [*routes(), *TABLE["undocumented"]])
async def test_every_route_with_everybody(
    tls: Running, route: str, record_property: Callable[[str, object], None]
) -> None:
    """With a client's token, with a session, with nothing, with a body that is none.

    Planted: the loop over headers in guard.py with one name less; `Cache-Control` set by a route:
    each failed, the first everywhere.
    """
    method, path = route.split(" ")
    session = await signed_in(tls, "county_checker")
    tries = [
        await tls.http.request(method, path, headers=headers, content=content)
        for headers in (tls.headers, session, {})
        for content in (b"", b"{")
    ]
    for reply in tries:
        assert reply.status_code < 500, reply.text
        check(reply)
    record_property("cases", len(tries))


@pytest.mark.parametrize(
    ("method", "path", "size", "expected"),
    [
        ("GET", "/nowhere", 0, 404),
        ("GET", "/v1/../../etc/passwd", 0, 404),
        ("PUT", "/v1/session", 0, 405),
        ("BREW", "/v1/session", 0, 405),
        ("HEAD", "/healthz", 0, 405),
        ("OPTIONS", "/v1/session", 0, 405),
        ("POST", "/v1/session", 9 * 1024 * 1024, 413),
        ("POST", "/v1/session", 10, 422),
        ("GET", "/v1/reports/HD-0?code=x", 0, 404),
    ],
)
async def test_what_is_no_route_and_no_body(
    tls: Running, method: str, path: str, size: int, expected: int
) -> None:
    """Planted: headers set for statuses below 400 alone: each failed."""
    reply = await tls.http.request(method, path, content=b" " * size)
    assert reply.status_code == expected, reply.text
    check(reply)


async def test_a_fault_of_our_own(tls: Running) -> None:
    """The answer to what nobody foresaw is made outside of all layers.

    Planted: `_failed()` without headers in `_fault`: it had none.
    """

    async def broken() -> None:
        raise ZeroDivisionError

    tls.app.add_api_route("/broken", broken)
    reply = await tls.http.get("/broken")
    assert reply.status_code == 500
    check(reply)


async def test_no_tls_no_promise_of_it() -> None:
    """Planted: `headers_for` gives it always: it was there."""
    assert "Strict-Transport-Security" not in headers_for("http://127.0.0.1:8000")
    assert "Strict-Transport-Security" in headers_for("HTTPS://hedui.example")


XSS: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "<svg/onload=alert(1)>",
    "{{7*7}}",
    "</td><iframe src=//evil>",
    "javascript:alert(1)",
    "<a href=x>李明</a>",
)


class Seen(HTMLParser):
    """The tags and attributes that a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("src", "href")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def named(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Running, ScriptedSource]]:
    """A service, and the registry whose people bear whatever name a test gives them."""
    register = registry()
    async with running(tmp_path_factory.mktemp("named"), all_ten(register)) as service:
        yield service, register


@pytest.mark.parametrize("name", XSS)
async def test_a_name_is_text_in_the_report(
    named: tuple[Running, ScriptedSource], name: str
) -> None:
    """In every field that a case system fills: no tag, handler or address comes of it.

    Planted: autoescape off in app/report/render.py: the tags were there.
    """
    service, register = named
    register.answers = {
        ref: found(registered(ref, subjects=(Subject(name=name, id_number=NUMBERS[ref]),)))
        for ref in ("m1", "m2", "m3")
    }
    body = a_body(case_reference=name)
    body["household"]["address"] = name
    for person in (*body["household"]["members"], *body["household"]["supporters"]):
        person["name"] = name
    made = (await service.post(body)).json()
    reply = await service.get(f"/v1/verifications/{made['id']}/report", Accept="text/html")
    assert reply.status_code == 200, made
    page = Seen()
    page.feed(reply.text)
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "img", "base"}
    assert not [one for one in page.attributes if one.startswith("on")]
    assert not [one for one in page.addresses if "evil" in one or one.startswith("javascript")]
    assert str(escape(name)) in reply.text
    assert "unsafe-inline" not in reply.headers["content-security-policy"]
