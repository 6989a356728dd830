"""The frame of all pages: signing in and out, languages, headers, keys, no script, no violation."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.web.settings import ACTIONS
from app.web.shell import HERE, POLICY
from tests.service_parts import HEAD
from tests.staff_parts import enrolled
from tests.web.browsing import sound
from tests.web.conftest import Site, Sites
from tests.web.pictures import unlike
from tests.web_texts import lacking, loose

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("shell")) as one:
        yield one


async def test_every_text_has_its_english() -> None:
    assert lacking() == {}
    assert loose() == []


async def test_sign_in_and_out(site: Site) -> None:
    person = await enrolled(site.service, "county_checker")
    async with site.of(None) as desk:
        page = await desk.page("/ui/settings?x=1")
        assert page.url.endswith("/ui/sign-in?next=/ui/settings%3Fx%3D1")
        await page.fill("#login", person.login)
        await page.fill("#password", "something else")
        await page.fill("#code", person.code(seconds=30))
        await page.click("text=登录 >> nth=-1")
        assert await page.text_content(".errors") is not None
        await page.fill("#password", person.password)
        await page.fill("#code", person.code(seconds=30))
        await page.click("button[type=submit]")
        assert page.url.endswith("/ui/settings?x=1")
        await page.click("details.who summary")
        await page.click("text=退出登录")
        assert "/ui/sign-in" in page.url


async def test_headers(site: Site) -> None:
    reply = await site.service.http.get("/ui/sign-in")
    assert reply.headers["content-security-policy"] == POLICY
    assert reply.headers["cache-control"] == "no-store"


async def test_keys_go_places_but_not_while_typing(site: Site) -> None:
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page("/ui/settings")
        await page.keyboard.press("/")
        await page.keyboard.type("gh?")
        assert await page.input_value("#find") == "gh?"
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        assert await page.is_visible("#keys")
        await page.keyboard.press("Escape")
        await page.keyboard.press("g")
        await page.keyboard.press("h")
        await page.wait_for_url("**/ui/")


async def test_an_identity_number_is_not_searched_for(site: Site) -> None:
    """A search stands in the address, in the browser's memory and in logs on the way."""
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page("/ui/settings")
        await page.fill("#find", f" {HEAD} ")
        await page.press("#find", "Enter")
        assert not await page.eval_on_selector("#find", "one => one.validity.valid")
        assert page.url.endswith("/ui/settings")
        await page.fill("#find", "220102-2026-000123")
        async with page.expect_navigation():
            await page.press("#find", "Enter")
        assert page.url.endswith("/ui/cases?q=220102-2026-000123")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation(site: Site, language: str) -> None:
    async with site.of(await site.staff("county_checker")) as desk:
        for path in ("/ui/sign-in", "/ui/", "/ui/settings", "/ui/nowhere"):
            page = await desk.page(f"/ui/language/{language}?next={path}")
            assert await sound(page) == [], path
            if path == "/ui/sign-in":
                assert await unlike(page, f"sign-in-{language}") == ""
            await page.close()


async def test_a_form_of_another_site_is_refused(site: Site) -> None:
    headers = await site.staff("county_checker")
    away = {**headers, "Origin": "http://elsewhere.test"}
    reply = await site.service.http.post("/ui/settings", data={"language": "en"}, headers=away)
    assert reply.status_code == 403
    reply = await site.service.http.post("/ui/settings", data={"language": "en"}, headers=headers)
    assert reply.status_code == 403  # no token in the form


async def test_without_script(site: Site, tmp_path: Path) -> None:
    async with site.of(await site.staff("county_checker"), java_script_enabled=False) as desk:
        page = await desk.page("/ui/settings")
        await page.select_option("#language", "en")
        await page.click("text=保存")
        assert await page.text_content("h1") == "My settings"


async def test_a_rare_name_has_a_font_of_its_own(site: Site) -> None:
    """The style sheet named a font that was nowhere."""
    async with site.of(None) as desk:
        page = await desk.page("/ui/sign-in")
        for sign, fonts in (("𬱖", 1), ("䶮", 1), ("李", 0)):
            loaded = f"document.fonts.load('16px \"Hedui Rare\"', '{sign}').then(f => f.length)"
            assert await page.evaluate(loaded) == fonts
        statuses = "[...document.fonts].map(one => one.status)"
        assert await page.evaluate(statuses) == ["loaded"]


async def test_every_action_of_the_script_is_explained(site: Site) -> None:
    """The keys that may be changed, with what each does and the key that does it now."""
    script = (HERE / "static" / "app.js").read_text("utf-8")
    keys = script[script.index("var KEYS") : script.index("var CHOICES")]
    assert set(re.findall(r": '([a-z]+)'", keys)) == set(ACTIONS)
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page("/ui/settings")
        await page.fill("#keys-map", "next=m, note=q")
        await page.click("text=保存")
        await page.wait_for_url("**/ui/settings?saved=1")
        assert "已保存" in await page.inner_text(".done-note")
        told = dict(
            zip(
                await page.locator(".keys-list dt").all_inner_texts(),
                await page.locator(".keys-list dd").all_inner_texts(),
                strict=True,
            )
        )
        assert (told["next"], told["undo"]) == ("下一条 M", "撤销上一条决定 U")


async def test_every_page_has_its_foot_on_paper(site: Site) -> None:
    async with site.of(await site.staff("county_checker")) as desk:
        for path in ("/ui/", "/ui/settings", "/ui/cases"):
            page = await desk.page(path)
            assert not await page.is_visible(".print-foot")
            await page.emulate_media(media="print")
            assert path in await page.inner_text(".print-foot")
            await page.close()


async def test_an_arrow_goes_to_the_first_row_and_on(site: Site) -> None:
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page("/ui/settings")
        await page.evaluate(_TABLE)
        for key, place in (("ArrowDown", "1"), ("ArrowDown", "2"), ("ArrowUp", "1")):
            await page.keyboard.press(key)
            assert await page.evaluate("document.activeElement.textContent") == place


_TABLE = """() => {
  const row = (at, more) => `<tr${more}><th><a href="#">${at}</a></th></tr>`;
  document.querySelector('main').innerHTML = '<table><thead><tr><th><a href="#">0</a></th></tr>'
    + `</thead><tbody>${row(1, '')}${row(9, ' hidden')}</tbody>`
    + `<tbody>${row(2, '')}</tbody></table>`;
}"""
