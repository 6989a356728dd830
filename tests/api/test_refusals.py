"""What is refused, how it is said, and that nothing of what was sent is said back."""

import copy
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.api.guard import MOST_BYTES
from app.wiring import new_id
from tests.service_parts import HEAD, NAMES, Running, a_body, number

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = number("22990119630117041")
"""A number that no error may hold, nor any eight signs of it."""
Change = Callable[[dict[str, Any]], None]


def at(*path: str | int, value: Any) -> Change:
    """Sets what stands at the path."""

    def change(body: dict[str, Any]) -> None:
        place: Any = body
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


M1 = ("household", "members", 0)
INCOME = ("declared", "income", 0, "monthly")
FULL_WIDTH = HEAD.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})

REFUSED: dict[str, tuple[Change, str, str | None]] = {
    "full-width digits": (
        at(*M1, "id_number", value=FULL_WIDTH),
        "/household/members/0/id_number",
        "id_number.invalid",
    ),
    "spaces within a number": (
        at(*M1, "id_number", value=f"{HEAD[:6]} {HEAD[6:]}"),
        "/household/members/0/id_number",
        "id_number.invalid",
    ),
    "a full-width passport": (
        at(
            *M1,
            value={
                **a_body()["household"]["members"][0],
                "id_type": "passport",
                "id_number": "Ｅ１２３",
            },
        ),
        "/household/members/0/id_number",
        "id_number.invalid",
    ),
    "full-width region": (at("region", value="２２０１０２"), "/region", None),
    "a number that is none": (
        at(*M1, "id_number", value=HEAD[:-1] + ("1" if HEAD[-1] != "1" else "2")),
        "/household/members/0/id_number",
        "id_number.invalid",
    ),
    "money as a float": (at(*INCOME, value=1200.5), "/declared/income/0/monthly", None),
    "money as an integer": (at(*INCOME, value=1200), "/declared/income/0/monthly", None),
    "money not a number": (at(*INCOME, value="NaN"), "/declared/income/0/monthly", None),
    "money without end": (at(*INCOME, value="Infinity"), "/declared/income/0/monthly", None),
    "money with an exponent": (at(*INCOME, value="1e999"), "/declared/income/0/monthly", None),
    "money below nothing": (at(*INCOME, value="-0.01"), "/declared/income/0/monthly", None),
    "money finer than a cent": (at(*INCOME, value="1.001"), "/declared/income/0/monthly", None),
    "an unknown field": (at("nickname", value="x"), "/nickname", "extra_forbidden"),
    "an unknown field of a person": (
        at(*M1, "wealth", value=1),
        "/household/members/0/wealth",
        "extra_forbidden",
    ),
    "no such day": (at("as_of", value="2026-02-30"), "/as_of", None),
    "a day as a number": (at("as_of", value=20261124), "/as_of", None),
    "a day with a time": (at("as_of", value="2026-11-24T10:00:00Z"), "/as_of", None),
    "a day to come": (at("as_of", value="2026-11-26"), "/as_of", "as_of.in_future"),
    "a consent that ends first": (
        at("consent", "valid_until", value="2026-11-19"),
        "/consent/valid_until",
        "consent.ends_before_signed",
    ),
    "no such programme": (at("programmes", value=["gold"]), "/programmes/0", "programme.unknown"),
    "no programme": (at("programmes", value=[]), "/programmes", None),
    "no such purpose": (at("purpose", value="curiosity"), "/purpose", None),
    "an adult who has not signed": (
        at("consent", "signatories", value=["m1"]),
        "/household/members/1",
        "consent.adult_has_not_signed",
    ),
    "a signatory who is nobody": (
        at("consent", "signatories", value=["m1", "m2", "m7"]),
        "/consent/signatories/2",
        "ref.unknown",
    ),
    "two of one ref": (
        at("household", "members", 2, "ref", value="m1"),
        "/household/members/2/ref",
        "ref.repeated",
    ),
    "declared by nobody": (
        at("declared", "income", 0, "person", value="m7"),
        "/declared/income/0/person",
        "ref.unknown",
    ),
    "nobody to support": (
        at("household", "supporters", 0, "supports", value=["m7"]),
        "/household/supporters/0/supports/0",
        "ref.unknown",
    ),
    "a number where there is none": (
        at(*M1, "id_type", value="none"),
        "/household/members/0/id_number",
        "id_number.not_expected",
    ),
    "a name with a line feed": (at(*M1, "name", value="李\n明"), "/household/members/0/name", None),
    "a name of blanks": (at(*M1, "name", value=" \u3000"), "/household/members/0/name", None),
    "a case of blanks": (at("case_reference", value=" "), "/case_reference", None),
    "a name with a NUL": (at(*M1, "name", value="李\x00明"), "/household/members/0/name", None),
    "no members": (at("household", "members", value=[]), "/household/members", None),
    "a callback to a file": (at("callback_url", value="file:///etc"), "/callback_url", None),
    "a region of seven digits": (at("region", value="2201021"), "/region", None),
}


@pytest.mark.parametrize(("change", "pointer", "code"), REFUSED.values(), ids=[*REFUSED])
async def test_a_bad_body_is_refused_with_a_pointer(
    shared: Running, change: Change, pointer: str, code: str | None
) -> None:
    body = a_body()
    change(body)
    reply = await shared.post(body, wait=0)
    assert reply.status_code == 422, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["type"] == "urn:hedui:problem:invalid-request"
    assert problem["status"] == 422
    error = problem["errors"][0]
    assert set(error) == {"pointer", "code", "detail"}
    assert error["pointer"].startswith(pointer)
    assert error["pointer"].isascii()
    if code is not None:
        assert error["code"] == code


async def test_every_fault_is_told_at_once(shared: Running) -> None:
    body = a_body(programmes=["gold"], as_of="2026-11-26")
    body["consent"]["signatories"] = ["m1"]
    errors = (await shared.post(body, wait=0)).json()["errors"]
    assert [one["code"] for one in errors] == [
        "programme.unknown",
        "as_of.in_future",
        "consent.adult_has_not_signed",
    ]


WITH_CANARY: dict[str, Change] = {
    "a wrong check character": at(*M1, "id_number", value=CANARY[:-1] + "Y"),
    "as a region": at("region", value=CANARY),
    "as a day": at("as_of", value=CANARY),
    "as a day that is nearly one": at("as_of", value=f"{CANARY[6:10]}-{CANARY[10:12]}-99"),
    "as money": at(*INCOME, value=CANARY),
    "as a number of money": at(*INCOME, value=int(CANARY[:17])),
    "as a programme": at("programmes", value=[CANARY]),
    "as a purpose": at("purpose", value=CANARY),
    "as a ref": at(*M1, "ref", value=f"{CANARY} "),
    "as a signatory": at("consent", "signatories", value=[CANARY]),
    "as a kind of income": at("declared", "income", 0, "kind", value=CANARY),
    "as a field's name": at(CANARY, value=1),
    "as a field's name further in": at(*M1, CANARY, value={CANARY: CANARY}),
    "as an address to call": at("callback_url", value=f"gopher://{CANARY}/"),
    "as a digest": at("consent", "document_sha256", value=CANARY),
    "as a size": at("household", "supporters", 0, "household_size", value=CANARY),
    "as a member": at("household", "members", value=[CANARY]),
    "as the household": at("household", value=CANARY),
    "as a kind of document": at(*M1, "id_type", value=CANARY),
}


def holds_canary(text: str) -> bool:
    pieces = {CANARY[start : start + 8] for start in range(len(CANARY) - 7)}
    return any(piece in text for piece in pieces)


@pytest.mark.parametrize("change", WITH_CANARY.values(), ids=[*WITH_CANARY])
async def test_nothing_that_was_sent_is_said_back(
    shared: Running, change: Change, capfd: pytest.CaptureFixture[str]
) -> None:
    body = a_body()
    change(body)
    reply = await shared.post(body, wait=0)
    assert reply.status_code == 422, reply.text
    assert not holds_canary(reply.text), reply.text
    assert not holds_canary("".join(capfd.readouterr()))


RAW: dict[str, bytes] = {
    "no JSON": f'{{"a": {CANARY}'.encode(),
    "a text": json.dumps(CANARY).encode(),
    "a list": json.dumps([CANARY]).encode(),
    "wrong UTF-8": b'"\xff' + CANARY.encode() + b'"',
    "a surrogate": b'{"case_reference": "\\ud800' + CANARY.encode() + b'"}',
    "a number of 5000 digits": b'{"as_of": ' + CANARY[:17].encode() * 300 + b"}",
    "deep": b'{"a":' * 3000 + b'"' + CANARY.encode() + b'"' + b"}" * 3000,
    "empty": b"",
}


@pytest.mark.parametrize("content", RAW.values(), ids=[*RAW])
async def test_what_is_no_body_is_refused_alike(
    shared: Running, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    headers = {
        **shared.headers,
        "Idempotency-Key": new_id("ik"),
        "Content-Type": "application/json",
    }
    reply = await shared.http.post("/v1/verifications", content=content, headers=headers)
    assert reply.status_code in (400, 422), reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert not holds_canary(reply.text), reply.text
    assert not holds_canary("".join(capfd.readouterr()))


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_refused(shared: Running, declared: bool) -> None:
    async def pieces() -> Any:
        for _ in range(MOST_BYTES // 1_000_000 + 2):
            yield b" " * 1_000_000

    content = b" " * (MOST_BYTES + 1) if declared else pieces()
    headers = {
        **shared.headers,
        "Idempotency-Key": new_id("ik"),
        "Content-Type": "application/json",
    }
    reply = await shared.http.post("/v1/verifications", content=content, headers=headers)
    assert reply.status_code == 413, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"


HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/nowhere", 404),
        ("DELETE", "/v1/verifications", 405),
        ("GET", "/v1/verifications/vf_none", 401),
        ("POST", "/v1/callbacks/tax", 404),
        ("GET", "/v1/reports/x", 422),
    ],
)
async def test_headers_are_on_every_answer(
    shared: Running, method: str, path: str, status: int
) -> None:
    reply = await shared.http.request(method, path)
    assert reply.status_code == status
    assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS
    if status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["status"] == status


async def test_a_method_that_a_path_does_not_take_is_told_all_that_it_takes(
    shared: Running,
) -> None:
    for path, taken in (
        ("/v1/batches", "GET, POST"),
        ("/v1/recipients/rc_1", "GET, PATCH"),
        ("/v1/subscriptions/sb_1", "DELETE"),
        ("/healthz", "GET"),
    ):
        reply = await shared.http.request("OPTIONS", path)
        assert (reply.status_code, reply.headers["allow"]) == (405, taken)


async def test_a_region_outside_the_clients_own_is_refused(shared: Running) -> None:
    for region in ("220103", "220103001", "110101"):
        reply = await shared.post(a_body(region=region), wait=0)
        assert (reply.status_code, reply.json()["type"]) == (403, "urn:hedui:problem:not-allowed")
    village = await shared.client(region="220102003001")
    assert (await shared.post(wait=0, **village)).status_code == 403


PATHS = (
    ("GET", ""),
    ("GET", "/evidence"),
    ("GET", "/report"),
    ("POST", "/cancel"),
    ("POST", "/recheck"),
    ("POST", "/objections"),
    ("POST", "/evidence/ev_1/judgement"),
    ("POST", "/decisions"),
)
BODIES = {
    "/objections": {"by": "m1", "about": "income", "reason": "no"},
    "/evidence/ev_1/judgement": {"same_person": True, "reason": "no"},
    "/decisions": {"programmes": ["urban_dibao"]},
}


async def test_another_regions_is_as_if_it_were_not_there(shared: Running) -> None:
    id_ = (await shared.post()).json()["id"]
    stranger = await shared.client(region="220103")
    for method, path in PATHS:
        replies = [
            await shared.http.request(
                method,
                f"/v1/verifications/{wanted}{path}",
                json=BODIES.get(path),
                headers=stranger,
            )
            for wanted in (id_, "vf_none", "vf_%00", "x" * 5000)
        ]
        assert {reply.status_code for reply in replies} == {404}, path
        assert len({reply.content for reply in replies}) == 1, path
        assert len({tuple(_steady(reply)) for reply in replies}) == 1, path


def _steady(reply: httpx.Response) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in reply.headers.items() if name != "date")


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_without_a_token_nothing_is_told(shared: Running, method: str, path: str) -> None:
    id_ = (await shared.post(wait=0)).json()["id"]
    for header in (None, "", "Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer é"):
        headers = httpx.Headers(
            {} if header is None else {b"Authorization": header.encode("latin-1")}
        )
        reply = await shared.http.request(
            method, f"/v1/verifications/{id_}{path}", json=BODIES.get(path), headers=headers
        )
        assert reply.status_code == 401
        assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (("read",), {"", "/evidence", "/report", "/decisions"}),
        (("verify",), {"/cancel", "/recheck", "/objections"}),
        (("review",), {"/evidence/ev_1/judgement"}),
        (("batch",), set()),
    ],
)
async def test_a_token_does_what_its_scopes_say(
    shared: Running, scopes: tuple[str, ...], allowed: set[str]
) -> None:
    id_ = (await shared.post()).json()["id"]
    headers = await shared.client(scopes=scopes)
    done = {}
    for method, path in PATHS:
        reply = await shared.http.request(
            method, f"/v1/verifications/{id_}{path}", json=BODIES.get(path), headers=headers
        )
        done[path] = reply.status_code
    assert {path for path, status in done.items() if status != 403} == allowed
    post = await shared.post(wait=0, **headers)
    assert (post.status_code == 403) is ("verify" not in scopes)


async def test_a_fault_that_nobody_foresaw_tells_nothing(shared: Running) -> None:
    """A decision body may hold anything; a fault of ours quotes none of it."""
    broken = copy.copy(shared.app.state.parts)
    object.__setattr__(broken, "standards", None)
    whole, shared.app.state.parts = shared.app.state.parts, broken
    try:
        reply = await shared.post(a_body(case_reference=CANARY), wait=0)
    finally:
        shared.app.state.parts = whole
    assert reply.status_code == 500
    assert reply.json()["type"] == "urn:hedui:problem:internal"
    assert reply.headers["cache-control"] == "no-store"
    assert not holds_canary(reply.text)
    assert NAMES["m1"] not in reply.text
