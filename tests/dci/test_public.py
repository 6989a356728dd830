"""What partners need before they send: tokens, keys, places; and where a prefix puts it all."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access.clients import new_secret, secret_hash
from app.store.clients import Client
from tests.dci.parts import a_partner
from tests.dci.standard_parts import faults
from tests.service_parts import Running, all_ten, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOKEN = "/oauth2/client/token"


async def a_client(service: Running) -> dict[str, str]:
    secret = new_secret()
    client = Client(
        client_id="cl_dci",
        name="partner",
        region="220102",
        scopes=("dci",),
        secret_hash=secret_hash(secret),
        created_at=service.clock(),
    )
    await service.parts.shelf.database.write(lambda tx: service.parts.clients.add(tx, client))
    return {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": secret,
    }


async def test_a_token_as_partners_ask_for_it(verified: Running) -> None:
    """The standard's schema has `expires_in` as text: RFC 6749 and callers have a number."""
    form = await a_client(verified)
    reply = await verified.http.post(TOKEN, data={**form, "scope": "registry/search dci"})
    document: dict[str, Any] = reply.json()
    assert document["scope"] == "dci"
    assert isinstance(document["expires_in"], int)
    as_text = {**document, "expires_in": str(document["expires_in"])}
    schema = "/components/schemas/OAuth2ClientTokenResponse"
    assert not faults("authz_core_api", schema, as_text)
    in_address = await verified.http.post(TOKEN, params=form, data={})
    assert in_address.status_code == httpx.codes.BAD_REQUEST
    assert in_address.json()["error"] == "invalid_request"
    wrong = await verified.http.post(TOKEN, data={**form, "client_secret": "no"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


async def test_keys_places_and_a_sign_of_life(verified: Running) -> None:
    keys = (await verified.http.get("/.well-known/jwks.json")).json()
    schema = "/components/schemas/JWKSResponse"
    required = {"kty", "kid", "use", "alg"}
    assert faults("jwks_core_api", f"{schema}/components/schemas/JWK", keys["keys"][0]) == []
    assert all(required <= set(one) and "d" not in one for one in keys["keys"])
    assert {one["use"] for one in keys["keys"]} == {"sig", "enc"}
    assert len({one["kid"] for one in keys["keys"]}) == len(keys["keys"])
    places = (await verified.http.get("/.well-known/locations.json")).json()["locations"]
    assert {"id": "22", "name": "吉林省"}.items() <= {one["id"]: one for one in places}[
        "22"
    ].items()
    assert (await verified.http.get("/health")).status_code == httpx.codes.OK


async def test_the_interface_stands_where_it_is_put(tmp_path: Path) -> None:
    """OpenG2P's callers have /dci in front of all of it."""
    async with running(tmp_path, all_ten(), dci_prefix="/dci") as service:
        partner = await a_partner(service, dialects=("none",))
        for path in ("/dci/health", "/dci/.well-known/jwks.json", "/.well-known/jwks.json"):
            assert (await service.http.get(path)).status_code == httpx.codes.OK
        for path, status in (("/dci/registry/sync/search", 400), ("/registry/sync/search", 404)):
            reply = await service.http.post(path, json={}, headers=partner.headers)
            assert reply.status_code == status
