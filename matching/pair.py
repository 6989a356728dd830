"""Two people compared field by field; the weights add up to the probability that they are one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from matching import compare as by_field
from matching import tables
from matching.levels import Level
from matching.prepared import Prepared, prepare
from matching.weights import Weights

__all__ = ["Comparison", "FieldComparison", "Prepared", "compare", "prepare"]


@dataclass(frozen=True, slots=True, repr=False)
class FieldComparison:
    """How one field compares: `weight` is a log2 Bayes factor, `words` the sentence by language."""

    field: str
    level: Level
    weight: float
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All fields; weights and prior (log2 odds) add up to the log2 odds of `probability`."""

    fields: tuple[FieldComparison, ...]
    prior: float
    probability: float

    @property
    def log_odds(self) -> float:
        """log2 odds: the prior and every weight."""
        return math.fsum([self.prior, *(field.weight for field in self.fields)])

    def level(self, field: str) -> Level:
        """The level of a field by its name."""
        return next(found.level for found in self.fields if found.field == field)


# A register that leaves out the room names one home by its building.
HOME: Final = frozenset({Level.SAME_HOME, Level.SAME_BUILDING})
# Levels at which both numbers were read: what stands in both, the level has said already.
NUMBER_TELLS: Final = frozenset(
    {
        Level.EQUAL,
        Level.EQUAL_15_18,
        Level.ONE_EDIT,
        Level.TRANSPOSED,
        Level.TWO_EDITS,
        Level.NEIGHBOUR,
        Level.DIFFERENT,
        Level.MASKED_COMPATIBLE,
        Level.MASKED_NEAR,
        Level.SUCCESSOR_AREA,
        Level.RELATIVES_NUMBER,
    }
)


class _Fixed(dict[tuple[str, Level, bool, bool], FieldComparison]):
    """Field, level, whether of one home, whether told by the number → its comparison.

    For fields whose weight depends on the level alone: most of a comparison is looked up here.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._weights = weights

    def __missing__(self, key: tuple[str, Level, bool, bool]) -> FieldComparison:
        field, level, together, told = key
        words = tables.words()[field][level]
        if told and level is not Level.MISSING:
            note = tables.words()["counted"]["sentence"]
            words = {language: words[language] + note[language] for language in words}
        weight = 0.0 if told else self._weights.fixed[field, level, together]
        self[key] = FieldComparison(field, level, weight, words)
        return self[key]


@lru_cache(maxsize=64)
def _fixed(weights: Weights) -> _Fixed:
    return _Fixed(weights)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two people, the weights, and whether both records name one home or household."""

    left: Prepared
    right: Prepared
    weights: Weights
    together: bool

    def name(self) -> tuple[FieldComparison, float]:
        """The name, and what its agreement is worth."""
        found = by_field.compare_names(self.left, self.right)
        agrees = found.level not in (Level.MISSING, Level.DIFFERENT)
        worth = self.weights.name_bits.worth(found.bits) if agrees else 0.0
        weight = self.weights.of_name(found.level, found.bits, together=self.together)
        words = tables.words()["name"][found.level]
        return FieldComparison("name", found.level, weight, words), worth

    def number(self, fixed: _Fixed) -> FieldComparison:
        level = by_field.compare_numbers(self.left, self.right)
        if level is not Level.MASKED_COMPATIBLE:
            return fixed["id_number", level, self.together, False]
        shown = by_field.shown_digits(self.left, self.right)
        weight = self.weights.of_masked_number(shown, together=self.together)
        return FieldComparison("id_number", level, weight, tables.words()["id_number"][level])

    def born(self, number: Level, name_worth: float, fixed: _Fixed) -> FieldComparison:
        """A date of birth that stands in both numbers is not counted again."""
        level = by_field.compare_birth_dates(self.left, self.right)
        both = self.left.birth_is_in_number and self.right.birth_is_in_number
        if number in NUMBER_TELLS and both:
            return fixed["birth_date", level, self.together, True]
        weight = self.weights.of_birth_date(level, name_worth, together=self.together)
        return FieldComparison("birth_date", level, weight, tables.words()["birth_date"][level])

    def sex(self, number: Level, fixed: _Fixed) -> FieldComparison:
        """A sex that stands in both numbers is not counted again."""
        level = by_field.compare_sexes(self.left, self.right)
        both = self.left.sex_is_in_number and self.right.sex_is_in_number
        return fixed["sex", level, self.together, number in NUMBER_TELLS and both]


def is_together(address: Level, household: Level) -> bool:
    """Both records name one home or one household number: whoever they are, they live together."""
    return address in HOME or household is Level.SAME


def compare(person: Prepared, claim: Prepared, weights: Weights) -> Comparison:
    """Every field of a person against a claim's; symmetric.

    Dependent fields: what the number says is not counted again; beside one home or household
    number every other field weighs as it does among people who live together.
    """
    fixed = _fixed(weights)
    address = by_field.compare_addresses(person, claim)
    household = by_field.compare_household_numbers(person, claim)
    together = is_together(address, household)
    pair = _Pair(person, claim, weights, together)
    number = pair.number(fixed)
    name, name_worth = pair.name()
    fields = (
        name,
        number,
        pair.born(number.level, name_worth, fixed),
        pair.sex(number.level, fixed),
        fixed["address", address, False, False],
        fixed["household_number", household, address in HOME, False],
        fixed["phone", by_field.compare_phones(person, claim), together, False],
        fixed["employer", by_field.compare_employers(person, claim), together, False],
    )
    total = math.fsum([weights.prior, *[field.weight for field in fields]])
    return Comparison(fields, weights.prior, weights.probability(total))
