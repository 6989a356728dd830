"""What a page of statistics is asked for: all of it stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from app.web.figures_words import Said

BY: Final = ("region", "programme", "period")
LEVELS: Final = (2, 4, 6, 9, 12)
_DIGITS_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters; what makes no sense is as if it were not there, and the interface judges the rest.

    `own`: the region of whoever looks. `audit`: one of the audits, by its id; `fault`: whose error.
    """

    own: str
    region: str
    since: str
    until: str
    programme: str
    by: str
    view: str
    audit: str
    fault: str

    @classmethod
    def of(cls, own: str, given: Mapping[str, str], today: date) -> "Asked":
        region = given.get("region", "")
        is_region = region.isascii() and region.isdigit() and len(region) <= _DIGITS_MOST
        by, view = given.get("by", ""), given.get("view", "")
        return cls(
            own=own,
            region=region if is_region and region.startswith(own) else own,
            since=_day(given.get("from", "")) or today.replace(month=1, day=1).isoformat(),
            until=_day(given.get("until", "")) or _end_of_month(today).isoformat(),
            programme=given.get("programme", "")[:64],
            by=by if by in BY else BY[0],
            view="table" if view == "table" else "chart",
            audit=given.get("audit", "")[:40],
            fault=given.get("fault", "") or "inclusion",
        )

    def query(self, **changes: str) -> str:
        """For an address, with some of it changed; what is as by default is left out."""
        now = replace(self, **changes) if changes else self
        given = {
            "region": now.region if now.region != now.own else "",
            "from": now.since,
            "until": now.until,
            "programme": now.programme,
            "by": now.by if now.by != BY[0] else "",
            "view": now.view if now.view != "chart" else "",
            "audit": now.audit,
            "fault": now.fault if now.fault != "inclusion" else "",
        }
        return urlencode({name: value for name, value in given.items() if value})

    def params(self, *, by: str | None = None, source: str | None = None) -> dict[str, Any]:
        """Of /v1/statistics."""
        return {
            "region": self.region or None,
            "from": self.since,
            "until": self.until,
            "programme": self.programme or None,
            "by": by,
            "source": source,
        }

    def caption(self, said: Said) -> str:
        """The filters in words, above each table."""
        area = self.region or said("全国")
        words = [
            said("区划 %(area)s", area=area),
            said(
                "%(since)s 至 %(until)s", since=said.f.day(self.since), until=said.f.day(self.until)
            ),
        ]
        if self.programme:
            words.append(said.code(self.programme))
        return said("，").join(words)

    @property
    def areas_above(self) -> list[str]:
        """From the viewer's own region down to the one that is looked at."""
        digits = [one for one in LEVELS if len(self.own) < one < len(self.region)]
        some = [self.own, *(self.region[:one] for one in digits), self.region]
        return list(dict.fromkeys(some))


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _end_of_month(today: date) -> date:
    following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
