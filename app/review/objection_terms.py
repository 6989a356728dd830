"""Legal terms of objections 复核期限: dated terms from a YAML file, counted in offices' days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain import rule_files
from app.domain.errors import ConfigurationError

SHIPPED: Final = Path(__file__).parent / "data" / "objection_terms.yaml"
_STRICT: Final = ConfigDict(extra="forbid", frozen=True)
_Days = Annotated[Mapping[date, Annotated[int, Field(ge=1, le=366)]], Field(min_length=1)]
IsWorkingDay = Callable[[date], bool]


class _Filing(BaseModel):
    model_config = _STRICT

    reference: str = Field(min_length=1)
    days: _Days


class _Answer(BaseModel):
    model_config = _STRICT

    reference: str = Field(min_length=1)
    working_days: _Days


class _Terms(BaseModel):
    model_config = _STRICT

    filing: _Filing
    answer: _Answer


class _File(BaseModel):
    model_config = _STRICT

    example: bool = False
    terms: _Terms


@dataclass(frozen=True, slots=True)
class ObjectionTerms:
    """Until when an objection is filed in time, and until when it is to be answered."""

    filing: Mapping[date, int]
    answer: Mapping[date, int]
    is_working_day: IsWorkingDay
    reference: str
    example: bool = False

    @classmethod
    def load(cls, is_working_day: IsWorkingDay, path: Path | None = None) -> "ObjectionTerms":
        """The shipped file or one's own. Raises `ConfigurationError` with file and place."""
        where = path or SHIPPED
        file = rule_files.read(_File, where)
        terms = file.terms
        return cls(
            filing=terms.filing.days,
            answer=terms.answer.working_days,
            is_working_day=is_working_day,
            reference=terms.answer.reference,
            example=file.example,
        )

    def due_on(self, received_on: date) -> date:
        """The last day for an answer: working days are counted from the day after receipt."""
        return self._ahead(received_on, _in_force("answer", self.answer, received_on))

    def is_in_time(self, received_on: date, issued_on: date) -> bool:
        """Whether it came within the term for filing, by the term of the day of issue."""
        days = _in_force("filing", self.filing, issued_on)
        return received_on <= issued_on + timedelta(days=days)

    def days_left(self, due_on: date, today: date) -> int:
        """Working days that are left, today not counted; below zero: so many over."""
        if today <= due_on:
            return self._between(today, due_on)
        return -self._between(due_on, today)

    def _ahead(self, day: date, working_days: int) -> date:
        left = working_days
        while left:
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        return day

    def _between(self, after: date, until: date) -> int:
        days = (until - after).days
        return sum(self.is_working_day(after + timedelta(days=n)) for n in range(1, days + 1))


def _in_force(name: str, terms: Mapping[date, int], day: date) -> int:
    """Raises `ConfigurationError` before the first day of any."""
    since = [one for one in terms if one <= day]
    if not since:
        raise ConfigurationError(f"no term {name} on {day}: the first starts {min(terms)}")
    return terms[max(since)]
