"""One function a field: two people's field → level. What a level weighs stands in the weights."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from matching.addresses import Address, same_place
from matching.alike import NameMatch, NameRelation, match_names
from matching.idnumber import MASK, relation, visible_agreement
from matching.levels import Level
from matching.names import Name
from matching.prepared import CREDIT_CODE, Prepared

SIMILAR_EMPLOYER: Final = 85.0  # rapidfuzz ratio of the bare company names

OF_RELATION: Final = {kind: Level[kind.name] for kind in NameRelation}


@dataclass(frozen=True, slots=True)
class NameLevel:
    """The level of two names, with -log2 of the chance that it is by chance."""

    level: Level
    bits: float


def _match(left: Name, right: Name) -> NameLevel:
    match: NameMatch = match_names(left, right)
    return NameLevel(OF_RELATION[match.relation], match.bits)


def compare_names(left: Prepared, right: Prepared) -> NameLevel:
    """The names are equal, variants, sound or look alike, hidden in part, former, or different."""
    if left.name is None or right.name is None:
        return NameLevel(Level.MISSING, 0.0)
    found = _match(left.name, right.name)
    if found.level is not Level.DIFFERENT or not (left.former or right.former):
        return found
    return _former(left, right) or found


def _former(left: Prepared, right: Prepared) -> NameLevel | None:
    """A former name (曾用名) of one is a name of the other."""
    pairs = [(left.name, name) for name in right.former] + [
        (name, right.name) for name in left.former
    ]
    for one, other in pairs:
        if one is not None and other is not None:
            found = _match(one, other)
            if found.level in (Level.EQUAL, Level.VARIANT):
                return NameLevel(Level.FORMER, found.bits)
    return None


def compare_numbers(left: Prepared, right: Prepared) -> Level:
    """The numbers are equal (15 or 18), compatible where masked, a slip apart, or different."""
    return relation(left.number, right.number)


def shown_digits(left: Prepared, right: Prepared) -> str:
    """What both masked numbers show and agree on: 18 signs, `*` where either hides."""
    return visible_agreement(left.number.text, right.number.text) or MASK * 18


@lru_cache(maxsize=1 << 14)
def _dates(left: date, right: date) -> Level:
    if left == right:
        return Level.SAME
    same_year, same_month = left.year == right.year, left.month == right.month
    if same_year and ((1, 1) in ((left.month, left.day), (right.month, right.day))):
        return Level.YEAR_ONLY  # registers write 1 January where only the year is known
    if same_year and same_month:
        return Level.YEAR_MONTH
    if same_year and left.month == right.day and left.day == right.month:
        return Level.DAY_MONTH_SWAPPED
    same_parts = same_year + same_month + (left.day == right.day)
    return Level.ONE_PART if same_parts == 2 else Level.DIFFERENT


def compare_birth_dates(left: Prepared, right: Prepared) -> Level:
    """The dates of birth are the same, a slip apart, or different."""
    if left.birth_date is None or right.birth_date is None:
        return Level.MISSING
    return _dates(left.birth_date, right.birth_date)


def compare_sexes(left: Prepared, right: Prepared) -> Level:
    """The sexes are the same or different."""
    if left.sex is None or right.sex is None:
        return Level.MISSING
    return Level.SAME if left.sex is right.sex else Level.DIFFERENT


def _same_building(left: Address, right: Address) -> bool:
    numbered = left.number is not None and left.number == right.number
    unnumbered = left.number is None or right.number is None
    built = left.building is not None and left.building == right.building
    differs = None not in (left.building, right.building) and left.building != right.building
    return (numbered and not differs) or (unnumbered and built)


def compare_addresses(left: Prepared, right: Prepared) -> Level:
    """The same home, the same building or number, the same village or road, or different."""
    one, other = left.address, right.address
    if one is None or other is None or one.place is None or other.place is None:
        return Level.MISSING
    if not same_place(one, other):
        return Level.DIFFERENT
    if one.is_village:
        house = (one.group, one.number, one.building, one.unit, one.room)
        same = (other.group, other.number, other.building, other.unit, other.room)
        return Level.SAME_HOME if house == same and one.number else Level.SAME_VILLAGE
    if not _same_building(one, other):
        return Level.SAME_ROAD
    units_differ = None not in (one.unit, other.unit) and one.unit != other.unit
    if one.room is not None and one.room == other.room and not units_differ:
        return Level.SAME_HOME
    house_only = one.building is one.room is other.building is other.room is None
    return Level.SAME_HOME if house_only else Level.SAME_BUILDING


def compare_household_numbers(left: Prepared, right: Prepared) -> Level:
    """The household numbers (户号) are the same or different."""
    if left.household_number is None or right.household_number is None:
        return Level.MISSING
    return Level.SAME if left.household_number == right.household_number else Level.DIFFERENT


def compare_phones(left: Prepared, right: Prepared) -> Level:
    """The phone numbers are the same, compatible where masked, one digit apart, or different."""
    one, other = left.phone, right.phone
    if one is None or other is None:
        return Level.MISSING
    if MASK in one or MASK in other:
        if len(one) != len(other):
            return Level.MISSING
        agrees = visible_agreement(one, other) is not None
        return Level.MASKED_COMPATIBLE if agrees else Level.DIFFERENT
    if one == other:
        return Level.SAME
    close = len(one) == len(other) and OSA.distance(one, other, score_cutoff=1) == 1
    return Level.ONE_EDIT if close else Level.DIFFERENT


def compare_employers(left: Prepared, right: Prepared) -> Level:
    """The employers are the same, similarly named, or different; code and name do not compare."""
    one, other = left.employer, right.employer
    if one is None or other is None:
        return Level.MISSING
    if one == other:
        return Level.SAME
    coded = [CREDIT_CODE.fullmatch(text) is not None for text in (one, other)]
    if any(coded):
        return Level.DIFFERENT if all(coded) else Level.MISSING
    similar = fuzz.ratio(one, other, score_cutoff=SIMILAR_EMPLOYER) > 0
    return Level.SIMILAR if similar else Level.DIFFERENT
