"""What an audit draws from 抽样框: decisions of one kind, in one order, with a digest."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from app.review.sampling.errors import InvalidFrame

_NAMED: Final = 5  # ids that a message names at most


class Decided(StrEnum):
    """What the office decided of a household under a programme; each has a frame of its own.

    Inclusion errors 错保 are found among the confirmed, exclusion errors 漏保 among the refused,
    wrong stops 错退 among the stopped: their rates have different denominators.
    """

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One decision that may be drawn.

    `risk` is the predicted error rate 预测差错率, 0 to 1. `monthly_fen` is what is paid a month;
    None where nothing is or it is not known.
    """

    id: str
    programme: str
    region: str
    decided: Decided
    risk: float
    monthly_fen: int | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.risk <= 1.0:
            raise InvalidFrame(f"{self.id}: the risk {self.risk} is no probability from 0 to 1")
        if self.monthly_fen is not None and self.monthly_fen < 0:
            raise InvalidFrame(f"{self.id}: the monthly amount {self.monthly_fen} fen is negative")


@dataclass(frozen=True, slots=True)
class Frame:
    """All decisions of one kind that the audit answers for; units by id, each once."""

    decided: Decided
    units: tuple[Unit, ...]

    @classmethod
    def of(cls, units: Iterable[Unit]) -> Self:
        """InvalidFrame where there is none, one comes twice, or they are of different kinds."""
        ordered = sorted(units, key=lambda unit: unit.id)
        kinds = {unit.decided for unit in ordered}
        if len(kinds) != 1:
            raise InvalidFrame(
                f"a frame holds decisions of one kind, here are {sorted(kinds) or 'none'}: "
                "draw a sample for each kind"
            )
        count = Counter(unit.id for unit in ordered)
        twice = [name for name, times in count.items() if times > 1]
        if twice:
            raise InvalidFrame(f"in the frame more than once: {', '.join(twice[:_NAMED])}")
        return cls(kinds.pop(), tuple(ordered))

    @property
    def digest(self) -> str:
        """SHA-256 over the units by id, a JSON line each: what the frame was when drawn from."""
        hashed = hashlib.sha256()
        for unit in self.units:
            line = [unit.id, unit.programme, unit.region, unit.decided, unit.risk, unit.monthly_fen]
            hashed.update(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        return f"sha256:{hashed.hexdigest()}"


def frames(units: Iterable[Unit]) -> Mapping[Decided, Frame]:
    """A frame for each kind of decision that occurs."""
    by_kind: defaultdict[Decided, list[Unit]] = defaultdict(list)
    for unit in units:
        by_kind[unit.decided].append(unit)
    return {kind: Frame.of(by_kind[kind]) for kind in Decided if by_kind[kind]}
