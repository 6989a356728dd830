"""What the making of one county shares: chance, the day, the window, lists, numbers, employers."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from connectors.sandbox.county.lists import EmployerKind, Lists
from connectors.sandbox.county.numbers import Numbers
from connectors.sandbox.county.truth import Employer, Person, PersonTruth, Unit

CITY: Final = "长春市"
DISTRICT: Final = "长春市南关区"


@dataclass(slots=True)
class World:
    """The county while it is being made."""

    rng: Random
    as_of: date
    months: tuple[str, ...]
    """The window: the twelve whole months before the month of `as_of`, YYYYMM, in order."""
    lists: Lists
    numbers: Numbers
    employers: tuple[Employer, ...]
    people: dict[str, Person] = field(default_factory=dict)
    truths: dict[str, PersonTruth] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def yuan(self, low: float, high: float) -> Decimal:
        """An amount with cents, low ones more often."""
        return Decimal(int((low + (high - low) * self.rng.random() ** 2) * 100)).scaleb(-2)

    def day(self, first: int, last: int) -> date:
        """A day between the beginning of year `first` and the end of year `last`, never after
        `as_of`."""
        start = date(first, 1, 1)
        end = min(date(last, 12, 31), self.as_of)
        return start + timedelta(days=self.rng.randrange(max((end - start).days, 1)))

    def adult(self, person: Person) -> bool:
        return person.age(self.as_of) >= 18

    def truth(self, person: Person) -> PersonTruth:
        return self.truths[person.id]


def new_world(seed: int, as_of: date, lists: Lists) -> World:
    """An empty county with its employers."""
    rng = Random(seed)
    numbers = Numbers(rng)
    return World(
        rng=rng,
        as_of=as_of,
        months=window_months(as_of),
        lists=lists,
        numbers=numbers,
        employers=_employers(rng, numbers, lists),
    )


def window_months(as_of: date) -> tuple[str, ...]:
    """The twelve whole months before the month of `as_of`, YYYYMM, in order."""
    last = as_of.year * 12 + as_of.month - 1
    return tuple(f"{index // 12}{index % 12 + 1:02d}" for index in range(last - 12, last))


def first_day(month: str) -> date:
    return date(int(month[:4]), int(month[4:]), 1)


def last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[4:])
    return date(year, number, monthrange(year, number)[1])


def _employers(rng: Random, numbers: Numbers, lists: Lists) -> tuple[Employer, ...]:
    first, second = lists.employer_words
    names = [f"{rng.choice(first)}{rng.choice(second)}" for _ in range(320)]
    kinds = rng.choices(lists.employer_kinds, cum_weights=lists.employer_bounds, k=len(names))
    return tuple(_employer(numbers, name, kind) for name, kind in zip(names, kinds, strict=True))


def _employer(numbers: Numbers, name: str, kind: EmployerKind) -> Employer:
    lead = CITY if kind.tax else DISTRICT
    return Employer(
        name=f"{lead}{name}{kind.name}",
        code=numbers.credit_code("91" if kind.tax else "92"),
        low=kind.low,
        high=kind.high,
        reports_tax=kind.tax,
        fund=kind.fund,
    )
