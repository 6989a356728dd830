"""What is refused before anything is looked for, in which order, and by which code."""

import copy
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from joserfc.jwk import OKPKey, RSAKey

from connectors.dci.encryption import decrypt, encrypt
from connectors.dci.keys import import_key
from connectors.dci.signatures import Dialect, Signed, sign
from tests.dci.parts import (
    SEARCH,
    Partner,
    a_partner,
    by_id,
    by_predicates,
    compares,
    key_set,
    later,
)
from tests.dci.standard_parts import SOCIAL, of_reply
from tests.service_parts import HEAD, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
JSON: Final = {"Content-Type": "application/json"}


def header(name: str, value: Any) -> Callable[[Partner, dict[str, Any]], dict[str, Any]]:
    """The message with another header, signed anew; None: without."""

    def changed(partner: Partner, body: dict[str, Any]) -> dict[str, Any]:
        made = {**body["header"], name: value(partner) if callable(value) else value}
        if value is None:
            del made[name]
        return partner.signed(made, body["message"])

    return changed


def message(name: str, value: Any) -> Callable[[Partner, dict[str, Any]], dict[str, Any]]:
    def changed(partner: Partner, body: dict[str, Any]) -> dict[str, Any]:
        made = {**body["message"], name: value}
        if value is None:
            del made[name]
        return partner.signed(body["header"], made)

    return changed


def signature(value: Any) -> Callable[[Partner, dict[str, Any]], dict[str, Any]]:
    def changed(partner: Partner, body: dict[str, Any]) -> dict[str, Any]:
        made = {**body, "signature": value}
        return made if value is not None else {n: v for n, v in made.items() if n != "signature"}

    return changed


def tampered(partner: Partner, body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "message": {**body["message"], "transaction_id": "t-2"}}


REFUSED: Final = {
    "no header": (lambda _, body: {"message": body["message"]}, "err.request.bad"),
    "no message": (lambda _, body: {"header": body["header"]}, "err.request.bad"),
    "no message id": (header("message_id", None), "err.request.bad"),
    "no count": (header("total_count", None), "err.request.bad"),
    "no sender": (header("sender_id", None), "err.request.bad"),
    "version 2": (header("version", "2.0.0"), "rjct.version.invalid"),
    "another action": (header("action", "subscribe"), "rjct.action.not_supported"),
    "no action": (header("action", "look"), "rjct.action.invalid"),
    "another sender": (header("sender_id", "other.example.org"), "err.sender_id.invalid"),
    "another receiver": (header("receiver_id", "other"), "err.receiver_id.invalid"),
    "no zone": (header("message_ts", "2026-11-24T04:00:00"), "rjct.message_ts.invalid"),
    "too old": (
        header("message_ts", lambda one: later(one.service, days=-2)),
        "rjct.message_ts.invalid",
    ),
    "to come": (
        header("message_ts", lambda one: later(one.service, hours=1)),
        "rjct.message_ts.invalid",
    ),
    "no signature": (signature(None), "err.signature.missing"),
    "a stub": (signature("unsigned-stub"), "err.signature.missing"),
    "an invalid signature": (signature("invalid-signature"), "err.signature.invalid"),
    "another message": (tampered, "err.signature.invalid"),
    "said to be encrypted": (header("is_msg_encrypted", True), "err.encryption.invalid"),
    "wrong count": (header("total_count", 2), "rjct.total_count.invalid"),
    "no number": (header("total_count", "many"), "rjct.total_count.invalid"),
    "half a count": (header("total_count", 1.5), "rjct.total_count.invalid"),
    "no searches": (message("search_request", None), "err.request.bad"),
    "a long transaction": (message("transaction_id", "x" * 100), "err.request.bad"),
    "no transaction": (message("transaction_id", None), "err.request.bad"),
}
"""By what is wrong with a message that is right otherwise."""


@pytest.mark.parametrize(("changed", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_wrong_is_refused_by_its_code(
    verified: Running, changed: Callable[..., Any], code: str
) -> None:
    """Envelope and signature by HTTP, what the header says by a header that says no."""
    partner = await a_partner(verified)
    body = changed(partner, partner.search(by_id("UIN", HEAD)))
    reply = await partner.sends(body, valid=False)
    document = reply.json()
    assert document["header"]["status"] == "rjct"
    assert HEAD not in reply.text
    if code.startswith("rjct"):
        assert reply.status_code == httpx.codes.OK
        assert document["header"]["status_reason_code"] == code
        assert document["message"]["search_response"] == []
    else:
        assert reply.status_code == (403 if "sender" in code else 400)
        assert document["errors"][0]["code"] == code
        assert document["type"].startswith("urn:hedui:problem:")


async def test_who_calls_is_asked_first(verified: Running) -> None:
    """In the form of the standard, and in one that OpenSPP's compliance suite reads as well."""
    for headers, status in (({}, 401), ({"Authorization": "Bearer invalid"}, 401), (None, 403)):
        given_ = await verified.client(scopes=("read",)) if headers is None else headers
        reply = await verified.http.post(SEARCH, content=b"", headers={**JSON, **given_})
        document = reply.json()
        assert reply.status_code == document["status"] == status
        assert reply.headers["content-type"] == "application/json"
        code = {401: "err.request.unauthorized", 403: "err.request.forbidden"}[status]
        assert document["errors"][0]["code"] == code


async def test_a_client_that_is_no_sender_is_refused(verified: Running) -> None:
    headers = {**JSON, **await verified.client(scopes=("dci",))}
    partner = await a_partner(verified)
    body = partner.search(by_id("UIN", HEAD))
    reply = await verified.http.post(SEARCH, json=body, headers=headers)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (403, "err.request.forbidden")


async def test_a_message_is_json(verified: Running) -> None:
    partner = await a_partner(verified)
    body = json.dumps(partner.search(by_id("UIN", HEAD)))
    plain = {**partner.headers, "Content-Type": "text/plain"}
    refused = await verified.http.post(SEARCH, content=body, headers=plain)
    assert refused.status_code == 415
    assert (refused.json()["status"], refused.json()["header"]["status"]) == (415, "rjct")
    assert not of_reply(SOCIAL, SEARCH, 415, refused.json())
    file = {"fileName": ("search.json", body.encode(), "application/json")}
    form = {"action": "search", "fileFormat": "json"}
    sent = await verified.http.post(SEARCH, data=form, files=file, headers=partner.headers)
    assert sent.json()["header"]["status"] == "succ"


async def test_a_file_leaves_no_trace_and_what_is_no_form_is_refused(
    verified: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Messages are about persons: nothing of them lies on disk, however large they are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    partner = await a_partner(verified)
    large = {**partner.search(by_id("UIN", HEAD)), "note": "x" * (2 << 20)}
    file = {"fileName": ("search.json", json.dumps(large).encode(), "application/json")}
    form = {"action": "search", "fileFormat": "json"}
    sent = await verified.http.post(SEARCH, data=form, files=file, headers=partner.headers)
    assert sent.json()["header"]["status"] == "succ"
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
        headers = {**partner.headers, "Content-Type": kind}
        refused = await verified.http.post(SEARCH, content=b"no form", headers=headers)
        assert (refused.status_code, refused.json()["header"]["status"]) == (400, "rjct")
        assert refused.json()["errors"][0]["code"] == "err.request.bad"


async def test_an_id_stands_for_one_message(verified: Running) -> None:
    """Sent again, a message has the same answer; another one with its id is refused. A message that
    was refused does not use up its id."""
    partner = await a_partner(verified)
    body = partner.search(by_id("UIN", HEAD))
    broken = {**body, "signature": "invalid-signature"}
    assert (await partner.sends(broken)).status_code == httpx.codes.BAD_REQUEST
    first, second = (await partner.sends(body)).json(), (await partner.sends(body)).json()
    assert first["message"] == second["message"]
    other = partner.signed(body["header"], {**body["message"], "transaction_id": "t-9"})
    refused = (await partner.sends(other)).json()
    assert refused["header"]["status_reason_code"] == "rjct.message_id.duplicate"
    stranger = await a_partner(verified)
    same = stranger.search(by_id("UIN", HEAD), message_id=body["header"]["message_id"])
    assert (await stranger.sends(same)).json()["header"]["status"] == "succ"


async def test_what_is_meant_is_taken(verified: Running) -> None:
    """As the published examples and callers write it: counts as text, empty texts."""
    partner = await a_partner(verified, dialects=("openspp", "none"), dialect=Dialect.OPENSPP)
    body = partner.search(by_id("UIN", HEAD), total_count="1", meta="", sender_uri="", version="")
    body["message"]["search_request"][0] |= {"reference_id": "", "locale": "EN/GB"}
    body["message"]["transaction_id"] = ""
    body = partner.signed(body["header"], body["message"])
    body["signature"] = "Signature:  " + body["signature"]
    reply = (await partner.sends(body, valid=False)).json()
    assert reply["message"]["transaction_id"] == ""
    assert reply["message"]["search_response"][0]["reference_id"] == ""
    assert reply["message"]["search_response"][0]["status"] == "succ"
    without = {"header": {**body["header"], "message_id": "x"}, "message": body["message"]}
    assert (await partner.sends(without, valid=False)).json()["header"]["status"] == "succ"


@pytest.mark.parametrize("count", ["1", 1.0])
async def test_a_count_is_a_whole_number_however_it_is_written(
    verified: Running, count: object
) -> None:
    """JSON has one kind of number: some write each as a fraction."""
    partner = await a_partner(verified)
    body = partner.search(by_id("UIN", HEAD), total_count=count)
    reply = (await partner.sends(body, valid=False)).json()
    assert reply["header"]["status"] == "succ"


async def test_who_asks_in_secret_is_answered_in_secret(verified: Running) -> None:
    opening, signing = OKPKey.generate_key("X25519"), OKPKey.generate_key("Ed25519")
    shown = [signing.as_dict(private=False), {**opening.as_dict(private=False), "use": "enc"}]
    partner = await a_partner(verified, jwks=json.dumps({"keys": shown}))
    partner.key = signing
    plain = partner.search(by_id("UIN", HEAD))
    published = (await verified.http.get("/.well-known/jwks.json")).json()["keys"]
    ours = import_key(next(one for one in published if one["use"] == "enc"))
    body = partner.signed(
        {**plain["header"], "is_msg_encrypted": True}, encrypt(plain["message"], ours)
    )
    reply = (await partner.sends(body)).json()
    assert HEAD not in json.dumps(reply)
    assert reply["header"]["is_msg_encrypted"]
    partner.check(reply)
    opened = decrypt(reply["message"], [opening])
    assert HEAD in json.dumps(opened)
    without = await a_partner(verified)
    refused = without.signed(
        {**without.header("search"), "is_msg_encrypted": True}, encrypt(plain["message"], ours)
    )
    answer = (await without.sends(refused)).json()
    assert answer["errors"][0]["code"] == "err.encryption.invalid"


async def test_a_partner_with_an_rsa_key_signs_as_opencrvs_does(verified: Running) -> None:
    key: Any = RSAKey.generate_key(2048)
    partner = await a_partner(verified, jwks=key_set(key), dialect=Dialect.JWS)
    body = partner.search(by_id("UIN", HEAD))
    signed = Signed(body["header"], body["message"])
    body["signature"] = sign(
        Dialect.JWS, key, signed, now=verified.clock(), sender=partner.sender.sender_id
    )
    reply = (await partner.sends(body)).json()
    assert reply["header"]["status"] == "succ"
    partner.check(reply)


WRONG: Final[tuple[Any, ...]] = (
    None,
    "",
    "x" * 300,
    0,
    -1,
    1.5,
    True,
    [],
    ["x"],
    {},
    {"$and": []},
    "2026-02-30T00:00:00Z",
)


def paths(given_: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    pairs = given_.items() if isinstance(given_, dict) else enumerate(given_)
    for name, below in pairs:
        yield (*before, name)
        if isinstance(below, dict | list):
            yield from paths(below, (*before, name))


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(document)
    place = made
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return made


async def test_whatever_stands_anywhere_is_answered(verified: Running) -> None:
    """Every place of a message with every kind of value: an answer by the standard, never a fault;
    and what is unknown is passed over."""
    partner = await a_partner(verified, dialects=("none",), dialect=Dialect.NONE)
    query = by_predicates({"seq_num": 1, "expression1": compares("UIN", "eq", HEAD)})
    criteria = {**query, "pagination": {"page_size": 1}, "sort": [{"attribute_name": "age"}]}
    body = partner.search({**criteria, "authorize": {"purpose": {"code": "x"}}})
    for place, path in enumerate(paths(body)):
        if path == ("signature",):
            continue
        value = WRONG[place % len(WRONG)], WRONG[(place + 5) % len(WRONG)]
        for one in value:
            made = put(body, path, one)
            if path != ("header", "message_id") and isinstance(made.get("header"), dict):
                made["header"]["message_id"] = f"w-{place}-{one!r}"[:99]
            reply = await partner.sends(made, valid=False)
            assert reply.status_code in (200, 400, 403), (path, one, reply.text)
    more = put(put(body, ("header", "colour"), "red"), ("message", "colour"), ["red"])
    assert (await partner.sends(more)).json()["header"]["status"] == "succ"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"header": {}}',
        b"\xff\xfe",
        b'{"a":1,"a":2}',
        b"[" * 99,
    ],
    ids=repr,
)
async def test_what_is_no_message_is_a_bad_request(verified: Running, body: bytes) -> None:
    partner = await a_partner(verified)
    reply = await partner.sends(body, valid=False)
    assert reply.status_code == httpx.codes.BAD_REQUEST
    assert reply.json()["errors"][0]["code"] == "err.request.bad"
