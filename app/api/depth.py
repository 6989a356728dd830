"""How deep a JSON text nests and how much it holds, known before anything recurses through it."""

import re
from typing import Final

import numpy as np

MOST_DEPTH: Final = 64
MOST_VALUES: Final = 100_000
"""Objects and lists, and as many strings twice over; a household has some hundreds."""
_STRINGS: Final = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_OPENING: Final = b"[{"
_ALL_BUT_BRACKETS: Final = bytes(sorted(set(range(256)) - set(b"[]{}")))


def why_not(text: bytes) -> str | None:
    """What is wrong with the text as far as a reader may be harmed; None: it may be read."""
    if b"\x00" in text:
        return "JSON is UTF-8, without the character 0"
    opening = text.count(b"[") + text.count(b"{")
    if opening <= MOST_DEPTH:
        return None
    if opening > MOST_VALUES or text.count(b'"') > 4 * MOST_VALUES:
        return f"at most {MOST_VALUES} objects and lists are taken"
    return f"at most {MOST_DEPTH} levels are taken" if _depth(text) > MOST_DEPTH else None


def _depth(text: bytes) -> int:
    """What stands in strings is no bracket."""
    brackets = np.frombuffer(
        _STRINGS.sub(b"", text).translate(None, _ALL_BUT_BRACKETS), dtype=np.uint8
    )
    steps = np.where(np.isin(brackets, list(_OPENING)), 1, -1)
    return int(steps.cumsum().max()) if brackets.size else 0
