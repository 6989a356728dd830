"""A look at one entity within a tool's own window 预览: masked, without script or style."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.reconciliation.entities import TOLD_OF_CASES

_TEMPLATES: Final = Path(__file__).parent / "templates"
_WORDS: Final = {one.id: one.name for one in TOLD_OF_CASES}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


def preview(cells: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The cells of an extended row as a page."""
    rows = [
        (_WORDS.get(name, name), "、".join(_shown(one) for one in some))
        for name, some in cells.items()
        if some
    ]
    return _environment().get_template("preview.html").render(rows=rows)


def _shown(cell: Mapping[str, Any]) -> str:
    if "date" in cell:
        return str(cell["date"])[:10]
    return str(cell.get("name") or cell.get("str") or "")
