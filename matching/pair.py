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
from matching.weights import Weights, probability_of

__all__ = ["Comparison", "FieldComparison", "Prepared", "compare", "prepare"]


@dataclass(frozen=True, slots=True)
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


HOME: Final = (Level.SAME_HOME, Level.SAME_BUILDING)
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
    }
)


class _Fixed(dict[tuple[str, Level, float], FieldComparison]):
    """Field, level and the share of it that is news → its comparison, made when first asked for.

    For fields whose weight depends on the level alone: most of a comparison is looked up here.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._weights = weights

    def __missing__(self, key: tuple[str, Level, float]) -> FieldComparison:
        field, level, share = key
        words = tables.words()[field][level]
        if share == 0.0 and level is not Level.MISSING:
            note = tables.words()["counted"]["sentence"]
            words = {language: words[language] + note[language] for language in words}
        weight = self._weights.fixed[field, level] * share
        self[key] = FieldComparison(field, level, weight or 0.0, words)
        return self[key]


@lru_cache(maxsize=16)
def _fixed(weights: Weights) -> _Fixed:
    return _Fixed(weights)


def _name(left: Prepared, right: Prepared, weights: Weights) -> FieldComparison:
    found = by_field.compare_names(left, right)
    weight = weights.of_name(found.level, found.bits)
    return FieldComparison("name", found.level, weight, tables.words()["name"][found.level])


def _number(left: Prepared, right: Prepared, weights: Weights, fixed: _Fixed) -> FieldComparison:
    level = by_field.compare_numbers(left, right)
    if level is not Level.MASKED_COMPATIBLE:
        return fixed["id_number", level, 1.0]
    weight = weights.of_masked_number(by_field.shown_digits(left, right))
    return FieldComparison("id_number", level, weight, tables.words()["id_number"][level])


def _born_and_sex(
    left: Prepared, right: Prepared, number: Level, fixed: _Fixed
) -> tuple[FieldComparison, FieldComparison]:
    """A date of birth and a sex that stand in both numbers are not counted again."""
    told = number in NUMBER_TELLS
    born = told and left.birth_is_in_number and right.birth_is_in_number
    sexed = told and left.sex_is_in_number and right.sex_is_in_number
    return (
        fixed["birth_date", by_field.compare_birth_dates(left, right), 0.0 if born else 1.0],
        fixed["sex", by_field.compare_sexes(left, right), 0.0 if sexed else 1.0],
    )


def _home_and_phone(
    left: Prepared, right: Prepared, weights: Weights, fixed: _Fixed
) -> tuple[FieldComparison, FieldComparison, FieldComparison]:
    """A household shares its home and often its phone: what the one said, the next says in part."""
    household = fixed["household_number", by_field.compare_household_numbers(left, right), 1.0]
    level = by_field.compare_addresses(left, right)
    together = household.level is Level.SAME and level in HOME
    share = weights.shares["address_after_household"] if together else 1.0
    address = fixed["address", level, share]
    level = by_field.compare_phones(left, right)
    together = (household.level is Level.SAME or address.level in HOME) and level is Level.SAME
    share = weights.shares["phone_after_home"] if together else 1.0
    return address, household, fixed["phone", level, share]


def compare(person: Prepared, claim: Prepared, weights: Weights) -> Comparison:
    """Every field of a person against a claim's; symmetric. Dependent fields count once."""
    fixed = _fixed(weights)
    number = _number(person, claim, weights, fixed)
    fields = (
        _name(person, claim, weights),
        number,
        *_born_and_sex(person, claim, number.level, fixed),
        *_home_and_phone(person, claim, weights, fixed),
        fixed["employer", by_field.compare_employers(person, claim), 1.0],
    )
    total = math.fsum([weights.prior, *[field.weight for field in fields]])
    return Comparison(fields, weights.prior, probability_of(total))
