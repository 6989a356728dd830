"""Whether predicted error rates hold 差错率监测: over all decisions, and alike for all groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import scipy  # its parts are loaded where they are first used
from scipy.special import expit, logit

from app.domain.errors import TooFewAudits
from app.error_rate.audited import UNKNOWN, AuditedDecisions, GroupBy
from app.error_rate.skill import BINS, LEVEL, Bin, Skill, reliability_table, skill_of
from matching.calibration.labelled import Flags, Floats
from matching.calibration.reliability import jeffreys

FEWEST: Final = 30  # effective decisions below which a group's share wrong is not told
_LEAST: Final = 1e-6
_FARTHEST: Final = 30.0
_TAILS: Final = ((1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFew:
    """So few decisions tell nothing of a share; `needed` effective ones do."""

    count: int
    effective: float
    needed: int = FEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Share wrong 实际差错率 beside the mean rate predicted, of decisions that are enough.

    `interval` of the share (Jeffreys, 95 %); `expected`: where the share would be found in 95 of
    100 such audits if the predicted rates held, the rates' own intervals allowed for; `within` says
    whether it is. `ratio`: observed by predicted, with the interval of the observed.
    """

    count: int
    effective: float
    predicted: float
    observed: float
    interval: tuple[float, float]
    expected: tuple[float, float]
    within: bool
    ratio: float | None
    ratio_interval: tuple[float, float] | None


Measured: TypeAlias = Share | TooFew


@dataclass(frozen=True, slots=True, kw_only=True)
class Equality:
    """Whether rates miss alike in all groups: a score test, with the overall level as it is.

    `p_value` of all groups together, `adjusted` for several ways of grouping at once; `groups` has
    each one's own, adjusted for the number of groups (both by Holm 1979). Groups with too few
    decisions are left out. Approximate where few were wrong.
    """

    statistic: float
    freedom: int
    p_value: float
    adjusted: float
    groups: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The groups of one kind; `equality` is None with fewer than two that are large enough.

    `untold`: decisions whose group is not known.
    """

    by: GroupBy
    groups: Mapping[str, Measured]
    untold: int
    equality: Equality | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    """The whole: table, scores, share wrong, and the comparisons."""

    decisions: int
    effective: float
    table: tuple[Bin, ...]
    skill: Skill
    overall: Measured
    compared: tuple[Compared, ...]


def monitor(
    audited: AuditedDecisions, by: Sequence[GroupBy] = tuple(GroupBy), *, bins: int = BINS
) -> Monitored:
    """Predicted beside observed. Raises TooFewAudits where there is no decision."""
    if not len(audited):
        raise TooFewAudits("no decision has a known outcome: audit some (hedui audit-sample draw)")
    columns = (audited.predicted, audited.wrong, audited.weights)
    return Monitored(
        decisions=len(audited),
        effective=audited.effective,
        table=reliability_table(*columns, bins=bins),
        skill=skill_of(*columns, bins=bins),
        overall=measured(audited),
        compared=_adjusted([_compared(audited, one) for one in by]),
    )


def measured(audited: AuditedDecisions) -> Measured:
    """The share wrong of these decisions, or that they are too few."""
    count = audited.effective
    if count < FEWEST:
        return TooFew(count=len(audited), effective=count)
    share = audited.weights / audited.weights.sum()
    predicted = float(share @ audited.predicted)
    observed = min(1.0, float(share @ audited.wrong))
    interval = jeffreys(observed * count, count, LEVEL)
    expected = _expected(audited.low, share)[0], _expected(audited.high, share)[1]
    is_positive = predicted > 0.0
    return Share(
        count=len(audited),
        effective=count,
        predicted=predicted,
        observed=observed,
        interval=interval,
        expected=expected,
        within=expected[0] <= observed <= expected[1],
        ratio=observed / predicted if is_positive else None,
        ratio_interval=(interval[0] / predicted, interval[1] / predicted) if is_positive else None,
    )


def _expected(rates: Floats, share: Floats) -> tuple[float, float]:
    """Where the weighted share wrong lies with 95 %, if each decision is wrong with its rate.

    The binomial of the same mean and variance: exact for equal rates and weights.
    """
    mean = float(share @ rates)
    variance = float(share**2 @ (rates * (1.0 - rates)))
    if variance <= 0.0:
        return mean, mean
    count = max(1, round(mean * (1.0 - mean) / variance))
    low, high = scipy.stats.binom.ppf(_TAILS, count, mean) / count
    return float(low), float(high)


def _compared(audited: AuditedDecisions, by: GroupBy) -> Compared:
    words = audited.groups[by]
    names = [str(one) for one in np.unique(words) if one != UNKNOWN]
    groups = {name: measured(audited.where(words == name)) for name in names}
    large = [name for name, one in groups.items() if isinstance(one, Share)]
    return Compared(
        by=by,
        groups=groups,
        untold=int((words == UNKNOWN).sum()),
        equality=_equality(audited, {name: words == name for name in large}),
    )


def _equality(audited: AuditedDecisions, groups: Mapping[str, Flags]) -> Equality | None:
    """Score test of the groups' log odds beside the rates' own, moved by one amount for all."""
    if len(groups) < 2:
        return None
    audited = audited.where(np.logical_or.reduce(list(groups.values())))
    groups = _within(groups)
    rates = _moved(audited)
    if rates is None:
        return None
    spread = rates * (1.0 - rates)
    residual = audited.weights * (audited.wrong - rates)
    parts = np.array([residual[here].sum() for here in groups.values()])
    information, variance = audited.weights * spread, audited.weights**2 * spread
    share = np.array([information[here].sum() for here in groups.values()]) / information.sum()
    own = np.array([variance[here].sum() for here in groups.values()])
    crossed = np.outer(share, own)
    covariance = np.diag(own) - crossed - crossed.T + np.outer(share, share) * own.sum()
    statistic = float(parts[:-1] @ np.linalg.solve(covariance[:-1, :-1], parts[:-1]))
    freedom = len(groups) - 1
    scores = parts / np.sqrt(np.diag(covariance))
    p_value = float(scipy.stats.chi2.sf(statistic, freedom))
    return Equality(
        statistic=statistic,
        freedom=freedom,
        p_value=p_value,
        adjusted=p_value,
        groups=dict(zip(groups, holm(2.0 * scipy.stats.norm.sf(np.abs(scores))), strict=True)),
    )


def _within(groups: Mapping[str, Flags]) -> Mapping[str, Flags]:
    """The groups among the decisions that are in one of them."""
    some = np.logical_or.reduce(list(groups.values()))
    return {name: here[some] for name, here in groups.items()}


def _moved(audited: AuditedDecisions) -> Floats | None:
    """The rates, odds moved alike until they add up to what was wrong; None if all are alike."""
    odds = logit(np.clip(audited.predicted, _LEAST, 1.0 - _LEAST))
    wrong = float(audited.weights @ audited.wrong)
    if not 0.0 < wrong < float(audited.weights.sum()):
        return None

    def excess(shift: float) -> float:
        return float(audited.weights @ expit(odds + shift)) - wrong

    shift = float(scipy.optimize.brentq(excess, -_FARTHEST, _FARTHEST))
    return np.asarray(expit(odds + shift), dtype=np.float64)


def holm(p_values: Iterable[float]) -> tuple[float, ...]:
    """P-values adjusted for their number (Holm 1979)."""
    values = np.array(list(p_values), dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    adjusted = np.empty(values.size)
    adjusted[order] = np.minimum(1.0, stepped)
    return tuple(float(one) for one in adjusted)


def _adjusted(compared: Sequence[Compared]) -> tuple[Compared, ...]:
    tested = [one.equality for one in compared if one.equality is not None]
    adjusted = iter(holm(one.p_value for one in tested))
    return tuple(
        one if one.equality is None else _with(one, one.equality, next(adjusted))
        for one in compared
    )


def _with(compared: Compared, equality: Equality, adjusted: float) -> Compared:
    return replace(compared, equality=replace(equality, adjusted=adjusted))
