"""Homes and other building units: who owns which share, under which certificates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from connectors.sandbox.county.people import Place
from connectors.sandbox.county.truth import Owner, Person, Unit
from connectors.sandbox.county.world import World

SOLE: Final = "单独所有"
JOINT: Final = "共同共有"
BY_SHARES: Final = "按份共有"
DWELLING: Final = "住宅"

_REFORM: Final = 2015
"""Since then certificates are of the unified registry and carry a unit number."""


@dataclass(frozen=True, slots=True)
class Deed:
    """How a unit is to be held."""

    mode: str = SOLE
    shares: tuple[str, ...] = ()
    """By shares only, as the certificate words them: `50%`, `1/2`, or empty."""
    parts: tuple[Decimal, ...] = ()
    certificates: str = "new"
    """`new`, `old` or `both`."""
    use: str = DWELLING
    area: Decimal | None = None
    in_force: bool = True
    co_owner_number: bool = True
    """False where the registry never took down the second owner's number."""


def build(world: World, place: Place, owners: Sequence[Person], deed: Deed | None = None) -> Unit:
    """A unit at that place, among the possessions of each owner."""
    deed = deed or _drawn_deed(world, len(owners))
    rng = world.rng
    serial = world.numbers.next()
    year = rng.randrange(_REFORM + 1, world.as_of.year)
    unit = Unit(
        code=world.numbers.unit(),
        certificate=f"吉（{year}）长春市不动产权第{serial % 10**7:07d}号",
        old_certificate=f"长房权证{rng.choice('南东北')}字第{80_000_000 + serial}号",
        address=place.address,
        old_address=place.old_address,
        area=deed.area or Decimal(rng.randrange(3200, 11800)).scaleb(-2),
        use=deed.use,
        mode=deed.mode,
        owners=_owners(owners, deed),
        registered=world.day(year, year),
        old_registered=date(rng.randrange(1998, _REFORM), rng.randrange(1, 13), 15),
        in_force=deed.in_force,
        mortgaged=world.chance(0.15),
    )
    if deed.certificates == "new":
        unit = replace(unit, old_certificate=None)
    elif deed.certificates == "old":
        unit = replace(unit, certificate=None)
    world.units.append(unit)
    for person in owners:
        world.truth(person).units.append(unit)
    return unit


def _drawn_deed(world: World, owners: int) -> Deed:
    certificates = world.rng.choices(("new", "old", "both"), (70, 18, 12))[0]
    if owners < 2:
        return Deed(certificates=certificates)
    if world.chance(0.3):
        return by_halves(certificates)
    return Deed(JOINT, certificates=certificates, co_owner_number=not world.chance(0.06))


def by_halves(certificates: str = "new") -> Deed:
    """Held by two, half each, the halves worded differently as clerks do."""
    return Deed(BY_SHARES, ("50%", "1/2"), (Decimal("0.5"), Decimal("0.5")), certificates)


def _owners(people: Sequence[Person], deed: Deed) -> tuple[Owner, ...]:
    equal = Decimal(1) / len(people)
    owners = []
    for place, person in enumerate(people):
        known = place == 0 or deed.co_owner_number
        owners.append(
            Owner(
                person=person.id,
                name=person.name,
                id_number=person.id_number if known else "",
                share=deed.shares[place] if deed.shares else "",
                part=deed.parts[place] if deed.parts else equal,
            )
        )
    return tuple(owners)
