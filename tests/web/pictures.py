"""Key screens beside pictures of them that are kept in tests/web/pictures.

A picture is compared at half its size, dot by dot: how letters are smoothed differs a little from
machine to machine, and a colour, a border's place or a column that is gone does not hide in that.
The browser itself makes pictures small, decodes and compares them. `make pictures` takes new ones.
"""

import base64
import os
import tempfile
from pathlib import Path
from typing import Final

from playwright.async_api import Page

FOLDER: Final = Path(__file__).parent / "pictures"
NEW: Final = os.environ.get("HEDUI_PICTURES") == "new"
_FAR: Final = 24
"""Of 255: so much two dots differ that are not the same."""
_MOST: Final = 0.004
"""Share of dots that may differ: letters' edges, where another release draws them."""
_QUALITY: Final = 0.86


async def unlike(page: Page, name: str, *hidden: str) -> str:
    """What is unlike the kept picture of that name, in words; empty where it is alike.

    `hidden`: selectors of what is another each time. Ids are, too: they are written over.
    """
    await page.evaluate(_SETTLE, list(hidden))
    session = await page.context.new_cdp_session(page)
    taken = (await session.send("Page.captureScreenshot", {"format": "png"}))["data"]
    await session.detach()
    path = FOLDER / f"{name}.webp"
    if NEW:
        path.write_bytes(base64.b64decode(await page.evaluate(_SMALL, [taken, _QUALITY])))
        return ""
    if not path.exists():
        return f"there is no picture {name}: make pictures"
    kept = base64.b64encode(path.read_bytes()).decode()
    share, place = await page.evaluate(_COMPARE, [taken, kept, _FAR])
    if share <= _MOST:
        return ""
    seen = Path(tempfile.gettempdir()) / f"hedui-{name}.webp"
    seen.write_bytes(base64.b64decode(await page.evaluate(_SMALL, [taken, _QUALITY])))
    return f"{share:.2%} of {seen} differs, within {place} (left, top, right, bottom)"


async def without_rule(page: Page, selector: str) -> None:
    """As if the style sheets lacked the first rule of this selector."""
    assert await page.evaluate(_WITHOUT, selector), selector


_SETTLE: Final = """async (hidden) => {
  await document.fonts.ready;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode;
    const told = text.data.replace(/\\b(?:[a-z]{2,4}[_-]|HD-?|SQ-?)[0-9A-Z]{8,}\\b/g, 'id_0000');
    if (told !== text.data) text.data = told;
  }
  for (const selector of hidden)
    for (const one of document.querySelectorAll(selector)) one.style.visibility = 'hidden';
  if (document.activeElement) document.activeElement.blur();
}"""
_DOTS: Final = """async (data, half) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(image.width / half, image.height / half);
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return [canvas, context.getImageData(0, 0, canvas.width, canvas.height)];
}"""
_SMALL: Final = f"""async ([taken, quality]) => {{
  const [canvas] = await ({_DOTS})(taken, 2);
  const blob = await canvas.convertToBlob({{ type: 'image/webp', quality }});
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(''));
}}"""
_COMPARE: Final = f"""async ([taken, kept, far]) => {{
  const dots = {_DOTS};
  const [, one] = await dots(taken, 2), [, other] = await dots(kept, 1);
  if (one.width !== other.width || one.height !== other.height) return [1, 'another size'];
  let count = 0, left = one.width, top = one.height, right = 0, bottom = 0;
  for (let at = 0; at < one.data.length; at += 4) {{
    const apart = Math.max(
      ...[at, at + 1, at + 2].map((place) => Math.abs(one.data[place] - other.data[place])));
    if (apart <= far) continue;
    const x = (at / 4) % one.width, y = Math.floor(at / 4 / one.width);
    count += 1;
    left = Math.min(left, x); right = Math.max(right, x);
    top = Math.min(top, y); bottom = Math.max(bottom, y);
  }}
  const place = [left, top, right, bottom].map((side) => side * 2).join(', ');
  return [count / (one.width * one.height), place];
}}"""
_WITHOUT: Final = """(selector) => {
  for (const sheet of document.styleSheets)
    for (let at = 0; at < sheet.cssRules.length; at += 1)
      if (sheet.cssRules[at].selectorText === selector) { sheet.deleteRule(at); return true; }
  return false;
}"""
