"""What became of messages: of the sender's own alone, at once and by a call."""

from typing import Any

import pytest

from tests.dci.listener import Subscriber, a_subscriber
from tests.dci.parts import by_id
from tests.service_parts import HEAD, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
ON_BOTH = True
NOW = "/registry/sync/txn/status"


async def _asked(one: Subscriber, by: str, value: Any, **more: Any) -> dict[str, Any]:
    valid = bool(more) and by != "reference_id"
    reply = await one.partner.sends(one.status(by, value, **more), NOW, valid=valid)
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    one.partner.check(document)
    assert document["header"]["action"] == "txn-on-status"
    return document


async def test_a_search_is_found_by_each_of_its_ids_and_by_its_sender_alone(
    verified: Running,
) -> None:
    async with a_subscriber(verified) as one, a_subscriber(verified) as other:
        heard = await one.answer("/registry/search", one.search(by_id("UIN", HEAD)))
        correlation = heard["message"]["correlation_id"]
        ways = [
            ("transaction_id", "t-later"),
            ("reference_id_list", ["r-1"]),
            ("reference_id", "r-1"),
            ("correlation_id", correlation),
        ]
        for by, value in ways:
            found = await _asked(one, by, value)
            response = found["message"]["txnstatus_response"]
            assert response["txn_type"] == "search"
            assert response["txn_status"]["correlation_id"] == correlation
            (item,) = response["txn_status"]["search_response"]
            assert item["data"] == heard["message"]["search_response"][0]["data"]
            hidden = await _asked(other, by, value, txn_type="search")
            assert hidden["header"]["status"] == "rjct"
            assert hidden["message"]["txnstatus_response"]["txn_status"]["search_response"] == []


async def test_a_status_is_told_by_a_call_too(verified: Running) -> None:
    """Also of what nobody asked: the caller hears that there is no such transaction."""
    async with a_subscriber(verified) as one:
        body = one.status("transaction_id", "never", txn_type="search")
        heard = await one.answer("/registry/txn/status", body)
        assert heard["header"]["status"] == "rjct"
        item = await one.subscribes({"type": "UIN", "value": HEAD})
        body = one.status("transaction_id", "t-subscribe", txn_type="subscribe")
        heard = await one.answer("/registry/txn/status", body)
        status = heard["message"]["txnstatus_response"]["txn_status"]
        assert status["subscribe_response"] == [item]


async def test_openspp_asks_without_a_type_and_with_another_action(verified: Running) -> None:
    async with a_subscriber(verified) as one:
        body = one.status("transaction_id", "never")
        header = {**body["header"], "action": "txn_status"}
        signed = one.partner.signed(header, body["message"])
        told = await one.asks("/registry/txn/status", signed, valid=False)
        assert told["ack_status"] == "ACK"


@pytest.mark.parametrize("by", ["phone", None, 5])
async def test_what_is_no_question_is_refused(verified: Running, by: Any) -> None:
    async with a_subscriber(verified) as one:
        body = one.status(by, "t-1", txn_type="search")
        told = await one.asks("/registry/txn/status", body, valid=False)
        assert (told["ack_status"], told["error"]["code"]) == ("ERR", "err.request.bad")
