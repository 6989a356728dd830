"""A preview of an entity within OpenRefine's own page: a frame of another origin, in Chromium."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser, Frame, Page

from tests.reconciliation.parts import SCOPES, a_pass, about, results
from tests.service_parts import HEAD, NAMES, NUMBERS
from tests.web.browsing import axe, free_port, served
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")
_FITS: Final = """() => {
  const root = document.documentElement;
  return root.scrollWidth <= innerWidth && root.scrollHeight <= innerHeight;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("preview")) as one:
        one.service.headers = await one.service.client(scopes=SCOPES)
        assert (await one.service.post()).status_code == httpx.codes.CREATED
        yield one


async def _preview(site: Site) -> dict[str, Any]:
    """Of the head of the household, as the manifest of a new pass says it: url, width, height."""
    path = (await a_pass(site.service))["path"]
    manifest = (await site.service.http.get(path)).json()
    [found] = await results(site.service, path, about("李明", id_number=HEAD))
    shown: dict[str, Any] = manifest["preview"]
    return {**shown, "url": shown["url"].replace("{{id}}", found["id"])}


def _embedding(preview: dict[str, Any]) -> str:
    """A page with the frame as OpenRefine makes it: of that size, without any right."""
    size = f"width:{preview['width']}px;height:{preview['height']}px"
    return (
        '<!doctype html><html lang="en"><title>a project</title><body>'
        f'<iframe title="preview" style="{size}" src="{escape(preview["url"])}" sandbox="">'
        "</iframe>"
    )


@asynccontextmanager
async def _project(browser: Browser, preview: dict[str, Any], host: str) -> AsyncIterator[Page]:
    """The page of a tool on this machine, on a port of its own."""
    app, port = FastAPI(), free_port()
    app.get("/")(lambda: HTMLResponse(_embedding(preview)))
    async with served(app, port):
        page = await browser.new_page()
        await page.goto(f"http://{host}:{port}/")
        yield page
        await page.close()


def _frame(page: Page) -> Frame:
    [frame] = page.main_frame.child_frames
    return frame


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_it_shows_masked_and_whole_in_the_frame(site: Site, host: str) -> None:
    """All of it at the size that the manifest tells, without script, nobody's name or number."""
    async with _project(site.browser, await _preview(site), host) as page:
        shown = await _frame(page).inner_text("body")
        assert "李*" in shown
        assert "220102-2026-000123" in shown
        assert "urban_dibao: confirmed" in shown
        assert [one for one in (*NAMES.values(), *NUMBERS.values()) if one in shown] == []
        assert await _frame(page).evaluate(_FITS)
        assert await axe(page) == []


async def test_no_page_of_another_host_shows_it(site: Site) -> None:
    """Planted: `frame-ancestors *` in the preview's policy: the other host's page showed it.

    Chromium takes every name under `localhost` for this machine: nothing but the policy refuses.
    """
    async with _project(site.browser, await _preview(site), "elsewhere.localhost") as page:
        assert "李" not in await _frame(page).content()
        assert "refused to connect" in await _frame(page).inner_text("body")


async def test_the_clients_own_preview_is_in_no_frame(site: Site) -> None:
    """By a token it is for tools that show it themselves."""
    path = (await a_pass(site.service))["path"]
    [found] = await results(site.service, path, about("李明", id_number=HEAD))
    reply = await site.service.http.get(
        "/v1/reconcile/preview", params={"id": found["id"]}, headers=site.service.headers
    )
    assert reply.status_code == httpx.codes.OK
    assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
