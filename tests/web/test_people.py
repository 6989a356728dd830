"""Pages of accounts, roles by two, enrolment, passwords, assignments and permissions."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import pyotp
import pytest
import pytest_asyncio

from tests.looks.parts import a_case
from tests.service_parts import HEAD
from tests.staff_parts import enrolled
from tests.web.browsing import axe, sound
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")
_PASSWORD = "seven quiet lanterns"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("people"), password_memory=19456) as one:
        yield one


async def test_no_violation(site: Site) -> None:
    for role, paths in (
        ("security_admin", ("/ui/staff",)),
        ("system_admin", ("/ui/staff",)),
        ("county_reviewer", ("/ui/assignments", "/ui/password")),
        ("relief_department", ("/ui/assignments",)),
    ):
        async with site.of(await site.staff(role)) as desk:
            page = await desk.page()
            for language in ("zh", "en"):
                for path in paths:
                    await page.goto(f"{site.url}/ui/language/{language}?next={quote(path)}")
                    assert page.url.endswith(path)
                    assert await sound(page) == [], (path, role, language)
    async with site.of(None) as desk:
        assert await sound(await desk.page("/ui/enrol")) == []


async def test_an_account_from_its_making_to_its_first_sign_in(site: Site) -> None:
    async with site.of(await site.staff("system_admin")) as desk:
        page = await desk.page("/ui/staff")
        await page.fill("#name", "李新")
        await page.fill("#login", "a b")
        await page.click("button:has-text('建立账户')")
        assert await page.input_value("#name") == "李新"  # refused: what was typed is kept
        await page.fill("#login", "lixin")
        await page.click("button:has-text('建立账户')")
        token = str(await page.text_content(".once code"))
        assert "/ui/staff" in page.url
        assert token not in page.url
    async with site.of(await site.staff("security_admin")) as desk:
        page = await desk.page("/ui/staff")
        await page.click("a:has-text('李新')")
        await page.select_option("#role", "township_clerk")
        await page.click("button:has-text('提出')")
        assert "等待另一名管理员同意" in str(await page.text_content(".done-note"))
        page = await desk.page("/ui/staff")
        assert "需另一名管理员同意" in str(await page.text_content(".finds"))
    async with site.of(await site.staff("security_admin")) as desk:
        page = await desk.page("/ui/staff")
        await page.click(".finds button:has-text('同意')")
        assert "已同意" in str(await page.text_content(".done-note"))
        assert "乡镇经办" in str(await page.text_content("tr:has-text('李新')"))
    secret = await _enrolled(site, "lixin", token)
    async with site.of(None) as desk:
        page = await desk.page("/ui/sign-in")
        await page.fill("#login", "lixin")
        await page.fill("#password", _PASSWORD)
        await page.fill("#code", pyotp.TOTP(secret).at(site.service.clock()))
        await page.click("button[type=submit]")
        assert page.url.endswith("/ui/")


async def _enrolled(site: Site, login: str, token: str) -> str:
    """The second factor, as the page shows it once."""
    async with site.of(None) as desk:
        page = await desk.page("/ui/enrol")
        for again, expected in (("another one entirely", False), (_PASSWORD, True)):
            await page.fill("#login", login)
            await page.fill("#token", token)
            await page.fill("#password", _PASSWORD)
            await page.fill("#again", again)
            await page.click("button[type=submit]")
            assert (await page.locator(".once").count() == 1) is expected
        assert await axe(page) == []
        assert await page.locator(".once svg").count() == 1
        return str(await page.text_content(".once code"))


async def test_another_password(site: Site) -> None:
    person = await enrolled(site.service, "county_checker")
    reply = await person.sign_in()
    cookie = re.search(r"[^=;\s]+=[^;]+", reply.headers["set-cookie"])
    assert cookie is not None
    async with site.of({"Cookie": cookie[0]}) as desk:
        page = await desk.page("/ui/password")
        for given, ends in (("wrong", "/ui/password"), (person.password, "/ui/sign-in?changed=1")):
            await page.fill("#password", given)
            await page.fill("#new_password", _PASSWORD)
            await page.fill("#again", _PASSWORD)
            await page.click("main button[type=submit]")
            await page.wait_for_url(f"**{ends}")


async def test_a_case_is_assigned_and_a_permission_agreed_to(site: Site) -> None:
    site.service.http.cookies.clear()
    _, case = await a_case(site.service)
    clerk = await site.staff("township_clerk")
    async with site.of(clerk) as desk:
        page = await desk.page("/ui/assignments")
        await page.fill("#p-case", case)
        await page.fill("#reason", "申请人到窗口查询办理进度，需要核对。")
        await page.click("button:has-text('申请')")
        assert "已申请" in str(await page.text_content(".done-note"))
        assert await page.locator("#a-case").count() == 0
    await site.staff("county_checker")
    async with site.of(await site.staff("county_reviewer")) as desk:
        page = await desk.page("/ui/assignments")
        await page.click(f"tr:has-text('{case}') >> button:has-text('同意')")
        assert "已同意" in str(await page.text_content(".done-note"))
        await page.fill("#a-case", case)
        await page.select_option("#to", "role:county_checker")
        await page.click("button:has-text('分派')")
        assert "已分派" in str(await page.text_content(".done-note"))
        row = page.locator(f"tr:has-text('{case}')").first
        assert "县级核对" in str(await row.text_content())
        await page.click(f"tr:has-text('{case}') >> button:has-text('结束') >> nth=0")
        assert "已结束" in str(await page.text_content(".done-note"))


async def test_a_relation_is_masked_once_it_is_registered(site: Site) -> None:
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page("/ui/assignments")
        await page.select_option("#kind", "neighbour")
        await page.fill("#id_number", HEAD)
        await page.click("button:has-text('登记')")
        text = str(await page.text_content("main"))
        assert "邻居" in text
        assert HEAD not in str(await page.content())
        assert "229901********" in text
