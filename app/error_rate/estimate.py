"""The error rate of one decision and the interval of that rate 预测差错率."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.domain.decision import Action, Cause, ErrorRate, MoneyError
from app.error_rate.actions import next_actions
from app.error_rate.causes import can_differ, decisive_draws, shares
from app.error_rate.draws import Draws, draw, product
from app.error_rate.model import Case, Model, compile_case
from app.error_rate.money import money_error
from app.error_rate.shape import Array, Flags, Shape, holds
from app.error_rate.variables import Chance

DRAWS: Final = 2048
_PARAMETER_DRAWS: Final = 40  # of the chances themselves
_QUANTILES: Final = (0.025, 0.975)
_NORMAL_95: Final = 1.96
_NEARLY: Final = 1e-12


def estimate(case: Case, *, draws: int = DRAWS, seed: int) -> ErrorRate:
    """Probability that the outcome is not the favoured one, with its causes; pure under the seed.

    The interval covers, at 95 %, what is not known of the chances themselves and the error of the
    simulation; the rate is always inside. The causes are shares of the rate that add up to it, see
    `causes`. Where nothing uncertain can change the outcome there are no causes and the rate is 0
    (or 1, where the totals themselves contradict the favoured outcome), with an interval as wide as
    3 / `draws`: what so many draws cannot tell from nothing. `actions` are worked out from the same
    draws.
    """
    model = compile_case(case)
    rng = np.random.default_rng(seed)
    amounts_matter = case.pay is not None or _amounts_matter(model, case.rule)
    drawn = draw(model, draws, rng, amounts_matter=amounts_matter and model.has_amounts)
    decisive = decisive_draws(model, drawn, case.rule)
    totals = model.totals(drawn.changes)
    confirmed = np.broadcast_to(holds(case.rule, totals), drawn.probability.shape)
    favours = case.favours_confirmed
    if favours is None:
        favours = float(drawn.probability @ confirmed) >= 0.5
    wrong = confirmed != favours
    money = money_error(case, drawn, (totals, confirmed), favours_confirmed=favours)
    found = _Found(favours, money)
    if not decisive.any():
        is_wrong = bool(wrong[0])
        margin = min(1.0, 3.0 / draws)
        ends = (1.0 - margin, 1.0) if is_wrong else (0.0, margin)
        return found.error_rate(float(is_wrong), ends, {})
    rate = min(1.0, float(drawn.probability @ wrong))
    interval = _interval(rate, wrong, drawn, model, rng)
    parts = _adding_up(shares(model, drawn, case.rule, decisive), rate)
    actions = next_actions(model, drawn, wrong, rate)
    return found.error_rate(rate, interval, parts, actions)


@dataclass(frozen=True, slots=True)
class _Found:
    favours_confirmed: bool
    money: MoneyError | None

    def error_rate(
        self,
        rate: float,
        interval: tuple[float, float],
        causes: Mapping[Cause, float],
        actions: tuple[Action, ...] = (),
    ) -> ErrorRate:
        return ErrorRate(
            rate=rate,
            interval=interval,
            causes=causes,
            wrongly_confirmed=rate if self.favours_confirmed else 0.0,
            wrongly_refused=0.0 if self.favours_confirmed else rate,
            favours_confirmed=self.favours_confirmed,
            money=self.money,
            actions=actions,
        )


def _adding_up(parts: Mapping[Cause, float], rate: float) -> dict[Cause, float]:
    return {cause: part * rate for cause, part in parts.items() if part * rate > 0.0}


def _amounts_matter(model: Model, rule: Shape) -> bool:
    """Whether amounts far out could change the outcome while all events are in common state."""
    if not model.has_amounts:
        return False
    down, up = (model.totals((model.common + far)[:, None]) for far in model.farthest())
    return bool(can_differ(rule, down, up).any())


def _interval(
    rate: float, wrong: Flags, drawn: Draws, model: Model, rng: np.random.Generator
) -> tuple[float, float]:
    """Both sources of doubt in quadrature, below and above the rate apart."""
    low, high = _parameter_quantiles(rate, wrong, drawn, model, rng)
    simulated = 0.0 if drawn.is_exact else _NORMAL_95 * _standard_error(wrong, drawn)
    below = float(np.hypot(max(0.0, rate - low), simulated))
    above = float(np.hypot(max(0.0, high - rate), simulated))
    return max(0.0, rate - below), min(1.0, rate + above)


def _standard_error(wrong: Flags, drawn: Draws) -> float:
    """Of the stratified mean; Latin hypercubes do better, so that it errs on the wide side."""
    count = np.bincount(drawn.events.strata)
    mass = np.bincount(drawn.events.strata, drawn.probability)
    part = np.bincount(drawn.events.strata, wrong) / np.maximum(count, 1)
    return float(np.sqrt(np.sum(mass**2 * part * (1.0 - part) / np.maximum(count, 1))))


def _parameter_quantiles(
    rate: float, wrong: Flags, drawn: Draws, model: Model, rng: np.random.Generator
) -> tuple[float, float]:
    """Quantiles of the rate as the chances vary, by weighing the same draws anew."""
    if not model.chances:
        return rate, rate
    chances = _chances(model.chances, rng)
    rare = np.where(model.flipped[:, None], 1.0 - chances, chances)
    usual = model.rare[:, None]
    is_possible = usual > 0.0
    rare = np.where(is_possible, np.clip(rare, _NEARLY, 1.0 - _NEARLY), 0.0)
    on = np.log(np.where(is_possible, rare, 1.0)) - np.log(np.where(is_possible, usual, 1.0))
    off = np.log1p(-rare) - np.log1p(-usual)
    events = drawn.events
    weights = product((on - off).T, events.rare.astype(np.float64)) + off.sum(axis=0)[:, None]
    weights = np.exp(weights - weights.max(axis=1, keepdims=True))
    patterns = events.rare.shape[1]
    mass = np.bincount(events.of, events.probability, minlength=patterns)
    wrong_mass = np.bincount(events.of[wrong], events.probability[wrong], minlength=patterns)
    rates = (weights @ wrong_mass) / (weights @ mass)
    low, high = (_quantile(np.sort(rates), share) for share in _QUANTILES)
    return low, high


def _quantile(ordered: Array, share: float) -> float:
    """With linear interpolation; numpy's own takes ten times as long for so few values."""
    place = share * (len(ordered) - 1)
    before = int(place)
    after = min(before + 1, len(ordered) - 1)
    low, high = float(ordered[before]), float(ordered[after])
    return low + (high - low) * (place - before)


def _chances(chances: tuple[Chance, ...], rng: np.random.Generator) -> Array:
    """Each chance as it could truly be: chances × parameter draws."""
    keys = [
        (chance.shared or number, chance.mean, chance.weight)
        for number, chance in enumerate(chances)
    ]
    numbers: dict[tuple[str | int, float, float], int] = {}
    rows = [numbers.setdefault(key, len(numbers)) for key in keys]
    mean, weight = np.array([(mean, weight) for _, mean, weight in numbers]).T
    varies = (mean > 0.0) & (mean < 1.0) & (weight < np.inf)
    drawn = np.repeat(mean[:, None], _PARAMETER_DRAWS, axis=1)
    hits, trials = (mean[varies] * weight[varies])[:, None], weight[varies, None]
    drawn[varies] = rng.beta(hits, trials - hits, (len(hits), _PARAMETER_DRAWS))
    return drawn[rows]
