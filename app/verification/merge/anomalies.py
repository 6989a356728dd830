"""Values that are hardly ever so 异常, by rules of a file: a person looks, nothing changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from app.domain import yaml_text
from app.domain.evidence import Evidence
from app.domain.instants import china_day
from app.domain.settlement import SettledAs
from app.verification.merge.records import Material
from connectors.records import AnyRecord

_FILE: Final = Path(__file__).parent / "anomalies.yaml"
_TYPES: Final = {"tax_entry": "income_entry"}
"""A record's kind in the rules, where its type has another name."""
Likely = Literal["unit_fen", "unit_wan", "unit_area", "swapped", "duplicate"]


class Rule(BaseModel):
    """One rule, as the file has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str
    record: Literal["tax_entry", "contribution", "fund_account", "bank_account", "ownership"]
    field: str = ""
    usual: tuple[Decimal | None, Decimal | None] = (None, None)
    above_zero: bool = False
    no_day_to_come: bool = False
    twice: tuple[str, ...] = ()
    likely: tuple[Likely, ...]

    @property
    def type(self) -> str:
        return _TYPES.get(self.record, self.record)


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A record's value that a rule points at; `like`: the record that it repeats."""

    rule: str
    row: Evidence[AnyRecord]
    value: str | None
    like: str | None = None

    @property
    def subject(self) -> str:
        return f"anomaly:{self.rule}:{self.row.id}"

    def is_true(self, material: Material) -> bool:
        """A person said so."""
        settled = material.settled_of(self.subject, (self.row.id,))
        return settled is not None and settled.how is SettledAs.TRUE


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Rule]:
    """By key, in the order of the file."""
    rows = yaml_text.load(_FILE.read_text("utf-8"))
    return {key: Rule.model_validate(row) for key, row in rows.items()}


def anomalies_of(material: Material) -> Iterator[Anomaly]:
    """All of the accepted records that count, rule by rule."""
    by_type: dict[str, list[Evidence[AnyRecord]]] = {}
    for row in material.accepted:
        by_type.setdefault(row.record.type, []).append(row)
    for key, rule in rules().items():
        rows = by_type.get(rule.type, [])
        yield from _twice(key, rule, rows) if rule.twice else _unusual(material, key, rule, rows)


def _unusual(
    material: Material, key: str, rule: Rule, rows: Sequence[Evidence[AnyRecord]]
) -> Iterator[Anomaly]:
    for row in rows:
        value = getattr(row.record, rule.field)
        if isinstance(value, date):
            unusual = rule.no_day_to_come and value > _told_by(material, row)
        else:
            unusual = value is not None and _is_unusual(rule, value)
        if unusual:
            yield Anomaly(key, row, f"{value:f}" if isinstance(value, Decimal) else str(value))


def _told_by(material: Material, row: Evidence[AnyRecord]) -> date:
    """The last day that the source could know of: replies often come days later."""
    return max(material.request.as_of, china_day(row.answered_at))


def _is_unusual(rule: Rule, value: Any) -> bool:
    low, high = rule.usual
    if rule.above_zero and value <= 0:
        return False
    return (low is not None and 0 <= value < low) or (high is not None and value > high)


def _twice(key: str, rule: Rule, rows: Sequence[Evidence[AnyRecord]]) -> Iterator[Anomaly]:
    first: dict[tuple[object, ...], str] = {}
    for row in rows:
        told = (row.person, row.source, *(getattr(row.record, name) for name in rule.twice))
        like = first.setdefault(told, row.id)
        if like != row.id:
            yield Anomaly(key, row, None, like)
