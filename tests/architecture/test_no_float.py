"""Money is exact from the wire to the verdict: no binary fraction stands anywhere near it."""

import ast
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
MONEY: Final = (
    "app/domain",
    "app/programmes",
    "app/verification/merge",
    "app/batch/roster",
    "app/recipients",
    "app/api/schemas/verification.py",
    "app/store/packed_totals.py",
    "app/verification/document.py",
    "connectors/mapping.py",
    "connectors/readers.py",
    "connectors/records.py",
    "connectors/bank",
    "connectors/business_registration",
    "connectors/household_registry",
    "connectors/housing_fund",
    "connectors/insurance",
    "connectors/property",
    "connectors/securities",
    "connectors/social_insurance",
    "connectors/tax",
    "connectors/vehicle",
)
"""Where amounts are read, counted, held against limits and shown."""
OTHERS: Final = {
    "app/domain/decision.py": "chances of being wrong",
    "app/domain/evidence.py": "match probabilities",
    "app/domain/profile.py": "a match probability",
    "app/verification/merge/composition.py": "a match probability",
    "connectors/mapping.py": "names the type in order to refuse it",
    "connectors/readers.py": "names the type in order to read its text",
    "connectors/bank/client.py": "seconds",
    "connectors/transport/token.py": "seconds",
    "connectors/housing_fund/client.py": "seconds",
    "connectors/housing_fund/database.py": "seconds",
    "connectors/insurance/client.py": "seconds",
    "connectors/insurance/platform.py": "seconds",
    "connectors/insurance/signature.py": "seconds since 1970",
    "connectors/securities/client.py": "seconds",
    "connectors/securities/sheet.py": "cells of a workbook, whose text is read as Decimal",
    "connectors/securities/workbook.py": "seconds",
}
"""Modules that hold another quantity, and which."""


def modules() -> list[Path]:
    found: list[Path] = []
    for name in MONEY:
        path = ROOT / name
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return found


def floats_in(text: str) -> list[int]:
    """Lines that name the type, or hold a number of it."""
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    )


@pytest.mark.promise(3)
@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_of_money_knows_floats(path: Path) -> None:
    """Each says what else it holds, or holds none.

    Planted: `float(total)` in app/verification/merge/totals.py: that module's case failed.
    """
    name = path.relative_to(ROOT).as_posix()
    found = floats_in(path.read_text("utf-8"))
    assert bool(found) == (name in OTHERS), found


def test_what_the_lint_finds() -> None:
    assert floats_in("a = float(b)\nc = 1.5\nd: float") == [1, 2, 3]
    assert floats_in("a = Decimal('1.5')\nb = 1") == []
