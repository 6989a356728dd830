"""What readers found of the drawn decisions 阅卷, and which error that makes the decision."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from app.review.sampling.design import DrawnStratum, Part, Sample
from app.review.sampling.errors import InvalidReadings
from app.review.sampling.frame import Decided, Unit

_NAMED: Final = 5  # ids that a message names at most


class Fault(StrEnum):
    """Kinds of error 差错; each has its frame, and none is added to another."""

    INCLUSION = "inclusion"  # 错保: confirmed, with no right to relief
    CLASS = "class"  # 类别差错: confirmed, with a right to another programme
    AMOUNT = "amount"  # 金额差错: the right programme and another amount
    EXCLUSION = "exclusion"  # 漏保: refused, with a right to the programme
    WRONGLY_STOPPED = "wrongly_stopped"  # 错退: stopped, with a right to the programme


FAULTS: Final[Mapping[Decided, tuple[Fault, ...]]] = {
    Decided.CONFIRMED: (Fault.INCLUSION, Fault.CLASS, Fault.AMOUNT),
    Decided.REFUSED: (Fault.EXCLUSION,),
    Decided.STOPPED: (Fault.WRONGLY_STOPPED,),
}
"""What can be wrong with each kind of decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The truth as one reader found it: the programme there is a right to, and its amount.

    `programme` None: a right to none. `monthly_fen` None: the amount could not be found.
    """

    programme: str | None
    monthly_fen: int | None = None

    def __post_init__(self) -> None:
        if self.monthly_fen is not None and self.monthly_fen < 0:
            raise InvalidReadings(f"a monthly amount is not negative: {self.monthly_fen} fen")
        if self.programme is None and self.monthly_fen:
            raise InvalidReadings(f"{self.monthly_fen} fen a month of no programme")

    @property
    def due_fen(self) -> int | None:
        """Nothing is due of no programme."""
        return 0 if self.programme is None else self.monthly_fen


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A unit of the random part with its readings; None where none was made or nothing found.

    `twice`: drawn for a second reading, whose word is the truth.
    """

    unit: Unit
    stratum: str
    twice: bool
    first: Reading | None
    second: Reading | None


@dataclass(frozen=True, slots=True)
class Audit:
    """The random part of a sample as it was read; what the official rates follow from."""

    decided: Decided
    strata: tuple[DrawnStratum, ...]
    units: tuple[Reviewed, ...]


def audit(
    sample: Sample,
    units: Iterable[Unit],
    first: Mapping[str, Reading],
    second: Mapping[str, Reading] | None = None,
) -> Audit:
    """Readings by unit id beside the sample's random part; those of the risk part are left out.

    `units` holds at least those drawn at random. One without a reading stays in, unread.
    InvalidReadings where a unit is missing, or a reading is of one that was not drawn for it.
    """
    second = second or {}
    drawn = {one.unit: one for one in sample.units}
    strange = sorted(first.keys() - drawn.keys())
    strange += sorted(name for name in second if name not in drawn or not drawn[name].twice)
    if strange:
        raise InvalidReadings(f"read, but not drawn for it: {', '.join(strange[:_NAMED])}")
    at_random = {name: one for name, one in drawn.items() if one.part is Part.RANDOM}
    unit_of = {unit.id: unit for unit in units if unit.id in at_random}
    missing = sorted(at_random.keys() - unit_of.keys())
    if missing:
        raise InvalidReadings(f"drawn, but not among the units: {', '.join(missing[:_NAMED])}")
    reviewed = tuple(
        Reviewed(unit_of[name], one.stratum, one.twice, first.get(name), second.get(name))
        for name, one in at_random.items()
    )
    return Audit(sample.decided, sample.strata, reviewed)


def is_wrong(
    unit: Unit, reading: Reading | None, faults: Collection[Fault], spared_fen: int = 0
) -> bool | None:
    """Whether the decision has one of these faults; None where the reading cannot tell.

    An amount is wrong where it is off by more than `spared_fen`. A refusal or a stop under one
    programme is right although there may be a right to another.
    """
    if reading is None:
        return None
    fault = _wrong_outcome(unit, reading)
    if fault is not None:
        return fault in faults
    if unit.decided is not Decided.CONFIRMED or Fault.AMOUNT not in faults:
        return False
    if unit.monthly_fen is None or reading.due_fen is None:
        return None
    return abs(unit.monthly_fen - reading.due_fen) > spared_fen


def _wrong_outcome(unit: Unit, reading: Reading) -> Fault | None:
    has_right = reading.programme == unit.programme
    match unit.decided:
        case Decided.CONFIRMED if reading.programme is None:
            return Fault.INCLUSION
        case Decided.CONFIRMED:
            return None if has_right else Fault.CLASS
        case Decided.REFUSED:
            return Fault.EXCLUSION if has_right else None
        case Decided.STOPPED:
            return Fault.WRONGLY_STOPPED if has_right else None
        case _:
            assert_never(unit.decided)
