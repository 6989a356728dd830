"""The map that corrects predicted error rates 差错率校准, and how far it may be off itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import hypot
from typing import ClassVar, Final

import numpy as np
from scipy.special import expit

from app.domain.decision import Action, ErrorRate, MoneyError
from app.domain.errors import TooFewAudits
from app.domain.money import round_yuan
from app.error_rate.audited import UNKNOWN, AuditedDecisions, GroupBy
from app.error_rate.observed import LearnedFrom
from app.error_rate.skill import Skill, skill_of
from matching.calibration.band import Band
from matching.calibration.fit import Method
from matching.calibration.labelled import ANY, CalibrationError, Floats, Labelled, labelled
from matching.calibration.maps import LN2, MOST, STRICT, Map
from matching.calibration.sources import SourceAdjustment, adjust, learn

IDENTITY_VERSION: Final = "identity"
LEVEL: Final = 0.95
_LEAST: Final = (
    1e-4  # a rate nearer to 0 or 1 is mapped as this one: no audit could tell them apart
)
_ENOUGH: Final = 50  # effective audits of a programme that has a map of its own


@dataclass(frozen=True, slots=True)
class RateMap:
    """How rates of one programme are corrected: in log2 odds, by `map` and then `offset` bits.

    `band`: where the true correction lies, at 95 %. `audits` of the programme taught it.
    """

    __pydantic_config__: ClassVar = STRICT
    programme: str  # `*` for those without a map of their own
    audits: int
    digest: str
    offset: float
    map: Map
    band: Band

    def bits(self, rates: Floats) -> Floats:
        """The corrected rates in log2 odds."""
        return np.clip(self.map.log2_odds(_bits(rates)) + self.offset, -MOST, MOST)

    def corrected(self, rates: Floats) -> Floats:
        """The corrected rates; 0 and 1 stay, for what nothing can change has no causes."""
        found = np.asarray(expit(self.bits(rates) * LN2), dtype=np.float64)
        return np.where((rates <= 0.0) | (rates >= 1.0), rates, found)

    def interval(self, rate: float, ends: Floats) -> tuple[float, float]:
        """The corrected ends about a corrected rate, all in log2 odds of the raw `rate`'s place.

        `ends`: corrected low, rate and high in log2 odds. Its own width and the map's doubt go in
        quadrature.
        """
        low, middle, high = (float(one) for one in ends)
        raw = _bits(np.array([rate]))[0]
        below = hypot(middle - low, float(np.interp(raw, self.band.at, self.band.below)))
        above = hypot(high - middle, float(np.interp(raw, self.band.at, self.band.above)))
        return _rate(middle - below), _rate(middle + above)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A versioned map from the model's rates to calibrated ones, by programme; never falling.

    It holds for rates predicted with the parameters of version `parameters`, in force from `since`.
    """

    version: str
    parameters: str = ""
    since: date | None = None
    maps: tuple[RateMap, ...] = ()

    def __post_init__(self) -> None:
        names = [one.programme for one in self.maps]
        if len(set(names)) < len(names) or (names and ANY not in names):
            raise ValueError('every programme stands once, and "*" for the others')

    def of(self, programme: str) -> RateMap | None:
        """The programme's map, else that of all together; None where nothing was learned."""
        others = None
        for one in self.maps:
            if one.programme == programme:
                return one
            others = one if one.programme == ANY else others
        return others

    def calibrated(self, rate: float, programme: str) -> float:
        found = self.of(programme)
        return rate if found is None else float(found.corrected(np.array([rate]))[0])

    def apply(self, error: ErrorRate, programme: str) -> ErrorRate:
        """The error rate corrected as a whole: rate, interval, causes, direction, money, actions.

        A rate of 0 or 1 has no causes that could grow: it stays, and its interval reaches as far as
        the smallest rate that has some.
        """
        found = self.of(programme)
        if found is None:
            return error
        if error.rate <= 0.0 or error.rate >= 1.0:
            return replace(error, interval=_widened(error, found))
        after = [one.expected_rate for one in error.actions]
        bits = found.bits(np.array([error.interval[0], error.rate, error.interval[1], *after]))
        rate = _rate(float(bits[1]))
        low, high = found.interval(error.rate, bits[:3])
        factor = rate / error.rate
        return replace(
            error,
            rate=rate,
            interval=(min(low, rate), max(high, rate)),
            causes={cause: part * factor for cause, part in error.causes.items()},
            wrongly_confirmed=min(1.0, error.wrongly_confirmed * factor),
            wrongly_refused=min(1.0, error.wrongly_refused * factor),
            money=None if error.money is None else _scaled(error.money, factor),
            actions=tuple(_corrected(error.actions, rate, bits[3:])),
        )


IDENTITY: Final = Calibration(version=IDENTITY_VERSION)
"""Nothing was learned yet: rates are the model's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certain:
    """Audited decisions of predicted rate 0 or 1, which no map touches: how many were wrong."""

    audits: int
    wrong: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibrated:
    """A calibration, what taught it, and held-out skill without and with it."""

    calibration: Calibration
    learned_from: LearnedFrom
    method: Method
    before: Skill
    after: Skill
    certain: Certain


def recalibrate(
    audited: AuditedDecisions, *, version: str, since: date, parameters: str
) -> Recalibrated:
    """What audits teach: a line or beta map drawn to the identity, isotonic with very many.

    The map is chosen by log loss of decisions held out; a programme's own is drawn to that of all
    together. Decisions weigh one over the probability of having been looked at, relative to those
    of like rates. Raises TooFewAudits where there is nothing to learn from.
    """
    open_ = (audited.predicted > 0.0) & (audited.predicted < 1.0)
    telling, sure = audited.where(open_), audited.where(~open_)
    pairs = _pairs(telling)
    try:
        learned = learn(pairs, since)
        adjustments = adjust(pairs, learned.choice.method, since, level=LEVEL)
    except CalibrationError as error:
        raise TooFewAudits(
            f"{len(telling)} audited decisions teach no calibration ({error}): audit more of them"
        ) from None
    maps = (adjustments.any_source, *adjustments.sources)
    return Recalibrated(
        calibration=Calibration(
            version=version,
            parameters=parameters,
            since=since,
            maps=tuple(_rate_map(one) for one in maps),
        ),
        learned_from=audited.learned_from,
        method=learned.choice.method,
        before=skill_of(telling.predicted, telling.wrong, telling.weights),
        after=skill_of(learned.held_out, telling.wrong, telling.weights),
        certain=Certain(audits=len(sure), wrong=int(sure.wrong.sum())),
    )


def _pairs(audited: AuditedDecisions) -> Labelled:
    """The decisions as the maps' fits read them: log2 odds, wrong or not, by programme."""
    programmes = audited.groups[GroupBy.PROGRAMME]
    own = np.full(programmes.shape, UNKNOWN, dtype=programmes.dtype)
    for programme in np.unique(programmes):
        here = programmes == programme
        if audited.where(here).effective >= _ENOUGH:
            own[here] = programme
    cases = audited.cases if np.any(audited.cases != UNKNOWN) else None
    return labelled(
        _bits(audited.predicted),
        np.asarray(audited.wrong > 0.0),
        groups=None if cases is None else [str(one) for one in cases],
        sources=[str(one) for one in own],
        weights=audited.weights,
    )


def _rate_map(one: SourceAdjustment) -> RateMap:
    return RateMap(one.source, one.labels_n, one.digest, one.prior_log2_odds, one.map, one.band)


def _bits(rates: Floats) -> Floats:
    near = np.clip(rates, _LEAST, 1.0 - _LEAST)
    return np.asarray((np.log(near) - np.log1p(-near)) / LN2, dtype=np.float64)


def _rate(bits: float) -> float:
    return float(expit(bits * LN2))


def _widened(error: ErrorRate, found: RateMap) -> tuple[float, float]:
    low, high = error.interval
    ends = found.interval(error.rate, found.bits(np.full(3, error.rate)))
    return (low, max(high, ends[1])) if error.rate <= 0.0 else (min(low, ends[0]), high)


def _scaled(money: MoneyError, factor: float) -> MoneyError:
    by = Decimal(repr(factor))
    return MoneyError(over=round_yuan(money.over * by), under=round_yuan(money.under * by))


def _corrected(actions: Sequence[Action], rate: float, bits: Floats) -> Iterator[Action]:
    """Actions that still lower the rate, in their order: no map turns it round.

    An action after which nothing can be wrong stays one.
    """
    for one, after in zip(actions, bits, strict=True):
        then = _rate(float(after)) if one.expected_rate > 0.0 else 0.0
        if then < rate:
            yield replace(one, expected_rate=then, reduction=rate - then)
