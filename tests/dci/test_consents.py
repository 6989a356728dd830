"""Whether a search is covered by a consent, and how much is told on it."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from app.store.dci_senders import ConsentRule
from connectors.transport.jws import SignatureRegistry
from tests.dci.parts import US, Partner, a_partner, by_id, key_set, later
from tests.service_parts import HEAD, SPOUSE, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
ISSUER: Final = OKPKey.generate_key("Ed25519", {"kid": "issuer"})
STRANGER: Final = OKPKey.generate_key("Ed25519", {"kid": "issuer"})
_REGISTRY: Final = SignatureRegistry(algorithms=["Ed25519"])


def claims(partner: Partner, **changes: Any) -> dict[str, Any]:
    """As OpenG2P's consent manager writes them."""
    made = {
        "jti": f"c-{id(changes)}-{len(str(changes))}-{partner.sender.sender_id}",
        "subject_id": {"type": "UIN", "value": HEAD},
        "data_controller": US,
        "aud": partner.sender.sender_id,
        "purpose": {"code": "eligibility", "text": "relief"},
        "data_scopes": ["Group.group_size", "Group.verification.status"],
        "fetch_type": "periodic",
        "validity": {
            "valid_from": later(partner.service, days=-1),
            "valid_until": later(partner.service, days=1),
        },
        "issued_at": later(partner.service, days=-1),
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def signed(given: Mapping[str, Any], by: OKPKey = ISSUER) -> str:
    head = {"alg": "EdDSA", "kid": "issuer"}
    return jws.serialize_compact(head, orjson.dumps(given), by, registry=_REGISTRY)


def with_consent(text: str, value: str = HEAD) -> dict[str, Any]:
    return by_id("UIN", value, authorize={"consent_jws": text})


async def careful(service: Running, rule: ConsentRule = "signed") -> Partner:
    return await a_partner(service, consent=rule, consent_jwks=key_set(ISSUER))


async def status(partner: Partner, query: Mapping[str, Any], *, valid: bool = True) -> str:
    reply = (await partner.sends(partner.search(query), valid=valid)).json()
    if reply["header"]["status"] == "rjct":
        assert reply["message"]["search_response"] == []
    return str(reply["header"]["status"])


async def test_a_record_is_cut_to_what_the_consent_names(verified: Running) -> None:
    partner = await careful(verified)
    (record,) = await partner.records(with_consent(signed(claims(partner))))
    assert set(record) == {"@context", "@id", "@type", "group_size", "additional_attributes"}
    assert [one["name"] for one in record["additional_attributes"]] == ["verification.status"]


BROKEN: Final[Mapping[str, Mapping[str, Any]]] = {
    "for another one": {"aud": "other.example.org"},
    "for nobody": {"aud": None},
    "of another registry": {"data_controller": "other"},
    "of another person": {"subject_id": {"type": "UIN", "value": SPOUSE}},
    "of nobody": {"subject_id": None},
    "without a purpose": {"purpose": None},
    "without scopes": {"data_scopes": None},
    "without an end": {"validity": None},
    "without an id": {"jti": None},
}


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN)
async def test_a_consent_that_does_not_hold_is_none(
    verified: Running, changes: Mapping[str, Any]
) -> None:
    partner = await careful(verified)
    assert await status(partner, with_consent(signed(claims(partner, **changes)))) == "rjct"


async def test_a_consent_is_in_time_and_its_issuers(verified: Running) -> None:
    partner = await careful(verified)
    over = {"valid_from": later(verified, days=-2), "valid_until": later(verified, hours=-1)}
    for text in (
        signed(claims(partner, validity=over)),
        signed(claims(partner), STRANGER),
        signed(claims(partner))[:-4] + "AAAA",
        "none",
    ):
        assert await status(partner, with_consent(text)) == "rjct"
    assert await status(partner, by_id("UIN", HEAD)) == "rjct"
    assert await status(partner, with_consent(signed(claims(partner)))) == "succ"


async def test_a_consent_for_once_serves_one_message(verified: Running) -> None:
    """However often that is sent; another message needs another consent."""
    partner = await careful(verified)
    query = with_consent(signed(claims(partner, fetch_type="oneshot")))
    body = partner.search(query)
    first, again = (await partner.sends(body)).json(), (await partner.sends(body)).json()
    assert first["message"] == again["message"]
    assert first["header"]["status"] == "succ"
    assert await status(partner, query) == "rjct"


async def test_a_stated_consent_says_when_and_for_what(verified: Running) -> None:
    partner = await careful(verified, "stated")
    said = {"ts": later(verified, hours=-1), "purpose": {"code": "eligibility"}}
    for part in ("consent", "authorize"):
        assert await status(partner, by_id("UIN", HEAD, **{part: said})) == "succ"
    fast = {**said, "ts": later(verified, seconds=30)}
    assert await status(partner, by_id("UIN", HEAD, consent=fast)) == "succ"
    to_come = {**said, "ts": later(verified, hours=1)}
    for wrong in ("", {}, {"ts": said["ts"]}, {"purpose": said["purpose"]}, to_come):
        query = by_id("UIN", HEAD, consent=wrong)
        assert await status(partner, query, valid=wrong != "") == "rjct"


async def test_what_the_household_took_back_holds(verified: Running) -> None:
    """Its own withdrawal here, whatever the sender brings; last, for it ends the household."""
    partner = await a_partner(verified)
    assert await partner.records(by_id("UIN", HEAD))
    reply = await verified.http.post(
        "/v1/consents/withdrawals",
        json={"reference": "SQ-2026-000123", "region": "220102"},
        headers=verified.headers,
    )
    assert reply.is_success, reply.text
    assert await partner.records(by_id("UIN", HEAD)) == []
