"""The page of roster passes: made without script, the address shown once, given back."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.looks.parts import somebody
from tests.reconciliation.parts import about, asked
from tests.service_parts import HEAD
from tests.staff_parts import session_of
from tests.web.browsing import sound
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAGE = "/ui/roster-passes"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("passes")) as one:
        yield one


async def _status(site: Site, address: str) -> int:
    query = {"q0": about("李明", id_number=HEAD)}
    return (await asked(site.service, httpx.URL(address).path, query)).status_code


async def test_a_pass_from_its_making_to_its_end(site: Site) -> None:
    headers = await site.staff("county_checker")
    async with site.of(headers, java_script_enabled=False) as desk:
        page = await desk.page("/ui/settings")
        await page.click("text=办理与交回")
        assert "没有通行证" in await page.inner_text("main")
        await page.fill("#reference", "2026-11-nanguan")
        await page.fill("#rows", "20")
        await page.select_option("#purpose", "application")
        await page.click("button:has-text('办理')")
        address = await page.inner_text(".once code")
        assert address.startswith(f"{site.url}/v1/reconcile/by/")
        assert page.url == site.url + PAGE
        assert await _status(site, address) == httpx.codes.OK
        await page.goto(site.url + PAGE)
        row = await page.inner_text("tbody tr")
        assert row.split()[:2] == ["2026-11-nanguan", "申请核对"]
        assert "有效" in row
        assert address.rpartition("/")[2] not in await page.content()
        await page.click("button:has-text('交回')")
        assert "立即失效" in await page.inner_text("[role=status].done-note")
        assert "已交回" in await page.inner_text("tbody tr")
        assert await page.locator("tbody button").count() == 0
        assert await _status(site, address) == httpx.codes.NOT_FOUND


async def test_what_is_refused_keeps_what_was_typed(site: Site) -> None:
    """A number of somebody in the roster's own, and a region of others."""
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page(PAGE)
        await page.fill("#rows", "20")
        for reference, region, words in (
            (HEAD[:17], "", "不符合要求"),
            ("x", "33", "没有这项权限"),
        ):
            await page.fill("#reference", reference)
            await page.fill("#region", region)
            await page.click("button:has-text('办理')")
            assert words in await page.inner_text("#errors")
            assert await page.input_value("#reference") == reference
            assert await page.input_value("#rows") == "20"
        assert await page.locator(".once").count() == 0


async def test_hours_end_it_on_the_page_too(site: Site) -> None:
    checker = await somebody(site.service, "county_checker")
    for hours, state in ((0, "有效"), (1, "已到期")):
        site.service.clock.forward(hours=hours)
        async with site.of(await session_of(site.service, checker.account)) as desk:
            page = await desk.page(PAGE)
            if not hours:
                await page.fill("#reference", "y")
                await page.fill("#rows", "1")
                await page.fill("#hours", "1")
                await page.click("button:has-text('办理')")
            assert state in await page.inner_text("tbody tr")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation(site: Site, language: str) -> None:
    """The empty page, the one with the address, and the list."""
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page(f"/ui/language/{language}?next={PAGE}")
        assert await sound(page) == []
        await page.fill("#reference", "2026-11-nanguan")
        await page.fill("#rows", "20")
        await page.click("form[action='/ui/roster-passes'] button[type=submit]")
        assert await sound(page) == []


async def test_who_may_have_no_rosters_verified_is_told_so(site: Site) -> None:
    async with site.of(await site.staff("township_clerk")) as desk:
        page = await desk.page("/ui/settings")
        assert await page.locator(f"a[href='{PAGE}']").count() == 0
        await page.goto(site.url + PAGE)
        assert "没有这项权限" in await page.inner_text("main")
