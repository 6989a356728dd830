"""Bounds of what is read at all: fields, target, depth; before anything works on it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.depth import MOST_DEPTH, MOST_VALUES, why_not
from app.api.guard import MOST_FIELDS, MOST_TARGET
from tests.service_parts import Running, a_body

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.promise(28)
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/healthz", {f"x-{number}": "1" for number in range(MOST_FIELDS)}, 431),
        ("/healthz", {"x-one": "1" * 40_000}, 431),
        ("/healthz?" + "a" * MOST_TARGET, {}, 414),
        ("/" + "a" * MOST_TARGET, {}, 414),
        ("/healthz", {f"x-{number}": "1" for number in range(40)}, 200),
        ("/healthz?" + "a" * 4_000, {}, 200),
    ],
    ids=["many fields", "a large field", "a long query", "a long path", "some", "less"],
)
async def test_fields_and_target_are_bounded(
    shared: Running, path: str, headers: dict[str, str], status: int
) -> None:
    """Planted: without the sum of sizes, one field of 40,000 bytes was read."""
    reply = await shared.http.get(path, headers=headers)
    assert reply.status_code == status
    if status != 200:
        assert reply.json()["type"] == "urn:hedui:problem:too-large"
        assert reply.headers["x-content-type-options"] == "nosniff"


DEEP: dict[str, bytes] = {
    "lists": b"[" * 100_000,
    "objects": b'{"a":' * 20_000,
    "closed": b"[" * 65 + b"]" * 65,
    "within a body": json.dumps({**a_body(), "declared": None}).encode()[:-1]
    + b',"x":'
    + b"[" * 64
    + b"]" * 64
    + b"}",
    "after a string with brackets": b'["]]]]",' * 65,
    "after an escaped quote": b'["\\"",' * 65,
    "many values": b"[" + b"[]," * (MOST_VALUES + 1),
    "UTF-16": json.dumps([[1]]).encode("utf-16"),
}


@pytest.mark.promise(28)
@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP.keys())
@pytest.mark.parametrize(
    "path", ["/v1/verifications", "/v1/recipients", "/v1/callbacks/insurance", "/nowhere"]
)
async def test_a_deep_body_is_not_read(shared: Running, body: bytes, path: str) -> None:
    """Planted: without `why_not`, the eight bodies sent to /v1/verifications were taken apart."""
    headers = {**shared.headers, "Content-Type": "application/json", "Idempotency-Key": "deep"}
    reply = await shared.http.post(path, content=body, headers=headers)
    assert reply.status_code in (403, 404, 422)
    if path == "/v1/verifications":
        assert (reply.status_code, reply.json()["type"]) == (422, "urn:hedui:problem:http")
    assert reply.headers["content-type"] == "application/problem+json"


NESTED = st.recursive(
    st.none() | st.text(max_size=6) | st.sampled_from(['"', "\\", "[", "{", '\\"[', "}]"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=30,
)


def depth_of(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = isinstance(value, dict | list)
    return own + max(map(depth_of, inner), default=0)


@given(value=NESTED, around=st.integers(0, MOST_DEPTH + 8), ascii_only=st.booleans())
async def test_depth_is_that_of_the_text(value: Any, around: int, ascii_only: bool) -> None:
    for _ in range(around):
        value = [value]
    many: list[Any] = [[] for _ in range(MOST_DEPTH)]  # so many brackets that they are looked at
    text = json.dumps([value, *many], ensure_ascii=ascii_only).encode()
    assert (why_not(text) is None) == (depth_of(value) + 1 <= MOST_DEPTH)
