"""What a household says of a difference 说明: which there are, what accepting one does.

A line is another one only where all of its records are those that the word was about.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar, assert_never

from pydantic import BaseModel, ConfigDict

from app.domain import yaml_text
from app.domain.household import AssetKind, IncomeKind
from app.domain.interval import NOTHING, Interval
from app.domain.money import ZERO
from app.domain.profile import AssetLine, IncomeLine
from app.domain.settlement import SettledAs, Settlement
from app.verification.merge.records import Material

_FILE: Final = Path(__file__).parent / "explanations.yaml"
L = TypeVar("L", IncomeLine, AssetLine)


class Effect(StrEnum):
    """What accepting an explanation does to what was found."""

    NOT_COUNTED = "not_counted"
    AMOUNT_NOT_COUNTED = "amount_not_counted"
    AMOUNT_COUNTS = "amount_counts"
    STANDS = "stands"

    @property
    def needs_amount(self) -> bool:
        return self in (Effect.AMOUNT_NOT_COUNTED, Effect.AMOUNT_COUNTS)


class Explanation(BaseModel):
    """One of the explanations, as the file has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str
    of: frozenset[str]
    effect: Effect
    two_persons: bool
    proof: bool


@lru_cache(maxsize=1)
def explanations() -> Mapping[str, Explanation]:
    """By code, in the order of the file."""
    rows = yaml_text.load(_FILE.read_text("utf-8"))
    return {code: Explanation.model_validate(row) for code, row in rows.items()}


def subject_of(what: str, person: str, kind: str) -> str:
    """The difference of a person and a kind; `what`: income or asset."""
    return f"declared:{what}:{person}:{kind}"


def explaining(subject: str) -> Mapping[str, Explanation]:
    """The explanations that there are of a difference."""
    what, _, kind = subject.split(":")[1:4]
    return {code: one for code, one in explanations().items() if f"{what}:{kind}" in one.of}


def explained_income(material: Material, lines: Iterable[IncomeLine]) -> list[IncomeLine]:
    """The lines as they count once explanations were accepted."""
    found = list(lines)
    for settled, some in _about(material, found, "income", tuple(IncomeKind)):
        told = (settled.amount or ZERO) * some[0].months
        totals = _totals(_effect(settled), told, [one.total for one in some])
        for line, total in zip(some, totals, strict=True):
            found[found.index(line)] = _said(line, settled, total)
    return found


def explained_assets(material: Material, lines: Iterable[AssetLine]) -> list[AssetLine]:
    """The same of assets."""
    found = list(lines)
    for settled, some in _about(material, found, "asset", tuple(AssetKind)):
        told = settled.amount or ZERO
        values = _totals(_effect(settled), told, [one.value or NOTHING for one in some])
        for line, value in zip(some, values, strict=True):
            found[found.index(line)] = _said(line, settled, line.value and value)
    return found


def _about(
    material: Material, lines: Sequence[L], what: str, kinds: Sequence[str]
) -> Iterable[tuple[Settlement, list[L]]]:
    """Each accepted explanation with the counted lines that it is about."""
    for subject, settled in material.settled.items():
        parts = subject.split(":")
        if settled.how is not SettledAs.EXPLAINED or parts[:2] != ["declared", what]:
            continue
        some = [
            line
            for line in lines
            if line.counted
            and (line.person, line.kind) == (parts[2], parts[3])
            and line.evidence
            and settled.evidence.issuperset(line.evidence)
        ]
        if some and parts[3] in kinds:
            yield settled, some


def _effect(settled: Settlement) -> Effect:
    return explanations()[settled.explanation or ""].effect


def _totals(effect: Effect, told: Decimal, values: Sequence[Interval]) -> Sequence[Interval | None]:
    """What counts of each value once `told` was explained; None: it does not count."""
    match effect:
        case Effect.NOT_COUNTED:
            return [None] * len(values)
        case Effect.AMOUNT_NOT_COUNTED:
            before = [sum((one.low for one in values[:at]), ZERO) for at in range(len(values))]
            pairs = zip(values, before, strict=True)
            return [value.less(max(ZERO, told - taken)) for value, taken in pairs]
        case Effect.AMOUNT_COUNTS:
            return [Interval.exactly(told), *[NOTHING] * (len(values) - 1)]
        case Effect.STANDS:
            return values
        case _:
            assert_never(effect)


def _said(line: L, settled: Settlement, value: Interval | None) -> L:
    """The line with what counts of it, and why."""
    effect = _effect(settled)
    why = f"explained_{settled.explanation}"
    if effect is Effect.STANDS:
        return line
    if effect is Effect.NOT_COUNTED or value is None:
        return replace(line, counted=False, why=why)
    if isinstance(line, IncomeLine):
        return replace(line, total=value, why=why, imputed=False)
    return replace(line, value=value, why=why)
