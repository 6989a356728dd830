"""One browser for all tests of pages, and sites: services reached by it.

They share the loop of the session, for a browser cannot leave the one that it was started on.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.service_parts import Running, ScriptedSource, all_ten, running
from tests.staff_parts import signed_in
from tests.web.browsing import Desk, desk, free_port, launched, served


@dataclass
class Site:
    """A running service and the browsers that look at it."""

    service: Running
    browser: Browser
    url: str

    def of(
        self, headers: dict[str, str] | None, **options: Any
    ) -> AbstractAsyncContextManager[Desk]:
        """A browser for whoever `session_of` or `signed_in` gave the headers."""
        return desk(self.browser, self.url, headers, **options)

    async def staff(self, *roles: str) -> dict[str, str]:
        """Somebody new with these roles, signed in."""
        return await signed_in(self.service, *roles)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    async with launched(tmp_path_factory.mktemp("browser")) as one:
        yield one


Sites = Callable[..., AbstractAsyncContextManager[Site]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sites(browser: Browser) -> Sites:
    """`sites(folder, sources, **settings)`: a service over these sources, behind a real port."""

    @asynccontextmanager
    async def opened(
        folder: Path, sources: list[ScriptedSource] | None = None, **more: Any
    ) -> AsyncIterator[Site]:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        settings = {"public_url": url, "plain_cookie": True, **more}
        async with (
            running(folder, sources or all_ten(), **settings) as service,
            served(service.app, port),
        ):
            yield Site(service, browser, url)

    return opened
