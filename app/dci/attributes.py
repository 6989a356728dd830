"""What may be searched and sorted by: names that callers use, and values in our own form. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from app.dci.conditions import Operator, Value
from app.dci.envelope import moment_of
from app.domain.instants import china_day
from matching.idnumber import parse_number

NATIONAL_ID: Final = "national_id"
PASSPORT: Final = "passport"
HK_MACAU_PERMIT: Final = "hk_macau_permit"
TAIWAN_PERMIT: Final = "taiwan_permit"
HOUSEHOLD_ID: Final = "household_id"
OF_PERSONS: Final = frozenset({NATIONAL_ID, PASSPORT, HK_MACAU_PERMIT, TAIWAN_PERMIT})
"""Identifiers of a person: found by keyed index alone."""
IDENTIFIERS: Final = OF_PERSONS | {HOUSEHOLD_ID}
_MOST_TEXT: Final = 200
_MOST_DIGITS: Final = 30


class UnknownAttribute(Exception):  # noqa: N818 - what is wrong, in two words
    """No attribute has that name."""


class UnfitValue(Exception):  # noqa: N818
    """The value is none of the attribute's kind."""


def _number(given: object) -> Value:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise UnfitValue
    text = str(given).strip()
    try:
        number = Decimal(text) if len(text) <= _MOST_DIGITS else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise UnfitValue
    return number


def _date(given: object) -> Value:
    """A day, or a moment's day in China."""
    if not isinstance(given, str) or len(given) > _MOST_TEXT:
        raise UnfitValue
    moment = moment_of(given)
    if moment is not None:
        return china_day(moment)
    try:
        return date.fromisoformat(given[:10] if given[10:11] in ("T", "t") else given)
    except ValueError:
        raise UnfitValue from None


def _word(given: object) -> Value:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int):
        given = str(given)
    if not isinstance(given, str) or not given.strip() or len(given) > _MOST_TEXT:
        raise UnfitValue
    return given.strip().lower()


def _identifier(given: object) -> Value:
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str) or not given.strip() or len(given) > _MOST_TEXT:
        raise UnfitValue
    return given.strip()


def comparable(kind: str, number: str) -> str:
    """An identifier as it is compared: identity numbers in 18 characters, others in capitals."""
    if kind == NATIONAL_ID:
        return parse_number(number).text or number.upper()
    return number if kind == HOUSEHOLD_ID else number.upper()


def _document(kind: str) -> Callable[[object], Value]:
    return lambda given: comparable(kind, str(_identifier(given)))


def _one_of(words: Mapping[str, str]) -> Callable[[object], Value]:
    def read(given: object) -> Value:
        found = words.get(str(_word(given)))
        if found is None:
            raise UnfitValue
        return found

    return read


SEXES: Final = {
    "male": "male",
    "m": "male",
    "1": "male",
    "female": "female",
    "f": "female",
    "2": "female",
}
MARITAL: Final = {
    "s": "S",
    "single": "S",
    "never married": "S",
    "m": "M",
    "married": "M",
    "w": "W",
    "widow": "W",
    "widower": "W",
    "widowed": "W",
    "d": "D",
    "divorced": "D",
}
"""Codes of HL7's MaritalStatus, which DCI's list goes by."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Our name, how a value is read, whether values have an order, whether it is a member's."""

    name: str
    read: Callable[[object], Value]
    ordered: bool = False
    of_member: bool = False

    def takes(self, operator: Operator) -> bool:
        return self.ordered or operator is Operator.EQUAL


_OWN: Final = (
    Attribute("poverty_score", _number, ordered=True),
    Attribute("group_size", _number, ordered=True),
    Attribute("region", _word),
    Attribute("registration_date", _date, ordered=True),
    Attribute("last_updated", _date, ordered=True),
    Attribute("verification.status", _word),
    Attribute("verification.programme", _word),
    Attribute("verification.outcome", _word),
    Attribute("verification.error_rate_score", _number, ordered=True),
    Attribute("verification.income.monthly", _number, ordered=True),
    Attribute("verification.assets.total", _number, ordered=True),
    Attribute("verification.valid_until", _date, ordered=True),
    Attribute("verification.as_of", _date, ordered=True),
    Attribute("sex", _one_of(SEXES), of_member=True),
    Attribute("birth_date", _date, ordered=True, of_member=True),
    Attribute("age", _number, ordered=True, of_member=True),
    Attribute("birth_year", _number, ordered=True, of_member=True),
    Attribute("marital_status", _one_of(MARITAL), of_member=True),
    Attribute(NATIONAL_ID, _document(NATIONAL_ID), of_member=True),
    Attribute(PASSPORT, _document(PASSPORT), of_member=True),
    Attribute(HK_MACAU_PERMIT, _document(HK_MACAU_PERMIT), of_member=True),
    Attribute(TAIWAN_PERMIT, _document(TAIWAN_PERMIT), of_member=True),
    Attribute(HOUSEHOLD_ID, _identifier),
)
ATTRIBUTES: Final[Mapping[str, Attribute]] = {one.name: one for one in _OWN}
_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "group_size": ("household_size", "householdsize", "groupsize"),
    "region": ("location", "district", "region_code", "area_code", "area-code"),
    "last_updated": ("last_update",),
    "sex": ("gender",),
    "birth_date": ("birthdate", "dob", "date_of_birth"),
    "birth_year": ("yob", "year_of_birth"),
    NATIONAL_ID: (
        "uin",
        "nid",
        "nin",
        "nationalid",
        "national_id_number",
        "fan",
        "foundational_id",
        "person_identifier",
        "identifier",
        "resident_id",
        "id_number",
    ),
    PASSPORT: ("passport_number", "ppn"),
    HK_MACAU_PERMIT: (),
    TAIWAN_PERMIT: (),
    HOUSEHOLD_ID: (
        "hhid",
        "household_identifier",
        "householdid",
        "group_id",
        "group_identifier",
        "family_id",
        "case_reference",
        "verification.id",
    ),
}
_BY_CALL: Final = {
    **{name: name for name in ATTRIBUTES},
    **{call: name for name, calls in _CALLED.items() for call in calls},
}
_PREFIXES: Final = (
    "group.",
    "member_list.",
    "household_member.",
    "member.",
    "demographic_info.",
    "person.",
)
_SUFFIXES: Final = (".identifier_value", ".value")


def attribute_of(name: object) -> Attribute:
    """By any of its names, with the path to it or without. Raises `UnknownAttribute`."""
    if not isinstance(name, str) or len(name) > _MOST_TEXT:
        raise UnknownAttribute
    text = name.strip().lower()
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    for suffix in _SUFFIXES:
        text = text.removesuffix(suffix)
    found = _BY_CALL.get(text)
    if found is None and text.startswith("additional_attributes."):
        found = _BY_CALL.get(text.removeprefix("additional_attributes."))
    if found is None:
        raise UnknownAttribute
    return ATTRIBUTES[found]


def identifier_of(kind: object) -> Attribute:
    """The kind of an identifier, by any of its names. Raises `UnknownAttribute`."""
    text = kind.rpartition(":")[2] if isinstance(kind, str) else kind
    found = attribute_of(text)
    if found.name not in IDENTIFIERS:
        raise UnknownAttribute
    return found
