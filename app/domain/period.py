"""The 12 whole calendar months before the month of the day of judgement."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

MONTHS_A_YEAR = 12


def month_of(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def plus_months(month: date, count: int) -> date:
    """The first day of the month `count` months later (or earlier)."""
    index = month.year * MONTHS_A_YEAR + month.month - 1 + count
    return date(index // MONTHS_A_YEAR, index % MONTHS_A_YEAR + 1, 1)


@dataclass(frozen=True, slots=True)
class Window:
    """Whole months; `first` and `last` are first days of months, both included."""

    first: date
    last: date

    @classmethod
    def before(cls, as_of: date, months: int = MONTHS_A_YEAR) -> "Window":
        last = plus_months(month_of(as_of), -1)
        return cls(plus_months(last, 1 - months), last)

    @property
    def months(self) -> tuple[date, ...]:
        count = (self.last.year - self.first.year) * MONTHS_A_YEAR
        count += self.last.month - self.first.month + 1
        return tuple(plus_months(self.first, index) for index in range(count))

    @property
    def start(self) -> date:
        return self.first

    @property
    def end(self) -> date:
        """The last day of the last month."""
        return self.last.replace(day=monthrange(self.last.year, self.last.month)[1])

    def holds(self, day: date) -> bool:
        return self.first <= month_of(day) <= self.last


def age_on(born: date, day: date) -> int:
    """Whole years, as a person counts them."""
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had_birthday else 1)
