"""Signing in at an identity provider, over real HTTP, and what it must not say (promise 19)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.access.identity_provider import (
    CLIENT,
    SECRET,
    IdentityProvider,
    other_key,
    rsa_key,
    shared_key,
)
from tests.connectors.web_server import serving
from tests.service_parts import Clock, Running, all_ten, running
from tests.staff_parts import cookie_of, headers_of, signed_in, with_roles

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.promise(19)]
AWAY = "__Host-hedui-oidc"


@dataclass
class Both:
    service: Running
    provider: IdentityProvider

    async def leave(self) -> tuple[dict[str, str], str]:
        """What the browser comes back with, and the cookie that it keeps meanwhile."""
        self.service.http.cookies.clear()
        reply = await self.service.http.get("/v1/session/oidc")
        assert reply.status_code == 303, reply.text
        cookie = reply.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "Secure" in cookie
        assert "SameSite=lax" in cookie
        returned = self.provider.authorise(reply.headers["location"])
        return returned, cookie.partition(";")[0]

    async def come_back(self, returned: dict[str, str], cookie: str) -> httpx.Response:
        self.service.http.cookies.clear()
        path = "/v1/session/oidc/return"
        return await self.service.http.get(path, params=returned, headers={"Cookie": cookie})

    async def sign_in(self) -> httpx.Response:
        return await self.come_back(*await self.leave())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running_both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Both]:
    clock = Clock()
    provider = IdentityProvider(clock)
    patch = pytest.MonkeyPatch()
    async with serving(provider.answer) as url:
        provider.url = url
        patch.setenv("HEDUI_OIDC_ISSUER", url)
        patch.setenv("HEDUI_OIDC_CLIENT_ID", CLIENT)
        patch.setenv("HEDUI_OIDC_CLIENT_SECRET", "env:TEST_OIDC_SECRET")
        patch.setenv("TEST_OIDC_SECRET", SECRET)
        async with running(tmp_path_factory.mktemp("oidc"), all_ten(), clock=clock) as service:
            patch.undo()  # read at the start alone
            both = Both(service, provider)
            await linked(both)
            yield both


@pytest_asyncio.fixture(loop_scope="module")
async def both(running_both: Both) -> Both:
    """The provider as it is when nothing is wrong; its keys are read anew."""
    fresh = IdentityProvider(running_both.service.clock)
    url = running_both.provider.url
    running_both.provider.__dict__.update({**fresh.__dict__, "url": url})
    running_both.service.clock.forward(minutes=11)
    return running_both


async def linked(both: Both) -> str:
    """Somebody whose account two administrators linked; gives the account's id."""
    who = await with_roles(both.service, "county_checker")
    one, two = [await signed_in(both.service, "system_admin") for _ in range(2)]
    path = f"/v1/staff/{who.id}/link"
    proposed = await both.service.http.post(path, json={"subject": "sub-1"}, headers=one)
    agreeing = f"/v1/approvals/{proposed.json()['id']}/agree"
    assert (await both.service.http.post(agreeing, headers=two)).status_code == 200
    return who.id


async def test_who_is_linked_is_signed_in(both: Both) -> None:
    """With the roles of the account here, whatever the provider says of roles.

    Planted: `nonce` not essential and never sent: the provider's assertion failed.
    """
    both.provider.change = lambda claims: {**claims, "roles": ["system_admin"]}
    reply = await both.sign_in()
    assert reply.status_code == 200, reply.text
    headers = headers_of(both.service, cookie_of(reply))
    who = (await both.service.http.get("/v1/session", headers=headers)).json()
    assert who["roles"] == ["county_checker"]


async def test_rsa_with_a_new_key_is_found(both: Both) -> None:
    """A key that is not known yet is looked for once more.

    Planted: no second look in `_decoded`: 401.
    """
    assert (await both.sign_in()).status_code == 200
    both.provider.key = rsa_key()
    both.provider.header = {"alg": "RS256", "kid": "k2"}
    both.service.clock.forward(minutes=2)
    assert (await both.sign_in()).status_code == 200


WRONG: dict[str, dict[str, Any]] = {
    "nobody's subject": {"subject": "sub-2"},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "no issuer": {"claims": {"iss": None}},
    "another audience": {"claims": {"aud": "other"}},
    "no audience": {"claims": {"aud": None}},
    "several audiences without azp": {"claims": {"aud": [CLIENT, "other"]}},
    "another azp": {"claims": {"azp": "other"}},
    "another azp of several": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
    "expired": {"claims": {"exp": -301}},
    "no end": {"claims": {"exp": None}},
    "of the future": {"claims": {"iat": 600}},
    "no time": {"claims": {"iat": None}},
    "not yet": {"claims": {"nbf": 600}},
    "another nonce": {"claims": {"nonce": "x"}},
    "no nonce": {"claims": {"nonce": None}},
    "no subject": {"claims": {"sub": None}},
    "a subject that is a number": {"claims": {"sub": 7}},
    "no second factor": {"claims": {"amr": ["pwd"]}},
    "nothing said of factors": {"claims": {"amr": None}},
    "a factor in words": {"claims": {"amr": "mfa"}},
    "an access token": {"header": {"typ": "at+jwt"}},
    "a logout token": {"header": {"typ": "logout+jwt"}},
    "no signature": {"header": {"alg": "none"}},
    "a shared key": {"header": {"alg": "HS256"}, "signer": shared_key()},
    "signed by another": {"signer": other_key()},
    "an unknown key": {"header": {"kid": "k9"}},
}
TIMES = ("exp", "iat", "nbf")


@pytest.mark.parametrize("wrong", WRONG.values(), ids=[*WRONG])
async def test_a_token_that_does_not_hold_is_refused(both: Both, wrong: dict[str, Any]) -> None:
    """Nobody is signed in, and no account is made.

    Planted: iss, aud, exp, iat, nonce, sub each left out of the registry; azp, typ, the factors
    not looked at; the signature not checked: each its cases.
    """

    def change(claims: dict[str, Any]) -> dict[str, Any]:
        now = claims["iat"]
        for name, value in wrong.get("claims", {}).items():
            claims[name] = now + value if name in TIMES and value is not None else value
        return {name: value for name, value in claims.items() if value is not None}

    both.provider.change = change
    both.provider.header = wrong.get("header", {})
    both.provider.signer = wrong.get("signer")
    both.provider.subject = wrong.get("subject", "sub-1")
    reply = await both.sign_in()
    assert reply.status_code == 401, reply.text
    assert "__Host-hedui=" not in reply.headers.get("set-cookie", "")


async def test_what_comes_back_must_be_what_left(both: Both) -> None:
    """State, cookie and code belong together, and hold once, for ten minutes.

    Planted: the state not compared; `until` not looked at: each its case. (The code of another
    browser fails by PKCE: the provider refuses it.)
    """
    returned, cookie = await both.leave()
    other, other_cookie = await both.leave()
    mixed = [
        ({**returned, "state": other["state"]}, cookie),
        ({**returned, "code": other["code"]}, cookie),
        (returned, other_cookie),
        (returned, ""),
        (returned, f"{AWAY}=AAAA"),
        ({"error": "access_denied", "state": returned["state"]}, cookie),
        ({**returned, "iss": "https://evil.example"}, cookie),
    ]
    for asked, held in mixed:
        assert (await both.come_back(asked, held)).status_code == 401, asked
    fresh, held = await both.leave()
    assert (await both.come_back(fresh, held)).status_code == 200
    assert (await both.come_back(fresh, held)).status_code == 401
    late, held = await both.leave()
    both.service.clock.forward(minutes=10)
    assert (await both.come_back(late, held)).status_code == 401


UNFIT: dict[str, dict[str, Any]] = {
    "calls itself otherwise": {"issuer": "https://evil.example"},
    "no token endpoint": {"token_endpoint": None},
    "an endpoint without TLS": {"token_endpoint": "http://evil.example/token"},
    "an endpoint that is a file": {"authorization_endpoint": "file:///etc/passwd"},
    "keys somewhere else": {"jwks_uri": "gopher://evil.example"},
}


@pytest.mark.parametrize("changes", UNFIT.values(), ids=[*UNFIT])
async def test_a_provider_that_is_not_fit_is_not_used(both: Both, changes: dict[str, Any]) -> None:
    """Planted: the issuer not compared; `_is_safe` always True: each its cases."""
    both.provider.configuration = changes
    reply = await both.service.http.get("/v1/session/oidc")
    assert reply.status_code == 503, reply.text
    assert reply.json()["type"] == "urn:hedui:problem:identity-provider-unavailable"


async def test_a_provider_that_answers_without_end_is_cut(both: Both) -> None:
    """Planted: no bound in `_answer`: it was read."""
    both.provider.padding = 300_000
    assert (await both.service.http.get("/v1/session/oidc")).status_code == 503


async def test_an_account_that_is_disabled_stays_so(both: Both) -> None:
    """Planted: the state not looked at in `_begun`: a session began."""
    accounts = both.service.parts.staffing.accounts
    database = both.service.parts.shelf.database
    account = await database.read(lambda tx: accounts.by_subject(tx, "sub-1"))
    assert account is not None
    now = both.service.clock()
    for state, expected in (("disabled", 401), ("active", 200)):
        changing = {"state": state}
        await database.write(lambda tx, c=changing: accounts.change(tx, account.id, now=now, **c))  # type: ignore[misc]
        assert (await both.sign_in()).status_code == expected


async def test_without_a_provider_there_is_none(shared: Running) -> None:
    """Planted: nothing; the absence is an answer of its own."""
    for path in ("/v1/session/oidc", "/v1/session/oidc/return?code=x&state=y"):
        assert (await shared.http.get(path)).status_code == 404
