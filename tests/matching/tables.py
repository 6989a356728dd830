"""Reads the hand-made tables of cases beside the tests."""

from pathlib import Path
from typing import Any

import yaml


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of `cases/<name>.yaml`, in their order."""
    path = Path(__file__).parent / "cases" / f"{name}.yaml"
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
