"""How a report says values, in one language: unknown is a word, never zero and never blank."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson

from app.domain.instants import CHINA
from app.programmes.words import TOTALS

TEMPLATES: Final = Path(__file__).parent / "templates"
LANGUAGES: Final = ("zh", "en")


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, str]]:
    """The interface's codes in the words of the field, zh-CN and en."""
    found: dict[str, Mapping[str, str]] = {}
    for name in ("report_words.json", "words.json"):
        found |= orjson.loads((TEMPLATES / name).read_bytes())
    return found


class Said:
    """In one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.is_english = language == "en"

    def __call__(self, zh: str, en: str) -> str:
        return en if self.is_english else zh

    def word(self, code: str | None) -> str:
        """The field's word for a code; the code itself where there is none."""
        if code is None:
            return ""
        if code in words():
            return str(words()[code][self.language])
        english, chinese = TOTALS.get(code, (code, code))
        return self(chinese, english)

    def knows(self, code: str | None) -> bool:
        """There is a word for it."""
        return code is not None and (code in words() or code in TOTALS)

    def listed(self, some: list[str]) -> str:
        return (", " if self.is_english else "、").join(some)

    def bracketed(self, words: str) -> str:
        return f" ({words})" if self.is_english else f"（{words}）"

    def unknown(self) -> str:
        return self("未知", "unknown")

    def money(self, value: Any) -> str:
        return self._ranged(value, "{:,.2f}")

    def amount(self, value: Any) -> str:
        """A count as it is, money with its fen."""
        is_text = isinstance(value, str) or (
            isinstance(value, Mapping) and isinstance(value["min"], str)
        )
        return self._ranged(value, "{:,.2f}" if is_text else "{:,}")

    def _ranged(self, value: Any, form: str) -> str:
        if value is None:
            return self.unknown()
        if not isinstance(value, Mapping):
            return _number(value, form)
        low, high = value["min"], value["max"]
        if high is None:
            return f"≥ {_number(low, form)}" if _is_some(low) else self.unknown()
        return f"{_number(low, form)} – {_number(high, form)}"

    def percent(self, share: float) -> str:
        return f"{share * 100:.2f}%"

    def day(self, value: str | None) -> str:
        """A date, or an instant's day in China."""
        if value is None:
            return self.unknown()
        on = _instant(value).date() if "T" in value else date.fromisoformat(value)
        return f"{on.day} {on:%b %Y}" if self.is_english else on.isoformat()

    def instant(self, value: str | datetime | None) -> str:
        """Minutes of China time."""
        if value is None:
            return "—"
        at = _instant(value)
        return f"{at.day} {at:%b %Y %H:%M}" if self.is_english else f"{at:%Y-%m-%d %H:%M}"

    def span(self, first: str | None, last: str | None) -> str:
        """Months from and to; a day where there is but one."""
        if last is None:
            return "—"
        if first is None:
            return self.day(last)
        low, high = date.fromisoformat(first), date.fromisoformat(last)
        if self.is_english:
            return f"{low:%b %Y} – {high:%b %Y}"
        return f"{low:%Y-%m} 至 {high:%Y-%m}"


def _number(value: Any, form: str) -> str:
    """A text that is no number stays as it is: content of before may hold anything."""
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return str(value)
    return form.format(number)


def _is_some(value: Any) -> bool:
    try:
        return Decimal(str(value)) > 0
    except ArithmeticError:
        return True


def _instant(value: str | datetime) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(CHINA)
