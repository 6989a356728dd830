"""What is known of a person (身份信息); any part may be missing.

What holds a person's data shows none of it in its repr: a traceback or a log may quote it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Sex(StrEnum):
    """性别 as GB/T 2261.1 names it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """One person as one register writes them; every text is kept as it was written.

    `id_number` may hold 18 or 15 characters, masked digits, or what a spreadsheet left of it.
    `id_type` is one of resident_id, passport, hk_macau_permit, taiwan_permit, none.
    `relatives` are the names of others of the household (配偶、子女、共有人), `relatives_numbers`
    their numbers, in no order that means anything: a record may carry a parent's number.
    """

    name: str | None = None
    former_names: tuple[str, ...] = ()
    id_number: str | None = None
    birth_date: date | None = None
    sex: Sex | None = None
    address: str | None = None
    household_number: str | None = None
    phone: str | None = None
    employer: str | None = None
    id_type: str = "resident_id"
    relatives: tuple[str, ...] = ()
    relatives_numbers: tuple[str, ...] = ()
