"""The lines of the DCI registry interface: what is named is looked for in the sender's region."""

from collections.abc import Mapping
from typing import Any, Final

from tests.dci.senders import plain_message, plain_search
from tests.isolation.counties import County, persons_of
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


REGISTRY_PUBLIC: Final[Mapping[str, str]] = {
    "POST /oauth2/client/token": "tells a client of itself alone",
    "GET /.well-known/locations.json": "divisions of the country, the same for everybody",
    "GET /health": "the interface is there",
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
)
