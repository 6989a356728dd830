"""Vehicles, vessels and parts in enterprises."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from connectors.sandbox.county.truth import Business, Vehicle, Vessel
from connectors.sandbox.county.world import CITY, DISTRICT, World

SOLE_TRADER: Final = "9600"
COOPERATIVE: Final = "9100"
COMPANY: Final = "1130"
IN_BUSINESS: Final = "1"
STRUCK_OFF: Final = "3"


@dataclass(frozen=True, slots=True)
class Enterprise:
    """What an enterprise is to be like; capital in units of 10,000 yuan."""

    kind: str = SOLE_TRADER
    state: str = IN_BUSINESS
    role: str = "legalRepresentative"
    capital: Decimal = Decimal(3)
    name: str | None = None
    founded: date | None = None


def car(world: World, first_year: int = 2008, state: str | None = None) -> Vehicle:
    """A passenger car, one in eight electric."""
    electric = world.chance(0.12)
    return Vehicle(
        plate=world.numbers.plate(new_energy=electric),
        plate_kind="52" if electric else "02",
        kind="K33",
        vin=world.numbers.vin(),
        use="A",
        registered=world.day(first_year, world.as_of.year),
        state=state or world.rng.choices("AHBE", (86, 6, 4, 4))[0],
        engine=0 if electric else world.rng.choice((1498, 1598, 1796, 1984)),
        seats=5,
    )


def lorry(world: World) -> Vehicle:
    """A light lorry for hire."""
    return Vehicle(
        world.numbers.plate(), "02", "H31", world.numbers.vin(), "F",
        world.day(2012, world.as_of.year), "A", 2771, 3,
    )  # fmt: skip


def motorcycle(world: World) -> Vehicle:
    """A motorcycle or a three-wheeler, exempt everywhere."""
    three = world.chance(0.25)
    return Vehicle(
        plate=world.numbers.plate(),
        plate_kind="13" if three else "07",
        kind="N31" if three else "M21",
        vin=world.numbers.vin(),
        use="A",
        registered=world.day(2006, world.as_of.year),
        state="A",
        engine=world.rng.choice((110, 125, 150)),
        seats=2,
    )


def vessel(world: World, state: str = "在籍") -> Vessel:
    """A fishing boat of the reservoir."""
    return Vessel(
        name=f"吉渔{world.rng.randrange(1, 9999):04d}",
        number=f"2200000{world.numbers.next() % 10**5:05d}",
        kind="渔船",
        tonnage=Decimal(world.rng.randrange(15, 60)).scaleb(-1),
        registered=world.day(2006, world.as_of.year),
        state=state,
    )


def enterprise(world: World, wanted: Enterprise) -> Business:
    """One person's part in an enterprise: a trader or a sole owner has all of it."""
    prefix = {COOPERATIVE: "93", SOLE_TRADER: "92"}.get(wanted.kind, "91")
    share = Decimal(1)
    if wanted.kind != SOLE_TRADER and wanted.role == "shareholder":
        share = world.rng.choice((Decimal(1), Decimal("0.5"), Decimal("0.41"), Decimal("0.1")))
    return Business(
        name=wanted.name or _name(world, wanted.kind),
        code=world.numbers.credit_code(prefix),
        kind=wanted.kind,
        state=wanted.state,
        role=wanted.role,
        founded=wanted.founded or world.day(2009, world.as_of.year - 1),
        capital=wanted.capital,
        paid_in=Decimal(0) if world.chance(0.6) else wanted.capital / 2,
        share=share,
    )


def _name(world: World, kind: str) -> str:
    rng = world.rng
    first, second = world.lists.employer_words
    word = f"{rng.choice(first)}{rng.choice(second)}"
    if kind == SOLE_TRADER:
        return f"{DISTRICT}{word}{rng.choice(world.lists.shops)}"
    if kind == COOPERATIVE:
        return f"{DISTRICT}{word}{rng.choice(world.lists.cooperatives)}"
    return f"{rng.choice((CITY, '吉林省'))}{word}{rng.choice(world.lists.companies)}"
