"""Names and codes of places that changed (行政区划沿革、街路更名): the old one leads to the new."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from matching import tables


@lru_cache(maxsize=1)
def _places() -> dict[str, Any]:
    table: dict[str, Any] = tables.document("places.yaml")
    return table


@lru_cache(maxsize=1)
def area_successors() -> Mapping[str, str]:
    """Area code of a county that was merged or renumbered → its next code, 6 digits each."""
    return dict(_places()["areas"])


@lru_cache(maxsize=1)
def county_names() -> Mapping[str, str]:
    """Former name of a county or city → its present name."""
    return dict(_places()["counties"])


@lru_cache(maxsize=1)
def road_names() -> Mapping[str, str]:
    """Former name of a road → its present name."""
    return dict(_places()["roads"])


@lru_cache(maxsize=1)
def leading_region() -> re.Pattern[str]:
    """A region written in front of a firm's name without 省 or 市: 长春福兴食品."""
    return re.compile("(?:" + "|".join(sorted(_places()["regions"], key=len, reverse=True)) + ")")


@lru_cache(maxsize=1)
def moved_counties() -> frozenset[str]:
    """Counties that came under another city: old and new addresses name different cities."""
    return frozenset(_places()["moved"])
