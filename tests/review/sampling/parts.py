"""Made-up decisions, frames and audits for the tests of sampling."""

from collections.abc import Sequence
from typing import Any

from app.review.sampling.design import DrawnStratum
from app.review.sampling.frame import Decided, Frame, Unit
from app.review.sampling.readings import Audit, Reading, Reviewed
from app.review.sampling.strata import Cell

PROGRAMME = "urban_dibao"
RIGHT = Reading(programme=PROGRAMME, monthly_fen=50_000)
NO_RIGHT = Reading(programme=None)


def a_unit(number: int = 0, /, **changes: Any) -> Unit:
    values: dict[str, Any] = {
        "id": f"vf_{number:06d}",
        "programme": PROGRAMME,
        "region": "229901",
        "decided": Decided.CONFIRMED,
        "risk": 0.02,
        "monthly_fen": 50_000,
    }
    return Unit(**(values | changes))


def a_frame(counts: Sequence[tuple[str, str, float, int]]) -> Frame:
    """So many units of each programme, region and risk."""
    units: list[Unit] = []
    for programme, region, risk, count in counts:
        for _ in range(count):
            units.append(a_unit(len(units), programme=programme, region=region, risk=risk))
    return Frame.of(units)


def an_audit(
    strata: Sequence[tuple[int, Sequence[tuple[Reading | None, Reading | None]]]],
    decided: Decided = Decided.CONFIRMED,
) -> Audit:
    """Strata by size and by the two readings of each drawn unit; regions 229901, 229902, …"""
    tables: list[DrawnStratum] = []
    units: list[Reviewed] = []
    for place, (size, readings) in enumerate(strata):
        cell = Cell(PROGRAMME, f"2299{place + 1:02d}", 0)
        twice = sum(second is not None for _, second in readings)
        tables.append(
            DrawnStratum(name=str(cell), cells=(cell,), size=size, drawn=len(readings), twice=twice)
        )
        for first, second in readings:
            unit = a_unit(len(units), region=cell.region, decided=decided)
            units.append(Reviewed(unit, str(cell), second is not None, first, second))
    return Audit(decided, tuple(tables), tuple(units))


def read_once(wrong: int, right: int, unread: int = 0) -> list[tuple[Reading | None, None]]:
    """Readings of confirmed decisions by one reader."""
    return [(NO_RIGHT, None)] * wrong + [(RIGHT, None)] * right + [(None, None)] * unread
