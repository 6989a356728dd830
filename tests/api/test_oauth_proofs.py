"""Proofs of clients: each that holds gives a token, and none that does not."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.client_parts import (
    PROXIES,
    PROXY,
    Known,
    ask,
    ask_by,
    by_hmac,
    certificate,
    claims_of,
    end_keys,
    key,
    register,
    revoke,
    segment,
    signed,
    via,
)
from tests.postgresql import PostgresqlServer
from tests.service_parts import NOON, Running, a_body, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
ED, OTHER, EC, RSA, PS = key("ed"), key("ed", "k2"), key("ec"), key("rsa"), key("ps")
CERTIFICATE, ANOTHER = certificate(), certificate()
TOO_OLD = certificate(NOON - timedelta(days=30), days=29)


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
async def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """Behind a proxy of 10.0.0.0/24, and reached by others as well."""
    url = ""
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        server.create("proofs")
        url = server.url("proofs")
    folder = tmp_path_factory.mktemp("proofs")
    async with running(folder, [], database_url=url, trusted_proxies=PROXIES) as started:
        yield started


Row = Callable[[Running], Awaitable[httpx.Response]]


def saying(by: Any = ED, alg: str = "Ed25519", **changes: Any) -> Row:
    """An assertion of a client with the keys `k1`; `header` and claims changed."""

    async def row(service: Running) -> httpx.Response:
        known = await register(service, keys=(ED,))
        header = changes.get("header", {})
        claims = claims_of(service, known.id)
        for name, value in changes.items():
            if name != "header":
                claims[name] = value(claims) if callable(value) else value
        return await ask_by(service, signed(by, claims, header, alg))

    return row


async def without_algorithm(service: Running) -> httpx.Response:
    known = await register(service, keys=(ED,))
    head = segment({"alg": "none", "kid": "k1"})
    return await ask_by(service, f"{head}.{segment(claims_of(service, known.id))}.")


async def hmac_with_the_public_key(service: Running) -> httpx.Response:
    known = await register(service, keys=(ED,))
    secret = ED.as_dict(private=False)["x"]
    assert isinstance(secret, str)
    return await ask_by(service, by_hmac(secret.encode(), claims_of(service, known.id), "k1"))


async def an_access_token(service: Running) -> httpx.Response:
    known = await register(service, secret=True, keys=(ED,))
    given = await ask(service, client_id=known.id, client_secret=known.secret)
    return await ask_by(service, given.json()["access_token"])


async def of_another_algorithm(service: Running) -> httpx.Response:
    """The key is registered for PS256."""
    known = await register(service, keys=(PS,))
    return await ask_by(service, signed(RSA, claims_of(service, known.id), {}, "RS256"))


async def with_the_key_of_another_kind(service: Running) -> httpx.Response:
    known = await register(service, keys=(EC,))
    return await ask_by(service, signed(ED, claims_of(service, known.id), {}))


async def with_anothers_key(service: Running) -> httpx.Response:
    """It holds for whom it names; the form names another one."""
    known = await register(service, keys=(ED,))
    other = await register(service, keys=(OTHER,))
    return await ask_by(service, signed(ED, claims_of(service, known.id), {}), client_id=other.id)


async def replayed(service: Running) -> httpx.Response:
    known = await register(service, keys=(ED,))
    assertion = signed(ED, claims_of(service, known.id), {})
    assert (await ask_by(service, assertion)).status_code == 200
    return await ask_by(service, assertion)


async def with_the_same_id_again(service: Running) -> httpx.Response:
    known = await register(service, keys=(ED,))
    for seconds in (60, 61):
        claims = claims_of(service, known.id, jti="the same")
        reply = await ask_by(service, signed(ED, {**claims, "exp": claims["iat"] + seconds}, {}))
    return reply


async def with_a_key_that_has_ended(service: Running) -> httpx.Response:
    known = await register(service, keys=(ED,))
    await end_keys(service, known)
    return await ask_by(service, signed(ED, claims_of(service, known.id), {}))


async def of_a_revoked_client(service: Running) -> httpx.Response:
    known = await register(service, keys=(ED,))
    await revoke(service, known)
    return await ask_by(service, signed(ED, claims_of(service, known.id), {}))


async def two_proofs(service: Running) -> httpx.Response:
    known = await register(service, secret=True, keys=(ED,))
    assertion = signed(ED, claims_of(service, known.id), {})
    return await ask_by(service, assertion, client_secret=known.secret)


async def two_proofs_with_basic(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    basic = httpx.BasicAuth(known.id, known.secret)._auth_header
    return await ask(
        service,
        headers={"Authorization": basic},
        client_id=known.id,
        client_secret=known.secret,
    )


async def another_type_of_assertion(service: Running) -> httpx.Response:
    known = await register(service, keys=(ED,))
    assertion = signed(ED, claims_of(service, known.id), {})
    saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    return await ask_by(service, assertion, client_assertion_type=saml)


async def a_wrong_secret(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    return await ask(service, client_id=known.id, client_secret="x" * 43)


async def anothers_secret(service: Running) -> httpx.Response:
    known, other = await register(service, secret=True), await register(service, secret=True)
    return await ask(service, client_id=known.id, client_secret=other.secret)


async def nobodys_secret(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    return await ask(service, client_id="cl_none", client_secret=known.secret)


async def no_proof(service: Running) -> httpx.Response:
    known = await register(service, keys=(ED,))
    return await ask(service, client_id=known.id)


async def the_stored_hash(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    (held,) = await service.parts.shelf.database.read(
        lambda tx: service.parts.clients.keys(tx, known.id)
    )
    return await ask(service, client_id=known.id, client_secret=held.value)


async def a_secret_after_its_time(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    await end_keys(service, known)
    return await ask(service, client_id=known.id, client_secret=known.secret)


async def the_secret_of_a_revoked_client(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    await revoke(service, known)
    return await ask(service, client_id=known.id, client_secret=known.secret)


async def more_scopes(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    own = (known.id, known.secret)
    return await ask(service, scope="read audit", client_id=own[0], client_secret=own[1])


async def another_grant(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    form = {"grant_type": "refresh_token", "client_id": known.id, "client_secret": known.secret}
    return await service.http.post("/oauth/token", data=form)


async def a_certificate_past_the_proxy(service: Running) -> httpx.Response:
    known = await register(service, shown=CERTIFICATE)
    headers = {"Client-Cert": CERTIFICATE.rfc9440}
    return await ask(service, address="10.0.1.7", headers=headers, client_id=known.id)


async def a_certificate_beside_the_proxys(service: Running) -> httpx.Response:
    known = await register(service, shown=CERTIFICATE)
    headers = [("Client-Cert", CERTIFICATE.rfc9440), ("Client-Cert", ANOTHER.rfc9440)]
    return await ask(service, address=PROXY, headers=headers, client_id=known.id)


async def no_certificate_at_all(service: Running) -> httpx.Response:
    known = await register(service, shown=CERTIFICATE)
    headers = {"Client-Cert": ":AAAA:"}
    return await ask(service, address=PROXY, headers=headers, client_id=known.id)


async def a_certificate_not_registered(service: Running) -> httpx.Response:
    known = await register(service, shown=CERTIFICATE)
    headers = {"Client-Cert": ANOTHER.rfc9440}
    return await ask(service, address=PROXY, headers=headers, client_id=known.id)


async def a_certificate_after_its_time(service: Running) -> httpx.Response:
    known = await register(service, shown=TOO_OLD)
    headers = {"Client-Cert": TOO_OLD.rfc9440}
    return await ask(service, address=PROXY, headers=headers, client_id=known.id)


async def anothers_certificate(service: Running) -> httpx.Response:
    await register(service, shown=ANOTHER)
    known = await register(service, shown=CERTIFICATE)
    headers = {"Client-Cert": ANOTHER.rfc9440}
    return await ask(service, address=PROXY, headers=headers, client_id=known.id)


async def a_certificate_left_out(service: Running) -> httpx.Response:
    known = await register(service, shown=CERTIFICATE)
    return await ask(service, address=PROXY, headers={"Client-Cert": ""}, client_id=known.id)


async def a_bound_token_alone(service: Running) -> httpx.Response:
    return await used(service, PROXY, {})


async def a_bound_token_with_another_certificate(service: Running) -> httpx.Response:
    return await used(service, PROXY, {"Client-Cert": ANOTHER.rfc9440})


async def a_bound_token_with_a_forged_header(service: Running) -> httpx.Response:
    return await used(service, "127.0.0.1", {"Client-Cert": CERTIFICATE.rfc9440})


async def a_token_of_a_revoked_client(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    headers = await bearer(service, known)
    assert (await looking(service, headers)).status_code == 404
    await revoke(service, known)
    service.clock.forward(seconds=2)
    return await looking(service, headers)


async def a_scope_that_was_taken_away(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    headers = await bearer(service, known)
    parts = service.parts

    def narrow(tx: Any) -> None:
        one = parts.clients.get(tx, known.id)
        assert one is not None
        parts.clients.set_limits(tx, type(one)(**{**fields(one), "scopes": ("batch",)}))

    await parts.shelf.database.write(narrow)
    service.clock.forward(seconds=2)
    return await looking(service, headers)


async def a_region_in_the_body(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    headers = {**await bearer(service, known), "Idempotency-Key": known.id}
    body = a_body(region="220103001")
    return await service.http.post("/v1/verifications", json=body, headers=headers)


async def a_token_with_a_letter_more(service: Running) -> httpx.Response:
    known = await register(service, secret=True)
    headers = await bearer(service, known)
    return await looking(service, {"Authorization": headers["Authorization"] + "x"})


REFUSED: dict[str, tuple[Row, int]] = {
    "no algorithm": (without_algorithm, 401),
    "HMAC with the public key": (hmac_with_the_public_key, 401),
    "an access token as an assertion": (an_access_token, 401),
    "RS256 with a key for PS256": (of_another_algorithm, 401),
    "a key of another kind": (with_the_key_of_another_kind, 401),
    "another key under the id": (saying(key("ed", "k1b"), header={"kid": "k1"}), 401),
    "an unknown key id": (saying(header={"kid": "k9"}), 401),
    "no key id": (saying(header={"kid": None}), 401),
    "an address of keys": (saying(header={"jku": "https://evil.test/jwks.json"}), 401),
    "an address of certificates": (saying(header={"x5u": "https://evil.test/c.pem"}), 401),
    "a key of its own": (
        saying(OTHER, header={"kid": "k1", "jwk": OTHER.as_dict(private=False)}),
        401,
    ),
    "a critical extension": (saying(header={"crit": ["b64"], "b64": True}), 401),
    "the type of an access token": (saying(header={"typ": "at+jwt"}), 401),
    "another issuer": (saying(iss="cl_none"), 401),
    "another subject": (saying(iss="cl_none", sub="cl_none"), 401),
    "another audience": (saying(aud="https://other.test/oauth/token"), 401),
    "an audience more": (saying(aud=lambda c: [c["aud"], "https://other.test"]), 401),
    "no audience": (saying(aud=None), 401),
    "no expiry": (saying(exp=None), 401),
    "expired": (saying(exp=lambda c: c["iat"] - 31), 401),
    "valid for too long": (saying(exp=lambda c: c["iat"] + 301), 401),
    "an expiry without end": (saying(exp=float("inf")), 401),
    "not yet": (saying(nbf=lambda c: c["iat"] + 31), 401),
    "made in future": (saying(iat=lambda c: c["iat"] + 31), 401),
    "no id": (saying(jti=None), 401),
    "an id that is a number": (saying(jti=7), 401),
    "a very long id": (saying(jti="x" * 201), 401),
    "nobody's": (saying(sub="cl_none"), 401),
    "a subject with a NUL": (saying(sub="cl_\x00"), 401),
    "an assertion of another client": (with_anothers_key, 401),
    "a replayed assertion": (replayed, 401),
    "another assertion of one id": (with_the_same_id_again, 401),
    "a key that has ended": (with_a_key_that_has_ended, 401),
    "an assertion of a revoked client": (of_a_revoked_client, 401),
    "secret and assertion": (two_proofs, 400),
    "secret in header and form": (two_proofs_with_basic, 400),
    "a SAML assertion": (another_type_of_assertion, 400),
    "a wrong secret": (a_wrong_secret, 401),
    "another's secret": (anothers_secret, 401),
    "an unknown client": (nobodys_secret, 401),
    "no proof": (no_proof, 401),
    "what is stored of the secret": (the_stored_hash, 401),
    "a secret after its time": (a_secret_after_its_time, 401),
    "a secret of a revoked client": (the_secret_of_a_revoked_client, 401),
    "more scopes than it has": (more_scopes, 400),
    "another grant": (another_grant, 400),
    "a certificate past the proxy": (a_certificate_past_the_proxy, 400),
    "a certificate beside the proxy's": (a_certificate_beside_the_proxys, 400),
    "no certificate at all": (no_certificate_at_all, 400),
    "a certificate not registered": (a_certificate_not_registered, 401),
    "a certificate after its time": (a_certificate_after_its_time, 401),
    "another's certificate": (anothers_certificate, 401),
    "a certificate left out": (a_certificate_left_out, 401),
    "a bound token alone": (a_bound_token_alone, 401),
    "a bound token, another certificate": (a_bound_token_with_another_certificate, 401),
    "a bound token, a forged header": (a_bound_token_with_a_forged_header, 400),
    "a token of a revoked client": (a_token_of_a_revoked_client, 401),
    "a scope that was taken away": (a_scope_that_was_taken_away, 403),
    "a region in the body": (a_region_in_the_body, 403),
    "a token with a letter more": (a_token_with_a_letter_more, 401),
}


@pytest.mark.promise(18)
@pytest.mark.parametrize(("row", "status"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_does_not_hold_is_refused(service: Running, row: Row, status: int) -> None:
    """Sixty false proofs on both databases: none gives a token, or a look at anything.

    Planted: with the used assertions not kept, the two replayed ones had a 200; with the audience
    only searched for, the one more; with the bound of five minutes or the look at the header left
    out, five more rows; with the revocation not looked at, a revoked client's token had a 404.
    """
    reply = await row(service)
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert "access_token" not in reply.text
    if status == 401 and "error" in reply.json():
        nobody = await ask(service, client_id="cl_none", client_secret="x")
        assert (reply.content, reply.status_code) == (nobody.content, 401)


@pytest.mark.promise(18)
@pytest.mark.parametrize(
    ("by", "alg"),
    [
        (ED, "Ed25519"),
        *((one, "EdDSA") for one in (ED, key("named"))),
        *((EC, "ES256"), (RSA, "RS256"), (RSA, "PS256"), (PS, "PS256")),
    ],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # the test signs by EdDSA
async def test_an_assertion_that_holds_gives_a_token(service: Running, by: Any, alg: str) -> None:
    """Planted: with the table of algorithms without PS256, two rows had a 401."""
    known = await register(service, keys=(by,))
    for audience in (service.parts.public_url, [f"{service.parts.public_url}/oauth/token"]):
        claims = claims_of(service, known.id, aud=audience)
        reply = await ask_by(service, signed(by, claims, {}, alg), client_id=known.id)
        assert reply.status_code == 200, reply.text
        headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
        assert (await looking(service, headers)).status_code == 404


@pytest.mark.promise(18)
@pytest.mark.parametrize("form", ["rfc9440", "nginx"])
async def test_a_certificate_gives_a_token_that_is_bound_to_it(service: Running, form: str) -> None:
    """Planted: without `cnf` in the claims, the token held without its certificate: [404, 404]."""
    headers = {"Client-Cert": getattr(CERTIFICATE, form)}
    for proof in ({"shown": CERTIFICATE}, {"secret": True}):
        known = await register(service, **proof)
        more = {"client_secret": known.secret} if known.secret else {}
        reply = await ask(service, address=PROXY, headers=headers, client_id=known.id, **more)
        assert reply.status_code == 200, reply.text
        token = {"Authorization": f"Bearer {reply.json()['access_token']}"}
        statuses = []
        for shown in (headers, {}):
            async with via(service, PROXY) as http:
                got = await http.get("/v1/verifications/vf_none", headers={**token, **shown})
            statuses.append(got.status_code)
        assert statuses == [404, 401]


@pytest.mark.promise(18)
async def test_two_secrets_hold_while_they_overlap(service: Running) -> None:
    """Planted: `end_keys` that ended at once left the client without a token in the overlap."""
    known = await register(service, secret=True)
    later = service.clock() + timedelta(hours=1)
    await end_keys(service, known, until=later)
    statuses = []
    for at in (service.clock(), later):
        service.clock.now = at
        reply = await ask(service, client_id=known.id, client_secret=known.secret)
        statuses.append(reply.status_code)
    assert statuses == [200, 401]


async def test_the_words_of_oauth_stand_beside_the_problem(service: Running) -> None:
    known = await register(service, secret=True)
    wrong = await ask(service, client_id=known.id, client_secret="x")
    assert wrong.json() == {
        "type": "urn:hedui:problem:not-authenticated",
        "title": wrong.json()["title"],
        "status": 401,
        "error": "invalid_client",
        "error_description": wrong.json()["title"],
    }
    assert wrong.headers["www-authenticate"].startswith("Basic")
    told = {
        (await more_scopes(service)).json()["error"],
        (await another_grant(service)).json()["error"],
        (await two_proofs(service)).json()["error"],
    }
    assert told == {"invalid_scope", "unsupported_grant_type", "invalid_request"}


async def test_the_public_keys_are_those_that_sign(service: Running) -> None:
    known = await register(service, secret=True)
    headers = await bearer(service, known)
    keys = (await service.http.get("/.well-known/jwks.json")).json()["keys"]
    assert len(keys) == len({one["kid"] for one in keys})
    of_tokens = [one for one in keys if one["alg"] == "Ed25519"]
    assert len(of_tokens) == 3, "the others are those of the registry interface"
    assert not [one for one in keys if "d" in one]
    service.parts.tokens.check(headers["Authorization"].removeprefix("Bearer "))


def fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in type(one).__dataclass_fields__}


async def bearer(service: Running, known: Known) -> dict[str, str]:
    reply = await ask(service, client_id=known.id, client_secret=known.secret)
    return {"Authorization": f"Bearer {reply.json()['access_token']}"}


async def looking(service: Running, headers: dict[str, str]) -> httpx.Response:
    return await service.http.get("/v1/verifications/vf_none", headers=headers)


async def used(service: Running, address: str, headers: dict[str, str]) -> httpx.Response:
    """A token that is bound to the certificate, shown with these headers."""
    known = await register(service, shown=CERTIFICATE)
    reply = await ask(
        service,
        address=PROXY,
        headers={"Client-Cert": CERTIFICATE.rfc9440},
        client_id=known.id,
    )
    token = {"Authorization": f"Bearer {reply.json()['access_token']}"}
    async with via(service, address) as http:
        return await http.get("/v1/verifications/vf_none", headers={**token, **headers})
