"""The relief households by type: who they are, what they earn and own, what they keep quiet."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from connectors.sandbox.county.background import couple
from connectors.sandbox.county.homes import Deed, build
from connectors.sandbox.county.households import Draft, HouseholdType, Member, Supporter
from connectors.sandbox.county.jobs import sealed_fund
from connectors.sandbox.county.money import Savings, account
from connectors.sandbox.county.names import HAN
from connectors.sandbox.county.people import (
    DIVORCED,
    HEAD,
    MARRIED,
    WIDOWED,
    Place,
    Wanted,
    join,
    new_family,
    rural_place,
    urban_place,
)
from connectors.sandbox.county.possessions import Enterprise, enterprise, motorcycle
from connectors.sandbox.county.receipts import (
    RESIDENTS_PENSION,
    UNEMPLOYMENT,
    benefit,
    odd_jobs,
    shop_receipts,
    unreported_takings,
)
from connectors.sandbox.county.truth import Person
from connectors.sandbox.county.wage_earners import earn, little_savings
from connectors.sandbox.county.world import World

Kind = HouseholdType


def somewhere(world: World, rural_share: float = 0.4) -> Place:
    return rural_place(world) if world.chance(rural_share) else urban_place(world)


def start(world: World, kind: HouseholdType, place: Place, ethnic: str = HAN) -> Draft:
    return Draft(kind, new_family(world, place, ethnic))


def child(world: World, draft: Draft, age: int) -> Person:
    """A minor child of the head, at school from six on."""
    sex = world.rng.choice("12")
    person = join(world, draft.family, Wanted(age, sex, "20" if sex == "1" else "30"))
    draft.members.append(Member(person, "child", in_school=age >= 6))
    return person


def pair(world: World, draft: Draft, age: int) -> tuple[Person, Person]:
    """The head and his wife, both declared."""
    head, wife = couple(world, draft.family, age)
    draft.members.extend((Member(head, "head"), Member(wife, "spouse")))
    return head, wife


def alone(world: World, draft: Draft, age: int, marital: str) -> Person:
    """A head without a spouse."""
    sex = world.rng.choice("12")
    head = join(world, draft.family, Wanted(age, sex, HEAD, marital))
    draft.members.append(Member(head, "head"))
    return head


def grown_child(world: World, draft: Draft, *, signed: bool) -> Person:
    """A son or daughter in a household of his or her own, bound to support the head."""
    head = draft.members[0].person
    age = max(head.age(world.as_of) - world.rng.randrange(21, 32), 23)
    own = new_family(world, somewhere(world, 0.1))
    own.surname = draft.family.surname
    person = join(world, own, Wanted(age, world.rng.choice("12"), marital=MARRIED))
    earn(world, person, world.rng.randrange(2600, 6800, 10))
    live_beside_work(world, person)
    payment = Decimal(world.rng.randrange(0, 400, 50)) if not signed else None
    draft.supporters.append(
        Supporter(
            person=person,
            relationship="child",
            supports=(head.id,),
            household_size=world.rng.choice((2, 3, 3, 4)),
            signed=signed,
            declared_payment=payment,
        )
    )
    return person


def live_beside_work(world: World, person: Person) -> None:
    """Money of somebody whose job is already there."""
    balance = world.yuan(500, 60_000)
    world.truth(person).accounts.append(account(world, Savings(balance)))


def elderly_alone(world: World) -> Draft:
    draft = start(world, Kind.ELDERLY_ALONE, rural_place(world))
    head = alone(world, draft, world.rng.randrange(62, 86), WIDOWED)
    monthly = Decimal(world.rng.randrange(1430, 2100, 5)) / 10
    world.truth(head).other_income.extend(benefit(world, RESIDENTS_PENSION, monthly))
    little_savings(world, head)
    if world.chance(0.7):
        build(world, draft.place, [head], Deed(certificates=world.rng.choice(("new", "old"))))
    if world.chance(0.4):
        draft.medical = world.yuan(3_000, 16_000)
    return draft


def elderly_supported(world: World) -> Draft:
    draft = start(world, Kind.ELDERLY_SUPPORTED, somewhere(world))
    for person in pair(world, draft, world.rng.randrange(61, 82)):
        monthly = Decimal(world.rng.randrange(1430, 2100, 5)) / 10
        world.truth(person).other_income.extend(benefit(world, RESIDENTS_PENSION, monthly))
        little_savings(world, person)
    if world.chance(0.6):
        build(world, draft.place, [draft.members[0].person])
    for _ in range(world.rng.choice((1, 2))):
        grown_child(world, draft, signed=world.chance(0.75))
    return draft


def couple_with_child(world: World) -> Draft:
    draft = start(world, Kind.COUPLE_WITH_CHILD, somewhere(world))
    head, wife = pair(world, draft, world.rng.randrange(29, 50))
    child(world, draft, world.rng.randrange(2, 17))
    earn(world, head, world.rng.randrange(2120, 3000, 10))
    if world.chance(0.3):
        world.truth(wife).other_income.extend(odd_jobs(world, Decimal(600)))
    for person in (head, wife):
        little_savings(world, person)
    if world.chance(0.6):
        build(world, draft.place, [head, wife])
    draft.honesty = Decimal(world.rng.choice((100, 100, 80, 50))) / 100
    return draft


def single_parent(world: World) -> Draft:
    draft = start(world, Kind.SINGLE_PARENT, somewhere(world))
    head = alone(world, draft, world.rng.randrange(27, 46), DIVORCED)
    for _ in range(world.rng.choice((1, 1, 2))):
        child(world, draft, world.rng.randrange(1, 17))
    earn(world, head, world.rng.randrange(2120, 2700, 10))
    little_savings(world, head)
    return draft


def disabled(world: World) -> Draft:
    draft = start(world, Kind.DISABLED, somewhere(world))
    head = alone(world, draft, world.rng.randrange(30, 58), DIVORCED)
    parent = join(world, draft.family, Wanted(head.age(world.as_of) + 25, "2", "52", WIDOWED))
    draft.members.append(Member(parent, "parent"))
    pension = Decimal(world.rng.randrange(1430, 2100, 5)) / 10
    world.truth(parent).other_income.extend(benefit(world, RESIDENTS_PENSION, pension))
    for person in (head, parent):
        little_savings(world, person)
    draft.medical = world.yuan(6_000, 30_000)
    return draft


def unemployed(world: World) -> Draft:
    draft = start(world, Kind.UNEMPLOYED, urban_place(world))
    head, wife = pair(world, draft, world.rng.randrange(36, 56))
    world.truth(head).other_income.extend(benefit(world, UNEMPLOYMENT, Decimal(1420)))
    world.truth(head).funds.append(sealed_fund(world, world.rng.choice(world.employers)))
    world.truth(wife).other_income.extend(odd_jobs(world, Decimal(500)))
    little_savings(world, head)
    if world.chance(0.5):
        child(world, draft, world.rng.randrange(5, 17))
    return draft


def sole_trader(world: World) -> Draft:
    draft = start(world, Kind.SOLE_TRADER, somewhere(world))
    head, wife = pair(world, draft, world.rng.randrange(30, 55))
    child(world, draft, world.rng.randrange(3, 17))
    shop = Enterprise(capital=Decimal(world.rng.randrange(1, 6)))
    world.truth(wife).businesses.append(enterprise(world, shop))
    takings = shop_receipts if world.chance(0.6) else unreported_takings
    monthly = Decimal(world.rng.randrange(800, 2600, 50))
    world.truth(wife).other_income.extend(takings(world, monthly))
    if world.chance(0.4):
        world.truth(head).vehicles.append(motorcycle(world))
    for person in (head, wife):
        little_savings(world, person)
    return draft


def near_limit(world: World) -> Draft:
    """Income per person within a twentieth of the standard."""
    draft = start(world, Kind.NEAR_LIMIT, somewhere(world))
    head, wife = pair(world, draft, world.rng.randrange(30, 52))
    children = world.rng.choice((1, 2))
    for _ in range(children):
        child(world, draft, world.rng.randrange(3, 17))
    standard = 520 if draft.place.rural else 760
    size = 2 + children
    wanted = standard * size * world.rng.uniform(0.95, 1.05)
    earn(world, head, round(wanted + 371), steady=True)
    for person in (head, wife):
        little_savings(world, person)
    if world.chance(0.5):
        build(world, draft.place, [head])
    return draft


ORDINARY: Final[Mapping[HouseholdType, Callable[[World], Draft]]] = {
    Kind.ELDERLY_ALONE: elderly_alone,
    Kind.ELDERLY_SUPPORTED: elderly_supported,
    Kind.COUPLE_WITH_CHILD: couple_with_child,
    Kind.SINGLE_PARENT: single_parent,
    Kind.DISABLED: disabled,
    Kind.UNEMPLOYED: unemployed,
    Kind.SOLE_TRADER: sole_trader,
    Kind.NEAR_LIMIT: near_limit,
}
