"""One row of the table of values, as the interface shows it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.interval import Interval
from app.domain.money import as_text
from app.dossier.coverage import Replied, Told, told_document
from app.dossier.lines import Compared, Line, amount
from app.dossier.wage_sum import WageSum


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An item of one person, or of all of whom the same is known.

    `comparison`: None of what nobody has to declare.
    """

    kind: str
    group: str
    unit: str
    persons: Sequence[str]
    declared: Decimal | None
    verified: Interval | None
    comparison: Compared | None = Compared.CANNOT_CHECK
    difference: Interval | None = None
    lines: Sequence[Line] = ()
    told: Sequence[Told] = ()
    basis: str | None = None
    why: str | None = None
    wage_sum: WageSum | None = None

    @property
    def id(self) -> str:
        """The same as long as the row is about the same."""
        return "-".join((self.group, self.kind, self.basis or "", *self.persons)).replace("--", "-")

    def document(self, replied: Replied) -> dict[str, Any]:
        pieces = self.unit == "pieces"
        lines = self.lines
        return {
            "id": self.id,
            "group": self.group,
            "kind": self.kind,
            "basis": self.basis,
            "unit": self.unit,
            "persons": list(self.persons),
            "declared": self._declared(),
            "verified": _shown(self.verified, pieces=pieces),
            "comparison": None if self.comparison is None else self.comparison.value,
            "difference": _shown(self.difference, pieces=pieces),
            "counted": any(one.counted for one in lines) or self.why == "proven",
            "why": self.why or next((one.why for one in lines if one.why), None),
            "from": min((one.first for one in lines if one.first), default=None),
            "to": max((one.last for one in lines if one.last), default=None),
            "on": max((one.on for one in lines if one.on), default=None),
            "wage_sum": None if self.wage_sum is None else self.wage_sum.document(),
            "lines": [_line_document(one, in_pieces=pieces) for one in lines],
            "sources": [told_document(one, self.persons, replied) for one in self.told],
        }

    def _declared(self) -> Any:
        if self.declared is None:
            return None
        return int(self.declared) if self.unit == "pieces" else as_text(self.declared)


def _shown(value: Interval | None, *, pieces: bool) -> Any:
    return None if value is None else amount(value, pieces=pieces)


def _line_document(one: Line, *, in_pieces: bool) -> dict[str, Any]:
    return {
        "id": one.id,
        "value": None if one.value is None or in_pieces else amount(one.value),
        "counted": one.counted,
        "why": one.why,
        "on": one.on,
        "payer": one.payer,
        "details": dict(one.details),
        "evidence": sorted(one.evidence),
    }
