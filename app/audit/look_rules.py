"""Dated rules on looks: what the person concerned is told when, and what is unusual."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain import yaml_text
from app.domain.errors import ConfigurationError
from app.domain.instants import CHINA

SHIPPED: Final = Path(__file__).parent / "data" / "looks.yaml"
_SATURDAY: Final = 5
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccessReportRules(_Part):
    """`delayed_days`: purposes 用途 that are told of so many days later."""

    shows_clerk: bool
    delayed_days: Mapping[str, Annotated[int, Field(ge=0, le=3650)]]


class UnusualRules(_Part):
    """From where on a look is unusual; hours are China's."""

    persons_an_hour: Count
    households_a_day: Count
    visits_of_one_case: Count
    visits_within_days: Annotated[int, Field(ge=1, le=31)]
    minutes_of_a_visit: Count
    office_opens: time
    office_closes: time
    rare_surname_percent: Decimal
    small_county_households: Annotated[int, Field(ge=0)]


class LookRules(_Part):
    """What holds from a day on."""

    reference: str = Field(min_length=1)
    access_report: AccessReportRules
    unusual: UnusualRules


class _Span(_Part):
    from_: date = Field(alias="from")
    until: date


class _Holidays(_Part):
    free: tuple[_Span, ...] = ()
    worked: frozenset[date] = frozenset()


class LookCalendar(_Part):
    """All rules by the day from which they hold, and the days on which offices are closed."""

    looks: Annotated[Mapping[date, LookRules], Field(min_length=1)]
    holidays: _Holidays = _Holidays()

    def in_force(self, day: date) -> LookRules:
        """Raises ConfigurationError before the first day of any."""
        since = [one for one in self.looks if one <= day]
        if not since:
            first = min(self.looks)
            raise ConfigurationError(f"HEDUI_LOOKS: no rules on {day}, the first hold from {first}")
        return self.looks[max(since)]

    def is_working_day(self, day: date) -> bool:
        """A day on which offices are open 工作日."""
        if day in self.holidays.worked:
            return True
        if any(span.from_ <= day <= span.until for span in self.holidays.free):
            return False
        return day.weekday() < _SATURDAY


def load_look_rules(path: Path | None) -> LookCalendar:
    """The shipped rules, or those of a file that replaces them. Raises ConfigurationError."""
    file = SHIPPED if path is None else path
    try:
        document = yaml_text.load(file.read_text("utf-8"))
        return LookCalendar.model_validate(document)
    except OSError as error:
        raise ConfigurationError(f"HEDUI_LOOKS: {file} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ConfigurationError(f"HEDUI_LOOKS: {file} is not YAML in UTF-8") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(map(str, first["loc"]))
        raise ConfigurationError(f"HEDUI_LOOKS: {file}: {place}: {first['msg']}") from None


def day_span(day: date, days: int = 1) -> tuple[datetime, datetime]:
    """From the first moment of so many days that end with this one to before the day after."""
    end = datetime.combine(day + timedelta(days=1), time(), CHINA)
    return (end - timedelta(days=days)).astimezone(UTC), end.astimezone(UTC)
