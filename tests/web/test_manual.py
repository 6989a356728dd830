"""Pages of a source's clerks: two enter a record, what cannot be read stays typed; no violation."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from app.web.by_hand_words import CHOICES, FIELDS, TYPES
from connectors.record_forms import TYPES as SOURCES
from connectors.record_forms import forms_of
from tests.looks.parts import Person, assigned, somebody
from tests.review.test_manual_entry import NONE, a_case, clerk, entered, partial, sources, tasks_of
from tests.web.browsing import sound
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("manual"), sources()) as one:
        yield one


async def test_every_field_and_choice_has_its_word() -> None:
    for source in SOURCES:
        for form in forms_of(source):
            assert form.type in TYPES
            assert {one.name for one in form.fields} <= FIELDS.keys()
            assert {choice for one in form.fields for choice in one.choices} <= CHOICES.keys()


async def enters(site: Site, who: Person, task: str, area: str) -> str:
    """A home of that area, typed in the browser; gives what the page says then."""
    async with site.of(who.headers) as desk:
        page = await desk.page("/ui/sources/manual")
        await page.click(f"a[href='/ui/sources/manual/{task}']")
        assert "229901198003071236" in (await page.text_content(".who-is") or "")
        await page.click("text=加一条 不动产")
        await page.fill("#r0-area", area)
        await page.select_option("#r0-use", "home")
        await page.click("[data-key=submit]")
        if await page.is_visible(".fault-of"):
            assert await page.input_value("#r0-area") == area  # what was typed stays
            await page.fill("#r0-area", "61.5")
            await page.click("[data-key=submit]")
        assert "229901198003071236" not in (await page.text_content("main") or "")
        return await page.text_content("main") or ""


async def test_two_clerks_enter_a_home(site: Site) -> None:
    id_ = await partial(site.service)
    task = (await tasks_of(site.service, id_))["m1"]
    one, other = await clerk(site.service), await clerk(site.service)
    assert "另一位经办录入相同内容后生效" in await enters(site, one, task, "sixty")
    assert "两人录入一致" in await enters(site, other, task, "61.50")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation(site: Site, language: str) -> None:
    id_, case = await a_case(site.service)
    await site.service.status_becomes(id_, "partial")
    tasks = await tasks_of(site.service, id_)
    one, other = await clerk(site.service), await clerk(site.service)
    await entered(one, tasks["m2"], NONE)
    await entered(other, tasks["m2"], {"outcome": "unavailable", "reason": "system_down"})
    async with site.of(other.headers) as desk:
        for task in ("", *(f"/{tasks[ref]}" for ref in ("m2", "m3"))):
            page = await desk.page(f"/ui/language/{language}?next=/ui/sources/manual{task}")
            if task == f"/{tasks['m3']}":
                await page.click("button[value='add:ownership']")
            assert await sound(page) == [], task
            await page.close()
    reviewer = await somebody(site.service, "county_reviewer")
    await assigned(site.service, case, reviewer)
    async with site.of(reviewer.headers) as desk:
        page = await desk.page(f"/ui/language/{language}?next=/ui/cases/{id_}/manual")
        assert await sound(page) == []
