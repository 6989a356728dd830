"""The report's screen: two persons in two browsers, copies, variants, a browser's own print; and
the public check, which anybody can use."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.looks.parts import Person, a_case, assigned, somebody
from tests.report.pdf_text import text_of
from tests.service_parts import ScriptedSource, all_ten, an_account, found
from tests.web.browsing import axe, sound
from tests.web.conftest import Site, Sites

SIGN = "form[action$='/signature'] button"
pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Desk:
    """A site with a case that is final, and who works on it."""

    site: Site
    id: str
    checker: Person
    reviewer: Person
    clerk: Person

    @property
    def path(self) -> str:
        return f"/ui/cases/{self.id}/report"


async def _of_a_case(site: Site) -> Desk:
    id_, case = await a_case(site.service)
    people = [
        await somebody(site.service, role)
        for role in ("county_checker", "county_reviewer", "township_clerk")
    ]
    for one in people:
        await assigned(site.service, case, one)
    return Desk(site, id_, *people)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    async with sites(tmp_path_factory.mktemp("report"), all_ten(bank)) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(site: Site) -> Desk:
    return await _of_a_case(site)


async def fetched(page: Page, path: str) -> tuple[int, bytes]:
    """What the page's own session is given."""
    reply = await page.request.get(urljoin(page.url, path))
    return reply.status, await reply.body()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation_and_nothing_is_cut(desk: Desk, language: str) -> None:
    site = desk.site
    for person in (desk.reviewer, desk.clerk):
        async with site.of(person.headers) as browser:
            page = await browser.page(f"/ui/language/{language}?next={desk.path}")
            assert await sound(page) == []


async def test_two_persons_issue_it(site: Site) -> None:
    desk = await _of_a_case(site)
    async with site.of(desk.checker.headers) as first, site.of(desk.reviewer.headers) as second:
        page = await first.page(desk.path)
        assert await page.is_disabled(SIGN)
        await page.click("text=准备出具")
        assert await page.text_content(".done-note") == "已准备，等待第二人签署"
        assert "系统签发" in str(await page.text_content(".sheet .signatures"))
        other = await second.page(desk.path)
        await other.click(SIGN)
        assert "done" not in other.url  # the box is to be ticked first
        await other.check(".tick input")
        await other.click(SIGN)
        await other.wait_for_selector(".done-note")
        assert "审核人" in str(await other.text_content(".sheet .signatures"))
        refused = await second.page(desk.path)
        assert await refused.query_selector("text=准备出具") is None


async def test_copies_are_counted_and_the_same_again(site: Site) -> None:
    desk = await _of_a_case(site)
    async with site.of(desk.reviewer.headers) as browser:
        page = await browser.page(desk.path)
        status, first = await fetched(page, f"{desk.path}.pdf?variant=full&language=zh")
        assert status == 200
        _, second = await fetched(page, f"{desk.path}.pdf?variant=applicant&language=zh")
        _, again = await fetched(page, f"{desk.path}.pdf?copy=1")
        assert again == first
        assert "第 2 次打印" in text_of(second)[1]
        assert "李*国" not in text_of(second)[0]
        status, content = await fetched(page, f"{desk.path}.json?variant=full")
        assert content.startswith(b'{"coverage"')
        await page.reload()
        assert "已打印、下载 3 次" in str(await page.text_content(".head"))
        paper = await browser.page(f"{desk.path}/print?variant=full")
        assert "第 4 次打印" in str(await paper.text_content("footer"))
        assert "张三 本机" in str(await paper.get_attribute(".watermark", "data-text"))
        assert await axe(paper) == []


async def test_the_screen_prints_as_a_copy_of_the_screen(desk: Desk) -> None:
    async with desk.site.of(desk.reviewer.headers) as browser:
        page = await browser.page(desk.path)
        await page.emulate_media(media="print")
        for gone in (".rail", ".top", ".head", ".steps"):
            assert not await page.is_visible(gone), gone
        assert "屏幕副本" in str(await page.text_content(".screen-copy"))
        assert await page.is_visible(".screen-copy")


async def test_without_script(site: Site) -> None:
    desk = await _of_a_case(site)
    async with site.of(desk.checker.headers, java_script_enabled=False) as browser:
        page = await browser.page(desk.path)
        await page.click("text=申请人版")
        assert "申请人版" in str(await page.text_content(".sheet .mark"))
        await page.click("text=准备出具")
        assert "待签署" in str(await page.text_content(".cols"))


async def test_anybody_checks_a_report(desk: Desk) -> None:
    rep = (await desk.site.service.shown(desk.id))["report"]
    async with desk.site.of(None) as browser:
        page = await browser.page(f"/v/{rep['number']}")
        assert await sound(page) == []
        await page.fill("#code", "0000-0000")
        await page.click("text=查验 >> nth=-1")
        assert "核验码不对" in str(await page.text_content(".errors"))
        assert await axe(page) == []
        await page.fill("#code", rep["verification_code"])
        await page.press("#code", "Enter")
        await page.wait_for_selector("text=真实，有效")
        assert await axe(page) == []
        text = str(await page.text_content("main"))
        assert not re.search(r"李|229901|民康|15,?320", text)
        await page.click("text=English")
        assert "genuine and valid" in str(await page.text_content("main"))


async def test_the_public_check_is_rated(sites: Sites, tmp_path: Path) -> None:
    async with sites(tmp_path, rates="public=2/60") as site:
        replies = [await site.service.http.get("/v/HD-1?code=x") for _ in range(3)]
        assert [one.status_code for one in replies] == [404, 404, 429]


async def test_a_report_that_is_not_there_yet(site: Site) -> None:
    desk = await _of_a_case(site)
    async with site.of(desk.checker.headers) as browser:
        page = await browser.page("/ui/cases/vf_none/report")
        assert "没有找到" in str(await page.text_content("main"))
