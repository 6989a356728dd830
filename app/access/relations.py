"""Whose cases are out of a member of staff's reach 回避: relatives, acquaintances, the own home.

Pure. Numbers are compared in their normal form (15 digits as 18), homes by their parts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from app.domain.household import IdType, Person, Relationship, VerificationRequest
from matching.addresses import address_key, normal_form
from matching.idnumber import NumberKind, parse_number, to_15

_UNUSABLE: Final = (NumberKind.MISSING, NumberKind.UNUSABLE, NumberKind.MASKED)
_CITY: Final = 4  # digits of GB/T 2260


class RelationKind(StrEnum):
    """How somebody stands to a member of staff 近亲属及利害关系."""

    SELF = "self"
    HOUSEHOLD = "household"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    IN_LAW = "in_law"
    RELATIVE = "relative"
    FORMER_PARTNER = "former_partner"
    FRIEND = "friend"
    NEIGHBOUR = "neighbour"
    COLLEAGUE = "colleague"
    OTHER_INTEREST = "other_interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An address 住址 and the region (4 digits at least) in which it is."""

    region: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A person, a home, or both, that a member of staff keeps away from."""

    kind: RelationKind
    id_type: IdType = IdType.NONE
    id_number: str = field(default="", repr=False)
    home: Home | None = field(default=None, repr=False)

    @classmethod
    def own_home(cls, home: Home) -> "Related":
        return cls(kind=RelationKind.HOUSEHOLD, home=home)


def number_of(id_type: IdType, number: str) -> str | None:
    """The form in which two written numbers of one person are the same; None: it says nothing."""
    read = parse_number(number, id_type.value)
    return None if read.kind in _UNUSABLE else read.text


def written_forms(id_type: IdType, number: str) -> tuple[str, ...]:
    """How the number may stand in a request: as 18 characters, and as 15 digits of old cards."""
    normal = number_of(id_type, number)
    if normal is None:
        return ()
    has_old_form = id_type is IdType.RESIDENT_ID and len(normal) == 18 and normal[6:8] == "19"
    return (normal, to_15(normal)) if has_old_form else (normal,)


def as_persons(id_type: IdType, number: str) -> tuple[Person, ...]:
    """The person under each written form, for the stores that find persons by keyed numbers."""
    return tuple(
        Person(ref="", name="", id_type=id_type, id_number=form, relationship=Relationship.OTHER)
        for form in written_forms(id_type, number)
    )


def home_of(home: Home) -> str:
    """What names a home within its city, however the address is written."""
    return f"{home.region[:_CITY]}\n{address_key(home.address) or normal_form(home.address)}"


def homes_of(request: VerificationRequest) -> frozenset[str]:
    """The homes that a request names: the household's and its persons' own."""
    household = request.household
    written = (household.address, *(person.address for person in household.persons))
    return frozenset(
        home_of(Home(region=request.region, address=one)) for one in written if one is not None
    )


def touches(related: Iterable[Related], request: VerificationRequest) -> bool:
    """Whether the household is one to keep away from: by a person in it, or by its home."""
    some: Sequence[Related] = tuple(related)
    if not some:
        return False
    numbers = {number_of(one.id_type, one.id_number) for one in some if one.id_number} - {None}
    persons = request.household.persons
    if any(number_of(one.id_type, one.id_number) in numbers for one in persons if one.id_number):
        return True
    homes = {home_of(one.home) for one in some if one.home is not None}
    return bool(homes) and not homes.isdisjoint(homes_of(request))
