"""A person with every field in the form it is compared in; made once, compared often."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from matching.addresses import Address, parse_address
from matching.identity import Identity, Sex
from matching.idnumber import IdNumber, parse_number
from matching.names import Name, parse_name

CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")  # 统一社会信用代码, GB 32100
COMPANY_KIND: Final = re.compile(r"(?:有限责任公司|股份有限公司|有限公司|公司|\(个体工商户\))")
COMPANY_REGION: Final = re.compile(r"^(?:[^市县区]{2,4}省)?(?:[^市县区]{2,5}[市县区]){0,2}")
AREA_CODE: Final = re.compile(r"^(?:\+?0{0,2}86)(?=1\d{10}$|1\d{2}\*)")
WIDTH: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True, slots=True)
class Prepared:
    """`birth_date` and `sex` are what was written, or else what the number says."""

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


@lru_cache(maxsize=1 << 14)
def _phone(raw: str | None) -> str | None:
    """Digits and `*` only; None where fewer than seven are left."""
    if raw is None:
        return None
    text = AREA_CODE.sub("", re.sub(r"[^\d*+]", "", raw.translate(WIDTH), flags=re.ASCII))
    return text if len(text) >= 7 and len(set(text)) > 2 else None


@lru_cache(maxsize=1 << 14)
def _employer(raw: str | None) -> str | None:
    """A credit code as it is, a name without region and legal form (单位名称)."""
    if raw is None:
        return None
    text = unicodedata.normalize("NFC", raw).translate(WIDTH)
    text = re.sub(r"\s+", "", text).upper()
    if CREDIT_CODE.fullmatch(text):
        return text
    bare = COMPANY_REGION.sub("", COMPANY_KIND.sub("", text))
    return bare or text or None


def prepare(identity: Identity) -> Prepared:
    """Everything normalised once; what cannot be read is missing, and nothing raises."""
    number = parse_number(identity.id_number, identity.id_type)
    former = tuple(n for raw in identity.former_names if (n := parse_name(raw)) is not None)
    return Prepared(
        identity=identity,
        name=parse_name(identity.name),
        former=former,
        number=number,
        birth_date=identity.birth_date or number.birth_date,
        sex=identity.sex or number.sex,
        address=parse_address(identity.address),
        household_number=_code(identity.household_number),
        phone=_phone(identity.phone),
        employer=_employer(identity.employer),
    )
