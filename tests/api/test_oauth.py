"""POST /oauth/token: client credentials for a bearer token."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from app.access.clients import new_secret, secret_hash
from app.store.clients import Client
from app.wiring import new_id
from tests.service_parts import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Known:
    id: str
    secret: str


@pytest_asyncio.fixture(loop_scope="module")
async def known(shared: Running) -> AsyncIterator[Known]:
    made = Known(new_id("cl"), new_secret())
    new = Client(
        client_id=made.id,
        name="test",
        region="220102",
        scopes=("verify", "read"),
        secret_hash=secret_hash(made.secret),
        created_at=shared.clock(),
    )
    await shared.parts.shelf.database.write(lambda tx: shared.parts.clients.add(tx, new))
    yield made


async def ask(shared: Running, **form: str) -> httpx.Response:
    return await shared.http.post("/oauth/token", data={"grant_type": "client_credentials", **form})


async def test_by_the_form_and_by_basic(shared: Running, known: Known) -> None:
    by_form = await ask(shared, client_id=known.id, client_secret=known.secret)
    by_basic = await shared.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(known.id, known.secret),
    )
    for reply in (by_form, by_basic):
        assert reply.status_code == 200
        assert reply.headers["cache-control"] == "no-store"
        token = reply.json()
        assert token["token_type"] == "Bearer"
        assert token["expires_in"] <= 600
        assert token["scope"] == "verify read"
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        gone = await shared.http.get("/v1/verifications/vf_none", headers=headers)
        assert gone.status_code == 404


async def test_fewer_scopes_may_be_asked_for_and_no_more(shared: Running, known: Known) -> None:
    credentials = {"client_id": known.id, "client_secret": known.secret}
    fewer = await ask(shared, scope="read", **credentials)
    assert fewer.json()["scope"] == "read"
    more = await ask(shared, scope="read review", **credentials)
    assert more.status_code == 400


async def test_unknown_client_and_wrong_secret_look_alike(shared: Running, known: Known) -> None:
    replies = [
        await ask(shared, client_id=known.id, client_secret="wrong"),
        await ask(shared, client_id="cl_none", client_secret=known.secret),
        await ask(shared, client_id=known.id),
        await ask(shared),
    ]
    assert {reply.status_code for reply in replies} == {401}
    assert len({reply.content for reply in replies}) == 1


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic /////w==", "Basic YQ==", "Digest x"]
)
async def test_a_header_that_cannot_be_read_is_none(shared: Running, header: str) -> None:
    reply = await shared.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": header},
    )
    assert reply.status_code == 401


async def test_another_grant_is_refused(shared: Running, known: Known) -> None:
    reply = await shared.http.post(
        "/oauth/token",
        data={"grant_type": "password", "username": known.id, "password": known.secret},
    )
    assert reply.status_code == 400
    missing = await shared.http.post("/oauth/token", data={"client_secret": known.secret})
    assert missing.status_code == 400
    assert known.secret not in missing.text


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth2/client/token"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"grant_type=client_credentials&scope=" + b"x" * 300),
        ("application/json", b'{"grant_type": "client_credentials"}'),
        ("multipart/form-data; boundary=b", b"--c"),
        ("multipart/form-data", b"x"),
        (FORM, b""),
    ],
)
async def test_what_is_no_form_is_refused_in_the_words_of_oauth(
    shared: Running, path: str, kind: str, body: bytes
) -> None:
    reply = await shared.http.post(path, content=body, headers={"Content-Type": kind})
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert reply.json()["status"] == 400
    assert reply.headers["cache-control"] == "no-store"
