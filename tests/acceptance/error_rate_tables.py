"""Measures of predicted error rates, as tables: calibration, skill, what reviews remove."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from app.domain.decision import Decision
from app.error_rate.audited import Audited, GroupBy, audited_decisions
from app.error_rate.monitoring import Compared, Measured, Share, monitor
from app.error_rate.skill import Bin
from matching.calibration.labelled import Floats

REVIEWED: Final = (0.01, 0.02, 0.05, 0.1)
"""Shares of the households that are reviewed, those with the most to gain first."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision, and whether the outcome that the evidence favours is wrong."""

    case: str
    decision: Decision
    wrong: bool
    groups: Mapping[GroupBy, str]


def show(console: Console, title: str, judged: Sequence[Judged], *, groups: bool = False) -> None:
    """Prints the measures of one way of predicting."""
    rows = audited_decisions(
        [
            Audited(
                predicted=one.decision.error.rate,
                wrong=one.wrong,
                interval=one.decision.error.interval,
                case=one.case,
                groups=one.groups,
            )
            for one in judged
        ]
    )
    found = monitor(rows)
    table = Table(title=f"{title}: {len(judged)} decisions")
    table.add_column("measure")
    table.add_column("value", justify="right")
    skill = found.skill
    table.add_row("ECE (15 bins of equal mass)", f"{skill.ece:.4f}")
    table.add_row("Brier", f"{skill.brier:.4f}")
    if skill.auc is not None:
        low, high = skill.auc.interval or (skill.auc.value, skill.auc.value)
        table.add_row("AUC of a wrong decision", f"{skill.auc.value:.3f} ({low:.3f} to {high:.3f})")
    _add_share(table, "all", found.overall)
    gains = _by_household(judged)
    for share in REVIEWED:
        table.add_row(
            f"wrong decisions in the {share:.0%} of households with the highest rates",
            f"{_removed(gains, share):.1%}",
        )
    console.print(table)
    console.print(_reliability(found.table))
    if groups:
        console.print(_groups(found.compared))


def _add_share(table: Table, name: str, found: Measured) -> None:
    if isinstance(found, Share):
        low, high = found.expected
        table.add_row(
            f"{name}: wrong, predicted, expected within",
            f"{found.observed:.4f}, {found.predicted:.4f}, {low:.4f} to {high:.4f}"
            + ("" if found.within else " (outside)"),
        )


def _by_household(judged: Sequence[Judged]) -> Floats:
    """Expected and true number of wrong decisions, a row a household."""
    sums: dict[str, list[float]] = {}
    for one in judged:
        row = sums.setdefault(one.case, [0.0, 0.0])
        row[0] += one.decision.error.rate
        row[1] += one.wrong
    return np.array(list(sums.values()), dtype=np.float64)


def _removed(gains: Floats, share: float) -> float:
    """What part of the wrong decisions is found by reviewing that share of the households."""
    order = np.argsort(-gains[:, 0], kind="stable")[: round(share * len(gains))]
    return float(gains[order, 1].sum() / max(1.0, gains[:, 1].sum()))


def _reliability(bins: Sequence[Bin]) -> Table:
    table = Table(title="reliability")
    for name in ("predicted", "observed", "95 %", "decisions"):
        table.add_column(name, justify="right")
    for one in bins:
        table.add_row(
            f"{one.predicted:.4f}",
            f"{one.observed:.4f}",
            f"{one.low:.4f} to {one.high:.4f}",
            str(one.count),
        )
    return table


def _groups(compared: Sequence[Compared]) -> Table:
    table = Table(title="by group")
    for name in ("group", "decisions", "predicted", "observed", "expected within"):
        table.add_column(name)
    for one in compared:
        for name, found in one.groups.items():
            label = f"{one.by.value} {name}"
            if isinstance(found, Share):
                low, high = found.expected
                mark = "" if found.within else " !"
                table.add_row(
                    label,
                    str(found.count),
                    f"{found.predicted:.4f}",
                    f"{found.observed:.4f}",
                    f"{low:.4f} to {high:.4f}{mark}",
                )
            else:
                table.add_row(label, str(found.count), "too few", "", "")
    return table
