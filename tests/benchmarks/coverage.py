"""How often the 95 % intervals of simulated audits hold the truth: share, money, two readers.

`python -m tests.benchmarks.coverage [--audits 2000] [--replicates 200] [--only shares]`

The goal is 93 to 97 %; of 2,000 audits the measurement itself is exact to about one point.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from app.review.sampling.allocation import Allocation
from app.review.sampling.amounts import bootstrap, money_rate, ratio
from app.review.sampling.estimate import TooFew, estimate
from app.review.sampling.second_reading import Corrected, corrected_of
from tests.benchmarks.audited import (
    DESIGNS,
    RATES,
    Design,
    Readers,
    double_audits,
    money_audits,
    share_audits,
)
from tests.benchmarks.rival_intervals import RIVALS, Interval, Rival

GOAL: Final = (0.93, 0.97)
SEED: Final = 20_261_128
OURS: Final = "ours"
READERS: Final = (
    Readers(missed=0.15, false_alarms=0.005, second_share=0.2),
    Readers(missed=0.15, false_alarms=0.005, second_share=0.5),
    Readers(missed=0.05, false_alarms=0.0, second_share=0.2),
)
SIZES: Final = (300, 456, 700, 1_000, 1_400, 2_000, 2_800)
_Z: Final = 1.959964
_NEARLY: Final = 1e-9


@dataclass(slots=True)
class Coverage:
    """Of one interval over all audits: how often below the truth, above it, and how wide."""

    audits: int = 0
    too_high: int = 0  # the whole interval lies above the truth
    too_low: int = 0
    width: float = 0.0

    def add(self, interval: Interval, truth: float) -> None:
        self.audits += 1
        self.too_high += interval[0] > truth + _NEARLY
        self.too_low += interval[1] < truth - _NEARLY
        self.width += interval[1] - interval[0]

    @property
    def held(self) -> float:
        return 1.0 - (self.too_high + self.too_low) / self.audits

    def __str__(self) -> str:
        return f"{100 * self.held:.1f}"

    @property
    def tails(self) -> str:
        """How often it lay wholly above the truth, and wholly below it, in percent."""
        return f"{100 * self.too_high / self.audits:.1f} / {100 * self.too_low / self.audits:.1f}"

    @property
    def marked(self) -> str:
        if GOAL[0] <= round(self.held, 3) <= GOAL[1]:
            return str(self)
        return f"[red]{self}[/red]" if self.held < GOAL[0] else f"[yellow]{self}[/yellow]"


@dataclass(slots=True)
class Cell:
    """One design at one rate: each interval's coverage, and how often a point was given."""

    intervals: dict[str, Coverage] = field(default_factory=dict)
    points: int = 0

    def add(self, name: str, interval: Interval, truth: float) -> None:
        self.intervals.setdefault(name, Coverage()).add(interval, truth)


def of_shares(
    design: Design, rate: float, audits: int, rivals: Mapping[str, Rival] = RIVALS
) -> Cell:
    """Stratified share: ours beside the rivals."""
    cell = Cell()
    for truth, strata in share_audits(design, rate, audits, _rng(design, rate)):
        told = estimate(strata)
        cell.points += not isinstance(told, TooFew)
        cell.add(OURS, told.interval, truth)
        for name, rival in rivals.items():
            cell.add(name, rival(strata), truth)
    return cell


def of_money(design: Design, rate: float, audits: int, replicates: int) -> Cell:
    """Money errors by what is paid: ours beside linearisation and bootstrap."""
    cell = Cell()
    for number, (truth, drawn) in enumerate(money_audits(design, rate, audits, _rng(design, rate))):
        told = money_rate(drawn).rate
        cell.points += not isinstance(told, TooFew)
        cell.add(OURS, told.interval, truth)
        of_it, _ = ratio(drawn)
        half = _Z * sqrt(of_it.variance)
        cell.add("linearised", (of_it.rate - half, of_it.rate + half), truth)
        if replicates:
            cell.add("bootstrap", bootstrap(drawn, seed=number, replicates=replicates), truth)
    return cell


def of_two_readers(design: Design, rate: float, audits: int, readers: Readers) -> Cell:
    """The corrected rate: ours beside the difference estimate ± z standard errors."""
    cell = Cell()
    for truth, both in double_audits(design, rate, audits, readers, _rng(design, rate)):
        told = corrected_of(both)
        if not isinstance(told, Corrected):
            raise TypeError("every stratum of a simulated audit has second readings")
        cell.points += not isinstance(told.rate, TooFew)
        cell.add(OURS, told.rate.interval, truth)
        half = _Z * told.difference.standard_error
        mean = told.difference.mean
        cell.add("difference ± z", (mean - half, mean + half), truth)
    return cell


def _rng(design: Design, rate: float) -> np.random.Generator:
    return np.random.default_rng([SEED, design.n, design.households, round(rate * 1e6)])


def table_of(title: str, rows: Iterator[tuple[Sequence[str], Cell]], first: Sequence[str]) -> Table:
    """Coverage in percent, ours with tails and width in points."""
    table = Table(title=title, caption=f"goal {GOAL[0]:.0%} to {GOAL[1]:.0%}")
    for name in first:
        table.add_column(name, justify="right" if name != "design" else "left")
    begun = False
    for words, cell in rows:
        if not begun:
            for name in (OURS, "too high / low", "width", "point", *list(cell.intervals)[1:]):
                table.add_column(name, justify="right")
            begun = True
        ours = cell.intervals[OURS]
        table.add_row(
            *words,
            ours.marked,
            ours.tails,
            f"{100 * ours.width / ours.audits:.2f}",
            f"{100 * cell.points / ours.audits:.0f}",
            *(one.marked for name, one in cell.intervals.items() if name != OURS),
        )
    return table


def shares_table(audits: int) -> Table:
    rows = (
        ((str(design), f"{rate:.1%}"), of_shares(design, rate, audits))
        for design in DESIGNS
        for rate in RATES
    )
    return table_of("share of wrong decisions", rows, ("design", "rate"))


def sizes_table(audits: int) -> Table:
    """What n the goal takes where five decisions in a thousand are wrong."""
    designs = [
        Design(40_000, 8, n, allocation)
        for allocation in (Allocation.PROPORTIONAL, Allocation.NEYMAN)
        for n in SIZES
    ]
    rows = (((str(design), "0.5%"), of_shares(design, 0.005, audits)) for design in designs)
    return table_of("share of wrong decisions at 0.5 %, by n", rows, ("design", "rate"))


def money_table(audits: int, replicates: int) -> Table:
    rows = (
        ((str(design), f"{rate:.1%}"), of_money(design, rate, audits, replicates))
        for design in DESIGNS
        for rate in RATES
    )
    return table_of("money paid wrongly, by what is paid", rows, ("design", "rate"))


def readers_table(audits: int) -> Table:
    rows = (
        (
            (
                str(design),
                f"{readers.missed:.0%} / {readers.false_alarms:.1%}",
                f"{readers.second_share:.0%}",
                f"{rate:.1%}",
            ),
            of_two_readers(design, rate, audits, readers),
        )
        for readers in READERS
        for design in (DESIGNS[0], DESIGNS[1], DESIGNS[5], DESIGNS[8])
        for rate in RATES
    )
    first = ("design", "missed / false", "read twice", "rate")
    return table_of("share of wrong decisions, by two readers", rows, first)


def tables(audits: int, replicates: int) -> Mapping[str, Callable[[], Table]]:
    return {
        "shares": lambda: shares_table(audits),
        "sizes": lambda: sizes_table(audits),
        "money": lambda: money_table(audits, replicates),
        "readers": lambda: readers_table(audits),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=2000, help="simulated audits a row")
    parser.add_argument("--replicates", type=int, default=200, help="of the bootstrap; 0: none")
    parser.add_argument("--only", choices=sorted(tables(0, 0)), help="one table")
    chosen = parser.parse_args()
    console = Console(width=170)
    for name, build in tables(chosen.audits, chosen.replicates).items():
        if chosen.only in (None, name):
            console.print(build())


if __name__ == "__main__":
    main()
