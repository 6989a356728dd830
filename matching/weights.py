"""What a level weighs: log2 of how much likelier it is for one person than for two; data."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from matching import tables
from matching.levels import Level

ANY: Final = "*"  # stands for every source in `Weights.calibrations`
SEGMENTS: Final = ("area",) * 6 + ("birth",) * 8 + ("order",) * 3 + ("check",)  # of 18 characters


class WeightsError(ValueError):
    """A weights file is not usable; the message names the field and level."""


@dataclass(frozen=True)
class Odds:
    """`m`: chance of the level for one person; `u`: for two.

    `u` None: it depends on the values compared; `lift` is how many times likelier than by the
    values' own share the level is for two people (two of one home share a surname).
    """

    m: float
    u: float | None
    lift: float = 1.0

    @property
    def weight(self) -> float:
        """log2 of m over u; without what the values add where u depends on them."""
        return math.log2(self.m) - math.log2(self.lift if self.u is None else self.u)


@dataclass(frozen=True, slots=True)
class Training:
    """Where the numbers come from: `digest` is the SHA-256 of the files or labels trained on."""

    digest: str
    pairs: int
    iterations: int
    converged: bool
    change: float


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

    `together` holds the odds of fields for two records of one home, where they differ: two people
    who live together share a surname, a phone, and as twins a birthday, far oftener than strangers.
    `priors` are log2 odds per source, where a source's differ from `prior`.
    `calibrations` correct log2 odds by source (`ANY` for all others), as reviewers' decisions have
    shown them to hold; `calibration` is the one that applies.
    `namesakes` is the chance that two people have one name and one birthday whatever the name
    (重名同日): named alike for the day, copied, or made up. It limits what both say together.
    """

    name: str
    version: str
    date: date
    prior: float
    thresholds: Thresholds
    name_bits: NameBits
    masked_number: Mapping[str, float]
    fields: Mapping[str, Mapping[Level, Odds]]
    together: Mapping[str, Mapping[Level, Odds]] = field(default_factory=dict)
    priors: Mapping[str, float] = field(default_factory=dict)
    namesakes: float = 0.0
    calibrations: Mapping[str, Callable[[float], float]] = field(default_factory=dict)
    calibration: Callable[[float], float] | None = None
    training: Training | None = None
    reference: str = ""

    def odds(self, name: str, *, together: bool) -> Mapping[Level, Odds]:
        """The odds of a field's levels, for two records of one home or not."""
        apart = self.fields[name]
        return {**apart, **self.together.get(name, {})} if together else apart

    @cached_property
    def fixed(self) -> Mapping[tuple[str, Level, bool], float]:
        """Field, level, of one home → weight in log2; missing and unusable weigh 0."""
        weights: dict[tuple[str, Level, bool], float] = {}
        for name in self.fields:
            for together in (False, True):
                for level, odds in self.odds(name, together=together).items():
                    weights[name, level, together] = odds.weight
                weights[name, Level.MISSING, together] = 0.0
                weights[name, Level.UNUSABLE, together] = 0.0
        return weights

    def of_name(self, level: Level, bits: float, *, together: bool = False) -> float:
        """The weight of a name level; agreement counts by how rare the name is."""
        if level in (Level.MISSING, Level.DIFFERENT):
            return self.fixed["name", level, together]
        worth = self.name_bits.worth(bits)
        return self.fixed["name", level, together] + worth - self._crowd(worth)

    def of_birth_date(self, level: Level, name_worth: float, *, together: bool = False) -> float:
        """The weight of a birth date beside a name whose agreement is worth so many bits.

        Who are namesakes by more than chance are so by their birthday too: a birthday that agrees
        says less beside a rare name, one that differs gives back what the name had lost.
        """
        weight = self.fixed["birth_date", level, together]
        if name_worth <= 0.0 or level in (Level.MISSING, Level.UNUSABLE):
            return weight
        given_back = self._crowd(name_worth)
        if level is not Level.SAME:
            return weight + given_back
        share = self.namesakes / self.same_birthday[together]
        return weight + given_back - math.log2(1 + share * math.exp2(name_worth))

    @cached_property
    def same_birthday(self) -> tuple[float, float]:
        """The chance of one birthday for two strangers, and for two people of one home."""
        apart, together = (
            self.odds("birth_date", together=home)[Level.SAME].u or 1.0 for home in (False, True)
        )
        return apart, together

    def _crowd(self, name_worth: float) -> float:
        return math.log2(1 + self.namesakes * math.exp2(name_worth))

    def shown_bits(self, shown: str) -> float:
        """-log2 of the chance that two people's numbers agree in the digits shown."""
        bits = sum(
            self.masked_number[segment]
            for segment, sign in zip(SEGMENTS, shown, strict=True)
            if sign != "*"
        )
        return min(bits, self.masked_number["most_bits"])

    def of_masked_number(self, shown: str, *, together: bool = False) -> float:
        """The weight of compatible masked numbers, by the digits that both show."""
        fixed = self.fixed["id_number", Level.MASKED_COMPATIBLE, together]
        return fixed + self.shown_bits(shown)

    def of_source(self, source: str) -> "Weights":
        """The same weights with the prior and the calibration of a source; one object a source."""
        found = self._by_source.get(source)
        if found is None:
            calibration = self.calibrations.get(source, self.calibrations.get(ANY))
            prior = self.priors.get(source, self.prior)
            found = replace(self, prior=prior, calibration=calibration)
            self._by_source[source] = found
        return found

    def with_calibration(self, calibration: Callable[[float], float]) -> "Weights":
        """The same weights with log2 odds corrected."""
        return replace(self, calibration=calibration)

    @cached_property
    def _by_source(self) -> dict[str, "Weights"]:
        return {}

    def probability(self, log2_odds: float) -> float:
        """The probability of the summed weights, corrected where reviewers have shown how."""
        corrected = log2_odds if self.calibration is None else self.calibration(log2_odds)
        return probability_of(corrected)

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


def _odds(name: str, level: str, entry: Mapping[str, float]) -> Odds:
    m, u, lift = entry["m"], entry.get("u"), entry.get("lift", 1.0)
    if not 0 < m <= 1 or (u is not None and not 0 < u <= 1) or lift <= 0:
        raise WeightsError(f"{name}.{level}: m and u must lie above 0 and not above 1")
    return Odds(m, u, lift)


def _fields(document: Mapping[str, Any]) -> dict[str, dict[Level, Odds]]:
    return {
        name: {Level(level): _odds(name, level, entry) for level, entry in levels.items()}
        for name, levels in document.items()
    }


def weights_from(document: Mapping[str, Any]) -> Weights:
    """The weights that a decoded weights file holds; raises WeightsError."""
    training = document.get("training")
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
        fields=_fields(document["fields"]),
        together=_fields(document.get("together", {})),
        priors={key: log_odds(value) for key, value in document.get("priors", {}).items()},
        namesakes=document.get("namesakes", 0.0),
        training=None if training is None else Training(**training),
        reference=document.get("reference", ""),
    )


def load_weights(name: str = "default") -> Weights:
    """The packaged weights of that name; raises WeightsError if there are none."""
    try:
        document = json.loads(tables.raw(f"weights/{name}.json"))
    except FileNotFoundError as error:
        raise WeightsError(f"no weights named {name}: add data/weights/{name}.json") from error
    return weights_from(document)
