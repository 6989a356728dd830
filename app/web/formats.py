"""Money, dates, shares and intervals as a page shows them: for reading, never for comparing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from app.domain.instants import CHINA, china_day

UNKNOWN: Final = "未知"


class Formats:
    """In one language; `unknown` is its word for what is not known, never 0 and never blank."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.is_english = language == "en"
        self.unknown = "unknown" if self.is_english else UNKNOWN

    def money(self, value: Any, *, unit: bool = False) -> str:
        """A decimal string, or `{min, max}`; None is unknown. Tables: the unit in the head."""
        if value is None:
            return self.unknown
        is_range = isinstance(value, Mapping)
        text = self._range(value, _thousands) if is_range else _thousands(value)
        if not unit:
            return text
        return f"CNY {text}" if self.is_english else f"{text} 元"

    def amount(self, value: Any) -> str:
        """A count, an area, or money without a unit; `{min, max}` where it is not exact."""
        if value is None:
            return self.unknown
        if isinstance(value, Mapping):
            return self._range(value, _plain)
        return _plain(value)

    def _range(self, value: Mapping[str, Any], shown: Any) -> str:
        low, high = value["min"], value.get("max")
        if high is None:
            return f"≥ {shown(low)}"
        if low == high:
            return str(shown(low))
        return f"{shown(low)}{'–' if self.is_english else ' 至 '}{shown(high)}"

    def percent(self, share: float | None, digits: int = 1) -> str:
        """Of a share of 1; the ends show as bounds, for nothing is sure."""
        if share is None:
            return self.unknown
        space = " " if self.is_english else ""
        if digits == 1 and share >= 0.9995:
            return f"> 99.9{space}%"
        if digits == 1 and share <= 0.0005:
            return f"< 0.1{space}%"
        return f"{share * 100:.{digits}f}{space}%"

    def interval(self, bounds: Any, digits: int = 2) -> str:
        """`95% 区间 0.71%–2.26%`."""
        low, high = (f"{one * 100:.{digits}f}" for one in bounds)
        if self.is_english:
            return f"95 % interval {low}–{high} %"
        return f"95% 区间 {low}%–{high}%"

    def day(self, value: Any) -> str:
        """A date or an instant's day in China."""
        if value is None:
            return self.unknown
        on = day_of(value)
        return f"{on.day} {on:%b} {on.year}" if self.is_english else on.isoformat()

    def short_day(self, value: Any) -> str:
        """In lists: month and day."""
        if value is None:
            return self.unknown
        on = day_of(value)
        return f"{on.day} {on:%b}" if self.is_english else f"{on:%m-%d}"

    def instant(self, value: Any) -> str:
        """Minutes of China time."""
        if value is None:
            return self.unknown
        at = _instant(value).astimezone(CHINA)
        return f"{at.day} {at:%b %Y %H:%M}" if self.is_english else f"{at:%Y-%m-%d %H:%M}"

    def month_span(self, first: Any, last: Any) -> str:
        """`2025-11 至 2026-10`."""
        low, high = day_of(first), day_of(last)
        if self.is_english:
            return f"{low:%b %Y} – {high:%b %Y}"
        return f"{low:%Y-%m} 至 {high:%Y-%m}"

    def left(self, until: Any, now: datetime) -> str:
        """`剩 6 小时`; what is over says so."""
        seconds = (_instant(until) - now).total_seconds()
        if seconds <= 0:
            return "overdue" if self.is_english else "已超期"
        hours, days = int(seconds // 3600), int(seconds // 86400)
        if days >= 1:
            return f"{days} d left" if self.is_english else f"剩 {days} 天"
        if hours >= 1:
            return f"{hours} h left" if self.is_english else f"剩 {hours} 小时"
        minutes = max(1, int(seconds // 60))
        return f"{minutes} min left" if self.is_english else f"剩 {minutes} 分钟"


def _thousands(value: Any) -> str:
    return f"{Decimal(str(value)):,.2f}"


def _plain(value: Any) -> str:
    number = Decimal(str(value))
    return f"{number:,}"


def _instant(value: Any) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def day_of(value: Any) -> date:
    """A date, or an instant's day in China."""
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value):
        return china_day(_instant(value))
    return value if isinstance(value, date) else date.fromisoformat(str(value))
