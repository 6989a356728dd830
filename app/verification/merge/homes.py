"""Which homes count: one a unit, whatever the share and however many certificates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from app.domain.evidence import Evidence
from app.domain.household import AssetKind
from app.domain.interval import NOTHING, UNKNOWN, Interval
from app.domain.money import ZERO
from app.domain.profile import AssetLine
from app.domain.settlement import Settlement
from app.verification.merge.records import Material
from app.verification.merge.things import Rows, perhaps
from connectors.records import AnyRecord, Ownership, PlannedUse, Sharing
from matching.addresses import same_home

_AREA_TOLERANCE = Decimal("0.5")  # square metres by which old and new measurement may differ
LEAST_AREA = Decimal(5)  # square metres: less is no home's, another unit was keyed (亩, 公顷)


CONFLICT_AREA = Decimal(1)
"""Square metres by which registrations in force of one unit differ for more than rounding."""


@dataclass
class Unit:
    """One immovable with every certificate that names it and the members who own a part."""

    rows: Rows[Ownership] = field(default_factory=list)

    @property
    def in_force(self) -> Rows[Ownership]:
        """Registrations in force that tell different things, each once."""
        found: Rows[Ownership] = []
        for row, one in self.rows:
            if one.in_force is True and all(one != other for _, other in found):
                found.append((row, one))
        return found

    @property
    def subject(self) -> str:
        """The question which registration holds."""
        person = self.rows[0][0].person
        return f"conflict:home:{person}:{min(row.id for row, _ in self.rows)}"

    @property
    def held(self) -> str:
        """The record of the registration that holds where nobody chooses."""
        newest = self.newest
        return next(row.id for row, one in self.rows if one == newest)

    def settled(self, material: Material) -> Settlement | None:
        return material.settled_of(self.subject, [row.id for row, _ in self.in_force])

    def chosen(self, settled: Settlement | None) -> Ownership:
        """The registration that a person chose, or the newest."""
        option = None if settled is None else settled.option
        return next((one for row, one in self.rows if row.id == option), self.newest)

    @property
    def newest(self) -> Ownership:
        """The registration that holds: one in force first, with a unit number, then the latest."""
        return max((one for _, one in self.rows), key=_rank)


def _rank(one: Ownership) -> tuple[bool, bool, bool, str, str, Decimal]:
    return (
        one.in_force is True,
        one.in_force is None,
        one.unit is not None,
        str(one.registered_on or ""),
        one.certificate or "",
        one.area or ZERO,
    )


def home_lines(material: Material) -> list[AssetLine]:
    """A line a unit: `home`, or `other_building` for other uses; ended ones do not count."""
    return [_line(material, unit) for unit in units_of(material)]


def units_of(material: Material) -> list[Unit]:
    """What the declared members own."""
    rows = [
        pair
        for member in material.request.household.members
        for pair in material.of(member.ref, Ownership)
    ]
    return _units(rows)


def _units(rows: Rows[Ownership]) -> list[Unit]:
    """Registrations by unit number; those without one join the unit that they describe."""
    numbered: dict[str, Unit] = {}
    others: list[Unit] = []
    for row, one in rows:
        if one.unit:
            numbered.setdefault(one.unit, Unit()).rows.append((row, one))
        else:
            _gather(others, row, one)
    alone = []
    for other in others:
        joined = [
            numbered[number] for number in sorted(numbered) if _alike(numbered[number], other)
        ]
        if joined:
            joined[0].rows += other.rows
        else:
            alone.append(other)
    return [*numbered.values(), *alone]


def _alike(left: Unit, right: Unit) -> bool:
    return any(_same(one, other) for _, one in left.rows for _, other in right.rows)


def _gather(units: list[Unit], row: Evidence[AnyRecord], one: Ownership) -> None:
    """A registration can be the link between two that seemed to be of different units."""
    gathered = Unit([(row, one)])
    alike = [unit for unit in units if _alike(unit, gathered)]
    for unit in alike:
        units.remove(unit)
    gathered.rows = [pair for unit in (*alike, gathered) for pair in unit.rows]
    units.append(gathered)


def _same(left: Ownership, right: Ownership) -> bool:
    """By certificate, or by address and area: what tells units apart that have no number."""
    if left.certificate and left.certificate == right.certificate:
        return True
    if left.address is None or right.address is None or not same_home(left.address, right.address):
        return False
    areas = area_of(left), area_of(right)
    if areas[0] is None or areas[1] is None:
        return True
    return abs(areas[0] - areas[1]) <= _AREA_TOLERANCE


def area_of(one: Ownership) -> Decimal | None:
    """Square metres; None where none are told, or so few that they are of another unit."""
    return one.area if one.area is not None and one.area >= LEAST_AREA else None


def share_of(one: Ownership, place: int) -> Fraction:
    """The owner's part: sole all, joint equal parts, by shares as registered (else the rest)."""
    owners = max(len(one.subjects), 1)
    if one.sharing is Sharing.SOLE:
        return Fraction(1)
    if one.sharing is not Sharing.BY_SHARES or place >= len(one.shares):
        return Fraction(1, owners)
    own = one.shares[place]
    if own is not None:
        return own
    told = [share for share in one.shares if share is not None]
    return max(Fraction(0), 1 - sum(told, Fraction(0))) / (owners - len(told))


def _line(material: Material, unit: Unit) -> AssetLine:
    settled = unit.settled(material)
    newest = unit.chosen(settled)
    owners = _owners(unit, newest)
    counting = [ref for ref in owners if material.why_not_counted(ref) is None]
    share = sum((owners[ref] for ref in counting), Fraction(0))
    home = newest.use in (PlannedUse.HOME, None)
    in_force = newest.in_force is not False
    why = None if in_force else "ownership_ended"
    if in_force and not counting:
        why = material.why_not_counted(next(iter(owners)))
    first = next(iter(counting or owners))
    return AssetLine(
        id="",
        person=first,
        kind=AssetKind.HOME if home else AssetKind.OTHER_BUILDING,
        value=None,
        on=newest.registered_on,
        details=_details(unit, newest, share, None if settled is None else settled.amount),
        sources=tuple(dict.fromkeys(row.source for row, _ in unit.rows)),
        evidence=tuple(dict.fromkeys(row.id for row, _ in unit.rows)),
        counted=why is None,
        why=why,
    )


def _details(
    unit: Unit, newest: Ownership, share: Fraction, settled: Decimal | None
) -> dict[str, str]:
    doubtful = newest.use is None or newest.in_force is None
    told = [area_of(one) for _, one in unit.rows]
    area = settled or area_of(newest) or max((one for one in told if one is not None), default=None)
    return {
        "share": str(share),
        "certificates": str(len({one.certificate for _, one in unit.rows})),
        "use": "" if newest.use is None else newest.use.value,
        "area": "" if area is None else f"{_part(area, share):f}",
        **({"doubtful": "true"} if doubtful else {}),
    }


def _owners(unit: Unit, newest: Ownership) -> dict[str, Fraction]:
    """Members' parts, by the registration that holds; a member of older ones only has the rest.

    Who stands only in registrations that have ended has no part while another is in force.
    """
    owners: dict[str, Fraction] = {}
    for row, one in unit.rows:
        if one == newest:
            owners[row.person] = share_of(one, row.subject)
    for row, one in unit.rows:
        if row.person not in owners and (one.in_force is not False or newest.in_force is False):
            rest = 1 - sum(owners.values(), Fraction(0))
            owners[row.person] = min(share_of(one, row.subject), max(Fraction(0), rest))
    return owners


def _part(area: Decimal, share: Fraction) -> Decimal:
    return area * share.numerator / share.denominator


def floor_area(lines: Sequence[AssetLine]) -> Interval:
    """The members' parts of their homes, square metres; unknown where one has no area."""
    total = NOTHING
    for line in lines:
        if line.kind is AssetKind.HOME and line.counted:
            area = line.details.get("area", "")
            known = perhaps(Decimal(area), sure="doubtful" not in line.details) if area else UNKNOWN
            total += known
    return total
