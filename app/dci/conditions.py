"""A search as one tree of conditions, over what is known of a household and one of its members.

Pure. What is not known fulfils nothing, and neither does its opposite: an answer tells of nobody
whom the condition only might fit.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias, assert_never

from app.domain.interval import Truth, all_of, any_of

Value: TypeAlias = Decimal | date | str
Known: TypeAlias = tuple[Value, ...] | None
"""All values of an attribute (identifiers are several); None: not known."""
Read: TypeAlias = Callable[[str], Known]


class Operator(StrEnum):
    """How a value is held against what is asked for."""

    EQUAL = "eq"
    LESS = "lt"
    MORE = "gt"
    AT_MOST = "le"
    AT_LEAST = "ge"


@dataclass(frozen=True, slots=True)
class Compare:
    """One attribute by its own name against values of its kind: one of them must fit."""

    attribute: str
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts hold; none: it holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part holds; none: it does not."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition: TypeAlias = Compare | AllOf | AnyOf | Not


def holds(condition: Condition, read: Read) -> Truth:
    """Whether it holds by what `read` knows."""
    match condition:
        case Compare():
            return _compared(condition, read(condition.attribute))
        case AllOf(parts):
            return all_of(*(holds(part, read) for part in parts))
        case AnyOf(parts):
            return any_of(*(holds(part, read) for part in parts))
        case Not(part):
            return _opposite(holds(part, read))
        case _:
            assert_never(condition)


def _opposite(truth: Truth) -> Truth:
    match truth:
        case Truth.YES:
            return Truth.NO
        case Truth.NO:
            return Truth.YES
        case Truth.OPEN:
            return Truth.OPEN


def _compared(one: Compare, known: Known) -> Truth:
    if known is None:
        return Truth.OPEN
    fits = any(_fits(one.operator, value, asked) for value in known for asked in one.values)
    return Truth.YES if fits else Truth.NO


def _fits(operator: Operator, value: Value, asked: Value) -> bool:
    """Values of two kinds never fit; readers see to it that there are none."""
    match value, asked:
        case Decimal() as left, Decimal() as right:
            return _ordered(operator, (left > right) - (left < right))
        case date() as left, date() as right:
            return _ordered(operator, (left > right) - (left < right))
        case str() as left, str() as right:
            return operator is Operator.EQUAL and left == right
        case _:
            return False


def _ordered(operator: Operator, sign: int) -> bool:
    match operator:
        case Operator.EQUAL:
            return sign == 0
        case Operator.LESS:
            return sign < 0
        case Operator.MORE:
            return sign > 0
        case Operator.AT_MOST:
            return sign <= 0
        case Operator.AT_LEAST:
            return sign >= 0


def needed(condition: Condition) -> Iterator[Compare]:
    """Comparisons without which it cannot hold: what a query of the database may go by."""
    match condition:
        case Compare():
            yield condition
        case AllOf(parts):
            for part in parts:
                yield from needed(part)
        case AnyOf(parts):
            if len(parts) == 1:
                yield from needed(parts[0])
        case Not():
            return
        case _:
            assert_never(condition)


def leaves(condition: Condition) -> int:
    """How many comparisons there are."""
    match condition:
        case Compare():
            return 1
        case AllOf(parts) | AnyOf(parts):
            return sum(map(leaves, parts))
        case Not(part):
            return leaves(part)
        case _:
            assert_never(condition)


def joined(parts: Sequence[Condition]) -> Condition:
    """All of them; one stands for itself."""
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))
