"""A session that ends while somebody types: the page stays, a new sign-in goes on with it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.staff_parts import session_of
from tests.web.browsing import Desk, axe
from tests.web.conftest import Site, Sites
from tests.web.review_parts import Reviewed, doubtful_sources, reviewed

pytestmark = pytest.mark.asyncio(loop_scope="session")
NOTE = "seen at the counter"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("ends"), doubtful_sources()) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cases(site: Site) -> Reviewed:
    return await reviewed(site, 3)


async def _again(desk: Desk, headers: dict[str, str]) -> None:
    """Signed in anew, as it is in another window."""
    name, _, value = headers["Cookie"].partition("=")
    await desk.context.add_cookies([{"name": name, "value": value, "url": desk.url}])


async def _filled_in(desk: Desk) -> Page:
    """A free item, with a decision that can be sent."""
    page = await desk.page("/ui/review")
    await page.clock.install()
    await page.click("[data-item]:not(:has(.lock)) >> nth=0")
    await page.check("[name=choice][value=another_person]", force=True)
    await page.select_option("[name=reason_code]", "other")
    await page.fill("[name=note]", NOTE)
    return page


async def test_what_was_typed_waits_for_the_sign_in(site: Site, cases: Reviewed) -> None:
    account, headers = await cases.checker()
    async with site.of(headers) as desk:
        page = await _filled_in(desk)
        address = page.url
        site.service.clock.forward(minutes=16)
        await page.clock.fast_forward(90_000)
        await page.click("form.decide [data-key=submit]")
        await page.wait_for_selector("#signed-out[open]")
        assert page.url == address
        assert await axe(page) == []
        await _again(desk, await site.staff("county_checker"))
        await page.click("#signed-out [data-alive]")
        await page.wait_for_selector("[data-other]:visible")  # in nobody else's name
        await _again(desk, await session_of(site.service, account))
        await page.click("#signed-out [data-alive]")
        await page.wait_for_selector("#signed-out:not([open])", state="attached")
        assert await page.input_value("[name=note]") == NOTE
        await page.click("form.decide [data-key=submit]")
        await page.wait_for_url(lambda url: "said=" in url)
        assert not await page.locator(".fault").count()


async def test_after_the_minute_the_dialog_says_that_it_is_over(
    site: Site, cases: Reviewed
) -> None:
    _, headers = await cases.checker()
    async with site.of(headers) as desk:
        page = await desk.page("/ui/settings")
        await page.clock.install()
        await page.reload()
        await page.clock.fast_forward(14 * 60_000)
        assert await page.is_visible("#idle")
        await page.click("#idle [data-alive]")
        await page.wait_for_selector("#idle:not([open])", state="attached")
        await page.clock.fast_forward(14 * 60_000)
        assert await page.is_visible("#idle")
        await page.clock.fast_forward(60_000)
        assert not await page.is_visible("#idle")
        assert await page.is_visible("#signed-out")


async def test_going_on_after_the_end_is_no_life(site: Site, cases: Reviewed) -> None:
    """The answer is the sign-in, however it is asked: the page says so."""
    _, headers = await cases.checker()
    async with site.of(headers) as desk:
        page = await desk.page("/ui/settings")
        await page.clock.install()
        await page.reload()
        await page.clock.fast_forward(14 * 60_000)
        site.service.clock.forward(minutes=16)
        await page.click("#idle [data-alive]")
        await page.wait_for_selector("#signed-out[open]")
        assert not await page.is_visible("#idle")


async def test_a_token_is_given_in_a_session_and_to_its_own_page_alone(site: Site) -> None:
    headers = await site.staff("county_checker")
    http = site.service.http
    http.cookies.clear()
    assert (await http.get("/ui/alive")).status_code == 303
    assert (await http.get("/ui/alive", headers={"HX-Request": "true"})).status_code == 401
    away = await http.get("/ui/alive", headers={**headers, "Hedui-Viewer": "somebody else"})
    assert (away.status_code, away.text) == (409, "")
    given = await http.get("/ui/alive", headers=headers)
    assert given.text == headers["X-CSRF-Token"]
    assert given.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in given.headers


@pytest.mark.parametrize(
    ("referer", "path"),
    [
        ("/ui/review/x?order=due", "/ui/review/x%3Forder%3Ddue"),
        ("//elsewhere.test/ui/review", "/ui/"),
        ("/ui//elsewhere.test", "/ui/"),
        ("/v1/reports", "/ui/"),
        ("/ui/" + "x" * 600, "/ui/"),
        ("http://elsewhere.test/ui/review", "/ui/"),
    ],
)
async def test_without_script_the_sign_in_leads_back_to_the_form(
    site: Site, referer: str, path: str
) -> None:
    site.service.http.cookies.clear()
    address = referer if referer.startswith("http") else site.url + referer
    reply = await site.service.http.post(
        "/ui/review/x", headers={"Referer": address, "Origin": site.url}
    )
    assert reply.headers["location"] == f"/ui/sign-in?next={path}"
