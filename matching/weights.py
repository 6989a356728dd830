"""What a level weighs: log2 of how much likelier it is for one person than for two; data."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from matching import tables
from matching.levels import Level

SEGMENTS: Final = ("area",) * 6 + ("birth",) * 8 + ("order",) * 3 + ("check",)  # of 18 characters


class WeightsError(ValueError):
    """A weights file is not usable; the message names the field and level."""


@dataclass(frozen=True)
class Odds:
    """`m`: chance of the level for one person; `u`: for two. `u` None: it depends on the values."""

    m: float
    u: float | None

    @property
    def weight(self) -> float:
        """log2 of m over u; of m alone where u depends on the values compared."""
        return math.log2(self.m) - (0.0 if self.u is None else math.log2(self.u))


@dataclass(frozen=True)
class Thresholds:
    """Probabilities: from `accept` on the model links by itself, from `review` on it asks."""

    accept: float
    review: float


@dataclass(frozen=True)
class NameBits:
    """What a rare name is worth, in bits (-log2 of its share of people).

    Up to `trusted` in full; beyond it by `share_beyond`, since the characters of a name do not come
    independently of each other; never more than `most`. From `rare` on a name counts as rare.
    """

    trusted: float
    share_beyond: float
    most: float
    rare: float

    def worth(self, bits: float) -> float:
        """The bits that agreement on such a name may add."""
        beyond = max(0.0, bits - self.trusted) * self.share_beyond
        return min(min(bits, self.trusted) + beyond, self.most)


@dataclass(frozen=True, eq=False)
class Weights:
    """One version of the weights; `prior` is log2 odds that a record at hand is the person's.

    `shares` say what is left of a weight once another field has said the same.
    """

    name: str
    version: str
    date: date
    prior: float
    thresholds: Thresholds
    name_bits: NameBits
    masked_number: Mapping[str, float]
    shares: Mapping[str, float]
    fields: Mapping[str, Mapping[Level, Odds]]

    @cached_property
    def fixed(self) -> Mapping[tuple[str, Level], float]:
        """Field and level → weight in log2, for each level listed; missing and unusable weigh 0."""
        weights = {
            (field, level): odds.weight
            for field, levels in self.fields.items()
            for level, odds in levels.items()
        }
        for field in self.fields:
            weights[field, Level.MISSING] = weights[field, Level.UNUSABLE] = 0.0
        return weights

    def of_name(self, level: Level, bits: float) -> float:
        """The weight of a name level; agreement counts by how rare the name is."""
        if level in (Level.MISSING, Level.DIFFERENT):
            return self.fixed["name", level]
        return self.fixed["name", level] + self.name_bits.worth(bits)

    def of_masked_number(self, shown: str) -> float:
        """The weight of compatible masked numbers, by the digits that both show."""
        bits = sum(
            self.masked_number[segment]
            for segment, sign in zip(SEGMENTS, shown, strict=True)
            if sign != "*"
        )
        most = self.masked_number["most_bits"]
        return self.fixed["id_number", Level.MASKED_COMPATIBLE] + min(bits, most)

    def with_prior(self, probability: float) -> "Weights":
        """The same weights for another setting, such as two whole files."""
        return replace(self, prior=log_odds(probability))


def log_odds(probability: float) -> float:
    """log2 odds of a probability strictly between 0 and 1."""
    return math.log2(probability) - math.log2(1 - probability)


def probability_of(log2_odds: float) -> float:
    """The probability of log2 odds."""
    if log2_odds > 0:
        return 1 / (1 + math.exp2(-log2_odds))
    odds = math.exp2(log2_odds)
    return odds / (1 + odds)


def _odds(field: str, level: str, entry: Mapping[str, float]) -> Odds:
    m, u = entry["m"], entry.get("u")
    if not 0 < m <= 1 or (u is not None and not 0 < u <= 1):
        raise WeightsError(f"{field}.{level}: m and u must lie above 0 and not above 1")
    return Odds(m, u)


def weights_from(document: Mapping[str, Any]) -> Weights:
    """The weights that a decoded weights file holds; raises WeightsError."""
    fields = {
        field: {Level(level): _odds(field, level, entry) for level, entry in levels.items()}
        for field, levels in document["fields"].items()
    }
    frequency = document["name_frequency"]
    return Weights(
        name=document["name"],
        version=document["version"],
        date=date.fromisoformat(document["date"]),
        prior=log_odds(document["prior_probability"]),
        thresholds=Thresholds(**document["thresholds"]),
        name_bits=NameBits(
            trusted=frequency["trusted_bits"],
            share_beyond=frequency["share_beyond"],
            most=frequency["most_bits"],
            rare=frequency["rare_bits"],
        ),
        masked_number=document["masked_number"],
        shares=document["shares"],
        fields=fields,
    )


def load_weights(name: str = "default") -> Weights:
    """The packaged weights of that name; raises WeightsError if there are none."""
    try:
        document = json.loads(tables.raw(f"weights/{name}.json"))
    except FileNotFoundError as error:
        raise WeightsError(f"no weights named {name}: add data/weights/{name}.json") from error
    return weights_from(document)
