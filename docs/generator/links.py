"""Links of the written pages: pages as they are, pictures fetched, other files by their names."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LINK: Final = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
FENCE: Final = re.compile(r"^(```|~~~)")
TAGGED: Final = re.compile(r"^(```[a-z]+) test\b.*$")
_APART: Final = re.compile(r"<!-- promises: .*?-->.*?<!-- end of promises -->", re.DOTALL)
"""A table that a command writes; it is a page of its own, in both languages."""
_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*:")


def is_elsewhere(target: str) -> bool:
    """The link leaves the repository: another site, or an address of mail."""
    return _ELSEWHERE.match(target) is not None


@dataclass(frozen=True, slots=True)
class Page:
    """A written page: where it stands in the repository, and where its copy goes."""

    source: Path
    copy: Path
    pages: Path
    """The folder of the language's pages in the repository."""
    top: Path
    """The folder that the language's copies go to."""


def rendered(page: Page) -> str:
    """The page's text for the site; raises `ValueError` naming a link that leads nowhere."""
    lines, fenced = [], False
    text = _APART.sub("", page.source.read_text("utf-8"))
    for line in text.split("\n"):
        if FENCE.match(line.lstrip()):
            fenced = not fenced
            lines.append(TAGGED.sub(r"\1", line))
        else:
            lines.append(line if fenced else LINK.sub(lambda one: _link(page, one), line))
    return "\n".join(lines)


def _link(page: Page, found: re.Match[str]) -> str:
    picture, text, target = found.groups()
    if is_elsewhere(target) or target.startswith("#"):
        return found[0]
    path, _, _ = target.partition("#")
    there = (page.source.parent / path).resolve()
    if there.is_relative_to(page.pages.resolve()):
        return found[0]  # the site's own check tells whether it is there
    if not there.exists():
        raise ValueError(f"{page.source.relative_to(ROOT)}: {target} leads nowhere")
    if picture:
        return f"![{text}]({_fetched(page, there)})"
    name = there.relative_to(ROOT).as_posix()
    return f"{text} (`{name}`)" if text.strip("`") != name else f"`{name}`"


def _fetched(page: Page, picture: Path) -> str:
    """The picture beside the pages, and how the page reaches it."""
    copy = page.top / "pictures" / picture.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(picture, copy)
    up = len(page.copy.relative_to(page.top).parts) - 1
    return f"{'../' * up}pictures/{picture.name}"
