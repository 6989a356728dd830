"""Partners that ask for a token where they are called: asked for, kept until it ends, renewed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web

from app.dci.tokens import PartnerTokens
from app.jobs.asking_partners import MOST_BYTES, Guarded
from app.jobs.outgoing import guarded_client
from app.store.dci_sending import Bearer, TokenPlace
from app.store.outbox import TokenUnavailable
from connectors.registry import resolve_value
from tests.connectors.web_server import serving
from tests.dci.listener import Subscriber, a_subscriber, settled
from tests.dci.parts import by_id
from tests.service_parts import HEAD, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH: Final = "/registry/search"
SECRET: Final = "9f3kq-secret-of-a-partner"


@dataclass
class Issuer:
    """Gives out t1, t2, …; `wrong`: what it says instead, once each."""

    told: dict[str, Any] = field(default_factory=lambda: {"expires_in": "600"})
    wrong: list[web.Response] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, request: web.Request) -> web.Response:
        self.asked.append(dict(await request.post()))
        if self.wrong:
            return self.wrong.pop(0)
        token = f"t{len(self.asked)}"
        return web.json_response({"access_token": token, "token_type": "Bearer", **self.told})


@pytest.fixture
def secret(tmp_path: Path) -> str:
    path = tmp_path / "secret"
    path.write_text(SECRET, "utf-8")
    return f"file:{path}"


async def set_bearer(service: Running, one: Subscriber, bearer: Bearer) -> None:
    sending, of = service.parts.registry.dressing.sending, one.partner.sender
    await service.parts.shelf.database.write(
        lambda tx: sending.set_bearer(tx, of.client_id, of.region, bearer)
    )


@asynccontextmanager
async def a_guarded_partner(
    service: Running, issuer: Issuer, secret: str
) -> AsyncIterator[Subscriber]:
    async with serving(issuer) as url, a_subscriber(service) as one:
        place = TokenPlace(f"{url}/token", "hedui", secret, "registry/write")
        await set_bearer(service, one, place)
        yield one


def bearers(one: Subscriber) -> list[str]:
    return [headers["authorization"] for headers, _ in one.listener.came]


async def test_a_token_is_asked_for_once_and_kept(verified: Running, secret: str) -> None:
    issuer = Issuer()
    async with a_guarded_partner(verified, issuer, secret) as one:
        for _ in range(2):
            await one.answer(PATH, one.search(by_id("UIN", HEAD)))
        assert bearers(one) == ["Bearer t1", "Bearer t1"]
    assert issuer.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "hedui",
            "client_secret": SECRET,
            "scope": "registry/write",
        }
    ]


async def test_a_token_that_is_refused_is_asked_for_anew_once(
    verified: Running, secret: str
) -> None:
    issuer = Issuer()
    async with a_guarded_partner(verified, issuer, secret) as one:
        one.listener.statuses = [401]
        await one.asks(PATH, one.search(by_id("UIN", HEAD)))
        await one.delivered(2)
        assert bearers(one) == ["Bearer t1", "Bearer t2"]
        said = [body["message"] for _, body in one.listener.came]
        assert said[0] == said[1]
        one.listener.statuses = [401, 401]
        await one.asks(PATH, one.search(by_id("UIN", HEAD)))
        await one.delivered(4)
        await settled(verified)
        assert len(one.listener.came) == 4
        verified.clock.forward(minutes=1)
        await one.delivered(5)
        assert bearers(one)[2:] == ["Bearer t2", "Bearer t3", "Bearer t3"]


async def test_without_a_token_the_message_waits(
    verified: Running, secret: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing of it is sent, and neither secret nor token stands in the logs."""
    issuer = Issuer(
        wrong=[
            web.json_response({"error": "invalid_client", "you_said": SECRET}, status=401),
            web.Response(status=302, headers={"Location": "/elsewhere"}),
            web.Response(text=f"no JSON {SECRET}"),
            web.json_response({"access_token": "x" * MOST_BYTES}),
        ]
    )
    async with a_guarded_partner(verified, issuer, secret) as one:
        await one.asks(PATH, one.search(by_id("UIN", HEAD)))
        for _ in range(4):
            await settled(verified)
            assert one.listener.came == []
            verified.clock.forward(hours=3)
        await one.delivered(1)
        assert bearers(one) == ["Bearer t5"]
    printed = "".join(capfd.readouterr())
    assert SECRET not in printed
    assert "Bearer t5" not in printed


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/token", "http://10.0.0.1/token", "file:///etc/passwd", "x"]
)
async def test_tokens_are_asked_for_at_allowed_addresses_alone(
    verified: Running, secret: str, url: str
) -> None:
    """The rules of all calls hold again before each: an entry may have ended."""
    async with guarded_client(verified.parts.addresses) as http:
        tokens = PartnerTokens(Guarded(http), resolve_value)
        with pytest.raises(TokenUnavailable, match="unreachable") as told:
            await tokens.token(TokenPlace(url, "hedui", secret))
    assert SECRET not in repr(told.value)
    assert told.value.__cause__ is None


async def test_a_token_is_used_until_it_ends(verified: Running, secret: str) -> None:
    """Where the partner does not say how long it lasts, for some minutes."""
    now = [0.0]
    issuer = Issuer(told={})
    async with guarded_client(verified.parts.addresses) as http, serving(issuer) as url:
        tokens = PartnerTokens(Guarded(http), resolve_value, lambda: now[0])
        place = TokenPlace(f"{url}/token", "hedui", secret)
        told = []
        for at in (0.0, 200.0, 271.0):
            now[0] = at
            told.append(await tokens.token(place))
        assert told == ["t1", "t1", "t2"]
        assert "scope" not in issuer.asked[0]
        assert SECRET not in repr(tokens) + repr(place)


async def test_a_secret_may_be_changed_and_must_be_there(verified: Running, secret: str) -> None:
    issuer = Issuer()
    async with guarded_client(verified.parts.addresses) as http, serving(issuer) as url:
        tokens = PartnerTokens(Guarded(http), resolve_value)
        place = TokenPlace(f"{url}/token", "hedui", secret)
        await tokens.token(place)
        Path(secret.removeprefix("file:")).write_text("another", "utf-8")
        await tokens.token(place)
        assert [one["client_secret"] for one in issuer.asked] == [SECRET, "another"]
        gone = TokenPlace(place.url, "hedui", "env:NO_SUCH_SECRET")
        with pytest.raises(TokenUnavailable, match="cannot be read"):
            await tokens.token(gone)


async def test_where_tokens_are_had_is_kept(verified: Running, secret: str) -> None:
    sending = verified.parts.registry.dressing.sending
    async with a_subscriber(verified) as one:
        of = one.partner.sender.client_id
        for bearer in (TokenPlace("https://a.example/token", "hedui", secret), "kept", ""):
            await set_bearer(verified, one, bearer)
            found = await verified.parts.shelf.database.read(lambda tx: sending.bearer(tx, of))
            assert found == bearer
