"""Markdown of the generated pages: headings with fixed anchors, tables, texts without surprises."""

import re
from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(`[^`]*`)")


def heading(level: int, text: str, anchor: str = "") -> list[str]:
    """A heading and a blank line; the anchor is the same in both languages."""
    mark = f" {{ #{anchor} }}" if anchor else ""
    return [f"{'#' * level} {safe(text)}{mark}", ""]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of texts that are Markdown already; nothing where there are no rows."""
    lines = [" | ".join(["", *(cell(one) for one in row), ""]).strip() for row in rows]
    if not lines:
        return []
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines, ""]


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ") or " "


def code(text: object) -> str:
    """In a monospaced font; an empty text stays empty."""
    return f"`{text}`" if str(text) else ""


def safe(text: str) -> str:
    """A text of the code as it reads: nothing outside of backticks is HTML or emphasis."""
    parts = _CODE.split(text)
    return "".join(
        part if part.startswith("`") else re.sub(r"([<>*_\[\]{}])", r"\\\1", part) for part in parts
    )


def anchor(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
