"""Audited decisions for the tests of calibration and monitoring."""

from collections.abc import Callable

import numpy as np
from scipy.special import expit, logit

from app.error_rate.audited import Audited, GroupBy
from matching.calibration.labelled import Floats


def doubled(rates: Floats) -> Floats:
    """Odds twice the predicted ones, flatter: what a map has to undo."""
    return np.asarray(expit(0.8 * logit(rates) + 0.3), dtype=np.float64)


def drawn(
    count: int,
    truth: Callable[[Floats], Floats],
    *,
    seed: int,
    programme: str = "urban_dibao",
    area: str = "urban",
) -> list[Audited]:
    """Decisions with rates as they come, wrong with their true probabilities."""
    rng = np.random.default_rng(seed)
    rates = np.clip(rng.beta(0.6, 6.0, count), 1e-4, 0.9)
    wrong = rng.random(count) < truth(rates)
    return [
        Audited(
            predicted=float(rate),
            wrong=bool(one),
            interval=(float(rate) / 2.0, min(1.0, float(rate) * 1.5)),
            case=f"{programme}/{number}",
            groups={GroupBy.PROGRAMME: programme, GroupBy.AREA: area},
        )
        for number, (rate, one) in enumerate(zip(rates, wrong, strict=True))
    ]


def audited(predicted: float, wrong: int, right: int, **groups: str) -> list[Audited]:
    """So many wrong and right decisions of one predicted rate."""
    named = {GroupBy(by): name for by, name in groups.items()}
    outcomes = [True] * wrong + [False] * right
    return [Audited(predicted=predicted, wrong=one, groups=named) for one in outcomes]
