"""A page that is refused: in the frame of whoever looks, in words, with a number to ask by."""

from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import structlog

from app.web import home
from tests.looks.parts import Person, somebody
from tests.service_parts import Running, ScriptedSource, running
from tests.web.browsing import sound
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")
RAIL = 'class="rail"'


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> Any:
    async with sites(tmp_path_factory.mktemp("faults"), [ScriptedSource("tax")]) as built:
        yield built


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def checker(site: Site) -> Person:
    return await somebody(site.service, "county_checker")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/ui/audit", 403, "没有这项权限：需要审计监督或审计管理员岗位，请向安全管理员申请。"),
        ("/ui/nothing", 404, "没有这个页面。"),
        ("/ui/cases/vf_nothing", 404, "没有找到，或不在您的辖区和职责范围内。"),
    ],
)
async def test_a_refusal_stands_in_the_frame(
    site: Site, checker: Person, path: str, status: int, words: str
) -> None:
    """The rail was gone, and the one link led to the sign-in of somebody who had signed in."""
    reply = await site.service.http.get(path, headers=checker.headers)
    assert reply.status_code == status
    assert words in reply.text
    assert RAIL in reply.text


async def test_a_refusal_looks_sound(site: Site, checker: Person) -> None:
    for language in ("zh", "en"):
        async with site.of(checker.headers) as desk:
            page = await desk.page(f"/ui/language/{language}")
            await page.goto(f"{site.url}/ui/audit")
            assert await sound(page) == []
            desk.faults.clear()  # the browser tells of the status


async def test_a_fault_of_the_service_is_a_page_with_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON stood there. Planted: the number of the page made anew for the log."""
    async with running(tmp_path, [ScriptedSource("tax")]) as service:
        reply, told = await _broken(service, monkeypatch)
    assert reply.status_code == 500
    assert "系统出错，已经记录。请稍后再试。" in reply.text
    assert "secret detail" not in reply.text
    [entry] = [one for one in told if one["event"] == "page_refused"]
    assert entry["number"] in reply.text


async def _broken(service: Running, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    def broken(_rows: Any) -> Any:
        raise ValueError("secret detail")

    checker = await somebody(service, "county_checker")
    monkeypatch.setattr(home, "_troubled", broken)
    with structlog.testing.capture_logs() as told:
        return await service.http.get("/ui/", headers=checker.headers), told
