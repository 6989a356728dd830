"""The rest of the county: families nobody applies for, whose records come back to namesakes."""

from connectors.sandbox.county.homes import build
from connectors.sandbox.county.lives import live
from connectors.sandbox.county.names import ETHNIC_GROUPS
from connectors.sandbox.county.people import (
    DIVORCED,
    MARRIED,
    SINGLE,
    WIDOWED,
    Family,
    Wanted,
    join,
    new_family,
    rural_place,
    spouse_surname,
    urban_place,
)
from connectors.sandbox.county.truth import Person
from connectors.sandbox.county.world import World

_ETHNIC_SHARES = (88, 5, 5, 1.5, 0.5)


def populate(world: World, count: int) -> None:
    """Families until the county has `count` more people."""
    goal = len(world.people) + count
    while len(world.people) < goal:
        family = _family(world)
        for person in family.people:
            live(world, person)
        _house(world, family)


def _family(world: World) -> Family:
    rng = world.rng
    place = rural_place(world) if world.chance(0.38) else urban_place(world)
    ethnic = rng.choices(ETHNIC_GROUPS, _ETHNIC_SHARES)[0]
    family = new_family(world, place, ethnic)
    family.old_numbers = world.chance(0.05)
    age = int(rng.triangular(24, 86, 40))
    head_sex = "1" if world.chance(0.72) else "2"
    if world.chance(0.3):
        marital = rng.choice((SINGLE, DIVORCED, WIDOWED)) if age < 60 else WIDOWED
        join(world, family, Wanted(age, head_sex, marital=marital))
    else:
        couple(world, family, age, head_sex)
    if age < 62:
        for _ in range(rng.choices((0, 1, 2), (35, 50, 15))[0]):
            _child(world, family, age)
    return family


def couple(world: World, family: Family, age: int, head_sex: str = "1") -> tuple[Person, Person]:
    """The head and his or her spouse, of about the same age."""
    head = join(world, family, Wanted(age, head_sex, marital=MARRIED))
    other = "2" if head_sex == "1" else "1"
    partner = Wanted(
        age=max(age + world.rng.randrange(-4, 4), 22),
        sex=other,
        relation="12" if other == "2" else "11",
        marital=MARRIED,
        surname=spouse_surname(world, family),
    )
    return head, join(world, family, partner)


def _child(world: World, family: Family, parent_age: int) -> Person:
    sex = world.rng.choice("12")
    age = max(parent_age - world.rng.randrange(21, 36), 0)
    return join(world, family, Wanted(age, sex, relation="20" if sex == "1" else "30"))


def _house(world: World, family: Family) -> None:
    adults = [person for person in family.people if world.adult(person)]
    if not adults or not world.chance(0.55 if family.place.rural else 0.75):
        return
    shared = len(adults) > 1 and adults[1].marital == MARRIED and world.chance(0.4)
    build(world, family.place, adults[:2] if shared else adults[:1])
    if not family.place.rural and world.chance(0.08):
        build(world, urban_place(world), adults[:1])
