"""An audit's design as it is stored and shown, and as it is read back for the results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.review.audit_plan import MEASURED_BY, AuditPlan, Measure
from app.review.sampling.allocation import Allocation, pull
from app.review.sampling.design import DrawnStratum, Part, Sample
from app.review.sampling.frame import Decided, Frame
from app.review.sampling.planning import Expected, half_width_of, power_below
from app.review.sampling.strata import Cell, Stratum
from app.store.audit_samples import StoredSample

LEAST_RATE: Final = 0.005
"""No kind of decision is planned for as if it were never wrong."""


@dataclass(frozen=True, slots=True)
class KindDrawn:
    """One kind's frame, its strata, the sample of it, and who of the risk part is read twice."""

    frame: Frame
    strata: tuple[Stratum, ...]
    sample: Sample
    twice_by_risk: frozenset[str]

    @property
    def second_by_risk(self) -> float:
        """The chance of a second reading in the risk part."""
        by_risk = sum(one.part is Part.RISK for one in self.sample.units)
        return len(self.twice_by_risk) / by_risk if by_risk else 0.0


def expected(strata: Sequence[Stratum], plan: AuditPlan) -> list[Expected]:
    """The strata as the predicted rates let them be expected."""
    return [
        Expected(len(one.units), max(LEAST_RATE, one.risk), pull(one, plan.allocation))
        for one in strata
    ]


def design_document(plan: AuditPlan, drawn: Sequence[KindDrawn]) -> dict[str, Any]:
    """The design as the interface shows it, and as results are computed from it."""
    return {
        "programmes": list(plan.programmes),
        "kinds": [kind.value for kind in plan.kinds],
        "frame": {
            "final_from": plan.final_from.isoformat(),
            "final_until": plan.final_until.isoformat(),
            "digests": {one.frame.decided.value: one.sample.digest for one in drawn},
        },
        "size": plan.size,
        "half_width": plan.half_width,
        "allocation": plan.allocation.value,
        "risk_supplement": plan.risk_supplement,
        "second_reading_share": plan.second_reading_share,
        "tolerance": {measure.value: limit for measure, limit in plan.tolerance.items()},
        "smallest_stratum": {
            one.frame.decided.value: one.sample.plan.stratification.smallest for one in drawn
        },
        "strata": [
            {
                "kind": one.frame.decided.value,
                "stratum": stratum.name,
                "cells": [str(cell) for cell in stratum.cells],
                "frame": stratum.size,
                "drawn": stratum.drawn,
                "second": stratum.twice,
            }
            for one in drawn
            for stratum in one.sample.strata
        ],
        "risk": [_risk_part(one) for one in drawn if plan.risk_supplement],
        "planned": [_planned(plan, one) for one in drawn],
    }


def _risk_part(one: KindDrawn) -> dict[str, Any]:
    return {
        "kind": one.frame.decided.value,
        "drawn": sum(unit.part is Part.RISK for unit in one.sample.units),
        "second": len(one.twice_by_risk),
    }


def _planned(plan: AuditPlan, one: KindDrawn) -> dict[str, Any]:
    """How surely the kind's rate will be known, if decisions are as often wrong as predicted."""
    strata, size = expected(one.strata, plan), len(one.frame.units)
    n = sum(stratum.drawn for stratum in one.sample.strata)
    rate = sum(stratum.size * stratum.rate for stratum in strata) / size
    measure = MEASURED_BY[one.frame.decided]
    limit = plan.tolerance.get(measure)
    return {
        "kind": one.frame.decided.value,
        "measure": measure.value,
        "frame": size,
        "drawn": n,
        "expected_rate": rate,
        "half_width": half_width_of(strata, n),
        "tolerance": limit,
        "power": None if limit is None else power_below(limit, rate, size, n),
    }


def plan_of(sample: StoredSample) -> AuditPlan:
    """The plan that a sample was drawn by, with the seed that was drawn where none was given."""
    design = sample.details
    return AuditPlan(
        programmes=tuple(design["programmes"]),
        region=sample.region,
        final_from=date.fromisoformat(design["frame"]["final_from"]),
        final_until=date.fromisoformat(design["frame"]["final_until"]),
        kinds=tuple(map(Decided, design["kinds"])),
        size=design["size"],
        half_width=design["half_width"],
        allocation=Allocation(design["allocation"]),
        risk_supplement=design["risk_supplement"],
        second_reading_share=design["second_reading_share"],
        tolerance={Measure(name): limit for name, limit in design["tolerance"].items()},
        seed=sample.seed,
    )


def strata_of(design: Mapping[str, Any], kind: Decided) -> tuple[DrawnStratum, ...]:
    """A kind's strata as they were drawn from; empty where the frame had no such decision."""
    return tuple(
        DrawnStratum(
            name=one["stratum"],
            cells=tuple(map(_cell, one["cells"])),
            size=one["frame"],
            drawn=one["drawn"],
            twice=one["second"],
        )
        for one in design["strata"]
        if one["kind"] == kind
    )


def _cell(text: str) -> Cell:
    programme, region, band = text.split("/")
    return Cell(programme, region, int(band))
