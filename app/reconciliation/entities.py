"""What a roster can be reconciled against, and what is told of each: types, properties, handles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class EntityType(StrEnum):
    """Type of an entity, as queries name it."""

    PERSON = "person"
    HOUSEHOLD = "household"
    REGION = "region"
    PROGRAMME = "programme"


OF_CASES: Final = (EntityType.PERSON, EntityType.HOUSEHOLD)
"""Entities that are somebody: all others are reference data."""
TYPE_WORDS: Final[Mapping[EntityType, str]] = {
    EntityType.PERSON: "人员 Person",
    EntityType.HOUSEHOLD: "家庭 Household",
    EntityType.REGION: "行政区划 Region (GB/T 2260)",
    EntityType.PROGRAMME: "救助项目 Relief programme",
}


@dataclass(frozen=True, slots=True)
class Property:
    """A property as it is shown: its id, its name, and what more is to be said."""

    id: str
    name: str
    description: str
    type: EntityType | None = None
    """Of what its values are entities; None: they are text or days."""


ASKED: Final[Sequence[Property]] = (
    Property("id_number", "身份证号 Identity number", "18 or 15 characters; hidden digits as *"),
    Property("id_type", "证件类型 Kind of document", "resident_id, passport, hk_macau_permit, …"),
    Property("birth_date", "出生日期 Date of birth", "such as 1980-03-07"),
    Property("sex", "性别 Sex", "男, 女, 1, 2, male, female"),
    Property("address", "住址 Address", "of the household or of the person"),
    Property("phone", "电话 Phone", ""),
    Property("former_name", "曾用名 Former name", ""),
    Property("employer", "工作单位 Employer", "kept of nobody so far: it weighs nothing"),
    Property("region", "行政区划 Region", "GB/T 2260; narrows what is looked through"),
    Property("case_reference", "案卷编号 Case number", "finds a household"),
)
"""What a query may say of whom it means."""
TOLD_OF_CASES: Final[Sequence[Property]] = (
    Property("name", "姓名（隐去） Name, masked", "never whole"),
    Property("relationship", "与户主关系 Relation to the head", "of a person"),
    Property("case_reference", "案卷编号 Case number", ""),
    Property("region", "行政区划 Region", "", EntityType.REGION),
    Property("programme", "救助项目 Relief programme", "asked for", EntityType.PROGRAMME),
    Property("status", "核对状态 State", "of the newest verification, or of the relief"),
    Property("verified_on", "核对日 Last verified on", "the day of judgement of a final one"),
    Property("outcome", "核对结论 Outcome", "by programme; no amount"),
)
"""What is told of a person or a household; never a number of somebody, never an amount."""
TOLD_OF_REFERENCE: Final[Sequence[Property]] = (Property("name", "名称 Name", ""),)

_PERSON: Final = re.compile(r"([a-z]{2}_[0-9A-Za-z]{1,37})\.([1-9][0-9]{0,2})")
_HOUSEHOLD: Final = re.compile(r"[a-z]{2}_[0-9A-Za-z]{1,37}")


def told_of(kind: str) -> Sequence[Property]:
    """What may be asked for of a type; of no type, what is told of cases."""
    return TOLD_OF_REFERENCE if kind in ("region", "programme") else TOLD_OF_CASES


def type_document(kind: EntityType) -> dict[str, str]:
    return {"id": kind.value, "name": TYPE_WORDS[kind]}


@dataclass(frozen=True, slots=True)
class Handle:
    """What stands for a person or a household in a tool: a case's id, and a place in it.

    Opaque: it tells of nobody, and serves only whoever may see the case.
    """

    case: str
    place: int | None = None

    @classmethod
    def read(cls, text: str) -> "Handle | None":
        found = _PERSON.fullmatch(text)
        if found is not None:
            return cls(found[1], int(found[2]))
        return cls(text) if _HOUSEHOLD.fullmatch(text) else None

    @property
    def type(self) -> EntityType:
        return EntityType.HOUSEHOLD if self.place is None else EntityType.PERSON

    def __str__(self) -> str:
        return self.case if self.place is None else f"{self.case}.{self.place}"
