"""Relief households with something hidden, a name or number that is hard, or somebody missing."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from connectors.sandbox.county.family_types import (
    alone,
    child,
    couple_with_child,
    elderly_supported,
    pair,
    single_parent,
    somewhere,
    start,
)
from connectors.sandbox.county.homes import build, by_halves
from connectors.sandbox.county.households import Draft, HouseholdType, Member
from connectors.sandbox.county.money import motor_policy
from connectors.sandbox.county.names import KOREAN, UYGHUR
from connectors.sandbox.county.people import (
    MARRIED,
    WIDOWED,
    Wanted,
    change,
    join,
    urban_place,
    with_passport,
)
from connectors.sandbox.county.possessions import COMPANY, Enterprise, car, enterprise
from connectors.sandbox.county.truth import Person
from connectors.sandbox.county.wage_earners import big_deposit, earn, little_savings
from connectors.sandbox.county.world import World

Kind = HouseholdType


def hidden_car(world: World) -> Draft:
    draft = _honest_at_first(world, Kind.HIDDEN_CAR)
    owner = world.truth(world.rng.choice(draft.members[:2]).person)
    owner.vehicles.append(car(world, first_year=2017, state="A"))
    owner.policies.append(motor_policy(world))
    draft.hidden.add("vehicle")
    return draft


def hidden_home(world: World) -> Draft:
    """A second home, held half and half."""
    draft = _honest_at_first(world, Kind.HIDDEN_HOME)
    owners = [member.person for member in draft.members[:2]]
    build(world, draft.place, owners[:1])
    build(world, urban_place(world), owners, by_halves())
    draft.hidden.add("second_home")
    return draft


def hidden_deposit(world: World) -> Draft:
    draft = _honest_at_first(world, Kind.HIDDEN_DEPOSIT)
    deposit = big_deposit(world, draft.members[1].person, 60_000, 320_000)
    draft.hidden.add(deposit.number)
    return draft


def hidden_company(world: World) -> Draft:
    draft = _honest_at_first(world, Kind.HIDDEN_COMPANY)
    capital = Decimal(world.rng.randrange(12, 80))
    wanted = Enterprise(COMPANY, role="shareholder", capital=capital)
    world.truth(draft.members[0].person).businesses.append(enterprise(world, wanted))
    draft.hidden.add("business")
    return draft


def _honest_at_first(world: World, kind: HouseholdType) -> Draft:
    draft = start(world, kind, somewhere(world, 0.25))
    head, wife = pair(world, draft, world.rng.randrange(32, 55))
    child(world, draft, world.rng.randrange(4, 17))
    earn(world, head, world.rng.randrange(2120, 2800, 10))
    for person in (head, wife):
        little_savings(world, person)
    draft.honesty = Decimal(world.rng.choice((100, 70, 50))) / 100
    return draft


def old_numbers(world: World) -> Draft:
    """A couple whose registers, but for police and tax, still hold 15-digit numbers."""
    draft = start(world, Kind.OLD_NUMBERS, somewhere(world))
    draft.family.old_numbers = True
    head, wife = pair(world, draft, world.rng.randrange(46, 60))
    earn(world, wife, world.rng.randrange(2120, 2600, 10))
    for person in (head, wife):
        little_savings(world, person)
        big_deposit(world, person, 300, 4_000)
    build(world, draft.place, [head, wife])
    return draft


def rare_name(world: World) -> Draft:
    draft = start(world, Kind.RARE_NAME, somewhere(world))
    for age, relation, word in ((world.rng.randrange(34, 50), "02", "head"), (12, "30", "child")):
        sex = world.rng.choice("12") if relation == "02" else "2"
        name = draft.family.surname + world.rng.choice(world.lists.rare[sex])
        wanted = Wanted(age, sex, relation, name=name)
        person = join(world, draft.family, wanted)
        draft.members.append(Member(person, word, in_school=word == "child"))
    head = draft.members[0].person
    earn(world, head, world.rng.randrange(2120, 2700, 10))
    little_savings(world, head)
    build(world, draft.place, [head])
    return draft


def ethnic_name(world: World) -> Draft:
    draft = start(world, Kind.ETHNIC_NAME, urban_place(world), UYGHUR)
    head, wife = pair(world, draft, world.rng.randrange(28, 48))
    child(world, draft, world.rng.randrange(3, 15))
    earn(world, head, world.rng.randrange(2120, 3000, 10))
    for person in (head, wife):
        little_savings(world, person)
    big_deposit(world, head, 500, 6_000)
    return draft


def passport(world: World) -> Draft:
    """A couple of whom she is a foreigner, under her passport's name everywhere."""
    draft = start(world, Kind.PASSPORT, urban_place(world), KOREAN)
    head, wife = pair(world, draft, world.rng.randrange(34, 58))
    foreigner = with_passport(world, draft.family, wife)
    draft.members[1] = Member(foreigner, "spouse")
    earn(world, head, world.rng.randrange(2120, 2900, 10))
    big_deposit(world, foreigner, 1_000, 9_000)
    build(world, draft.place, [head, foreigner])
    return draft


def child_without_record(world: World) -> Draft:
    """A newborn nobody has registered yet."""
    draft = single_parent(world)
    draft.type = Kind.CHILD_WITHOUT_RECORD
    baby = join(world, draft.family, Wanted(0, "2", "30"))
    unknown = change(world, draft.family, baby, registered=False)
    draft.members.append(Member(unknown, "child"))
    return draft


def deceased_member(world: World) -> Draft:
    """A father who died in spring and is still declared."""
    draft = couple_with_child(world)
    draft.type = Kind.DECEASED_MEMBER
    age = draft.members[0].person.age(world.as_of) + 26
    father = join(world, draft.family, Wanted(age, "1", "51", WIDOWED))
    little_savings(world, father)
    draft.members.append(Member(_bury(world, draft, father), "parent"))
    return draft


def _bury(world: World, draft: Draft, person: Person) -> Person:
    """Died about half a year ago."""
    month = world.months[5]
    world.truth(person).alive = False
    return change(world, draft.family, person, dead_on=date(int(month[:4]), int(month[4:]), 14))


def undeclared_member(world: World) -> Draft:
    """A wife with a good wage, registered in the household and left out."""
    draft = _parent_and_child(world)
    draft.type = Kind.UNDECLARED_MEMBER
    head = change(world, draft.family, draft.members[0].person, marital=MARRIED)
    draft.members[0] = Member(head, "head")
    other, relation = ("2", "12") if head.sex == "1" else ("1", "11")
    age = head.age(world.as_of)
    wanted = Wanted(age, other, relation, MARRIED, surname=world.lists.han.surnames.draw(world.rng))
    partner = join(world, draft.family, wanted)
    earn(world, partner, world.rng.randrange(3_200, 6_000, 10))
    big_deposit(world, partner, 5_000, 60_000)
    draft.undeclared.append(partner)
    return draft


def _parent_and_child(world: World) -> Draft:
    draft = start(world, Kind.UNDECLARED_MEMBER, urban_place(world))
    head = alone(world, draft, world.rng.randrange(30, 54), MARRIED)
    child(world, draft, world.rng.randrange(2, 16))
    little_savings(world, head)
    return draft


def recently_split(world: World) -> Draft:
    """Elderly parents who left their son's household number a few weeks ago."""
    draft = elderly_supported(world)
    draft.type = Kind.RECENTLY_SPLIT
    number = draft.supporters[0].person.household
    draft.members = [
        Member(
            change(world, draft.family, member.person, left_household=number), member.relationship
        )
        for member in draft.members
    ]
    return draft


SPECIAL: Final[Mapping[HouseholdType, Callable[[World], Draft]]] = {
    Kind.HIDDEN_CAR: hidden_car,
    Kind.HIDDEN_HOME: hidden_home,
    Kind.HIDDEN_DEPOSIT: hidden_deposit,
    Kind.HIDDEN_COMPANY: hidden_company,
    Kind.OLD_NUMBERS: old_numbers,
    Kind.RARE_NAME: rare_name,
    Kind.ETHNIC_NAME: ethnic_name,
    Kind.PASSPORT: passport,
    Kind.CHILD_WITHOUT_RECORD: child_without_record,
    Kind.DECEASED_MEMBER: deceased_member,
    Kind.UNDECLARED_MEMBER: undeclared_member,
    Kind.RECENTLY_SPLIT: recently_split,
}
