"""A change in words for a person: what was before, what is after."""

from collections.abc import Mapping
from typing import Final

_NOT_SHOWN: Final = frozenset({"owner", "as"})
"""Indexes and words that mean nothing to a reader."""


def shown(values: Mapping[str, str]) -> str:
    """`plate=…; kind=…`; empty where there is nothing to show."""
    told = ((name, value) for name, value in values.items() if name not in _NOT_SHOWN and value)
    return "; ".join(f"{name}={value}" for name, value in told)
