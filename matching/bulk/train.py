"""Weights from two files without labels: u from random pairs, m by expectation-maximisation.

Fellegi and Sunter (1969); Winkler (1988) for EM. The prior is of all pairs of the two files, and
pairs outside the blocks count as two people: so what the blocks select does not bend the weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np

from matching.bulk.codes import CODES
from matching.bulk.score import (
    APART,
    CONDITIONS,
    F64,
    REPEATED,
    TOGETHER,
    WIDTH,
    Scored,
    log_odds,
    probabilities,
)
from matching.levels import Level
from matching.weights import Odds, Training, Weights
from matching.weights import log_odds as log_odds_of

PRIOR_EVENTS: Final = 0.5  # how many events at a level its starting u counts for
ENOUGH: Final = 100
FIXED: Final = frozenset({Level.NEIGHBOUR})  # never learned: see CONTRADICTING
CONTRADICTING: Final = [CODES[Level.DIFFERENT], CODES[Level.NEIGHBOUR]]
RARE_NAMESAKES: Final = 1e-8
PRIOR_LIFT: Final = 3.0
LEAST: Final = 1e-7  # no m falls below: a level that was not met is rare, not impossible
MOST_STEPS: Final = 60
CLOSE: Final = 1e-4
Fields = Mapping[str, Mapping[Level, Odds]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pairs:
    """What training looks at. `blocked` are `share` of the candidate pairs of all `pairs`;
    `strangers` are random pairs; `at_home` are pairs of one home or household number; `numbered`
    of all pairs have whole numbers on both sides."""

    blocked: Scored
    share: float
    strangers: Scored
    at_home: Scored
    pairs: int
    numbered: int = 0
    forms: Mapping[tuple[str, Level], float] = field(default_factory=dict)
    """Field and level → the share of pairs written so that it can arise (masked, spelled)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """When training stops; the digest and day that are written into the weights."""

    digest: str
    day: date
    prior_matches: float = 50.0  # how many pairs of one person the starting m counts for
    most_steps: int = MOST_STEPS
    close: float = CLOSE


def _counts(scored: Scored, field: str, condition: int, weight: F64 | None) -> F64:
    cells = scored.cells[:, scored.fields.index(field)]
    counts = np.bincount(cells, weights=weight, minlength=CONDITIONS * WIDTH).astype(np.float64)
    return counts[condition * WIDTH : (condition + 1) * WIDTH]


def _with_m(old: Mapping[Level, Odds], counts: F64, prior: float) -> dict[Level, Odds]:
    """Shares of the levels among pairs of one person; the old ones count as so many pairs."""
    start = {level: odds.m for level, odds in old.items()}
    whole = sum(start.values())
    total = sum(counts[CODES[level]] for level in old) + prior
    return {
        level: replace(
            odds,
            m=odds.m
            if level in FIXED
            else min(
                1.0,
                max(LEAST, (counts[CODES[level]] + prior * odds.m / whole) / total),
            ),
        )
        for level, odds in old.items()
    }


def _with_u(old: Mapping[Level, Odds], counts: F64) -> dict[Level, Odds]:
    """Shares of the levels among pairs of two people; levels whose u depends on values stay."""
    total = sum(counts[CODES[level]] for level in old)
    found = {}
    for level, odds in old.items():
        if odds.u is None:
            found[level] = odds
            continue
        seen = counts[CODES[level]]
        prior = PRIOR_EVENTS / (1 + seen)  # fades as events are seen
        u = (seen + prior) / (total + prior / odds.u)
        found[level] = replace(odds, u=min(1.0, max(1e-12, u)))
    return found


def _with_lift(
    old: Mapping[Level, Odds], counts: F64, strangers: F64, before: Mapping[Level, Odds]
) -> dict[Level, Odds]:
    """How much likelier a level is at home than among strangers, where u depends on values."""
    total, others = counts.sum() - counts[CODES[Level.MISSING]], strangers.sum()
    found = dict(old)
    for level, odds in old.items():
        if odds.u is None and others:
            expected = total * (strangers[CODES[level]] + 0.5) / others
            ratio = (counts[CODES[level]] + PRIOR_LIFT) / (expected + PRIOR_LIFT)
            lift = before[level].lift * ratio
            found[level] = replace(odds, lift=min(max(lift, 1e-4), 1e4))
    return found


def strangers_known(start: Weights, strangers: Scored, same: F64) -> Weights:
    """The weights with u as random pairs show it; `same` is the chance that a pair is one person.

    Of random pairs hardly any is one person, but among those that agree many are.
    """
    fields = {
        field: _with_u(start.fields[field], _counts(strangers, field, APART, 1 - same))
        for field in strangers.fields
    }
    return replace(start, fields={**start.fields, **fields})


def _maximised(start: Weights, data: Pairs, same: tuple[F64, F64], prior_matches: float) -> Weights:
    """One M step: `same` are the probabilities of the blocked pairs and of those at home."""
    blocked, at_home = same
    fields: dict[str, Mapping[Level, Odds]] = dict(start.fields)
    together: dict[str, Mapping[Level, Odds]] = dict(start.together)
    for name in data.blocked.fields:
        apart = _counts(data.blocked, name, APART, blocked)
        home = _counts(data.blocked, name, TOGETHER, blocked)
        # A date beside the number is told by it, and right or wrong like any other that is written.
        repeated = _counts(data.blocked, name, REPEATED, blocked)
        seen = apart if name in SPLIT else apart + home + repeated
        fields[name] = _with_m(start.fields[name], seen, prior_matches)
        base = _m_of(start.odds(name, together=True), fields[name])
        others = _at_home(data.at_home, name, at_home)
        found = _with_u(base, others)
        found = _with_lift(found, others, _counts(data.strangers, name, APART, None), base)
        if name in SPLIT:
            found = _with_m(found, home, prior_matches)
        together[name] = found
    together.pop("address", None)  # is what `together` is made of
    prior = blocked.sum() / data.share / data.pairs
    odds = log_odds_of(float(np.clip(prior, 1e-12, 0.5)))
    return replace(start, fields=fields, together=together, prior=odds)


SPLIT: Final = frozenset({"household_number", "phone"})  # a move changes these for one person too


def _m_of(odds: Mapping[Level, Odds], other: Mapping[Level, Odds]) -> dict[Level, Odds]:
    return {level: replace(one, m=other[level].m) for level, one in odds.items()}


def _at_home(scored: Scored, field: str, same: F64) -> F64:
    """Levels of a field among two people of one home.

    Pairs whose whole numbers contradict are two people for certain; where there are enough of them
    they alone are counted, else all by the probability that they are two.
    """
    cells = scored.cells[:, scored.fields.index(field)]
    certain = np.zeros(len(scored), dtype=bool)
    if "id_number" in scored.fields:
        numbers = scored.cells[:, scored.fields.index("id_number")] % WIDTH
        certain = np.isin(numbers, CONTRADICTING)
    if field != "id_number" and certain.sum() >= ENOUGH:
        counts = np.bincount(cells[certain] % WIDTH, minlength=WIDTH)
    else:
        counts = np.bincount(cells % WIDTH, weights=1 - same, minlength=WIDTH)
    return np.asarray(counts, dtype=np.float64)


def _change(old: Fields, new: Fields) -> float:
    return max(
        abs(odds.m - old[field][level].m)
        for field, levels in new.items()
        for level, odds in levels.items()
    )


def _of_forms(start: Weights, forms: Mapping[tuple[str, Level], float]) -> Weights:
    """That a value is masked or spelled is no evidence: it is as likely for one as for two."""
    fields = {name: dict(levels) for name, levels in start.fields.items()}
    for (name, level), share in forms.items():
        if level in fields[name]:
            odds = fields[name][level]
            fields[name][level] = replace(odds, lift=max(share, 1e-6))
    return replace(start, fields=fields)


def _same(scored: Scored, weights: Weights) -> F64:
    """The probability of each pair; pairs whose whole numbers contradict are two people."""
    found = probabilities(log_odds(scored, weights))
    if "id_number" in scored.fields:
        numbers = scored.cells[:, scored.fields.index("id_number")] % WIDTH
        found[np.isin(numbers, CONTRADICTING)] = 0.0
    return found


def _namesakes(data: Pairs, before: float) -> float:
    """The share of pairs with one name and birthday among those whose numbers contradict.

    Two whole numbers that differ are two people: labels that every file brings along.
    """
    blocked = data.blocked
    numbers = blocked.cells[:, blocked.fields.index("id_number")] % WIDTH
    names = blocked.cells[:, blocked.fields.index("name")] % WIDTH
    born = blocked.cells[:, blocked.fields.index("birth_date")]
    alike = (born % WIDTH == CODES[Level.SAME]) & (names == CODES[Level.EQUAL])
    seen = int((alike & (numbers == CODES[Level.DIFFERENT])).sum()) / data.share
    return (seen + 0.5) / (data.numbered + 0.5 / (before or RARE_NAMESAKES))


def trained(start: Weights, data: Pairs, settings: Settings) -> Weights:
    """The weights that fit the files best from `start` on, with how training ended."""
    start = weights = _of_forms(start, data.forms)
    if data.numbered:
        weights = replace(weights, namesakes=_namesakes(data, start.namesakes))
    change, step = 1.0, 0
    while step < settings.most_steps and change > settings.close:
        same = (_same(data.blocked, weights), _same(data.at_home, weights))
        known = strangers_known(start, data.strangers, _same(data.strangers, weights))
        known = replace(known, namesakes=weights.namesakes)
        new = _maximised(known, data, same, settings.prior_matches)
        change = _change(weights.fields, new.fields)
        weights, step = new, step + 1
    training = Training(
        digest=settings.digest,
        pairs=len(data.blocked),
        iterations=step,
        converged=bool(change <= settings.close),
        change=float(f"{float(change):.3g}"),
    )
    return replace(weights, training=training, date=settings.day)
