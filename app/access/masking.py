"""Who sees which field: names and numbers are masked unless a right and a purpose say otherwise."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.domain.household import Person

_SHOWN_HEAD, _SHOWN_TAIL = 6, 4
_SHORT = 8
_PHONE: Final = re.compile(r"1[0-9]{10}")
_LONG: Final = re.compile(r"[0-9A-Za-z]{9,}")
_NUMBER_LENGTHS: Final = (15, 18)
_DIGITS: Final = 7
"""A run of signs with so many digits is a number of somebody or something; a date has no more than
eight signs."""
_AREA: Final = re.compile(r"^(.*(?:街道|镇|乡|区|县|市))(.+)$", re.DOTALL)
_PLATE_SHOWN: Final = 2
_ADDRESSES: Final = frozenset({"hjdz", "zl", "address"})
_PLATES: Final = frozenset({"hphm", "plate"})
_CODES: Final = frozenset({"xb", "qlbl", "gyfs", "role"})
"""Fields of an identity that are codes: they name nobody."""


def masked_name(name: str) -> str:
    """`李*`, `李*雨`: the first sign, and the last of a longer name."""
    if len(name) <= 1:
        return "*"
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def masked_number(number: str) -> str:
    """`229901********1236`; a short number keeps its last two signs."""
    if not number:
        return ""
    if len(number) <= _SHORT:
        return "*" * max(0, len(number) - 2) + number[-2:]
    hidden = max(len(number) - _SHOWN_HEAD - _SHOWN_TAIL, 2)
    head = number[: len(number) - hidden - _SHOWN_TAIL]
    return head + "*" * hidden + number[-_SHOWN_TAIL:]


def masked_address(address: str) -> str:
    """As far as the street's office; the rest is hidden."""
    found = _AREA.match(address)
    return "****" if found is None else found[1] + "****"


def masked_run(text: str) -> str:
    """A number within a text: of a person, a phone `138****5521`, else its last four signs."""
    if len(text) in _NUMBER_LENGTHS:
        return masked_number(text)
    if _PHONE.fullmatch(text):
        return text[:3] + "****" + text[-_SHOWN_TAIL:]
    return "*" * (len(text) - _SHOWN_TAIL) + text[-_SHOWN_TAIL:]


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides what is known of some persons, and every long number, in whatever a page shows."""

    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, persons: Iterable[Person]) -> "Mask":
        """Longer names first: one may stand within another."""
        told = {
            name.strip()
            for one in persons
            for name in (one.name, one.former_name or "")
            if len(name.strip()) > 1
        }
        return cls(tuple(sorted(told, key=lambda name: (-len(name), name))))

    def text(self, text: str) -> str:
        """The text with its names and long numbers masked."""
        for name in self.names:
            text = text.replace(name, masked_name(name))
        return _LONG.sub(lambda run: _run(run[0]), text)

    def record(self, fields: Mapping[str, Any], identity: Collection[str]) -> dict[str, Any]:
        """A source's own fields; `identity`: those that say who somebody is."""
        return {
            name: value
            if value is None or isinstance(value, bool)
            else self._field(name, value)
            if name not in identity or name in _CODES
            else _particular(str(value))
            for name, value in fields.items()
        }

    def _field(self, name: str, value: Any) -> Any:
        text = str(value)
        if name.lower() in _ADDRESSES:
            return masked_address(text)
        if name.lower() in _PLATES:
            return text[:_PLATE_SHOWN] + "*" * max(0, len(text) - _PLATE_SHOWN - 2) + text[-2:]
        shown = self.text(text)
        return value if shown == text else shown

    def anywhere(self, value: Any) -> Any:
        """Every text within a document."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self.anywhere(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.anywhere(one) for one in value]
        return value


def _run(run: str) -> str:
    return masked_run(run) if sum(sign.isdigit() for sign in run) >= _DIGITS else run


def _particular(text: str) -> str:
    """A name, or a number where it has digits."""
    return masked_number(text) if any(sign.isdigit() for sign in text) else masked_name(text)
