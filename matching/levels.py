"""The levels at which a field of two people may agree; one closed list for all fields."""

from enum import StrEnum


class Level(StrEnum):
    """How far a field agrees; a field's levels stand in its comparison and in the weights."""

    __hash__ = str.__hash__  # hashed several times a comparison; Enum's own is slow

    MISSING = "missing"  # adds no weight either way
    UNUSABLE = "unusable"  # written, and says nothing
    EQUAL = "equal"
    VARIANT = "variant"
    HOMOPHONE = "homophone"
    LOOK_ALIKE = "look_alike"
    SAME_SYLLABLE = "same_syllable"
    FORMER = "former"
    REORDERED = "reordered"
    ROMANISED = "romanised"
    TRANSLITERATION = "transliteration"
    MASKED_COMPATIBLE = "masked_compatible"
    MASKED_NEAR = "masked_near"
    NEAR = "near"
    PARTIAL = "partial"
    DIFFERENT = "different"
    EQUAL_15_18 = "equal_15_18"
    ONE_EDIT = "one_edit"
    TRANSPOSED = "transposed"
    TWO_EDITS = "two_edits"
    NEIGHBOUR = "neighbour"
    SUCCESSOR_AREA = "successor_area"
    RELATIVES_NUMBER = "relatives_number"
    DIFFERENT_OTHER = "different_other"
    SAME = "same"
    YEAR_ONLY = "year_only"
    YEAR_MONTH = "year_month"
    DAY_MONTH_SWAPPED = "day_month_swapped"
    ONE_PART = "one_part"
    SAME_HOME = "same_home"
    SAME_BUILDING = "same_building"
    OTHER_HOME = "other_home"
    SAME_VILLAGE = "same_village"
    SAME_ROAD = "same_road"
    SIMILAR = "similar"
