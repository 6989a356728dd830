"""Until when an item of the review worklist is due 办理期限: working days after it arose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from app.audit.look_rules import LookCalendar, load_look_rules
from app.domain import yaml_text
from app.domain.decision import ActionKind
from app.domain.errors import ConfigurationError
from app.domain.instants import CHINA, china_day

SHIPPED: Final = Path(__file__).parent / "data" / "due.yaml"
_Days = Annotated[int, Field(ge=0, le=365)]


class DueRule(BaseModel):
    """What holds from a day on; `others`: working days of kinds that are not named."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reference: Annotated[str, Field(min_length=1)]
    working_days: Mapping[str, _Days]
    others: _Days
    closes: time


@dataclass(frozen=True, slots=True)
class DueRules:
    """The rules by the day from which they hold, and the days on which offices are open."""

    rules: Mapping[date, DueRule]
    calendar: LookCalendar

    def due(self, kind: ActionKind, arose: datetime) -> datetime:
        """The close of the last of the working days; those before the first rule go by it."""
        day = china_day(arose)
        rule = self.rules[max((one for one in self.rules if one <= day), default=min(self.rules))]
        left = rule.working_days.get(kind.value, rule.others)
        while left > 0:
            day += timedelta(days=1)
            left -= self.calendar.is_working_day(day)
        return datetime.combine(day, rule.closes, CHINA).astimezone(UTC)


@lru_cache(maxsize=1)
def shipped_rules() -> DueRules:
    """Raises ConfigurationError where the file holds no rule."""
    document = yaml_text.load(SHIPPED.read_text("utf-8"))["due"]
    rules = {day: DueRule.model_validate(rule) for day, rule in document.items()}
    if not rules:
        raise ConfigurationError(f"{SHIPPED.name}: holds no rule")
    return DueRules(rules, load_look_rules(None))
