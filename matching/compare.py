"""One function a field: two people's field → level. What a level weighs stands in the weights."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from matching.addresses import Address, same_house_in_village, same_place
from matching.alike import NameMatch, NameRelation, match_names
from matching.employers import employer_relation
from matching.idnumber import MASK, visible_agreement
from matching.levels import Level
from matching.names import Name
from matching.number_relation import relation
from matching.phones import phone_relation
from matching.prepared import Prepared, plain_name

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


# A name that may stand beside a relative's number, and then is the person's.
OWN_NAME: Final = frozenset({Level.EQUAL, Level.VARIANT, Level.FORMER})


def compare_numbers(left: Prepared, right: Prepared) -> Level:
    """The numbers are equal (15 or 18), compatible where masked, a slip apart, or different.

    As `relation` says, but RELATIVES_NUMBER where the numbers are not equal, the one is that of
    another of the household and the name the person's: a parent's number used for a child.
    """
    level = relation(left.number, right.number)
    if level in (Level.EQUAL, Level.EQUAL_15_18):
        return level
    if not (left.relatives_numbers or right.relatives_numbers):
        return level
    lent = _is_lent(left, right) or _is_lent(right, left)
    return Level.RELATIVES_NUMBER if lent else level


def _is_lent(person: Prepared, claim: Prepared) -> bool:
    """The claim has the person's name and the number of one of the person's relatives."""
    number = claim.number
    theirs = number.is_valid and any(
        relation(one, number) in (Level.EQUAL, Level.EQUAL_15_18)
        for one in person.relatives_numbers
    )
    if not theirs or claim.name is None or plain_name(claim.name) in person.relatives:
        return False
    return compare_names(person, claim).level in OWN_NAME


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
    """The number is one and no building differs; or a number is missing and the building is one.

    An estate of which both name only a room (幸福公寓501室) is one building.
    """
    if left.number is not None and right.number is not None:
        differs = None not in (left.building, right.building) and left.building != right.building
        return left.number == right.number and not differs
    if left.building is None and right.building is None:
        return left.number is right.number is None and None not in (left.room, right.room)
    return left.building == right.building


def compare_addresses(left: Prepared, right: Prepared) -> Level:
    """The same home, building, village or road, another home in the building, or different.

    Tested in this order: MISSING (no place read), DIFFERENT (`same_place`), a village (SAME_HOME,
    SAME_VILLAGE), another number or building (SAME_ROAD), a garage (SAME_BUILDING), both rooms
    named (OTHER_HOME if room or unit differ, else SAME_HOME), neither building nor room named
    (SAME_HOME), SAME_BUILDING.
    """
    one, other = left.address, right.address
    if one is None or other is None or one.place is None or other.place is None:
        return Level.MISSING
    return in_one_place(one, other) if same_place(one, other) else Level.DIFFERENT


def in_one_place(one: Address, other: Address) -> Level:
    """How near two addresses of one road, estate or village are."""
    if one.is_village:
        return Level.SAME_HOME if same_house_in_village(one, other) else Level.SAME_VILLAGE
    if not _same_building(one, other):
        return Level.SAME_ROAD
    if not (one.is_home and other.is_home):
        return Level.SAME_BUILDING
    if one.room is not None and other.room is not None:
        units_differ = None not in (one.unit, other.unit) and one.unit != other.unit
        return Level.OTHER_HOME if units_differ or one.room != other.room else Level.SAME_HOME
    house_only = one.building is one.room is other.building is other.room is None
    return Level.SAME_HOME if house_only else Level.SAME_BUILDING


def compare_household_numbers(left: Prepared, right: Prepared) -> Level:
    """The household numbers (户号) are the same or different."""
    if left.household_number is None or right.household_number is None:
        return Level.MISSING
    return Level.SAME if left.household_number == right.household_number else Level.DIFFERENT


def compare_phones(left: Prepared, right: Prepared) -> Level:
    """The phone numbers are the same, compatible where masked, one digit apart, or different."""
    if left.phone is None or right.phone is None:
        return Level.MISSING
    return phone_relation(left.phone, right.phone)


def compare_employers(left: Prepared, right: Prepared) -> Level:
    """The employers are the same, similarly named, or different; code and name do not compare."""
    if left.employer is None or right.employer is None:
        return Level.MISSING
    return employer_relation(left.employer, right.employer)


def compare_relatives(left: Prepared, right: Prepared) -> Level:
    """The records name a relative in common (the same name), only others, or none on a side."""
    if not left.relatives or not right.relatives:
        return Level.MISSING
    return Level.DIFFERENT if left.relatives.isdisjoint(right.relatives) else Level.SAME
