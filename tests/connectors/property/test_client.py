"""The property register over real HTTP: paging, and records that move meanwhile."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from connectors.contract import Found, NoRecord, Partial, SourceReply, Unknown
from connectors.failure import FailureKind
from connectors.property.client import MOST_PAGES, PATH, PropertySource
from connectors.transport.limits import Gate, Limits
from tests.connectors.asked import LI_MING, CountingPermit, a_query
from tests.connectors.property.test_parse import a_page, a_row, units
from tests.connectors.web_server import serving


class Register:
    """Plays the source: bodies one after another, then a page past the end."""

    def __init__(self, *bodies: bytes, total: int = 0, endless: bool = False) -> None:
        self.bodies = list(bodies)
        self.total = total
        self.endless = endless
        self.asked: list[str] = []

    async def __call__(self, request: web.Request) -> web.Response:
        assert request.headers["apikey"] == "k"
        self.asked.append(request.raw_path)
        number = int(request.query["page"])
        body = a_page(page=number, total=self.total)
        if self.endless:
            body = a_page(*units(*range(number * 50, number * 50 + 50)), page=number, total=9999)
        elif self.bodies:
            body = self.bodies.pop(0)
        return web.Response(body=body, content_type="application/json")


async def ask(
    register: Register, permit: CountingPermit | None = None, **limits: Any
) -> SourceReply:
    async with serving(register) as url:
        gate = Gate("property", Limits(**{"tries": 1, **limits}))
        source = PropertySource.from_config("property", {"url": url, "key": "k"}, gate)
        try:
            return (await source.ask(a_query(), permit or CountingPermit())).replies[0]
        finally:
            await source.aclose()


async def test_name_and_number_go_percent_encoded() -> None:
    register = Register(a_page())
    assert (await ask(register)).outcome == NoRecord()
    path, _, query = register.asked[0].partition("?")
    assert path == PATH
    assert query.startswith("name=%E6%9D%8E%E6%98%8E&certNo=")
    assert parse_qs(query) == {"name": ["李明"], "certNo": [LI_MING], "page": ["1"], "size": ["50"]}


async def test_one_short_page_is_all() -> None:
    register, permit = Register(a_page(a_row())), CountingPermit()
    reply = await ask(register, permit)
    assert isinstance(reply.outcome, Found)
    assert len(register.asked) == permit.given == 1
    assert reply.raw == a_page(a_row())


async def test_pages_are_read_until_a_short_one() -> None:
    first, second = units(*range(50)), units(50, 51)
    register = Register(a_page(*first, total=52), a_page(*second, total=52, page=2))
    reply = await ask(register)
    assert isinstance(reply.outcome, Found)
    assert len(reply.outcome.records) == 52
    assert len(register.asked) == 2


async def test_a_full_page_is_followed_by_a_look_behind_it() -> None:
    register = Register(a_page(*units(*range(50))), total=50)
    assert isinstance((await ask(register)).outcome, Found)
    assert len(register.asked) == 2


async def test_a_server_with_smaller_pages_is_followed() -> None:
    pages = [a_page(*units(1, 2), size=2, total=3), a_page(*units(3), size=2, total=3, page=2)]
    reply = await ask(Register(*pages))
    assert isinstance(reply.outcome, Found)
    assert len(reply.outcome.records) == 3


async def test_a_record_put_in_before_the_others_is_found_by_reading_again() -> None:
    old, page = units(*range(1, 51)), {"total": 51}
    register = Register(
        a_page(*old, total=50),
        a_page(old[-1], page=2, **page),
        a_page(page=3, **page),
        a_page(*units(0), *old[:-1], **page),
        a_page(old[-1], page=2, **page),
        total=51,
    )
    reply = await ask(register)
    assert isinstance(reply.outcome, Found)
    assert len(reply.outcome.records) == 51


async def test_records_that_never_come_leave_the_answer_partial() -> None:
    reply = await ask(Register(a_page(a_row(), total=2), total=2))
    assert isinstance(reply.outcome, Partial)
    assert reply.outcome.gap.kind is FailureKind.INCOMPLETE


async def test_a_later_page_that_fails_leaves_the_answer_partial() -> None:
    register = Register(a_page(*units(*range(50)), total=60), a_page(success=False))
    reply = await ask(register)
    assert isinstance(reply.outcome, Partial)
    assert reply.outcome.gap.kind is FailureKind.UNAVAILABLE
    assert len(reply.outcome.records) == 50


async def test_the_first_page_that_fails_leaves_nothing_known() -> None:
    reply = await ask(Register(a_page(success=False, message="李明")))
    assert isinstance(reply.outcome, Unknown)
    assert "李明" not in f"{reply}"


async def test_the_address_with_the_number_stands_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(0)
    await ask(Register(a_page(a_row())))
    await ask(Register(a_page(success=False)))
    await ask(Register(b"broken"))
    assert LI_MING not in caplog.text
    assert "certNo" not in caplog.text


async def test_pages_without_end_are_left_after_a_number_of_them() -> None:
    register = Register(endless=True)
    reply = await ask(register)
    assert isinstance(reply.outcome, Partial)
    assert len(register.asked) == MOST_PAGES


async def test_all_pages_together_have_a_size_limit() -> None:
    register = Register(endless=True)
    reply = await ask(register, max_bytes=100_000)
    assert isinstance(reply.outcome, Partial)
    assert reply.outcome.gap.kind is FailureKind.TOO_LARGE
    assert len(register.asked) < 10


@pytest.mark.parametrize("config", [{"url": "http://a"}, {"url": "http://a", "key": ""}])
def test_a_wrong_configuration_names_the_key(config: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="property: key is missing"):
        PropertySource.from_config("property", config, Gate("property", Limits()))
