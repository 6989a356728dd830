"""The lines of the DCI registry interface: what is named is looked for in the sender's region."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.dci.senders import plain_message, plain_search
from tests.isolation.counties import AWAY, County, persons_of
from tests.isolation.lines import outside


def _search(who: County, region: str) -> dict[str, Any]:
    criteria = {
        "query_type": "expression",
        "query": {"value": {"expression": {"query": {"region": region}}}},
    }
    return plain_search(who.service, who.ids["client"], criteria)


def _person(who: County, region: str) -> dict[str, Any]:
    value = persons_of(region[-1])["m1"]
    criteria = {"query_type": "idtype-value", "query": {"type": "UIN", "value": value}}
    return plain_search(who.service, who.ids["client"], criteria)


def _enrolled(who: County, region: str) -> dict[str, Any]:
    value = persons_of(region[-1])["m1"]
    criteria = {"query_type": "idtype-value", "query": {"type": "UIN", "value": value}}
    message = {"transaction_id": "t-1", "enrolled_criteria": criteria}
    return plain_message(who.service, who.ids["client"], message)


def _updates(who: County, region: str) -> dict[str, Any]:
    beneficiary = {
        "member": {
            "member_identifier": [
                {"identifier_type": "UIN", "identifier_value": persons_of(region[-1])["m1"]}
            ]
        },
        "programme_identifier": [{"programme": {"programme_identifier": "P1"}}],
    }
    message = {"transaction_id": "t-1", "enrolled_updates": {"beneficiaries": [beneficiary]}}
    return plain_message(who.service, who.ids["client"], message, action="notify", status="succ")


def _later(who: County, action: str, message: dict[str, Any]) -> dict[str, Any]:
    """To an address where nobody listens."""
    header = {"action": action, "sender_uri": AWAY, "status": "succ"}
    ids = {"transaction_id": "t-1", "timestamp": who.service.clock().isoformat()}
    return plain_message(who.service, who.ids["client"], {**ids, **message}, **header)


def _search_later(who: County, region: str) -> dict[str, Any]:
    return _later(who, "search", _search(who, region)["message"])


def _subscribe(who: County, region: str) -> dict[str, Any]:
    criteria = {
        "reg_event_type": "*",
        "filter": {"type": "UIN", "value": persons_of(region[-1])["m1"]},
        "notify_record_type": "Group",
    }
    item = {
        "reference_id": "r-1",
        "timestamp": who.service.clock().isoformat(),
        "subscribe_criteria": criteria,
    }
    return _later(who, "subscribe", {"subscribe_request": [item]})


def _unsubscribe(who: County, region: str) -> dict[str, Any]:
    return _later(who, "unsubscribe", {"subscription_codes": [f"ds_{region}"]})


def _status(who: County, region: str) -> dict[str, Any]:
    asked = {"attribute_type": "transaction_id", "attribute_value": f"t-{region}"}
    return _later(who, "txn-status", {"txnstatus_request": {"reference_id": "r-1", **asked}})


def _told(action: str) -> Callable[[County, str], dict[str, Any]]:
    return lambda who, region: _later(who, action, {"correlation_id": f"cr_{region}"})


REGISTRY_PUBLIC: Final[Mapping[str, str]] = {
    "POST /oauth2/client/token": "tells a client of itself alone",
    "GET /.well-known/locations.json": "divisions of the country, the same for everybody",
    "GET /health": "the interface is there",
    "POST /registry/on-search": "a source of ours tells, by its signature",
}
REGISTRY_NAMES: Final = (
    *("signature", "message_id", "action", "sender_id", "sender_uri", "receiver_id"),
)
"""The sender's own words: its name must be the one that its token stands for."""
REGISTRY: Final = (
    outside("POST /registry/sync/search", body=_search),
    outside("POST /registry/sync/search", "message", body=_person),
    outside("POST /registry/sync/enrolled", "message", body=_enrolled),
    outside("POST /registry/sync/enrollment/updates", "message", body=_updates),
    outside("POST /registry/sync/txn/status", "message", body=_status),
    outside("POST /registry/search", "message", body=_search_later),
    outside("POST /registry/subscribe", "message", body=_subscribe),
    outside("POST /registry/unsubscribe", "message", body=_unsubscribe),
    outside("POST /registry/txn/status", "message", body=_status),
    outside("POST /registry/on-subscribe", "message", body=_told("on-subscribe")),
    outside("POST /registry/on-unsubscribe", "message", body=_told("on-unsubscribe")),
    outside("POST /registry/notify", "message", body=_told("notify")),
    outside("POST /registry/txn/on-status", "message", body=_told("txn-on-status")),
)
