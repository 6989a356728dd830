"""A relief household before its application is written: who is in it and what is kept quiet."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from connectors.sandbox.county.people import Family, Place
from connectors.sandbox.county.truth import Person


class HouseholdType(StrEnum):
    """Why a household is in the county."""

    DEMO = "demo"
    ELDERLY_ALONE = "elderly_alone"
    ELDERLY_SUPPORTED = "elderly_supported"
    COUPLE_WITH_CHILD = "couple_with_child"
    SINGLE_PARENT = "single_parent"
    DISABLED = "disabled"
    UNEMPLOYED = "unemployed"
    SOLE_TRADER = "sole_trader"
    HIDDEN_CAR = "hidden_car"
    HIDDEN_HOME = "hidden_home"
    HIDDEN_DEPOSIT = "hidden_deposit"
    HIDDEN_COMPANY = "hidden_company"
    OLD_NUMBERS = "old_numbers"
    RARE_NAME = "rare_name"
    ETHNIC_NAME = "ethnic_name"
    PASSPORT = "passport"
    CHILD_WITHOUT_RECORD = "child_without_record"
    DECEASED_MEMBER = "deceased_member"
    UNDECLARED_MEMBER = "undeclared_member"
    RECENTLY_SPLIT = "recently_split"
    NEAR_LIMIT = "near_limit"


@dataclass(frozen=True, slots=True)
class Member:
    """A declared member; `relationship` in the words of the request."""

    person: Person
    relationship: str
    in_school: bool = False


@dataclass(frozen=True, slots=True)
class Supporter:
    """Somebody bound to support members (赡养、抚养、扶养义务人)."""

    person: Person
    relationship: str
    supports: tuple[str, ...]
    """Person ids of the members supported."""
    household_size: int
    signed: bool
    declared_payment: Decimal | None = None


@dataclass(slots=True)
class Draft:
    """What is known before the application is written."""

    type: HouseholdType
    family: Family
    members: list[Member] = field(default_factory=list)
    supporters: list[Supporter] = field(default_factory=list)
    undeclared: list[Person] = field(default_factory=list)
    """Registered in the household and living there, left out of the application."""
    honesty: Decimal = Decimal(1)
    """Share of the wages that is declared."""
    hidden: set[str] = field(default_factory=set)
    """What is left out: kinds of asset or income in the words of the request, `second_home`, or the
    number of an account."""
    medical: Decimal | None = None
    """Proven medical cost a year, yuan."""
    wage_declared: Decimal | None = None
    """Overrides what the head declares as wage."""

    @property
    def place(self) -> Place:
        return self.family.place

    def persons(self) -> list[Person]:
        """Declared, undeclared and supporters, each once."""
        declared = [member.person for member in self.members]
        return declared + self.undeclared + [item.person for item in self.supporters]
