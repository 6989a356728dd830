"""The worklist walked by keyboard alone: keys and seconds for twenty items of the demo's county.

`python -m tests.benchmarks.keyboard [--items 20]`. Somebody signs in, goes to the worklist and
decides one item after the other; the pointer is never used. Kinds are taken in turn, as far as the
county has items of them: whoever walks names the kind in the address, as its chip does. Seconds are
those of the machine: a person reads as well.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from playwright.async_api import Page

from app.demo import Plan, made_up
from app.demo.running import at_work
from app.demo.scene import PASSWORD, Person
from app.domain.decision import ActionKind
from app.domain.review import Choice
from tests.web.browsing import desk, launched

_HOUSEHOLDS = 60
_CHOICES: Final[Mapping[ActionKind, tuple[Choice, ...]]] = {
    ActionKind.REVIEW_RECORD: (Choice.SAME_PERSON, Choice.ANOTHER_PERSON, Choice.UNSURE),
    ActionKind.CONFLICT: (Choice.USE_SOURCE, Choice.ASK_TOWNSHIP),
    ActionKind.DECLARED: (Choice.NOT_ACCEPT, Choice.ASK_TOWNSHIP),
    ActionKind.ANOMALY: (Choice.CONFIRM_TRUE, Choice.CORRECT_MAPPING),
    ActionKind.ASK_HOUSEHOLD: (Choice.ASKED, Choice.NOT_OBTAINABLE),
    ActionKind.ASK_SOURCE: (Choice.RETRY, Choice.CARRY_ON),
    ActionKind.UNDECLARED: (Choice.REQUEST_CONSENT,),
}
"""By kind, what is chosen in turn where it is offered; else the first that is."""


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


async def _decide(keys: Keys, kind: ActionKind, turn: int) -> bool:
    """The first item of the kind that may be decided; False where there is none."""
    page = keys.page
    await page.goto(f"{page.url.partition('/ui/')[0]}/ui/review?kind={kind.value}")
    for _ in range(10):
        if await page.locator("form.decide").count():
            break
        if not await page.locator("[data-item]").count():
            return False
        before = page.url
        await keys.press("j")
        await page.wait_for_url(lambda url, before=before: url != before)  # type: ignore[misc]
    else:
        return False
    began, before = time.monotonic(), page.url
    await keys.press(await _key(page, kind, turn))
    for _ in range(2):  # whoever is unsure says what would settle it, before the reason
        await keys.press("Tab", "ArrowDown")
        if await page.input_value("form.decide [name=reason_code]"):
            break
    await keys.press("Escape")
    if not await page.locator("[data-key=submit]").is_enabled():
        await keys.press("n")
        await keys.type("seen")
        await keys.press("Escape")
    if not await page.locator("[data-key=submit]").is_enabled():
        message = f"{kind.value}, {page.url}: what is chosen cannot be submitted"
        raise RuntimeError(message)
    async with page.expect_navigation():
        await keys.press("Enter")
    if page.url == before:
        said = await page.locator(".errors").all_text_contents()
        message = f"{kind.value} was not taken: {said}"
        raise RuntimeError(message)
    keys.seconds.append(time.monotonic() - began)
    keys.kinds[kind.value] += 1
    return True


async def _key(page: Page, kind: ActionKind, turn: int) -> str:
    """The digit of the choice whose turn it is, as it stands on the bar."""
    offered: list[str] = await page.eval_on_selector_all(
        "[data-choices] input", "inputs => inputs.map(one => one.value)"
    )
    wanted = [one.value for one in _CHOICES.get(kind, ()) if one.value in offered] or offered[:1]
    return str(offered.index(wanted[turn % len(wanted)]) + 1)


async def _decide_all(keys: Keys, items: int) -> None:
    """Kinds in turn until so many are decided, or none is left of any."""
    left, turns = list(ActionKind), Counter[ActionKind]()
    while left and len(keys.seconds) < items:
        for kind in tuple(left):
            if len(keys.seconds) < items and not await _decide(keys, kind, turns[kind]):
                left.remove(kind)
            turns[kind] += 1


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
            await _decide_all(keys, items)
    done = len(keys.seconds)
    print(f"items decided      {done} ({dict(keys.kinds)})")  # noqa: T201
    print(f"keys to sign in    {first}")  # noqa: T201
    print(f"keys an item       {(keys.pressed - first) / max(done, 1):.1f}")  # noqa: T201
    print(f"seconds an item    {sum(keys.seconds) / max(done, 1):.2f}")  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20)
    asyncio.run(walk(parser.parse_args().items))
