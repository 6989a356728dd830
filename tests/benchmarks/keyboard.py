"""The worklist walked by keyboard alone: keys and seconds for twenty items of the demo's county.

`python -m tests.benchmarks.keyboard [--items 20]`. Somebody signs in, goes to the worklist and
decides one item after the other; the pointer is never used. Seconds are those of the machine: a
person reads as well.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from playwright.async_api import Page

from app.demo import Plan, made_up
from app.demo.running import at_work
from app.demo.scene import PASSWORD, Person
from tests.web.browsing import desk, launched

_HOUSEHOLDS = 60
_ABOUT = {"ask_household": "131", "ask_source": "11", "undeclared": "1", "review_record": "12"}
"""By kind, the keys of choices that are taken in turn."""


@dataclass
class Keys:
    """A keyboard that counts."""

    page: Page
    pressed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.pressed += 1
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        self.pressed += len(text)
        await self.page.keyboard.type(text)


async def _sign_in(keys: Keys, person: Person) -> None:
    for later in (timedelta(0), timedelta(seconds=30)):
        await keys.page.focus("#login")  # where the page puts it when it opens
        await keys.page.fill("#login", "")
        await keys.type(person.login)
        await keys.press("Tab")
        await keys.type(PASSWORD)
        await keys.press("Tab")
        await keys.type(person.code(datetime.now(UTC) + later))
        async with keys.page.expect_navigation():
            await keys.press("Enter")
        if "/ui/sign-in" not in keys.page.url:
            return
    raise RuntimeError(person.login)


async def _decide(keys: Keys, turn: int) -> bool:
    """The item that is open, or the next; False where there is none that may be decided."""
    page = keys.page
    for _ in range(10):
        if await page.locator("form.decide").count():
            break
        before = page.url
        await keys.press("j")
        await page.wait_for_url(lambda url, before=before: url != before)  # type: ignore[misc]
    else:
        return False
    kind = await page.locator("[data-item][aria-current]").first.get_attribute("data-kind") or ""
    began, before = time.monotonic(), page.url
    choices = _ABOUT.get(kind, "1")
    await keys.press(choices[turn % len(choices)], "Tab", "ArrowDown", "Escape")
    if not await page.locator("[data-key=submit]").is_enabled():
        await keys.press("n")
        await keys.type("seen")
        await keys.press("Escape")
    async with page.expect_navigation():
        await keys.press("Enter")
    if page.url == before:
        said = await page.locator(".errors").all_text_contents()
        message = f"{kind} was not taken: {said}"
        raise RuntimeError(message)
    keys.seconds.append(time.monotonic() - began)
    keys.kinds[kind] += 1
    return True


async def walk(items: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="hedui-keys-") as work:
        data, fonts = Path(work) / "demo", Path(work) / "browser"
        data.mkdir()
        fonts.mkdir()
        today = datetime.now(UTC).date()
        plan = Plan(seed=1, households=_HOUSEHOLDS, port=0, once=True, folder=data)
        county = await asyncio.to_thread(made_up, plan, today)
        async with (
            at_work(plan, county, data, lambda _: None) as scene,
            launched(fonts) as browser,
            desk(browser, scene.running.url) as one,
        ):
            keys = Keys(await one.page("/ui/sign-in"))
            await _sign_in(keys, scene.people["checker"])
            first = keys.pressed
            async with keys.page.expect_navigation():
                await keys.press("g", "t")
            for turn in range(items):
                if not await _decide(keys, turn):
                    break
    done = len(keys.seconds)
    print(f"items decided      {done} ({dict(keys.kinds)})")  # noqa: T201
    print(f"keys to sign in    {first}")  # noqa: T201
    print(f"keys an item       {(keys.pressed - first) / max(done, 1):.1f}")  # noqa: T201
    print(f"seconds an item    {sum(keys.seconds) / max(done, 1):.2f}")  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20)
    asyncio.run(walk(parser.parse_args().items))
