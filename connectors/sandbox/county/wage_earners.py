"""What poor people have: a small wage, a small account or two, perhaps a policy."""

from decimal import Decimal

from connectors.sandbox.county.jobs import FUND_PERCENTS, Work, work
from connectors.sandbox.county.money import Savings, account, policy
from connectors.sandbox.county.truth import Account, Person
from connectors.sandbox.county.world import World


def earn(world: World, person: Person, wage: int, *, steady: bool = False) -> None:
    """A job at that wage a month; steady ones are reported and never change."""
    reported = steady or world.chance(0.85)
    employers = [item for item in world.employers if item.reports_tax is reported]
    employer = world.rng.choice(employers)
    has_fund = not steady and world.chance(employer.fund / 2)
    fund = world.rng.choice(FUND_PERCENTS) if has_fund else 0
    # A small employer that insures nobody either: a wage that no source can show.
    insured = reported or world.chance(0.7)
    wanted = Work(employer, wage, world.months, insured, fund, varies=not steady)
    job, account_of_fund = work(world, wanted)
    truth = world.truth(person)
    truth.jobs.append(job)
    if account_of_fund:
        truth.funds.append(account_of_fund)


def little_savings(world: World, person: Person) -> None:
    """One or two small accounts, and now and then a small policy."""
    truth = world.truth(person)
    for _ in range(world.rng.choices((0, 1, 2), (15, 60, 25))[0]):
        truth.accounts.append(account(world, Savings(world.yuan(80, 9_000))))
    if world.chance(0.08):
        truth.policies.append(policy(world, world.yuan(300, 5_000)))


def big_deposit(world: World, person: Person, low: int, high: int) -> Account:
    """A time deposit of that size, in a bank that says how much."""
    balance = Decimal(world.rng.randrange(low * 100, high * 100)).scaleb(-2)
    wanted = Savings(balance, bank=world.rng.choice(("icbc", "abc", "jlrcu")), kind="02", state="0")
    deposit = account(world, wanted)
    world.truth(person).accounts.append(deposit)
    return deposit
