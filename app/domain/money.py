"""Yuan as decimals, and the one rounding."""

from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

Yuan: TypeAlias = Decimal
"""An amount in yuan, unrounded until the end of a total."""

ZERO = Decimal(0)
_FEN = Decimal("0.01")


def round_yuan(amount: Yuan) -> Yuan:
    """Half-up to 0.01: once, at the end of each total."""
    return amount.quantize(_FEN, rounding=ROUND_HALF_UP)


def as_text(amount: Yuan) -> str:
    """The decimal string of the interface, two places: `"2600.00"`."""
    return f"{round_yuan(amount):f}"
