"""One field of one row in its scalar form, for pairs that a glance does not decide."""

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, Final

from matching.addresses import parse_address
from matching.bulk.columns import Columns
from matching.bulk.compared import Sides
from matching.bulk.glance import Rows
from matching.identity import Identity
from matching.idnumber import parse_number
from matching.names import parse_name
from matching.people import former_names
from matching.prepared import Prepared, prepare
from matching.weights import Weights

NOBODY: Final = Identity()
NOTHING: Final = {one.name: getattr(prepare(NOBODY), one.name) for one in fields(Prepared)}


def _only(**known: Any) -> Prepared:
    """Somebody of whom nothing else is known; cheaper than `dataclasses.replace`."""
    return Prepared(**{**NOTHING, **known})


@lru_cache(maxsize=1 << 17)
def _named(raw: str, former: str) -> Prepared:
    if former:
        return prepare(Identity(name=raw or None, former_names=former_names(former)))
    return _only(name=parse_name(raw))


@lru_cache(maxsize=1 << 15)
def _prepared(field: str, raw: str, extra: str) -> Prepared:
    if field == "id_number":
        return _only(number=parse_number(raw, extra or "resident_id"))
    if field == "address":
        return _only(address=parse_address(raw))
    single: dict[str, Any] = {field: raw}
    return prepare(replace(NOBODY, **single))


class Row:
    """The rows of one file, one field at a time."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __call__(self, field: str, row: int) -> Prepared:
        columns = self._columns
        raw = columns.raw(field, row) or ""
        if field == "name":
            former = columns.raw("former_name", row) if columns.names.has_former[row] else None
            return _named(raw, former or "")
        kind = columns.raw("id_type", row) if field == "id_number" else None
        return _prepared(field, raw, kind or "")


def sides_of(left: Columns, right: Columns, i: Rows, j: Rows, weights: Weights) -> Sides:
    """Two files and the pairs to compare."""
    return Sides(left, right, i, j, Row(left), Row(right), weights.shown_bits, {})
