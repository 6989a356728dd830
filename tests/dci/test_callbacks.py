"""What registries send us: believed by their signature alone; what nobody asked for is said so."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dci.callbacks import notices_of
from app.dci.refusals import MessageRefused
from app.dci.statuses import asked_of
from app.dci.wanting import codes_of, read_wanted
from app.store.dci_senders import Sender
from tests.dci.listener import ADDRESSES, a_subscriber
from tests.dci.parts import Partner, a_partner
from tests.service_parts import Running


def _message(partner: Partner, action: str) -> dict[str, Any]:
    at = partner.service.clock().isoformat()
    ids = {"transaction_id": "t-1", "correlation_id": "c-1"}
    item = {"reference_id": "r-1", "timestamp": at, "status": "succ"}
    data = {"reg_record_type": "Member", "reg_records": {}}
    found: Mapping[str, dict[str, Any]] = {
        "on-search": {**ids, "search_response": [item]},
        "on-subscribe": {**ids, "subscribe_response": [item]},
        "on-unsubscribe": {**ids, "timestamp": at, "status": "succ"},
        "notify": {
            "transaction_id": "t-1",
            "notify_event": [{"reference_id": "r-1", "timestamp": at, "data": data}],
        },
        "txn-on-status": {
            **ids,
            "txnstatus_response": {
                "txn_type": "search",
                "txn_status": {**ids, "search_response": []},
            },
        },
    }
    return found[action]


BASE: Final = "https://partner.example/registry/"


@pytest.mark.parametrize(
    ("registered", "answered", "told"),
    [
        ((BASE,), f"{BASE}on-subscribe", f"{BASE}notify"),
        ((f"{BASE}*",), f"{BASE}on-subscribe", f"{BASE}notify"),
        ((f"{BASE}on-subscribe",), f"{BASE}on-subscribe", f"{BASE}on-subscribe"),
        ((BASE,), f"{BASE}dci", f"{BASE}dci"),
        ((BASE, f"{BASE}v2/notify"), f"{BASE}on-subscribe", f"{BASE}v2/notify"),
    ],
)
def test_notices_go_beside_the_answer_where_that_is_registered(
    registered: tuple[str, ...], answered: str, told: str
) -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    sender = Sender(
        client_id="cl_1",
        region="220102",
        sender_id="partner.example",
        receiver_ids=("hedui",),
        dialects=("none",),
        consent="none",
        sender_uris=registered,
        created_at=now,
        changed_at=now,
    )
    assert notices_of(sender, answered) == told


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("action", list(ADDRESSES))
async def test_what_was_not_asked_for_is_answered_so(verified: Running, action: str) -> None:
    """From a partner whose signature holds; a forged one and one without a token are told less."""
    partner = await a_partner(verified)
    path, header = ADDRESSES[action], partner.header(action, status="succ")
    body = partner.signed(header, _message(partner, action))
    reply = await partner.sends(body, path)
    told = reply.json()["message"]
    assert (told["ack_status"], told["error"]["code"]) == ("ERR", "err.request.not_found")
    forged = {**body, "message": {**body["message"], "transaction_id": "t-2"}}
    refused = (await partner.sends(forged, path)).json()["message"]
    assert refused["error"]["code"] == "err.signature.invalid"
    stub = {**body, "signature": "unsigned-stub"}
    refused = (await partner.sends(stub, path)).json()["message"]
    assert refused["error"]["code"] == "err.signature.missing"
    stranger = Partner(verified, {}, partner.sender, partner.key)
    assert (await stranger.sends(body, path)).status_code == 401


PATHS = ["/registry/search", "/registry/subscribe", "/registry/unsubscribe", "/registry/txn/status"]
ITEM = {"reference_id": "r-1", "timestamp": "2026-11-24T04:00:00Z"}
STRANGE: list[Any] = [
    None,
    [],
    {"transaction_id": "x" * 100, "timestamp": ITEM["timestamp"], "subscription_codes": ["a"]},
    {"transaction_id": "t-1", "subscription_codes": [None]},
    {"transaction_id": "t-1", "search_request": [None], "subscribe_request": [7]},
    {"transaction_id": "t-1", "search_request": [ITEM], "subscribe_request": [ITEM]},
    {
        "transaction_id": "t-1",
        "subscribe_request": [{**ITEM, "subscribe_criteria": {"filter": {"type": []}}}],
        "search_request": [{**ITEM, "search_criteria": {"query_type": {}, "query": "x"}}],
        "txnstatus_request": {"attribute_type": [], "attribute_value": {}},
    },
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", PATHS)
async def test_whatever_is_sent_is_acknowledged_or_refused(verified: Running, path: str) -> None:
    """Never a fault, and nothing is acknowledged that is not answered."""
    action = "txn-status" if path.endswith("status") else path.rpartition("/")[2]
    async with a_subscriber(verified) as one:
        for message in STRANGE:
            told = await one.asks(path, one.message(action, message), valid=False)
            assert told["ack_status"] in ("ACK", "ERR")
            if told["ack_status"] == "ACK":
                await one.hears()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("subscription_codes", "subscription_code", "txnstatus_request", "timestamp"),
                    *(
                        "reference_id",
                        "filter",
                        "subscribe_criteria",
                        "reg_event_type",
                        "frequency",
                    ),
                    *("attribute_type", "attribute_value", "filter_type", "type", "value"),
                    *("notify_record_type", "start_time", "end_time", "txn_type", "transaction_id"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(st.lists(JSON, max_size=3))
def test_any_list_of_subscriptions_is_read_or_refused_item_by_item(items: list[Any]) -> None:
    assert len(read_wanted(items)) == len(items)


@given(st.dictionaries(st.sampled_from(["subscription_codes", "txnstatus_request"]), JSON))
def test_any_message_is_read_or_refused(message: dict[str, Any]) -> None:
    for read in (codes_of, asked_of):
        with contextlib.suppress(MessageRefused):
            read({"transaction_id": "t-1", **message})
