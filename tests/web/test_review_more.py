"""What follows a decision: undoing it, judging anew, deciding alike items along with one."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.domain.review import ItemState
from connectors.contract import Found, Outcome
from tests.service_parts import all_ten
from tests.web.browsing import axe, sound
from tests.web.conftest import Site, Sites
from tests.web.review_parts import NearlySource, Registry, Reviewed, reviewed

pytestmark = pytest.mark.asyncio(loop_scope="session")
P = {"Hedui-Purpose": "application"}


class TwoAccounts(NearlySource):
    """Two small accounts of everybody, under the very same mistyped number."""

    def _of(self, one: object) -> Outcome:
        found = super()._of(one)
        return Found(found.records * 2) if isinstance(found, Found) else found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    sources = all_ten(
        Registry("household_registry"),
        TwoAccounts("bank", balance="58460.20"),
        NearlySource("vehicle", refs=("m2",)),
    )
    async with sites(tmp_path_factory.mktemp("more"), sources) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cases(site: Site) -> Reviewed:
    return await reviewed(site, 2)


async def _items(site: Site, headers: dict[str, str], **query: str) -> list[dict[str, object]]:
    reply = await site.service.http.get(
        "/v1/review-items", params={"todo": "true", **query}, headers={**headers, **P}
    )
    assert reply.status_code == 200, reply.text
    found: list[dict[str, object]] = reply.json()["items"]
    return found


async def _of_second(site: Site, cases: Reviewed, headers: dict[str, str]) -> list[object]:
    """Ids of what is in doubt of the second household: one is left when one is decided."""
    items = await _items(site, headers, kind="review_record")
    return [one["id"] for one in items if one["verification"] == cases.ids[1]]


async def test_alike_items_are_decided_along_only_where_they_are_ticked(
    site: Site, cases: Reviewed
) -> None:
    """Two items of one record each, as they are where records were judged one by one."""
    _, headers = await cases.checker()
    shelf = site.service.parts.shelf
    stored = await shelf.database.read(lambda tx: shelf.review_items.of(tx, cases.ids[0]))
    (whole,) = [one for one in stored if one.source == "bank"]
    single = [replace(whole, subject=f"review:{one}") for one in whole.evidence]

    def apart(tx: sa.Connection) -> None:
        shelf.review_items.change(tx, (replace(whole, state=ItemState.CLOSED),))
        shelf.review_items.add(tx, single)

    await shelf.database.write(apart)
    first, *alike = [one.id for one in single]
    async with site.of(headers) as desk:
        page = await desk.page(f"/ui/review/{first}")
        boxes = page.locator("[name=also]")
        assert await boxes.count() == len(alike) == 1
        assert not await boxes.first.is_checked()
        assert await page.locator("[data-key=before], [data-key=after]").count() == 1
        await page.check("[data-all=also]")
        assert await boxes.first.is_checked()
        assert await axe(page) == []
        await page.keyboard.press("2")
        await page.select_option("[name=reason_code]", "wrong_person")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile(r"said="))
    left = {one["id"] for one in await _items(site, headers, kind="review_record")}
    assert left.isdisjoint({first, *alike})


async def test_undone_by_its_key_then_judged_anew_with_a_reason(
    site: Site, cases: Reviewed
) -> None:
    site.service.clock.forward(minutes=16)  # nobody holds anything any more
    _, headers = await cases.checker()
    (item, *_) = await _of_second(site, cases, headers)
    async with site.of(headers) as desk:
        page = await desk.page(f"/ui/review/{item}")
        for undone in (True, False):
            await page.keyboard.press("2")
            await page.select_option("[name=reason_code]", "wrong_person")
            await page.click("[data-key=submit]")
            await page.wait_for_url(re.compile(r"said=done"))
            if undone:
                await page.keyboard.press("u")
                await page.wait_for_url(re.compile(f"{item}.*said=undone"))
        await page.goto(f"{site.url}/ui/review/{item}")
        assert "已有决定" in str(await page.text_content(".done-note"))
        await page.fill("[name=reason]", "the other card came in")
        await page.click("form.again button")
        await page.wait_for_url(re.compile(r"said=reopened"))
        assert await page.locator("form.decide").count() == 1
        assert "the other card came in" in str(await page.text_content(".past"))


async def test_a_task_is_shown_and_leads_to_what_waits_for_it(site: Site, cases: Reviewed) -> None:
    site.service.clock.forward(minutes=16)  # nobody holds anything any more
    _, headers = await cases.checker()
    (item, *_) = await _of_second(site, cases, headers)
    async with site.of(headers) as desk:
        page = await desk.page(f"/ui/review/{item}")
        await page.keyboard.press("3")
        await page.select_option("[name=settle]", "phone_call")
        await page.select_option("[name=reason_code]", "other")
        await page.fill("[name=note]", "two cards, one name")
        await page.click("[data-key=submit]")
        await page.wait_for_url(re.compile(r"said=aside"))
        (task,) = [one["id"] for one in await _items(site, headers) if one["settles"] == item]
        for language in ("zh", "en"):
            await page.goto(f"{site.url}/ui/language/{language}?next=/ui/review/{task}")
            assert await sound(page) == []
        assert "phone call" in str(await page.text_content("h1")).lower()
        assert await page.get_attribute(".head .sub a >> nth=-1", "href") == f"/ui/review/{item}"
