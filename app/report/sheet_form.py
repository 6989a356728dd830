"""What parts of a report's sheet are made of: tables, and what persons are called in them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Content = Mapping[str, Any]
Block = dict[str, Any]


class Names:
    """What persons are called: by their masked names, with the ref where two are alike."""

    def __init__(self, content: Content) -> None:
        alike = Counter(one["name"] for one in content["persons"])
        self._names = {
            one["ref"]: one["name"] if alike[one["name"]] == 1 else f"{one['name']}（{one['ref']}）"
            for one in content["persons"]
        }

    def __getitem__(self, ref: str | None) -> str:
        return "—" if ref is None else str(self._names.get(ref, ref))


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], widths: str, align: str = ""
) -> dict[str, Any]:
    """`widths`: `a` as wide as its text, digits share what is left; `align`: l or r a column."""
    return {
        "kind": "table",
        "head": list(head),
        "rows": [list(row) for row in rows],
        "widths": list(widths),
        "align": list(align or "l" * len(head)),
    }


def text(words: str) -> Block:
    """A line of its own."""
    return {"kind": "text", "text": words}
