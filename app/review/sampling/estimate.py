"""The measured error rate 认定差错率 of an audit: estimate and interval, or that it is too few."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final, TypeAlias

from app.review.sampling.errors import InvalidReadings
from app.review.sampling.frame import Unit
from app.review.sampling.intervals import LEVEL, exact, of_share
from app.review.sampling.readings import FAULTS, Audit, Fault
from app.review.sampling.tally import Share, Tally, Within, share, tallies

Interval: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """When a point estimate is given beside the interval.

    Where the interval's half width is at most `half_width`, or where `n` or more were read and
    `found` or more errors found: below five errors the relative standard error is above
    1/√5 = 45 %, and the first digit of a point would say more than is known.
    """

    n: int = 30
    found: int = 5
    half_width: float = 0.01
    level: float = LEVEL


STANDARD: Final = Precision()


class Lack(StrEnum):
    """Why there is no point estimate."""

    FEW_READ = "few_read"
    FEW_ERRORS = "few_errors"
    STRATUM_UNREAD = "stratum_unread"  # of one stratum nothing at all is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A rate with its interval at 95 % (or the level of the precision asked for).

    `n` units were read and `found` wrong, `unread` more were drawn and tell nothing. `interval`
    takes those to be like the others; `worst_case` takes them all as right for its lower end, all
    as wrong for its upper one, and is what a limit is held against. `size` is how many decisions
    it speaks of (estimated, where the domain cuts through strata).
    """

    rate: float
    interval: Interval
    worst_case: Interval
    standard_error: float
    n: int
    found: int
    unread: int
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFew:
    """No point estimate: `n` were read, about `needed` would have to be, and why.

    The intervals hold all the same.
    """

    n: int
    needed: int
    why: Lack
    interval: Interval
    worst_case: Interval
    found: int
    unread: int


class Verdict(StrEnum):
    """A rate held against a limit."""

    BELOW = "below"
    ABOVE = "above"
    CANNOT_TELL = "cannot_tell"


def verdict(measured: Estimate | TooFew, limit: float) -> Verdict:
    """By the interval, never by the point; decisions that nobody could read count against it."""
    low, high = measured.worst_case
    if high < limit:
        return Verdict.BELOW
    return Verdict.ABOVE if low > limit else Verdict.CANNOT_TELL


def everywhere(_unit: Unit) -> bool:
    """The whole frame as a domain."""
    return True


def measured(
    audit: Audit,
    faults: Collection[Fault],
    *,
    within: Within = everywhere,
    precision: Precision = STANDARD,
    spared_fen: int = 0,
) -> Estimate | TooFew:
    """The rate of decisions with any of the faults, in the frame or a domain of it.

    `spared_fen`: an amount is wrong where it is off by more. InvalidReadings where a fault cannot
    befall this kind of decision, or no unit of the domain was drawn.
    """
    check_faults(audit, faults)
    counts = tallies(audit, faults, within, spared_fen=spared_fen)
    if not counts:
        raise InvalidReadings("no unit of the domain was drawn: it cannot be spoken of")
    return estimate(counts, precision)


def measured_by(
    audit: Audit,
    faults: Collection[Fault],
    group_of: Callable[[Unit], str],
    *,
    precision: Precision = STANDARD,
) -> Mapping[str, Estimate | TooFew]:
    """The same for each group of units, by its name: a region, a programme, urban and rural."""
    check_faults(audit, faults)
    groups = sorted({group_of(one.unit) for one in audit.units})
    return {
        group: estimate(tallies(audit, faults, _in_group(group_of, group)), precision)
        for group in groups
    }


def _in_group(group_of: Callable[[Unit], str], group: str) -> Within:
    return lambda unit: group_of(unit) == group


def check_faults(audit: Audit, faults: Collection[Fault]) -> None:
    """InvalidReadings for a fault that this kind of decision cannot have."""
    strange = sorted(set(faults) - set(FAULTS[audit.decided]))
    if strange or not faults:
        raise InvalidReadings(
            f"{audit.decided} decisions can have {', '.join(FAULTS[audit.decided])}, "
            f"not {', '.join(strange) or 'nothing'}"
        )


def estimate(counts: Sequence[Tally], precision: Precision = STANDARD) -> Estimate | TooFew:
    """From the strata's counts; those of several audits, put side by side, give their rate."""
    n = sum(one.read for one in counts)
    found = sum(one.found for one in counts)
    unread = sum(one.inside - one.read for one in counts)
    if any(one.read == 0 for one in counts):
        return TooFew(
            n=n,
            needed=n + sum(one.read == 0 for one in counts),
            why=Lack.STRATUM_UNREAD,
            interval=_unread_stratum(counts, precision),
            worst_case=_unread_stratum(counts, precision),
            found=found,
            unread=unread,
        )
    of_it = share(counts)
    return judged(of_it, _bounded(counts, of_it, precision.level), (n, found, unread), precision)


def judged(
    of_it: Share, interval: Interval, counts: tuple[int, int, int], precision: Precision
) -> Estimate | TooFew:
    """The estimate with its point, where the precision allows one; counts: read, found, unread."""
    n, found, unread = counts
    low, high = interval
    worst_case = (low * (1.0 - of_it.unread), high * (1.0 - of_it.unread) + of_it.unread)
    why = _lack(n, found, (high - low) / 2.0, precision)
    if why is not None:
        return TooFew(
            n=n,
            needed=_needed(of_it, interval, (n, found), precision),
            why=why,
            interval=interval,
            worst_case=worst_case,
            found=found,
            unread=unread,
        )
    return Estimate(
        rate=of_it.rate,
        interval=interval,
        worst_case=worst_case,
        standard_error=of_it.variance**0.5,
        n=n,
        found=found,
        unread=unread,
        size=of_it.size,
    )


def _lack(n: int, found: int, half_width: float, precision: Precision) -> Lack | None:
    if half_width <= precision.half_width:
        return None
    if n < precision.n:
        return Lack.FEW_READ
    return Lack.FEW_ERRORS if found < precision.found else None


def _needed(of_it: Share, interval: Interval, counts: tuple[int, int], precision: Precision) -> int:
    """About the least number that would do, if all else stays as it is; at most all.

    Either five errors, or the width: that falls with √n at the slowest, and with what is left of
    the population (Cochran 1977, 4.4).
    """
    n, found = counts
    size = max(n, ceil(of_it.size))
    times = ((interval[1] - interval[0]) / 2.0 / precision.half_width) ** 2
    ways = [ceil(n * times / (1.0 + n * (times - 1.0) / size))]
    if found:
        ways.append(max(precision.n, ceil(n * precision.found / found)))
    return min(size, max(n + 1, min(ways)))


def _bounded(counts: Sequence[Tally], of_it: Share, level: float) -> Interval:
    """The interval, no wider than what was seen with one's own eyes leaves open."""
    low, high = of_share(of_it.rate, of_it.variance, of_it.one_more, level=level)
    if all(one.inside == one.drawn for one in counts):
        found = sum(one.found for one in counts)
        right = sum(one.read - one.found for one in counts)
        low, high = max(low, found / of_it.size), min(high, 1.0 - right / of_it.size)
    return min(low, of_it.rate), max(high, of_it.rate)


def _unread_stratum(counts: Sequence[Tally], precision: Precision) -> Interval:
    """Nothing is known of a stratum: all right in it, or all wrong."""
    size = sum(one.domain for one in counts)
    known = [one for one in counts if one.read]
    if not known:
        return 0.0, 1.0
    of_it = share(known)
    low, high = _bounded(known, of_it, precision.level)
    part, unread = of_it.size / size, of_it.unread
    return low * (1.0 - unread) * part, (high * (1.0 - unread) + unread) * part + 1.0 - part


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumRate:
    """What was found in one stratum, with the exact interval of its share."""

    stratum: str
    size: int
    n: int
    found: int
    unread: int
    interval: Interval


def by_stratum(
    audit: Audit, faults: Collection[Fault], *, level: float = LEVEL
) -> tuple[StratumRate, ...]:
    """Each stratum by itself; where nothing was read the interval is 0 to 1."""
    check_faults(audit, faults)
    counts = tallies(audit, faults, everywhere)
    return tuple(
        StratumRate(
            stratum=stratum.name,
            size=count.size,
            n=count.read,
            found=count.found,
            unread=count.inside - count.read,
            interval=exact(count.found, count.read, count.size, level=level)
            if count.read
            else (0.0, 1.0),
        )
        for stratum, count in zip(audit.strata, counts, strict=True)
    )
