"""When a source may be asked in bulk: hours of the day in China (pure)."""

from datetime import datetime, timedelta

from app.domain.instants import CHINA


def opens_at(window: str | None, now: datetime) -> datetime:
    """The first moment from now on at which it may be asked; now itself while the window is open.

    `window` such as `22:00-06:00` (None: always); its end is the first minute that is outside.
    """
    if window is None:
        return now
    here = now.astimezone(CHINA)
    first, after = (_minutes(text) for text in window.split("-"))
    minute = here.hour * 60 + here.minute
    is_open = first <= minute < after if first < after else minute >= first or minute < after
    if is_open:
        return now
    opening = here.replace(hour=first // 60, minute=first % 60, second=0, microsecond=0)
    return opening if opening > here else opening + timedelta(days=1)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
