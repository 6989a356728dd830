"""The review screen: the queue, the match pair, decisions by keyboard alone, without script."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from app.store.review_queue import Queue
from tests.staff_parts import Person as Enrolled
from tests.staff_parts import enrolled
from tests.web.browsing import axe, sound
from tests.web.conftest import Site, Sites
from tests.web.pictures import unlike
from tests.web.review_parts import Reviewed, doubtful_sources, reviewed

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("review"), doubtful_sources()) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="session")
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


async def test_the_pair_looks_as_it_did(site: Site, cases: Reviewed) -> None:
    """The bank's record of the first household; which items are alike differs from run to run.

    First of all, and one viewer in both languages: another one would find it locked a moment more.
    """
    _, headers = await cases.checker()
    reply = await site.service.http.get(
        "/v1/review-items?kind=review_record&source=bank&limit=100",
        headers={**headers, "Hedui-Purpose": "application"},
    )
    items = reply.json()["items"]
    (item,) = [one["id"] for one in items if one["verification"] == cases.ids[0]]
    async with site.of(headers) as desk:
        for language in ("zh", "en"):
            page = await desk.page(f"/ui/language/{language}?next=/ui/review/{item}")
            assert await unlike(page, f"pair-{language}", ".queue", ".rail .count") == ""


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation_and_nothing_is_clipped(
    site: Site, cases: Reviewed, language: str
) -> None:
    _, headers = await cases.checker()
    async with site.of(headers) as desk:
        page = await desk.page(f"/ui/language/{language}?next=/ui/review")
        assert await sound(page) == []
        await _first(page)
        assert await sound(page) == []
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
    """Signed in; same person, another person (a second one must agree), unsure; the last undone;
    a number shown with its purpose; all of it on the trail, where an auditor finds it."""
    person = await enrolled(site.service, "county_checker")
    await cases.assigned(person.id)
    async with site.of(None) as desk:
        page = await desk.page("/ui/sign-in")
        await _signed_in(page, person)
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
        await _revealed(page)
    async with site.of(await site.staff("auditor")) as desk:
        for action, words in (("review_decided", "复核"), ("revealed", "显示")):
            page = await desk.page(f"/ui/audit?actor={person.id}&action={action}")
            assert words in str(await page.text_content("tbody tr >> nth=0"))


async def _signed_in(page: Page, person: Enrolled) -> None:
    """As the page opens, the focus is where one begins to type."""
    await page.keyboard.type(person.login)
    await page.keyboard.press("Tab")
    await page.keyboard.type(person.password)
    await page.keyboard.press("Tab")
    await page.keyboard.type(person.code(seconds=30))
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/ui/")


async def _revealed(page: Page) -> None:
    """By its key, for the purpose that is proposed; what is typed beside it stays."""
    address = page.url
    await page.fill("[name=note]", "a word")
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await page.wait_for_selector("#reveal[open] form")
    assert await axe(page) == []
    await page.focus("form[action*=reveal] button[type=submit]")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#plain")
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await page.wait_for_selector("#plain", state="detached")
    assert await page.evaluate("document.activeElement.dataset.key") == "reveal"
    assert await page.input_value("[name=note]") == "a word"
    assert page.url == address


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


async def test_without_script_a_reveal_leads_back_to_the_item(site: Site, cases: Reviewed) -> None:
    _, headers = await cases.checker()
    async with site.of(headers, java_script_enabled=False) as desk:
        page = await desk.page("/ui/review?order=doubt")
        await page.click("[data-item]:not(:has(.lock)) >> nth=0")
        address = page.url
        await page.click("[data-key=reveal]")
        assert await page.get_attribute(".reveal form a.btn", "href") == address[len(site.url) :]
        await page.click(".reveal button[type=submit]")
        await page.click(".reveal a:has-text('返回')")
        assert page.url == address
        case = f"/ui/cases/{cases.ids[0]}"
        await page.goto(f"{site.url}{case}/reveal/m1?next=//elsewhere.test/ui/")
        assert await page.get_attribute(".reveal form a.btn", "href") == "/ui/"


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


async def test_an_item_prints_over_the_whole_sheet(site: Site, cases: Reviewed) -> None:
    """Without queue, bar and buttons, on A4 landscape, with address, time and name in the foot."""
    _, headers = await cases.checker()
    async with site.of(headers) as desk:
        page = await desk.page("/ui/review")
        item = await _first(page)
        assert b"/MediaBox [0 0 841" in await page.pdf(prefer_css_page_size=True)
        await page.emulate_media(media="print")
        for gone in (".rail", ".top", ".queue", ".decide", ".head .side", "#scroll button"):
            assert not await page.locator(gone).first.is_visible(), gone
        assert f"/ui/review/{item}" in await page.inner_text(".print-foot")
        assert "张三" in await page.inner_text(".print-foot")
        for width in (1366, 1032):  # a window, and what a sheet has between its edges
            await page.set_viewport_size({"width": width, "height": 700})
            box = await page.locator("section.work .pair").bounding_box()
            assert box is not None
            assert box["width"] > width - 20
