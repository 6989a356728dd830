"""What one source of the made-up county has in its register, and how it looks people up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

SOURCES: Final = (
    "household_registry",
    "tax",
    "social_insurance",
    "property",
    "business_registration",
    "housing_fund",
    "vehicle",
    "bank",
    "insurance",
    "securities",
)
"""The keys of the ten sources, in the order of clause 24."""

_MIDDLE_DOTS: Final = "·.•・‧∙⋅"
_DROPPED: Final = {ord(dot): None for dot in _MIDDLE_DOTS} | {
    ord(blank): None for blank in " \t\u00a0\u3000"
}
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS: Final = "10X98765432"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a register.

    `row` has exactly the fields of the source's document, the person's name and number included
    (they equal `name` and `id_number`), except that the property row joins all owners in `qlrmc`,
    `qlrzjh` and `qlbl`. Units are the source's: tax, housing fund, bank, insurance and securities
    amounts are Decimal yuan, social insurance int fen, business registration Decimal of 10,000
    yuan, areas and tonnages Decimal. Real dates are `date` or `datetime`; what the document itself
    keys as YYYYMM (`jfny`, `ffny`, `JZNY`) is text, and so is a date that is no date and an amount
    that is no number (a data fault keyed them so). `None` is the document's null.

    Bank rows, whose document has no field names: `bank` (icbc, abc, psbc, jlrcu), `account`
    (masked), `account_kind`, `currency`, `balance`, `balance_date`, `branch`, `state`, `money_in`,
    `money_out`. Securities rows have the Chinese headings, without 序号, 查询结果, 姓名, 证件号码.
    Business rows hold `idNo` unmasked; masking is the server's. SI rows hold no `type`: it is
    `kind`. Vehicle and vessel rows hold `syr` and `sfzmhm`; the `id` attribute is the server's.
    """

    name: str
    """As this register keyed it, mis-keyed perhaps."""
    id_number: str
    """As this register keyed it: 18 or 15 characters, mis-keyed, padded, a passport's, or empty."""
    row: Mapping[str, object]
    kind: str
    """The list or element it goes to: `person`, `item`, `PAYMENT`, `BENEFIT`, `ownership`,
    `legalRepresentative`, `shareholder`, `manager`, `account`, `vehicle`, `vessel`, `policy`,
    `holding`."""
    person: str | None
    """The truth: whose record it really is (the county's person id), or nobody's. Never served."""


class Register:
    """One source's register; looking up costs microseconds."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.become(entries)

    def become(self, entries: Iterable[Entry]) -> None:
        """From now on it holds these: life goes on (the housing fund's file stays as written)."""
        self.entries: tuple[Entry, ...] = tuple(entries)
        self._by_number: dict[str, list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        self._by_household: dict[str, list[int]] = {}
        before: Entry | None = None
        named: list[int] = []
        numbered: list[int] = []
        for position, entry in enumerate(self.entries):
            # A person's months stand together: most entries are keyed like the one before.
            if before is None or entry.name != before.name:
                named = self._by_name.setdefault(cleaned_name(entry.name), [])
            if before is None or entry.id_number != before.id_number:
                numbered = self._by_number.setdefault(cleaned_number(entry.id_number), [])
            named.append(position)
            numbered.append(position)
            before = entry
            if entry.kind == "person":
                household = str(entry.row.get("hh", ""))
                self._by_household.setdefault(household, []).append(position)
        # What was left empty can be looked up by nobody.
        self._by_name.pop("", None)
        self._by_number.pop("", None)

    def find(self, name: str, id_number: str) -> list[Entry]:
        """Every entry under the number, in its 18- or 15-digit form, or under the very name.

        Names are compared after the source's clean-up (blanks, middle dots, case); an empty name
        or number matches nothing. In the register's order, each entry once.
        """
        positions = set(self._by_name.get(cleaned_name(name), ()))
        for form in number_forms(id_number):
            positions.update(self._by_number.get(form, ()))
        return [self.entries[position] for position in sorted(positions)]

    def household(self, number: str) -> list[Entry]:
        """Everybody registered under a household number (户号), those who left too."""
        return [self.entries[position] for position in self._by_household.get(number, ())]


def cleaned_name(name: str) -> str:
    """A name as the sources compare it: without blanks and middle dots, in one case."""
    return name.translate(_DROPPED).casefold()


def cleaned_number(id_number: str) -> str:
    """A number as the sources compare it: without blanks around it, in upper case."""
    return id_number.strip().upper()


def number_forms(id_number: str) -> tuple[str, ...]:
    """The forms in which a register may hold the same number: as asked, 15-digit, 18-digit."""
    number = cleaned_number(id_number)
    if not number:
        return ()
    if len(number) == 18 and number[:17].isdecimal() and number[6:8] == "19":
        return (number, number[:6] + number[8:17])
    if len(number) == 15 and number.isdecimal():
        body = number[:6] + "19" + number[6:]
        return (number, body + check_character(body))
    return (number,)


def check_character(body: str) -> str:
    """The 18th character to the first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return _CHECK_CHARACTERS[total % 11]
