"""Assets at as_of, as the profile's lines: money, vehicles, vessels, homes, enterprises."""

from collections.abc import Iterable
from dataclasses import replace

from app.domain.household import AssetKind
from app.domain.profile import AssetLine
from app.verification.merge.enterprises import enterprise_lines
from app.verification.merge.explanations import explained_assets
from app.verification.merge.homes import home_lines
from app.verification.merge.records import Material
from app.verification.merge.savings import savings_of
from app.verification.merge.things import Thing, line_of, once, word
from connectors.records import Vehicle, Vessel

_FARM_PLATE = "13"


def assets_of(material: Material) -> tuple[AssetLine, ...]:
    """All lines of the declared members, numbered as_1, as_2, …; supporters' are not listed."""
    lines: list[AssetLine] = []
    for member in material.request.household.members:
        outside = material.why_not_counted(member.ref)
        things = [
            *savings_of(material, member.ref),
            *_vehicles(material, member.ref),
            *_vessels(material, member.ref),
        ]
        lines += (line_of(material, member.ref, thing, outside) for thing in things)
    lines += home_lines(material)
    lines += enterprise_lines(material)
    lines = explained_assets(material, lines)
    return tuple(replace(line, id=f"as_{number}") for number, line in enumerate(lines, 1))


def _vehicles(material: Material, person: str) -> Iterable[Thing]:
    """Passenger cars and lorries on the register; small vehicles of a livelihood are exempt."""
    found = once(
        material.of(person, Vehicle),
        lambda one: one.plate and (one.plate, one.plate_kind),
        lambda one: (_why_exempt(material, one) is None, one.state is not None),
    )
    for row, one in found:
        why = _why_exempt(material, one)
        doubtful = why is None and (one.state is None or one.kind is None)
        details = {"plate_kind": one.plate_kind or "", "kind": word(one.kind)}
        details["state"] = word(one.state)
        yield Thing((row,), AssetKind.VEHICLE, None, None, details, why, doubtful)


def _why_exempt(material: Material, one: Vehicle) -> str | None:
    counting = material.counting
    is_exempt = one.kind is not None and one.kind.value in counting.exempt_vehicle_kinds
    if is_exempt or one.plate_kind == _FARM_PLATE:
        return "exempt_kind"
    if one.state is not None and one.state.value not in counting.counted_vehicle_states:
        return f"vehicle_{one.state.value}"
    return None


def _vessels(material: Material, person: str) -> Iterable[Thing]:
    found = once(
        material.of(person, Vessel),
        lambda one: one.number,
        lambda one: (one.in_register is True, one.in_register is None),
    )
    for row, one in found:
        why = "not_in_register" if one.in_register is False else None
        doubtful = one.in_register is None
        details = {"kind": one.kind or ""}
        yield Thing((row,), AssetKind.VESSEL, None, None, details, why, doubtful)
