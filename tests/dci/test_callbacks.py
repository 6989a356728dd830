"""What registries send us: believed by their signature alone; what nobody asked for is said so."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dci.listener import ADDRESSES, a_subscriber
from tests.dci.parts import Partner, a_partner
from tests.service_parts import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "transaction_id",
                        "search_request",
                        "subscribe_request",
                        "subscription_codes",
                    ),
                    *(
                        "txnstatus_request",
                        "timestamp",
                        "reference_id",
                        "search_criteria",
                        "filter",
                    ),
                    *("subscribe_criteria", "reg_event_type", "frequency", "attribute_type"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(PATHS), message=JSON)
async def test_whatever_is_sent_is_acknowledged_or_refused(
    verified: Running, path: str, message: Any
) -> None:
    """Never a fault, and nothing is stored that cannot be answered."""
    action = "txn-status" if path.endswith("status") else path.rpartition("/")[2]
    async with a_subscriber(verified) as one:
        items = message.get(f"{action}_request") if isinstance(message, dict) else None
        count = len(items) if isinstance(items, list) else 1
        body = one.message(action, message, total_count=count)
        told = await one.asks(path, body, valid=False)
        assert told["ack_status"] in ("ACK", "ERR")
        if told["ack_status"] == "ACK":
            await one.delivered(1)
