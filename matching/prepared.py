"""A person with every field in the form it is compared in; made once, compared often."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from matching.addresses import Address, parse_address
from matching.employers import parse_employer
from matching.identity import Identity, Sex
from matching.idnumber import IdNumber, parse_number
from matching.names import WILDCARD, Name, parse_name, simplified
from matching.phones import parse_phone

WIDTH: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """`birth_date` and `sex` are what was written, or else what the number says.

    `relatives` are the others of the household by `plain_name`; `relatives_numbers` the numbers of
    theirs that are whole and valid.
    """

    identity: Identity
    name: Name | None
    former: tuple[Name, ...]
    number: IdNumber
    birth_date: date | None
    sex: Sex | None
    address: Address | None
    household_number: str | None
    phone: str | None
    employer: str | None
    relatives: frozenset[str] = frozenset()
    relatives_numbers: tuple[IdNumber, ...] = ()

    @property
    def birth_is_in_number(self) -> bool:
        """The date of birth says nothing that the number does not say."""
        return self.number.birth_date is not None and self.number.birth_date == self.birth_date

    @property
    def sex_is_in_number(self) -> bool:
        return self.number.sex is not None and self.number.sex == self.sex


def _code(raw: str | None) -> str | None:
    if raw is None:
        return None
    return re.sub(r"\s+", "", raw.translate(WIDTH)).upper() or None


def _people(names: tuple[str, ...]) -> frozenset[str]:
    """Names as they are compared, those that are hidden in part left out."""
    parsed = [parse_name(name) for name in names]
    return frozenset(
        plain_name(name) for name in parsed if name is not None and WILDCARD not in name.units
    )


def plain_name(name: Name) -> str:
    """A name in one text, its characters in their simplified forms."""
    return "".join(map(simplified, name.units))


def prepare(identity: Identity) -> Prepared:
    """Everything normalised once; what cannot be read is missing, and nothing raises."""
    number = parse_number(identity.id_number, identity.id_type)
    former = tuple(n for raw in identity.former_names if (n := parse_name(raw)) is not None)
    numbers = [parse_number(raw) for raw in identity.relatives_numbers]
    return Prepared(
        identity=identity,
        name=parse_name(identity.name),
        former=former,
        number=number,
        birth_date=identity.birth_date or number.birth_date,
        sex=identity.sex or number.sex,
        address=parse_address(identity.address),
        household_number=_code(identity.household_number),
        phone=parse_phone(identity.phone),
        employer=parse_employer(identity.employer),
        relatives=_people(identity.relatives),
        relatives_numbers=tuple(one for one in numbers if one.is_valid),
    )
