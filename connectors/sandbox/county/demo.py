"""The first household of every county: the one a demonstration opens with, and its namesakes."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from connectors.sandbox.county.homes import build, by_halves
from connectors.sandbox.county.households import Draft, HouseholdType, Member, Supporter
from connectors.sandbox.county.jobs import Work, work
from connectors.sandbox.county.lives import employ
from connectors.sandbox.county.money import Savings, account, motor_policy, policy
from connectors.sandbox.county.people import (
    MARRIED,
    WIDOWED,
    Family,
    Place,
    Wanted,
    change,
    join,
    new_family,
    urban_place,
)
from connectors.sandbox.county.possessions import Enterprise, car, enterprise, motorcycle
from connectors.sandbox.county.receipts import PENSION, benefit, shop_receipts
from connectors.sandbox.county.truth import Person, Policy
from connectors.sandbox.county.world import DISTRICT, World

HEAD_NAME: Final = "李明"
WAGE: Final = 2600
WAGE_DECLARED: Final = Decimal(1200)
_PLACE: Final = Place(
    region="220102001",
    rural=False,
    address=f"{DISTRICT}民康街道平阳街12号3栋2单元501室",
    old_address="平阳街十二号3-2-501",
)


def demo(world: World) -> Draft:
    """Three people in town and one supporter: a wage half declared, a shop and a policy left out.

    Their home stands under its old certificate and its new one; records of three namesakes of the
    head come back from most sources, one of them born in the same year.
    """
    family = new_family(world, _PLACE)
    family.surname = HEAD_NAME[0]
    draft = Draft(HouseholdType.DEMO, family, wage_declared=WAGE_DECLARED)
    head, wife, daughter = _members(world, family)
    draft.members = [
        Member(head, "head"),
        Member(wife, "spouse"),
        Member(daughter, "child", in_school=True),
    ]
    _earn(world, head, wife)
    _own(world, head, wife)
    draft.supporters = [_supporter(world, head)]
    savings = [*world.truth(head).accounts, *world.truth(wife).accounts]
    draft.hidden = {"business", "insurance", "housing_fund"}
    draft.hidden |= {deposit.number for deposit in savings if deposit.bank == "jlrcu"}
    for age_apart, wage in ((0, 6200), (7, 4300), (-15, 3100)):
        _namesake(world, head, age_apart, wage)
    return draft


def _members(world: World, family: Family) -> tuple[Person, Person, Person]:
    year = world.as_of.year
    head = join(
        world,
        family,
        Wanted(0, "1", marital=MARRIED, name=HEAD_NAME, birth=date(year - 46, 3, 7)),
    )
    head = change(world, family, head, former_name="李铭")
    wife = join(
        world,
        family,
        Wanted(0, "2", "12", MARRIED, name="王芳", birth=date(year - 44, 4, 15)),
    )
    child = join(world, family, Wanted(0, "2", "30", name="李小雨", birth=date(year - 16, 6, 8)))
    return head, wife, child


def _earn(world: World, head: Person, wife: Person) -> None:
    """A wage of a property manager with a housing-fund account, and a snack shop that is taxed."""
    employer = next(item for item in world.employers if item.name.endswith("物业有限公司"))
    wanted = Work(employer, WAGE, world.months, fund=5, varies=False)
    job, fund = work(world, wanted)
    world.truth(head).jobs.append(job)
    if fund is not None:
        fund = replace(fund, base=Decimal(WAGE), monthly=Decimal(260), balance=Decimal("5951.38"))
        world.truth(head).funds.append(fund)
    shop = Enterprise(name=f"{DISTRICT}芳味小吃店", founded=date(world.as_of.year - 5, 4, 2))
    world.truth(wife).businesses.append(enterprise(world, shop))
    world.truth(wife).other_income.extend(shop_receipts(world, Decimal("210.00")))


def _own(world: World, head: Person, wife: Person) -> None:
    build(world, _PLACE, [head, wife], replace(by_halves("both"), area=Decimal("58.42")))
    world.truth(head).vehicles.append(motorcycle(world))
    for person, bank, balance, kind in (
        (head, "icbc", "3000.00", "01"),
        (head, "jlrcu", "12320.55", "02"),
        (wife, "jlrcu", "8640.10", "01"),
    ):
        wanted = Savings(Decimal(balance), bank, kind, state="0")
        world.truth(person).accounts.append(account(world, wanted))
    world.truth(wife).policies.append(_annuity(world))


def _annuity(world: World) -> Policy:
    return replace(
        policy(world, Decimal("19850.00")),
        product="某某年金保险（分红型）",
        kind="年金",
        state="有效",
        since=date(world.as_of.year - 9, 8, 1),
        paid_how="年缴",
        premium=Decimal("3000.00"),
        premiums=Decimal("27000.00"),
        cash_value=Decimal("19850.00"),
        annuity=Decimal("0.00"),
    )


def _supporter(world: World, head: Person) -> Supporter:
    """The head's father, who has a pension and still a 15-digit number in old registers."""
    family = new_family(world, urban_place(world))
    family.surname, family.old_numbers = HEAD_NAME[0], True
    birth = date(world.as_of.year - 71, 2, 3)
    father = join(world, family, Wanted(0, "1", marital=MARRIED, name="李建国", birth=birth))
    world.truth(father).other_income.extend(benefit(world, PENSION, Decimal("1890.00")))
    world.truth(father).accounts.append(account(world, Savings(Decimal("21300.00"), "abc")))
    return Supporter(father, "parent", (head.id,), household_size=2, signed=True)


def _namesake(world: World, head: Person, age_apart: int, wage: int) -> Person:
    """Another of the same name, with a job, a flat, a car and money of his own."""
    family = new_family(world, urban_place(world))
    family.surname = HEAD_NAME[0]
    birth = head.birth.replace(year=head.birth.year + age_apart, month=7, day=13)
    wanted = Wanted(0, "1", marital=WIDOWED, name=HEAD_NAME, birth=birth)
    namesake = join(world, family, wanted)
    employ(world, namesake, wage)
    build(world, family.place, [namesake])
    truth = world.truth(namesake)
    truth.vehicles.append(car(world, state="A"))
    truth.policies.append(motor_policy(world))
    for bank, balance in (("icbc", "48211.07"), ("psbc", "23000.00")):
        truth.accounts.append(account(world, Savings(Decimal(balance), bank, state="0")))
    return namesake
