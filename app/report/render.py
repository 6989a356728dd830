"""A report's content as HTML, PDF and JSON; the content is the only input."""

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import noto_cjk_sans_otc
import orjson
import segno
import typst
from jinja2 import Environment, FileSystemLoader, select_autoescape

_TEMPLATES = Path(__file__).parent / "templates"
WORDS = orjson.loads((_TEMPLATES / "words.json").read_bytes())
"""The interface's codes in the words of the field, zh-CN and en."""


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(), trim_blocks=True
    )
    environment.filters["word"] = word
    environment.filters["amount"] = amount
    return environment


def word(code: str, language: str = "zh") -> str:
    """The field's word for a code; the code itself where there is none."""
    return str(WORDS.get(code, {}).get(language, code))


def amount(value: Any) -> str:
    """`15320.55`, or `≥ 20000.00`, or `0.00 – 20000.00`; unknown is a word, never 0."""
    if value is None:
        return "—"
    if isinstance(value, dict):
        if value["max"] is None:
            return f"≥ {value['min']}"
        return f"{value['min']} – {value['max']}"
    return str(value)


def qr_code(url: str) -> str:
    """The public check's address as an SVG."""
    buffer = io.BytesIO()
    segno.make(url, error="m").save(buffer, kind="svg", border=1, svgclass=None, lineclass=None)
    return buffer.getvalue().decode()


def html(content: bytes, check_url: str, language: str = "zh") -> str:
    """The report as a page; every value of a source is escaped."""
    template = _environment().get_template("report.html")
    document = orjson.loads(content)
    return template.render(report=document, language=language, check_url=check_url)


def pdf(content: bytes, check_url: str, language: str = "zh") -> bytes:
    """The report as a PDF: the same bytes for the same content."""
    data = {
        "content": content.decode(),
        "words": orjson.dumps(WORDS).decode(),
        "language": language,
        "check_url": check_url,
        "qr": qr_code(check_url),
    }
    compiled = typst.compile(
        str(_TEMPLATES / "report.typ"),
        format="pdf",
        sys_inputs=data,
        pdf_standards=["a-2b"],
        font_paths=[str(Path(noto_cjk_sans_otc.__file__).parent)],
        ignore_system_fonts=True,
        timestamp=0,
    )
    if not isinstance(compiled, bytes):
        raise TypeError("the typesetter gave no single document")
    return compiled
