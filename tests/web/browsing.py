"""A real browser on a real service: what tests of pages stand on.

Each page of `Browser` fails its test where the console has an error or the content policy was hit.
"""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import noto_cjk_sans_otc
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
WCAG: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
DESK: Final = {"width": 1366, "height": 768}
SIZES: Final = ((1366, 768), (1366, 650), (1100, 700), (683, 384))
"""A desk, one under the browser's own bars, a small window, and a desk at a zoom of 200 %."""
_FONTS: Final = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{folder}</dir><cachedir>{cache}</cachedir>
<alias><family>sans-serif</family><prefer><family>Noto Sans CJK SC</family></prefer></alias>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family>
<family>Noto Sans Mono CJK SC</family></prefer></alias></fontconfig>
"""


def chromium() -> str:
    """Where it is. `make setup-dev` installs Debian's."""
    for name in CHROMIUM:
        path = shutil.which(name)
        if path is not None:
            return path
    raise FileNotFoundError("no Chromium: apt-get install chromium")


@asynccontextmanager
async def served(app: FastAPI, port: int) -> AsyncIterator[None]:
    """The app over HTTP, on the port that its public address names; its life is the caller's."""
    config = uvicorn.Config(
        app, port=port, lifespan="off", log_level="warning", access_log=False, ws="none"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def launched(folder: Path) -> AsyncIterator[Browser]:
    """Chromium, with the fonts that the tests bring."""
    fonts = folder / "fonts.conf"
    home = Path(noto_cjk_sans_otc.__file__).parent
    fonts.write_text(_FONTS.format(folder=home, cache=folder / "fonts"), "utf-8")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",  # where that file system is small a page would die
                "--font-render-hinting=none",
            ],
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Desk:
    """One person's browser: cookies of his or her own, and what went wrong on its pages."""

    context: BrowserContext
    url: str
    faults: list[str] = field(default_factory=list)

    async def page(self, path: str = "/ui/") -> Page:
        """A new page, at the path."""
        page = await self.context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        await page.goto(self.url + path)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        expected = "the server responded with a status of 4"  # a refusal is a page of its own
        if message.type in ("error", "warning") and expected not in message.text:
            self.faults.append(f"{message.type}: {message.text}")


@asynccontextmanager
async def desk(
    browser: Browser, url: str, headers: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[Desk]:
    """A browser of its own for whoever the headers of `session_of` sign in."""
    context = await browser.new_context(
        **{"viewport": DESK, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
    )
    if headers is not None:
        name, _, value = headers["Cookie"].partition("=")
        await context.add_cookies([{"name": name, "value": value, "url": url}])
    one = Desk(context, url)
    try:
        yield one
    finally:
        await context.close()
    assert one.faults == [], one.faults


async def axe(page: Page) -> list[str]:
    """What axe-core has against the page: rule and first place of each violation."""
    from axe_playwright_python.async_playwright import Axe  # noqa: PLC0415 - slow to load

    # What holds is thousands of nodes to write down and to send: it is not asked for.
    found = await Axe().run(page, options={"runOnly": [*WCAG], "resultTypes": ["violations"]})
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found.response["violations"]]


async def fits(page: Page) -> list[str]:
    """What is cut off, moves sideways or hides the decision bar: at each size, and in large type.

    The page is left as it was opened.
    """
    faults = []
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        faults += [f"{width}×{height}: {one}" for one in await page.evaluate(_MISFITS)]
    await page.set_viewport_size({**DESK})  # type: ignore[typeddict-item]
    size = await page.evaluate("document.documentElement.dataset.size ?? ''")
    set_size = "size => document.documentElement.setAttribute('data-size', size)"
    await page.evaluate(set_size, "large")
    faults += [f"large type: {one}" for one in await page.evaluate(_MISFITS)]
    await page.evaluate(set_size, size)
    return faults


async def sound(page: Page) -> list[str]:
    """What axe-core has against the page, and what does not fit."""
    return [*await axe(page), *await fits(page)]


_MISFITS: Final = """() => {
  const faults = [], root = document.documentElement, main = document.querySelector('main');
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} wide`);
  if (main && getComputedStyle(main).overflowX !== 'visible'
      && main.scrollWidth > main.clientWidth + 1) faults.push('the main part moves sideways');
  const bar = document.querySelector('form.decide [data-key=submit]');
  if (bar) {
    const at = bar.getBoundingClientRect();
    if (at.top < 0 || at.bottom > innerHeight + 1 || at.right > innerWidth + 1)
      faults.push(`the decision bar is out of sight: ${at.top} to ${at.bottom}`);
  }
  const decide = document.querySelector('form.decide');
  if (decide) {
    const boxes = [];
    const parts = '.choice > span, select, input[type=text], button, kbd';
    for (const one of decide.querySelectorAll(parts))
      if (!one.closest('.choice > span, button') || one.matches('.choice > span, button'))
        boxes.push([one.name || one.textContent.trim(), one.getBoundingClientRect()]);
    for (const label of decide.querySelectorAll('label.f'))
      for (const text of label.childNodes) {
        const range = document.createRange();
        range.selectNodeContents(text);
        if (text.nodeType === 3 && text.data.trim())
          boxes.push([text.data.trim(), range.getBoundingClientRect()]);
      }
    const shown = boxes.filter(([, at]) => at.width && at.height);
    shown.forEach(([name, at], place) => shown.slice(place + 1).forEach(([other, its]) => {
      if (Math.min(at.right, its.right) - Math.max(at.left, its.left) > 1
          && Math.min(at.bottom, its.bottom) - Math.max(at.top, its.top) > 1)
        faults.push(`in the decision bar "${name}" lies over "${other}"`);
    }));
    for (const one of decide.querySelectorAll('select, input[type=text]')) {
      const style = getComputedStyle(one), pen = document.createElement('canvas').getContext('2d');
      const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      pen.font = `${style.fontSize} ${style.fontFamily}`;
      if (one.clientWidth && room < Math.max(60, pen.measureText(one.placeholder || '').width - 1))
        faults.push(`in the decision bar "${one.name}" is ${one.clientWidth} wide`);
    }
  }
  for (const one of document.querySelectorAll('.review svg text, .card svg text')) {
    const drawn = one.getScreenCTM(), high = parseFloat(getComputedStyle(one).fontSize);
    if (Math.min(Math.abs(drawn.a), Math.abs(drawn.d)) * high < 11.9)
      faults.push(`"${one.textContent}" is drawn ${(drawn.a * high).toFixed(1)} px high`);
  }
  const roomy = innerWidth >= 1366 && root.dataset.size !== 'large';
  for (const panel of roomy ? document.querySelectorAll('main .panel, main .card') : []) {
    if (getComputedStyle(panel).overflowX !== 'visible') {
      if (panel.scrollWidth > panel.clientWidth + 1)
        faults.push(`a panel moves sideways: ${panel.textContent.trim().slice(0, 40)}`);
      continue;
    }
    const edge = panel.getBoundingClientRect().right;
    for (const one of panel.querySelectorAll('.tag, td, th'))
      if (!one.closest('.xs, .vh') && one.getBoundingClientRect().right > edge + 1)
        faults.push(`"${one.textContent.trim().slice(0, 40)}" sticks out of its panel`);
  }
  for (const one of document.querySelectorAll('main *')) {
    const style = getComputedStyle(one);
    const cuts = style.overflowX === 'hidden' || style.overflowX === 'clip';
    if (cuts && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1
        && !one.closest('.vh') && one.tagName !== 'INPUT')
      faults.push(`cut: <${one.tagName.toLowerCase()} class="${one.className}"> `
        + one.textContent.trim().slice(0, 40));
  }
  return faults;
}"""


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
