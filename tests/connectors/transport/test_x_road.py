"""Sources behind X-Road: the address, the headers, and whose fault a fault is."""

from typing import Any

import pytest
from aiohttp import web

from connectors.contract import Found, SourceReply, Unknown
from connectors.failure import FailureKind
from connectors.registry import build_sources
from connectors.transport.x_road import fault_of, read_x_road
from tests.connectors.asked import CountingPermit, a_query
from tests.connectors.household_registry.test_parse import a_reply, a_row
from tests.connectors.web_server import serving

HASH = {"X-Road-Request-Hash": "aGFzaA==", "X-Road-Request-Id": "r-1"}


class Server:
    """Plays our Security Server with a household registry behind it."""

    def __init__(self, status: int = 200, **headers: str) -> None:
        self.status = status
        self.headers = {**HASH, **{name.replace("_", "-"): text for name, text in headers.items()}}
        self.asked: list[web.Request] = []

    async def __call__(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        whole = request.path.endswith("household-query")
        body = a_reply(a_row()) if self.status == 200 or whole else b'{"message": "of a person"}'
        return web.Response(
            body=body, status=self.status, headers=self.headers, content_type="application/json"
        )


async def ask(server: Server, **section: Any) -> SourceReply:
    async with serving(server) as url:
        settings = {
            "token": "t",
            "x_road": {
                "security_server": url,
                "client": "CN/GOV/912201/hedui",
                "service": "CN/GOV/9122 02/户籍/persons",
                **section,
            },
        }
        limits = {"household_registry": {"tries": 1}}
        source = build_sources({"household_registry": settings}, limits)["household_registry"]
        progress = await source.ask(a_query(), CountingPermit())
        await source.aclose()
    return progress.replies[0]


async def test_the_way_is_in_address_and_headers_and_its_proof_is_kept() -> None:
    server = Server()
    reply = await ask(server, user_id="clerk-7")
    assert isinstance(reply.outcome, Found)
    first = server.asked[0]
    assert first.raw_path.startswith("/r1/CN/GOV/9122%2002/%E6%88%B7%E7%B1%8D/persons/hukou/v1/")
    assert first.headers["X-Road-Client"] == "CN/GOV/912201/hedui"
    assert first.headers["X-Road-UserId"] == "clerk-7"
    assert first.headers["X-Road-Issue"] == "SQ-1"
    assert len({one.headers["X-Road-Id"] for one in server.asked}) == len(server.asked)
    assert b"x-road-request-hash: aGFzaA==" in reply.raw


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("Server.ServerProxy.AccessDenied", FailureKind.REFUSED),
        ("Server.ClientProxy.NetworkError", FailureKind.UNAVAILABLE),
        ("Client.BadRequest", FailureKind.REFUSED),
        ("<script>", FailureKind.UNAVAILABLE),
    ],
)
async def test_a_fault_of_the_way_is_told_apart(error: str, kind: FailureKind) -> None:
    reply = await ask(Server(500 if error[0] == "S" else 400, X_Road_Error=error))
    assert isinstance(reply.outcome, Unknown)
    assert reply.outcome.gap.kind is kind
    assert "X-Road" in reply.outcome.gap.detail
    assert "script" not in reply.outcome.gap.detail


async def test_a_fault_of_the_provider_is_the_providers() -> None:
    reply = await ask(Server(500))
    assert isinstance(reply.outcome, Unknown)
    assert "X-Road" not in reply.outcome.gap.detail
    assert fault_of({"x-road-id": "1"}, "tax") is None


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"colour": "x"}, "colour"),
        ({"security_server": ""}, "security_server is missing"),
        ({"client": "CN/GOV"}, "client has 3 or 4 parts"),
        ({"service": "CN/GOV/1//x"}, "service has 4 or 5 parts"),
        ({"user_id": "a\nb"}, "user_id"),
    ],
)
def test_a_wrong_setting_is_named(section: dict[str, Any], words: str) -> None:
    good = {"security_server": "https://ss", "client": "CN/GOV/1", "service": "CN/GOV/1/s"}
    with pytest.raises(ValueError, match=words):
        read_x_road("tax", {**good, **section})


def test_a_source_of_files_is_not_behind_x_road() -> None:
    with pytest.raises(ValueError, match="over HTTP"):
        build_sources({"bank": {"x_road": {}}}, {})
