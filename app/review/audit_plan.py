"""What an audit is asked to measure 抽查方案: which decisions, how many, how surely."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from app.domain.errors import FieldError
from app.domain.instants import CHINA, china_day
from app.review.sampling.allocation import Allocation
from app.review.sampling.frame import Decided
from app.store.audit_samples import FrameQuery


class Measure(StrEnum):
    """What a random sample measures; the first three are each of a kind of decision."""

    INCLUSION = "inclusion"  # 错保: confirmed and not entitled
    EXCLUSION = "exclusion"  # 漏保: refused and entitled
    WRONGLY_STOPPED = "wrongly_stopped"  # 错退: stopped and still entitled
    MONEY = "money"  # 金额差错: paid too much and too little, by what was paid


MEASURED_BY: Final[Mapping[Decided, Measure]] = {
    Decided.CONFIRMED: Measure.INCLUSION,
    Decided.REFUSED: Measure.EXCLUSION,
    Decided.STOPPED: Measure.WRONGLY_STOPPED,
}
"""The error that each kind of decision can be, whose rate a limit is held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPlan:
    """An audit as it is asked for.

    `size` decisions of each kind, or as many as bring its rate within ± `half_width`; both days
    are in the frame. `tolerance` holds the greatest share that is still tolerated, by measure.
    """

    programmes: tuple[str, ...]
    region: str
    final_from: date
    final_until: date
    kinds: tuple[Decided, ...]
    size: int | None = None
    half_width: float | None = None
    allocation: Allocation = Allocation.NEYMAN
    risk_supplement: int = 0
    second_reading_share: float = 0.0
    tolerance: Mapping[Measure, float]
    seed: int | None = None

    def frame(self, at: datetime) -> FrameQuery:
        """The decisions that it is about, as they stand at this moment; days are China's."""
        return FrameQuery(
            programmes=self.programmes,
            region=self.region,
            since=_midnight(self.final_from),
            until=_midnight(self.final_until + timedelta(days=1)),
            at=at,
        )

    def faults(self, known: frozenset[str], now: datetime) -> Iterator[FieldError]:
        """What contradicts itself, or names what is not there."""
        for index, key in enumerate(self.programmes):
            if key not in known:
                yield FieldError(f"/programmes/{index}", "programme.unknown", "no such programme")
        if self.final_until < self.final_from:
            yield FieldError("/frame/final_until", "frame.ends_before_start", "before final_from")
        if self.final_until > china_day(now):
            yield FieldError("/frame/final_until", "frame.in_future", "the day has not come yet")
        if (self.size is None) == (self.half_width is None):
            yield FieldError("/size", "size.one_of_two", "give either size or half_width")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
