"""Pictures of every screen, on the demo's county in the middle of its work: docs/screens.

`python -m tests.screenshots [--only NAME …]`: each role signs in and looks at its pages, at
1366×768, in Chinese and English. A new screen is a line of PAGES.
"""

import argparse
import asyncio
import base64
import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import structlog
from playwright.async_api import Browser, Page

from app.demo import Plan, made_up
from app.demo.running import at_work
from app.demo.scene import PASSWORD, Person, Scene
from tests.web.browsing import desk, launched

FOLDER: Final = Path(__file__).parents[1] / "docs" / "screens"
LANGUAGES: Final = ("zh", "en")
_HOUSEHOLDS: Final = 90
_QUALITY: Final = 72
"""Of WebP: a page is 40 to 70 kB."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: whose page it is, and where; an address may need what is in the scene."""

    name: str
    who: str
    path: str | Callable[[Scene], str]
    follow: str = ""
    """The first such link of the page is followed: what it leads to is pictured."""
    press: str = ""
    """A key that opens something over the page."""

    def address(self, scene: Scene) -> str:
        return self.path if isinstance(self.path, str) else self.path(scene)


def _a_case(scene: Scene) -> str:
    return f"/ui/cases/{next(iter(scene.cases.values())).id}"


def _a_person(scene: Scene) -> str:
    return f"/ui/staff/{scene.people['checker'].id}"


def _pointed_at(word: str, address: str) -> Callable[[Scene], str]:
    """The address of what the demo's weeks point at."""
    return lambda scene: address.format(scene.pointed_at[word])


def _looked_at_night(scene: Scene) -> str:
    day = scene.at(2, 12).date()
    return f"/ui/audit/unusual?day={day.isoformat()}"


PAGES: Final = (
    Shot("home-checker", "checker", "/ui/"),
    Shot("home-reviewer", "reviewer", "/ui/"),
    Shot("home-city", "city", "/ui/"),
    Shot("review", "checker", "/ui/review"),
    Shot("review-match", "checker", "/ui/review?kind=review_record", "a.item"),
    Shot("review-household", "checker", "/ui/review?kind=ask_household", "a.item"),
    Shot("review-conflict", "checker", "/ui/review?kind=conflict", "a.item"),
    Shot("review-declared", "checker", "/ui/review?kind=declared", "a.item"),
    Shot("review-anomaly", "checker", "/ui/review?kind=anomaly", "a.item"),
    Shot("review-second", "reviewer", _pointed_at("second word", "/ui/review/{}")),
    Shot("review-third", "reviewer2", _pointed_at("third word", "/ui/review/{}")),
    Shot("review-undeclared", "checker", "/ui/review?kind=undeclared", "a.item"),
    Shot("review-source", "checker", "/ui/review?kind=ask_source", "a.item"),
    Shot("cases", "checker", "/ui/cases"),
    Shot("case", "checker", _a_case),
    Shot("case-records", "checker", lambda scene: f"{_a_case(scene)}/evidence"),
    Shot("case-record", "checker", lambda scene: f"{_a_case(scene)}/evidence", "tbody a"),
    Shot("case-reveal", "checker", lambda scene: f"{_a_case(scene)}/reveal/m1"),
    Shot("case-recheck", "checker", lambda scene: f"{_a_case(scene)}/recheck"),
    Shot("case-objection", "checker", lambda scene: f"{_a_case(scene)}/objection"),
    Shot("case-trail", "checker", lambda scene: f"{_a_case(scene)}/audit"),
    Shot("report", "checker", lambda scene: f"{_a_case(scene)}/report"),
    Shot(
        "public-check", "checker", lambda scene: f"{_a_case(scene)}/report", "main a[href*='/v/']"
    ),
    Shot("report-to-sign", "reviewer", _pointed_at("to be signed", "/ui/cases/{}/report")),
    Shot("batches", "checker", "/ui/batches"),
    Shot("batch", "checker", "/ui/batches", "tbody tr:nth-child(2) a"),
    Shot("batch-done", "checker", "/ui/batches", "tbody tr:nth-child(3) a"),
    Shot("batch-held", "checker", _pointed_at("held batch", "/ui/batches/{}")),
    Shot("batch-new", "checker", "/ui/batches/new"),
    Shot("roster-passes", "checker", "/ui/roster-passes"),
    Shot("sources", "checker", "/ui/sources"),
    Shot("source", "checker", "/ui/sources", "tbody a"),
    Shot("alerts", "checker", "/ui/alerts"),
    Shot("alert", "checker", "/ui/alerts", "tbody a"),
    Shot("alert-rule", "checker", "/ui/alerts", "a[href*='/rules/']"),
    Shot("objections", "checker", "/ui/objections"),
    Shot("objection", "checker", "/ui/objections", "tbody a"),
    Shot("manual", "tax", "/ui/sources/manual"),
    Shot("manual-task", "tax2", "/ui/sources/manual", "tbody a"),
    Shot("stats", "city", "/ui/stats?by=period"),
    Shot("stats-errors", "city", "/ui/stats/errors?by=programme"),
    Shot("stats-errors-table", "city", "/ui/stats/errors?by=programme&view=table"),
    Shot("stats-matching", "city", "/ui/stats/matching"),
    Shot("stats-workload", "reviewer", "/ui/stats/workload"),
    Shot("stats-sample", "city", "/ui/stats/sample"),
    Shot("audit", "auditor", "/ui/audit?action=review_decided"),
    Shot("audit-unusual", "auditor", _looked_at_night),
    Shot("audit-report", "auditor", "/ui/audit/access-report"),
    Shot("staff", "secadmin2", "/ui/staff"),
    Shot("staff-accounts", "sysadmin", "/ui/staff"),
    Shot("staff-person", "secadmin2", _a_person),
    Shot("assignments", "reviewer", "/ui/assignments"),
    Shot("readings", "reviewer", "/ui/readings"),
    Shot("keys", "checker", "/ui/cases", press="?"),
    Shot("settings", "checker", "/ui/settings"),
    Shot("password", "checker", "/ui/password"),
)
BEFORE_SIGN_IN: Final = (("sign-in", "/ui/sign-in"), ("enrol", "/ui/enrol"))


async def take(folder: Path, only: Sequence[str] = ()) -> list[str]:
    """The pictures; gives the names of pages that were not there (a status from 400 on)."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hedui-screens-") as work:
        data, fonts = Path(work) / "demo", Path(work) / "browser"
        data.mkdir()
        fonts.mkdir()
        today: date = datetime.now(UTC).date()
        plan = Plan(seed=1, households=_HOUSEHOLDS, port=0, once=True, folder=data)
        county = await asyncio.to_thread(made_up, plan, today)
        async with at_work(plan, county, data, _say) as scene, launched(fonts) as browser:
            return await _all(browser, scene, folder, only)


async def _all(browser: Browser, scene: Scene, folder: Path, only: Sequence[str]) -> list[str]:
    missing: list[str] = []
    wanted = [one for one in PAGES if not only or one.name in only]
    async with desk(browser, scene.running.url) as nobody:
        for name, path in BEFORE_SIGN_IN:
            if not only or name in only:
                shot = Shot(name, "", path)
                missing += await _both(await nobody.page("/ui/sign-in"), shot, path, folder)
    for login in dict.fromkeys(one.who for one in wanted):
        async with desk(browser, scene.running.url) as one_desk:
            page = await one_desk.page("/ui/sign-in")
            await _sign_in(page, scene.people[login])
            for shot in (one for one in wanted if one.who == login):
                missing += await _both(page, shot, shot.address(scene), folder)
    return missing


async def _sign_in(page: Page, person: Person) -> None:
    """With the code of the next half minute where that of this one was used in the demo's weeks."""
    for later in (timedelta(0), timedelta(seconds=30)):
        await page.fill("#login", person.login)
        await page.fill("#password", PASSWORD)
        await page.fill("#code", person.code(datetime.now(UTC) + later))
        async with page.expect_navigation():
            await page.click("button[type=submit]")
        if "/ui/sign-in" not in page.url:
            return
    message = f"{person.login} cannot sign in"
    raise RuntimeError(message)


async def _both(page: Page, shot: Shot, path: str, folder: Path) -> list[str]:
    """In both languages; what is not there is not pictured."""
    origin = "/".join(page.url.split("/")[:3])
    for language in LANGUAGES:
        await page.goto(f"{origin}/ui/language/{language}")
        reply: Any = await page.goto(origin + path)
        if reply is None or reply.status >= 400 or ("sign-in" in page.url and shot.who):
            return [shot.name]
        if shot.follow:
            link = page.locator(shot.follow).first
            if not await link.count():
                return [shot.name]
            await page.goto(urljoin(page.url, await link.get_attribute("href") or ""))
        if shot.press:
            await page.keyboard.press(shot.press)
        await _kept(page, folder / f"{shot.name}-{language}.webp")
    return []


async def _kept(page: Page, path: Path) -> None:
    """By the browser's own encoder."""
    session = await page.context.new_cdp_session(page)
    taken = await session.send("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY})
    path.write_bytes(base64.b64decode(taken["data"]))
    await session.detach()


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - what a command says


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only", nargs="*", default=())
    given = parser.parse_args()
    missing = asyncio.run(take(given.folder, given.only))
    for name in missing:
        _say(f"not there: {name}")


if __name__ == "__main__":
    main()
