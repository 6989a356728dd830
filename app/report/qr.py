"""The address of the public check as a QR code, drawn without a picture file."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Any

import segno

_BORDER = 2


@lru_cache(maxsize=256)
def qr_of(url: str) -> Mapping[str, Any]:
    """`size` of the square and `path` of its dark fields, both in fields."""
    matrix = segno.make(url, error="m", micro=False).matrix
    parts = []
    for y, row in enumerate(matrix, _BORDER):
        x = _BORDER
        for is_dark, run in groupby(row):
            width = len(list(run))
            if is_dark:
                parts.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return MappingProxyType({"size": len(matrix) + 2 * _BORDER, "path": "".join(parts)})


def svg(qr: Mapping[str, Any]) -> str:
    """A file of its own, for the print."""
    size = qr["size"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path d="{qr["path"]}" fill="#000"/></svg>'
    )
