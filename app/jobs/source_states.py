"""How each source does, judged from what it said of late (pure): a row a source and institution."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from app.batch.exchange.windows import opens_at
from app.store.source_breakers import OpenBreaker
from app.store.source_health import CELL, SaidCount, Timed, Waiting, cell_of
from app.verification.terms import SourceTerms

CELLS: Final = 144
"""Of ten minutes: a day."""
_RECENT: Final = 6  # cells
_FEW: Final = 5  # answers that tell of a pace
_SLOWER: Final = 2.0  # times as long as usual
_SLOW: Final = 95  # per cent
_ANSWERS: Final = ("found", "no_record", "partial")


class SourceState(StrEnum):
    """How a source does."""

    NORMAL = "normal"  # 正常
    SLOW = "slow"  # 变慢
    FAILING = "failing"  # 失败
    STOPPED = "stopped"  # 停用
    OUTSIDE_WINDOW = "outside_window"  # 窗口外


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A source, or one institution of it: what it said within a day, and today in China.

    `strip`: replies and failures of each cell of ten minutes, the oldest first.
    """

    source: str
    institution: str
    state: SourceState
    asked_today: int
    answered_today: int
    failed_today: int
    median: timedelta | None
    slow: timedelta | None
    failures: Mapping[str, int]
    no_record_share: float | None
    judged_share: float | None
    outstanding: int
    oldest: datetime | None
    data_as_of: date | None
    strip: Sequence[tuple[int, int]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was read of a source."""

    source: str
    said: Sequence[SaidCount]
    timed: Sequence[Timed]
    waiting: Sequence[Waiting]
    asked: int
    judged: float | None
    breakers: Sequence[OpenBreaker]
    terms: SourceTerms


def healths(
    seen: Seen, institutions: Iterable[str], now: datetime, midnight: datetime
) -> list[Health]:
    """Of each institution; of the source itself where it is one body."""
    return [_health(seen, one, now, midnight) for one in institutions]


def stopped(source: str) -> Health:
    """The county is not connected to it."""
    return Health(
        source=source,
        institution="",
        state=SourceState.STOPPED,
        asked_today=0,
        answered_today=0,
        failed_today=0,
        median=None,
        slow=None,
        failures={},
        no_record_share=None,
        judged_share=None,
        outstanding=0,
        oldest=None,
        data_as_of=None,
        strip=[(0, 0)] * CELLS,
    )


def _health(seen: Seen, institution: str, now: datetime, midnight: datetime) -> Health:
    said = [one for one in seen.said if one.institution == institution]
    timed = [one for one in seen.timed if one.institution == institution]
    today = [one for one in said if one.cell >= cell_of(midnight)]
    took = sorted(one.took for one in timed)
    answers = _sum(one for one in said if one.state in _ANSWERS)
    blank = _sum(one for one in said if one.state == "no_record")
    made = Health(
        source=seen.source,
        institution=institution,
        state=SourceState.NORMAL,
        asked_today=seen.asked,
        answered_today=_sum(one for one in today if one.state in _ANSWERS),
        failed_today=_sum(one for one in today if one.failure is not None),
        median=_median(took),
        slow=took[_place(len(took))] if took else None,
        failures=_failures(said),
        no_record_share=blank / answers if answers else None,
        judged_share=seen.judged,
        outstanding=sum(one.questions for one in seen.waiting),
        oldest=_oldest(seen),
        data_as_of=max((one.data_as_of for one in said if one.data_as_of), default=None),
        strip=_strip(said, now),
    )
    return replace(made, state=_state(seen, made, timed, now))


def _state(seen: Seen, made: Health, timed: Sequence[Timed], now: datetime) -> SourceState:
    recent, failed = (sum(cells) for cells in zip(*made.strip[-_RECENT:], strict=True))
    if seen.breakers or (failed and failed * 2 >= recent):
        return SourceState.FAILING
    if opens_at(seen.terms.limits.window, now) > now:
        return SourceState.OUTSIDE_WINDOW
    return SourceState.SLOW if _is_slow(seen, made, timed, now) else SourceState.NORMAL


def _is_slow(seen: Seen, made: Health, timed: Sequence[Timed], now: datetime) -> bool:
    """Over half of its time is gone, or it takes twice as long as it did the day through."""
    patience = timedelta(seconds=seen.terms.limits.deadline)
    if made.oldest is not None and now - made.oldest > patience / 2:
        return True
    last = [one.took for one in timed if one.answered_at > now - _RECENT * CELL]
    usual, of_late = made.median, _median(sorted(last))
    if usual is None or of_late is None or len(last) < _FEW or len(timed) - len(last) < _FEW:
        return False
    return of_late > max(usual * _SLOWER, timedelta(seconds=1))


def _median(took: Sequence[timedelta]) -> timedelta | None:
    if not took:
        return None
    return timedelta(seconds=median(one.total_seconds() for one in took))


def _place(count: int) -> int:
    """Of the value that 95 in 100 are not above, among so many in order."""
    return max(0, -(-count * _SLOW // 100) - 1)


def _failures(said: Iterable[SaidCount]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in said:
        if one.failure is not None:
            found[one.failure] += one.replies
    return dict(found.most_common())


def _oldest(seen: Seen) -> datetime | None:
    return min((one.since for one in seen.waiting if one.since is not None), default=None)


def _strip(said: Iterable[SaidCount], now: datetime) -> list[tuple[int, int]]:
    last = cell_of(now)
    cells = [[0, 0] for _ in range(CELLS)]
    for one in said:
        place = one.cell - last + CELLS - 1
        if 0 <= place < CELLS:
            cells[place][0] += one.replies
            cells[place][1] += one.replies if one.failure is not None else 0
    return [(replies, failures) for replies, failures in cells]


def _sum(some: Iterable[SaidCount]) -> int:
    return sum(one.replies for one in some)
