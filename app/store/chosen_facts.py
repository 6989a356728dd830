"""Which facts of decisions are read: of a region, current, one a household, not erased."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from app.store.base import in_region
from app.store.tables_facts import decision_fact

_FACT = decision_fact.c
_CITY_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which final decisions: of a region's subtree, of one programme where it is named.

    `current`: those alone that no later one has replaced. `one_a_household`: of each household the
    one that became final last, whatever its programme.
    """

    region: str
    programme: str | None = None
    current: bool = True
    one_a_household: bool = False


def rows_of(chosen: Chosen) -> "list[sa.ColumnElement[bool]]":
    # A province is read as the table lies and a county by its index, never by one of programmes,
    # which would look up row after row: as an expression, a column is found in no index.
    is_wide = len(chosen.region) < _CITY_DIGITS
    region = _FACT.region + "" if is_wide else _FACT.region
    rows = [_FACT.status == "final", in_region(region, chosen.region)]
    if chosen.programme is not None:
        rows.append(_FACT.programme + "" == chosen.programme)
    if chosen.current:
        rows.append(_FACT.current.is_(True))
    if chosen.one_a_household:
        rows.append(~_has_a_newer())
    return rows


def _has_a_newer() -> "sa.ColumnElement[bool]":
    other = decision_fact.alias("newer").c
    ours = sa.tuple_(_FACT.final_at, _FACT.verification_id, _FACT.programme)
    theirs = sa.tuple_(other.final_at, other.verification_id, other.programme)
    return sa.exists().where(
        other.household_index == _FACT.household_index,
        other.status == "final",
        other.current.is_(True),
        theirs > ours,
    )


def is_told() -> "sa.ColumnElement[bool]":
    """Whether a decision's amounts are there: of what was erased, the outcome alone stays."""
    return sa.func.length(_FACT.sealed_totals) > 0
