"""What a third party's compliance suite asks of a registry, by the names of its requirements.

Written anew from what it asks: plain messages with a stub in the signature's place, some without an
address for the answer, of a partner that registered the beginning of its addresses alone.
"""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import pytest
import pytest_asyncio

from tests.dci.listener import ADDRESSES, Subscriber, a_subscriber
from tests.dci.parts import US, by_expression, by_id, by_predicates, compares
from tests.dci.standard_parts import SOCIAL, of_reply
from tests.service_parts import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
DIALECTS: Final = ("openspp", "jws_detached", "jws", "none")
NOBODY: Final = by_id("UIN", "TEST-001")
YOUNG_AND_POOR: Final = by_predicates(
    {
        "seq_num": 1,
        "expression1": compares("age", "lt", "25"),
        "condition": "and",
        "expression2": compares("poverty_score", "lt", "2.5"),
    }
)
OF_A_PLACE: Final = by_expression(
    {
        "$and": [
            {"poverty_score": {"$lt": 5}},
            {"location": {"$eq": "central_region"}},
            {"group_size": {"$lt": 5}},
        ]
    }
)
Change = Callable[[dict[str, Any]], object]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client(verified: Running) -> AsyncIterator[Subscriber]:
    async with a_subscriber(verified, dialects=DIALECTS) as one:
        yield one


def _plain(one: Subscriber, action: str, message: dict[str, Any], **more: Any) -> dict[str, Any]:
    header = one.partner.header(action, receiver_id=US, meta=None, **more)
    return {"signature": "unsigned", "header": header, "message": message}


def _search(one: Subscriber, criteria: dict[str, Any]) -> dict[str, Any]:
    item = {"reference_id": "ref-1", "timestamp": one.now, "search_criteria": criteria}
    return _plain(one, "search", {"transaction_id": "t-1", "search_request": [item]})


def _subscribe(one: Subscriber) -> dict[str, Any]:
    wanted = {
        "reg_event_type": "REGISTER",
        "filter": NOBODY["query"],
        "notify_record_type": "Member",
    }
    item = {"reference_id": "ref-1", "timestamp": one.now, "subscribe_criteria": wanted}
    return _plain(one, "subscribe", {"transaction_id": "t-1", "subscribe_request": [item]})


def _unsubscribe(one: Subscriber) -> dict[str, Any]:
    codes = ["sub-test-001"]
    message = {"transaction_id": "t-1", "timestamp": one.now, "subscription_codes": codes}
    return _plain(one, "unsubscribe", message)


def _status(one: Subscriber) -> dict[str, Any]:
    asked = {
        "reference_id": "ref-1",
        "txn_type": "search",
        "attribute_type": "transaction_id",
        "attribute_value": "t-unknown",
    }
    return _plain(one, "txn-status", {"transaction_id": "t-1", "txnstatus_request": asked})


def _nobody(one: Subscriber) -> dict[str, Any]:
    return _search(one, NOBODY)


MESSAGES: Final = {
    "/registry/search": _nobody,
    "/registry/sync/search": _nobody,
    "/registry/subscribe": _subscribe,
    "/registry/unsubscribe": _unsubscribe,
    "/registry/txn/status": _status,
    "/registry/sync/txn/status": _status,
}
SEARCH: Final = "/registry/search"


def of_item(**values: Any) -> Change:
    """Sets members of the one request of a message."""

    def change(body: dict[str, Any]) -> None:
        message = body["message"]
        (item,) = message.get("search_request") or message["subscribe_request"]
        item.update(values)

    return change


def of_message(**values: Any) -> Change:
    return lambda body: body["message"].update(values)


def _page(size: int, number: int) -> Change:
    return of_item(pagination={"page_size": size, "page_number": number})


ASKED: Final[dict[str, tuple[str, Change, str]]] = {
    "FMT-TS-01": (SEARCH, of_item(timestamp="not-a-timestamp"), "ERR"),
    "FMT-TS-02": (SEARCH, of_item(timestamp="2026-11-24T04:00:00.123Z"), "ACK"),
    "FMT-TS-03": ("/registry/subscribe", of_item(timestamp="2024-01-15T10:30:00"), "ERR"),
    "FMT-LOC-01": (SEARCH, of_item(locale="eng"), "ACK"),
    "FMT-LOC-02": (SEARCH, of_item(locale="en"), "ERR"),
    "FMT-LOC-03": (SEARCH, of_item(locale="ENG"), "ERR"),
    "BND-TXN-01": (SEARCH, of_message(transaction_id="x" * 99), "ACK"),
    "BND-TXN-02": (SEARCH, of_message(transaction_id="x" * 100), "ERR"),
    "BND-REF-01": (SEARCH, of_item(reference_id="r" * 50), "ACK"),
    "BND-SUB-01": ("/registry/unsubscribe", of_message(subscription_codes=["s" * 99]), "ACK"),
    "BND-SUB-02": ("/registry/unsubscribe", of_message(subscription_codes=["s" * 100]), "ERR"),
    "CORE-PAG-01": (SEARCH, _page(10, 1), "ACK"),
    "CORE-PAG-03": (SEARCH, _page(10, 2), "ACK"),
    "VAL-PAG-01": (SEARCH, _page(0, 1), "ERR"),
    "VAL-PAG-02": (SEARCH, _page(10, 0), "ERR"),
    "VAL-PAG-03": (SEARCH, _page(-1, 1), "ERR"),
}


@pytest.mark.parametrize(("path", "change", "told"), ASKED.values(), ids=ASKED)
async def test_a_message_is_acknowledged_or_refused(
    client: Subscriber, path: str, change: Change, told: str
) -> None:
    body = MESSAGES[path](client)
    change(body)
    assert (await client.asks(path, body, valid=False))["ack_status"] == told


@pytest.mark.parametrize(("criteria", "count"), [(NOBODY, 0), (YOUNG_AND_POOR, 1), (OF_A_PLACE, 0)])
async def test_each_form_of_a_query_is_answered(
    client: Subscriber, criteria: dict[str, Any], count: int
) -> None:
    """Where nothing is found, an empty list says so."""
    body = _search(client, criteria)
    (item,) = (await client.partner.sends(body)).json()["message"]["search_response"]
    assert (item["status"], len(item["data"]["reg_records"])) == ("succ", count)


@pytest.mark.parametrize("action", ["search", "subscribe", "unsubscribe", "txn-status"])
async def test_what_is_acknowledged_is_answered_at_its_own_address(
    verified: Running, action: str
) -> None:
    path = f"/registry/{action.replace('-', '/')}"
    async with a_subscriber(verified, dialects=DIALECTS) as one:
        heard = await one.answer(path, MESSAGES[path](one))
        headers, _ = one.listener.came[0]
    assert headers["path"] == ADDRESSES[heard["header"]["action"]]
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", MESSAGES)
async def test_without_a_message_or_a_token_nothing_is_taken(client: Subscriber, path: str) -> None:
    """In the forms that the suite reads: errors by HTTP, or an acknowledgement that says no."""
    body = MESSAGES[path](client)
    http, json_type = client.service.http, {"Content-Type": "application/json"}
    reply = await http.post(path, content=json.dumps(body), headers=json_type)
    assert reply.status_code == 401
    assert reply.json()["errors"][0]["code"] == "err.request.unauthorized"
    assert reply.json()["title"]
    del body["message"]
    headers = {**client.partner.headers, **json_type}
    reply = await http.post(path, content=json.dumps(body), headers=headers)
    assert not of_reply(SOCIAL, path, reply.status_code, reply.json())
    if "/sync/" in path:
        assert (reply.status_code, bool(reply.json()["title"])) == (400, True)
    else:
        assert reply.json()["message"]["ack_status"] == "ERR"


@pytest.mark.parametrize("given", ["invalid-signature", "eyJhbGciOiJSUzI1NiJ9.", "!@#$%^&*()"])
async def test_a_signature_that_is_none_is_refused_though_stubs_are_taken(
    client: Subscriber, given: str
) -> None:
    body = {**_nobody(client), "signature": given}
    told = await client.asks(SEARCH, body)
    assert told["error"]["code"] == "err.signature.invalid"
