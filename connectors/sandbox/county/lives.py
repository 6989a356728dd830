"""Ordinary lives: jobs, pensions, money and cars at the rates of such a county."""

from dataclasses import dataclass
from decimal import Decimal

from connectors.sandbox.county.jobs import FUND_PERCENTS, Work, sealed_fund, work
from connectors.sandbox.county.money import (
    Savings,
    account,
    foreign_account,
    holdings,
    loan,
    motor_policy,
    policy,
)
from connectors.sandbox.county.possessions import (
    COMPANY,
    COOPERATIVE,
    STRUCK_OFF,
    Enterprise,
    car,
    enterprise,
    lorry,
    motorcycle,
    vessel,
)
from connectors.sandbox.county.receipts import (
    PENSION,
    RESIDENTS_PENSION,
    SURVIVORS,
    benefit,
    interest,
    labour_service,
    lottery,
    rent,
    shop_receipts,
    unreported_takings,
)
from connectors.sandbox.county.truth import Business, Employer, Person
from connectors.sandbox.county.world import World


@dataclass(frozen=True, slots=True)
class Rates:
    """How many of the people of working age have what."""

    employed: float
    car: float
    motorcycle: float
    trader: float
    shareholder: float
    invested: float


TOWN = Rates(employed=0.38, car=0.22, motorcycle=0.02, trader=0.04, shareholder=0.02, invested=0.05)
VILLAGE = Rates(
    employed=0.1, car=0.1, motorcycle=0.16, trader=0.02, shareholder=0.004, invested=0.006
)


def live(world: World, person: Person) -> None:
    """Gives an adult an ordinary life; a child has none yet."""
    age = person.age(world.as_of)
    if age < 18 or person.dead_on or not person.registered:
        return
    rates = VILLAGE if person.rural else TOWN
    retired = age >= (60 if person.sex == "1" else 55)
    if retired:
        retire(world, person)
    elif age >= 20 and world.chance(rates.employed):
        employ(world, person)
    save(world, person, Decimal(2000 if person.rural else 9000))
    if not retired:
        _possess(world, person, rates)
    _rarely(world, person)


def employ(world: World, person: Person, wage: int | None = None) -> Employer:
    """A job with one of the county's employers, for the whole window or its last months."""
    rng = world.rng
    employer = rng.choice(world.employers)
    pay = wage or rng.randrange(employer.low, employer.high, 10)
    months = world.months if world.chance(0.85) else world.months[rng.randrange(1, 10) :]
    fund = rng.choice(FUND_PERCENTS) if world.chance(employer.fund) else 0
    job, account_of_fund = work(world, Work(employer, pay, months, fund=fund))
    truth = world.truth(person)
    truth.jobs.append(job)
    if account_of_fund:
        truth.funds.append(account_of_fund)
    elif world.chance(0.04):
        truth.funds.append(sealed_fund(world, rng.choice(world.employers)))
    return employer


def retire(world: World, person: Person, monthly: Decimal | None = None) -> None:
    """A pension: of employees in town, of residents in the village, now and then none."""
    truth = world.truth(person)
    if not person.rural and world.chance(0.72):
        amount = monthly or Decimal(world.rng.randrange(1500, 4200, 5))
        truth.other_income.extend(benefit(world, PENSION, amount))
    elif person.age(world.as_of) >= 60 and world.chance(0.9):
        amount = Decimal(world.rng.randrange(1430, 2300, 5)) / 10
        truth.other_income.extend(benefit(world, RESIDENTS_PENSION, amount))
    elif world.chance(0.1):
        amount = Decimal(world.rng.randrange(500, 900, 10))
        truth.other_income.extend(benefit(world, SURVIVORS, amount))


def save(world: World, person: Person, typical: Decimal) -> None:
    """Accounts: none, one or two, most small, a few large; sometimes foreign, sometimes a loan."""
    truth = world.truth(person)
    for _ in range(world.rng.choices((0, 1, 2), (22, 56, 22))[0]):
        size = float(typical) * world.rng.lognormvariate(0, 1)
        balance = Decimal(int(min(size, 900_000) * 100)).scaleb(-2)
        truth.accounts.append(account(world, Savings(balance)))
    if world.chance(0.01):
        truth.accounts.append(foreign_account(world, typical / 2))
    if world.chance(0.05):
        truth.accounts.append(loan(world, world.yuan(5_000, 400_000)))


def _possess(world: World, person: Person, rates: Rates) -> None:
    truth = world.truth(person)
    if world.chance(rates.car):
        truth.vehicles.append(car(world))
        if world.chance(0.7):
            truth.policies.append(motor_policy(world))
    if world.chance(rates.motorcycle):
        truth.vehicles.append(motorcycle(world))
    if world.chance(rates.trader):
        state = STRUCK_OFF if world.chance(0.3) else "1"
        truth.businesses.append(enterprise(world, Enterprise(state=state)))
        if state == "1":
            takings = shop_receipts if world.chance(0.5) else unreported_takings
            monthly = Decimal(world.rng.randrange(1500, 6000, 50))
            truth.other_income.extend(takings(world, monthly))
    if world.chance(rates.shareholder):
        truth.businesses.append(_share(world))
    if world.chance(rates.invested):
        truth.holdings.extend(holdings(world, world.yuan(500, 60_000)))


def _share(world: World) -> Business:
    role = world.rng.choice(("shareholder", "shareholder", "manager"))
    return enterprise(world, Enterprise(COMPANY, "1", role, Decimal(world.rng.randrange(5, 100))))


def _rarely(world: World, person: Person) -> None:
    truth, rng = world.truth(person), world.rng
    if world.chance(0.09):
        role = rng.choices(("投保人", "被保险人", "受益人"), (70, 24, 6))[0]
        truth.policies.append(policy(world, world.yuan(400, 30_000), role))
    if world.chance(0.02):
        truth.other_income.append(interest(world, world.yuan(20, 900)))
    if world.chance(0.01):
        truth.other_income.append(labour_service(world, Decimal(rng.randrange(300, 800, 20))))
    if world.chance(0.002):
        truth.other_income.append(lottery(world, Decimal(rng.randrange(1000, 9000, 100))))
    if not person.rural and world.chance(0.008):
        truth.other_income.extend(rent(world, Decimal(rng.randrange(600, 2200, 50))))
    if person.rural and world.chance(0.006):
        truth.vessels.append(vessel(world, rng.choice(("在籍", "在籍", "注销"))))
    if person.rural and world.chance(0.02):
        truth.businesses.append(enterprise(world, Enterprise(COOPERATIVE, capital=Decimal(10))))
    if world.chance(0.01):
        truth.vehicles.append(lorry(world))
