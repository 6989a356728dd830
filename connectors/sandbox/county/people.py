"""Families as the household registry knows them: who is born to whom, under which number."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from connectors.sandbox.county.names import HAN, full_name, romanised, surname
from connectors.sandbox.county.truth import Person, PersonTruth
from connectors.sandbox.county.world import DISTRICT, World

HEAD: Final = "02"
SINGLE: Final = "10"
MARRIED: Final = "20"
WIDOWED: Final = "30"
DIVORCED: Final = "40"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a family lives; `address` without the province."""

    region: str
    rural: bool
    address: str
    old_address: str
    """As certificates from before 2015 put it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must hold of a person to be made; what is None is drawn."""

    age: int
    sex: str
    relation: str = HEAD
    marital: str = SINGLE
    surname: str | None = None
    name: str | None = None
    birth: date | None = None


@dataclass(slots=True)
class Family:
    """People under one household number (户号), the head first."""

    place: Place
    number: str
    ethnic: str
    surname: str
    old_numbers: bool = False
    people: list[Person] = field(default_factory=list)


def new_family(world: World, place: Place, ethnic: str = HAN) -> Family:
    """A family without anybody in it."""
    number = f"220102{world.numbers.next():06d}"
    return Family(place, number, ethnic, surname(world.lists, world.rng, ethnic))


def join(world: World, family: Family, wanted: Wanted) -> Person:
    """Somebody new in the family, known to the county from now on."""
    birth = wanted.birth or _birthday(world, wanted.age)
    own = family.surname if wanted.surname is None else wanted.surname
    name = wanted.name or full_name(
        world.lists, world.rng, own, wanted.sex, (family.ethnic, birth.year)
    )
    person = Person(
        id=f"p{len(world.people) + 1:06d}",
        name=name,
        former_name=_former_name(world, name, own),
        id_number=world.numbers.identity(birth, wanted.sex),
        id_type="resident_id",
        sex=wanted.sex,
        ethnic=family.ethnic,
        birth=birth,
        household=family.number,
        relation=wanted.relation,
        rural=family.place.rural,
        marital=wanted.marital,
        registered_address=f"吉林省{family.place.address}",
        dead_on=None,
        left_household=None,
        registered=True,
        old_number=family.old_numbers and birth.year < 1985,
    )
    family.people.append(person)
    world.people[person.id] = person
    world.truths[person.id] = PersonTruth(person.id)
    return person


def change(world: World, family: Family, person: Person, **changes: object) -> Person:
    """The same person with other facts, everywhere in the county."""
    changed = replace(person, **changes)  # type: ignore[arg-type]  # names checked by replace
    family.people[family.people.index(person)] = changed
    world.people[person.id] = changed
    return changed


def with_passport(world: World, family: Family, person: Person) -> Person:
    """The person under a foreign passport, name in Latin letters."""
    name = romanised(world.lists, world.rng, person.sex)
    return change(
        world,
        family,
        person,
        name=name,
        former_name=None,
        id_number=world.numbers.passport(),
        id_type="passport",
    )


def spouse_surname(world: World, family: Family) -> str:
    """A surname of the family's ethnic group, as wives and husbands bring it along."""
    return surname(world.lists, world.rng, family.ethnic)


def urban_place(world: World) -> Place:
    """A flat in town."""
    rng = world.rng
    town, street = rng.choice(world.lists.towns), rng.choice(world.lists.streets)
    house, block = rng.randrange(1, 130), rng.randrange(1, 22)
    entrance, room = rng.randrange(1, 7), rng.randrange(1, 8) * 100 + rng.randrange(1, 6)
    return Place(
        region=town.code,
        rural=False,
        address=f"{DISTRICT}{town.name}{street}{house}号{block}栋{entrance}单元{room}室",
        old_address=f"{street}{_old_number(world, house)}号{block}-{entrance}-{room}",
    )


def rural_place(world: World) -> Place:
    """A house in a village."""
    rng = world.rng
    town, village = rng.choice(world.lists.countryside), rng.choice(world.lists.villages)
    group, house = rng.randrange(1, 9), rng.randrange(1, 99)
    return Place(
        region=town.code,
        rural=True,
        address=f"{DISTRICT}{town.name}{village}{group}组{house}号",
        old_address=f"{village}{_old_number(world, group)}组{house}号",
    )


def _old_number(world: World, number: int) -> str:
    """House numbers of old certificates are now and then written out."""
    return in_words(number) if number < 100 and world.chance(0.4) else str(number)


def in_words(number: int) -> str:
    """A number below 100 in Chinese numerals."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if tens == 0:
        return digits[ones]
    lead = "十" if tens == 1 else f"{digits[tens]}十"
    return lead + (digits[ones] if ones else "")


def _birthday(world: World, age: int) -> date:
    """A day of birth of somebody who is `age` at `as_of`."""
    latest = world.as_of.replace(year=world.as_of.year - age, day=min(world.as_of.day, 28))
    return latest - timedelta(days=world.rng.randrange(1, 360))


def _former_name(world: World, name: str, family: str) -> str | None:
    """A former name (曾用名), as two in a hundred have one; they keep the surname."""
    if len(name) - len(family) < 1 or "·" in name or not world.chance(0.02):
        return None
    return family + name[len(family) :][:-1] + world.rng.choice("铭瑞平杰红玲华宁")
