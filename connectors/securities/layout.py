"""How a reply workbook is laid out: its headings and the words of its results (data)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml


@dataclass(frozen=True, slots=True)
class Layout:
    """Headings by their use, and what 查询结果 says.

    `failed` is how it begins where a person could not be looked up. A `security` has a `value`;
    a row without one tells the account's `cash`.
    """

    headings: tuple[str, ...]
    sequence: str
    result: str
    id_number: str
    security: str
    value: str
    cash: str
    held: str
    nothing: str
    failed: str

    @classmethod
    def load(cls, path: Path) -> "Layout":
        """Read the `layout` of a mapping file; raises `ValueError` where a key is missing."""
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        layout = content.get("layout") if isinstance(content, Mapping) else None
        if not isinstance(layout, Mapping):
            raise ValueError(f"{path.name}: no layout of the workbook")
        try:
            headings = tuple(map(str, layout["headings"]))
            words = {name: str(layout[name]) for name in _WORDS}
        except KeyError as missing:
            raise ValueError(f"{path.name}: layout has no {missing}") from None
        return cls(headings, **words)


_WORDS: Final = (
    "sequence",
    "result",
    "id_number",
    "security",
    "value",
    "cash",
    "held",
    "nothing",
    "failed",
)
