"""A report's sheet as HTML and PDF; the sheet is the only input."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
import typst
from jinja2 import Environment, FileSystemLoader, select_autoescape

from app.report.glyphs import FONTS
from app.report.qr import svg
from app.report.said import TEMPLATES, Said, words

WORDS: Final = words()
"""The interface's codes in the words of the field, zh-CN and en."""


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(), trim_blocks=True
    )


def word(code: str, language: str = "zh") -> str:
    """The field's word for a code; the code itself where there is none."""
    return Said(language).word(code)


def html(sheet: Mapping[str, Any]) -> str:
    """The report as a page; every value of a source is escaped."""
    return _environment().get_template("report.html").render(sheet=sheet)


def pdf(sheet: Mapping[str, Any]) -> bytes:
    """The report as PDF/A-2b: the same bytes for the same sheet."""
    compiled = typst.compile(
        str(TEMPLATES / "report.typ"),
        format="pdf",
        sys_inputs={"sheet": orjson.dumps(sheet).decode(), "qr": svg(sheet["qr"])},
        pdf_standards=["a-2b"],
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        timestamp=0,
    )
    if not isinstance(compiled, bytes):
        raise TypeError("the typesetter gave no single document")
    return compiled
