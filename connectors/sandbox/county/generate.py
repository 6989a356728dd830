"""Makes the county: people first, then what they have, then what ten registers keyed of it."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate
from random import Random
from typing import Final

import opencc

from connectors.sandbox.county.applications import application
from connectors.sandbox.county.background import populate
from connectors.sandbox.county.county import County, CountyHousehold, FaultMark
from connectors.sandbox.county.damage import Damage, damage
from connectors.sandbox.county.demo import demo
from connectors.sandbox.county.family_types import ORDINARY
from connectors.sandbox.county.households import Draft, HouseholdType
from connectors.sandbox.county.identity_faults import Scene
from connectors.sandbox.county.keyed_assets import (
    bank,
    business_registration,
    insurance,
    property_entries,
    securities,
    vehicle,
)
from connectors.sandbox.county.keyed_income import (
    household_registry,
    housing_fund,
    social_insurance,
    tax,
)
from connectors.sandbox.county.lists import Lists, read_lists
from connectors.sandbox.county.people import HEAD
from connectors.sandbox.county.special_types import SPECIAL
from connectors.sandbox.county.truth import Person
from connectors.sandbox.county.world import World, new_world
from connectors.sandbox.register import SOURCES, Entry, Register

_MAKERS: Final = {**ORDINARY, **SPECIAL}
_TYPES: Final = tuple(_MAKERS)
_BOUNDS: Final = tuple(accumulate(10 if kind in ORDINARY else 2 for kind in _TYPES))


def generate(
    seed: int,
    households: int,
    as_of: date,
    background: int = 20_000,
    fault_rate: float = 0.02,
) -> County:
    """A county with that many applying households and so many people around them.

    The first household is the demonstration's; then one of each type, then types at random.
    About `fault_rate` of every register's records are keyed wrongly, the first household's never.
    """
    lists = read_lists()
    world = new_world(seed, as_of, lists)
    drafts = [_draft(world, number) for number in range(households)]
    applied = tuple(_household(world, draft, number) for number, draft in enumerate(drafts, 1))
    populate(world, background)
    spared = frozenset(applied[0].truth) if applied else frozenset[str]()
    plan = Damage(_scene(seed, lists, world), world.people, fault_rate, spared)
    registers: dict[str, Register] = {}
    marks: list[FaultMark] = []
    for source, entries in _keyed(world).items():
        kept, faults = damage(plan, source, entries).finished()
        registers[source] = Register(kept)
        marks.extend(FaultMark(source, place, fault) for place, fault in faults)
    return County(seed, as_of, world.months, registers, world.people, applied, tuple(marks))


def _draft(world: World, number: int) -> Draft:
    if number == 0:
        return demo(world)
    if number <= len(_TYPES):
        return _MAKERS[_TYPES[number - 1]](world)
    kind: HouseholdType = world.rng.choices(_TYPES, cum_weights=_BOUNDS)[0]
    return _MAKERS[kind](world)


def _household(world: World, draft: Draft, number: int) -> CountyHousehold:
    body, refs = application(world, draft, number)
    family = [member.person for member in draft.members] + draft.undeclared
    return CountyHousehold(
        type=draft.type,
        application=body,
        truth={person.id: world.truth(person) for person in draft.persons()},
        refs=refs,
        composition=tuple(person.id for person in family if person.dead_on is None),
    )


def _keyed(world: World) -> dict[str, Sequence[Entry]]:
    """Every register, faultless, in the order of the ten sources."""
    kept: dict[str, list[Entry]] = {source: [] for source in SOURCES}
    for person in world.people.values():
        if person.registered:
            for source, entries in _of_person(world, person):
                kept[source].extend(entries)
    for unit in world.units:
        kept["property"].extend(property_entries(world, unit))
    return {source: tuple(entries) for source, entries in kept.items()}


def _of_person(world: World, person: Person) -> Iterator[tuple[str, Iterator[Entry]]]:
    truth = world.truth(person)
    yield "household_registry", household_registry(person)
    yield "tax", tax(world, person, truth)
    yield "social_insurance", social_insurance(world, person, truth)
    yield "business_registration", business_registration(world, person, truth)
    yield "housing_fund", housing_fund(world, person, truth)
    yield "vehicle", vehicle(person, truth)
    yield "bank", bank(person, truth)
    yield "insurance", insurance(person, truth)
    yield "securities", securities(person, truth)


def _scene(seed: int, lists: Lists, world: World) -> Scene:
    """Chance of its own for the faults: with and without them, the county is the same."""
    people = tuple(world.people.values())
    heads = {person.household: person for person in people if person.relation == HEAD}
    parents = {
        person.id: heads[person.household]
        for person in people
        if person.relation[0] in "23" and person.household in heads
    }
    return Scene(
        rng=Random(f"{seed} faults"),
        lists=lists,
        people=people,
        parents=parents,
        traditional=opencc.OpenCC("s2t"),
    )
