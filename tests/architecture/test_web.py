"""Pages show what the interface gives, and hold no style, script or event of their own."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
WEB: Final = ROOT / "app" / "web"
KNOWN: Final = {
    "shell.py": {"sessions", "shelf", "staffing", "now", "areas", "institutions"},
    "*": {"cookie", "provider", "now", "public_url", "standards"},
}
"""Parts of the service that a page may use itself; all else goes through `Inner`."""
FORBIDDEN: Final = (
    r"\sstyle\s*=",
    r"<style",
    r"\son[a-z]+\s*=(?!=)",
    r"\shx-on",
    r"javascript:",
    r"<script(?![^>]*\ssrc=)",
    r"\|\s*safe\b",
)
NEWER: Final = (r":has\(", r"@container", r"color-mix\(", r"\binset:", r"aspect-ratio", r"subgrid")
"""CSS that Chromium 86 does not know."""


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.py")), ids=lambda path: path.name)
def test_pages_ask_the_interface(path: Path) -> None:
    used = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "service"
    }
    assert used <= KNOWN["*"] | KNOWN.get(path.name, set())


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.html")), ids=lambda path: path.name)
def test_templates_hold_no_style_script_or_event(path: Path) -> None:
    text = path.read_text("utf-8")
    assert [one for one in FORBIDDEN if re.search(one, text, re.IGNORECASE)] == []


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.css")), ids=lambda path: path.name)
def test_styles_are_known_to_old_browsers(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert [one for one in NEWER if re.search(one, text)] == []
    nested = re.findall(r"^[^@{}]*\{[^}]*\{", text, re.MULTILINE)
    assert nested == []
