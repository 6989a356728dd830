"""The table of phrases that name a difference, in zh and en."""

from functools import lru_cache
from typing import Any

from matching import tables


@lru_cache(maxsize=1)
def phrases() -> dict[str, Any]:
    """The packaged table, `data/explanation.yaml`."""
    table: dict[str, Any] = tables.document("explanation.yaml")
    return table
