"""The review screen: the queue, the match pair, decisions by keyboard alone, without script."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from app.store.audit_entries import AuditEntries
from app.store.review_queue import Queue
from tests.web.browsing import axe
from tests.web.conftest import Site, Sites
from tests.web.review_parts import Reviewed, doubtful_sources, reviewed

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("review"), doubtful_sources()) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cases(site: Site) -> Reviewed:
    return await reviewed(site, 6)


async def _moved(page: Page, key: str) -> None:
    """Where the key leads to."""
    before = page.url
    await page.keyboard.press(key)
    await page.wait_for_url(lambda url: url != before)


async def _first(page: Page) -> str:
    """Opens the first item that nobody holds, by its key; gives its id."""
    while not await page.locator("form.decide").count():
        await _moved(page, "j")
    return page.url.rpartition("/")[2].partition("?")[0]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation_and_nothing_is_clipped(
    site: Site, cases: Reviewed, language: str
) -> None:
    _, headers = await cases.checker()
    async with site.of(headers) as desk:
        page = await desk.page(f"/ui/language/{language}?next=/ui/review")
        assert await axe(page) == []
        await _first(page)
        for size in ((1366, 768), (1366, 650), (1100, 700), (683, 384)):
            await page.set_viewport_size({"width": size[0], "height": size[1]})
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size[0], size
            assert await page.is_visible(".decide [data-key=submit]"), size
        await page.set_viewport_size({"width": 1366, "height": 768})
        assert await axe(page) == []
        await page.click(".sift summary")
        await page.keyboard.press("3")
        assert await axe(page) == []


async def test_the_page_holds_no_hidden_digit(site: Site, cases: Reviewed) -> None:
    """Neither the person's number nor the record's, whole or the hidden part of it."""
    account, headers = await cases.checker()
    service = site.service
    queue = Queue(region="220102", reviewer=account.id, todo=True)
    listed = await service.parts.shelf.database.read(
        lambda tx: service.parts.reviewing.queue.page(tx, queue, after=None, limit=100)
    )
    found = await service.parts.shelf.database.read(
        lambda tx: service.parts.shelf.verifications.get_many(
            tx, {one.item.verification_id for one in listed}
        )
    )
    assert len(listed) >= 10
    for one in listed:
        reply = await service.http.get(f"/ui/review/{one.item.id}", headers=headers)
        assert reply.status_code == 200
        for person in found[one.item.verification_id].request.household.persons:
            assert person.name not in reply.text
            assert person.id_number not in reply.text
            assert person.id_number[6:14] not in reply.text


async def test_by_keyboard_alone(site: Site, cases: Reviewed) -> None:
    """Same person, another person (a second one must agree), unsure; the last is undone."""
    _, headers = await cases.checker()
    async with site.of(headers) as desk:
        page = await desk.page("/ui/")
        await page.keyboard.press("g")
        await page.keyboard.press("t")
        await page.wait_for_url("**/ui/review*")
        first = await _first(page)
        assert await page.is_disabled("[data-key=submit]")
        await page.keyboard.press("1")
        await page.focus("[name=reason_code]")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Escape")
        assert "转第二人" in str(await page.text_content("[data-key=submit]"))
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"said=second"))
        assert first not in page.url
        assert await page.evaluate("document.activeElement.id") == "h1"
        assert "今日已办 1" in str(await page.text_content(".queue footer"))
        second = page.url
        await page.keyboard.press("2")
        await page.focus("[name=reason_code]")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        await page.wait_for_url(lambda url: url != second)
        await page.keyboard.press("3")
        assert await page.is_visible("[name=settle]")
        await page.focus("[name=reason_code]")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Escape")
        assert await page.is_disabled("[data-key=submit]")  # a note is needed
        await page.keyboard.press("n")
        await page.keyboard.type("two cards, one name")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"said=aside"))
        assert "今日已办 3" in str(await page.text_content(".queue footer"))
        await page.keyboard.press("u")
        await page.wait_for_url(re.compile(r"said=undone"))
        assert "今日已办 2" in str(await page.text_content(".queue footer"))
        entries = await site.service.parts.shelf.database.read(
            lambda tx: [one.action for one in AuditEntries().all(tx)]
        )
        assert entries.count("review_decided") >= 4


async def test_typing_and_composing_do_nothing(site: Site, cases: Reviewed) -> None:
    _, headers = await cases.checker()
    async with site.of(headers) as desk:
        page = await desk.page("/ui/review")
        await _first(page)
        url = page.url
        await page.focus("[name=note]")
        await page.keyboard.type("1ju")
        assert await page.input_value("[name=note]") == "1ju"
        assert page.url == url
        assert await page.locator("[name=choice]:checked").count() == 0
        await page.keyboard.press("Escape")
        press = "(init) => document.body.dispatchEvent(new KeyboardEvent('keydown', init))"
        await page.evaluate(
            press, {"key": "j", "code": "KeyJ", "isComposing": True, "bubbles": True}
        )
        await page.evaluate(press, {"key": "1", "ctrlKey": True, "bubbles": True})
        assert await page.locator("[name=choice]:checked").count() == 0
        assert page.url == url
        await page.evaluate(press, {"key": "Process", "code": "Numpad2", "bubbles": True})
        assert await page.input_value("[name=choice]:checked") == "another_person"
        await page.evaluate(press, {"key": "Process", "code": "KeyJ", "bubbles": True})
        await page.wait_for_url(lambda now: now != url)


async def test_without_script(site: Site, cases: Reviewed) -> None:
    _, headers = await cases.checker()
    async with site.of(headers, java_script_enabled=False) as desk:
        page = await desk.page("/ui/review?order=doubt")
        await page.click("[data-item]:not(:has(.lock)) >> nth=0")
        assert "已锁定" in str(await page.text_content(".head"))
        await page.check("[name=choice][value=another_person]", force=True)
        await page.select_option("[name=reason_code]", "other")
        await page.fill("[name=note]", "")
        await page.click("[data-key=submit]")
        assert "请写明说明" in str(await page.text_content(".errors"))
        assert await page.is_checked("[name=choice][value=another_person]")
        await page.fill("[name=note]", "seen at the counter")
        await page.click("[data-key=submit]")
        assert "said=" in page.url
        assert "order=doubt" in page.url


async def test_filters_stand_in_the_url_and_an_empty_list_offers_to_clear(
    site: Site, cases: Reviewed
) -> None:
    _, headers = await cases.checker()
    async with site.of(headers) as desk:
        page = await desk.page("/ui/review")
        await page.click(".sift summary")
        await page.select_option("[name=source]", "vehicle")
        await page.click("text=筛选 >> nth=-1")
        assert "source=vehicle" in page.url
        texts = await page.locator(".items .fact").all_text_contents()
        assert texts
        assert all("车船管理" in one for one in texts)
        await page.goto(f"{site.url}/ui/review?source=securities")
        assert "没有符合条件的待办" in str(await page.text_content(".items"))
        await page.click(".items >> text=清除筛选")
        assert page.url == f"{site.url}/ui/review"
