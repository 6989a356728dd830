"""Levels as small numbers, for arrays."""

from collections.abc import Mapping
from typing import Final

from matching.levels import Level

LEVELS: Final = tuple(Level)
CODES: Final[Mapping[Level, int]] = {level: code for code, level in enumerate(LEVELS)}
