"""A decision's amounts in few bytes: packed, so that a million are read as one array."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from struct import Struct
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.domain.errors import Undecipherable
from app.domain.interval import Interval, Truth
from app.domain.money import round_yuan
from app.domain.profile import COUNT_TOTALS, Totals
from app.programmes.vector import (
    MOST_UNITS,
    NO_BOUND,
    OPEN,
    TOTALS,
    YES,
    TotalsArray,
    in_units,
)

VERSION: Final = 1
FEN: Final = 100
NONE: Final = -1
"""An amount that there is not: no gap is paid, no error of money is known."""
_PACK: Final = Struct(f"<4B3q{2 * len(TOTALS)}q")
PACKED: Final = np.dtype(
    [
        ("version", "u1"),
        ("identity", "u1"),
        ("ethnic_group", "u1"),
        ("minors", "u1"),
        ("gap", "<i8"),
        ("over", "<i8"),
        ("under", "<i8"),
        *((name, "<i8", (2,)) for name in TOTALS),
    ]
)
"""Fields of the array, a row a decision: `identity` YES or OPEN (vector.py), `ethnic_group` 民族 of
the head by GB/T 3304 (0 unknown), `minors`; `gap` 补差 paid a month, `over` and `under` expected to
be paid wrongly a month, in fen (-1 none); then each total as (low, high): counts as they are, the
others in UNITS of a yuan or square metre, a high of -1 for no bound."""
Packed: TypeAlias = NDArray[np.void]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What of a decision is sealed; yuan a month, None where there is no such amount."""

    totals: Totals
    identity: Truth
    ethnic_group: int
    minors: int
    gap: Decimal | None
    over: Decimal | None
    under: Decimal | None


def packed(amounts: Amounts) -> bytes:
    """The bytes of one row; a total beyond what fits is as good as beyond every limit."""
    bounds: list[int] = []
    for name in TOTALS:
        whole = int if name in COUNT_TOTALS else in_units
        bounds += _bounds(getattr(amounts.totals, name), whole)
    return _PACK.pack(
        VERSION,
        OPEN if amounts.identity is Truth.OPEN else YES,
        amounts.ethnic_group,
        min(amounts.minors, 255),
        _fen(amounts.gap),
        _fen(amounts.over),
        _fen(amounts.under),
        *bounds,
    )


def unpacked(rows: Sequence[bytes]) -> Packed:
    """All rows as one array; `Undecipherable` where one is of another version or length."""
    if any(len(row) != _PACK.size for row in rows):
        raise Undecipherable("decision_fact.sealed_totals: a row of another length")
    array: Any = np.frombuffer(b"".join(rows), dtype=PACKED)
    if (array["version"] != VERSION).any():
        raise Undecipherable("decision_fact.sealed_totals: a row of another version")
    return array  # type: ignore[no-any-return]  # numpy's stubs do not tell a dtype from a list


def totals_of(rows: Packed) -> TotalsArray:
    """The totals as they are judged."""
    columns = {name: np.ascontiguousarray(rows[name].T) for name in TOTALS}
    bounds = {name: (column[0], column[1]) for name, column in columns.items()}
    return TotalsArray(bounds, rows["identity"].astype(np.int8))


def _bounds(value: Interval, whole: Callable[[Decimal], int]) -> tuple[int, int]:
    low = min(whole(value.low), MOST_UNITS)
    if value.high is None:
        return low, NO_BOUND
    high = whole(value.high)
    return low, NO_BOUND if high > MOST_UNITS else high


def _fen(amount: Decimal | None) -> int:
    return NONE if amount is None else min(int(round_yuan(amount) * FEN), MOST_UNITS)
