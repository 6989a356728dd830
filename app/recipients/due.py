"""When a household is due for verification: by its cadence, or at once."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.domain.instants import CHINA
from app.domain.period import month_of, plus_months
from app.domain.recipient import Cadence, WhyDue
from app.recipients.rules import Schedule

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """From which day on a household is due, and why."""

    on: date
    why: WhyDue

    @property
    def at_once(self) -> bool:
        """Asked for apart from the cadence."""
        return self.why is not WhyDue.CADENCE


def next_due(verified_on: date, cadence: Cadence) -> date:
    """As many months later as the cadence has, on the same day or the month's last."""
    month = plus_months(month_of(verified_on), cadence.months)
    return month.replace(day=min(verified_on.day, monthrange(month.year, month.month)[1]))


def due_by_cadence(verified_on: date | None, cadence: Cadence, today: date) -> Due:
    """Who was never verified is due at once."""
    if verified_on is None:
        return Due(today, WhyDue.NEW)
    return Due(next_due(verified_on, cadence), WhyDue.CADENCE)


def window_begun(schedule: Schedule, now: datetime) -> datetime | None:
    """When the window opened that is open now; None where none is (China's clock)."""
    local = now.astimezone(CHINA)
    at = local.time()
    if schedule.opens < schedule.closes:
        is_open, opened = schedule.opens <= at < schedule.closes, local.date()
    else:
        is_open = at >= schedule.opens or at < schedule.closes
        opened = local.date() if at >= schedule.opens else local.date() - _A_DAY
    return _at(opened, schedule.opens) if is_open else None


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, CHINA)
