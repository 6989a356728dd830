"""Local rules of re-verification 复核周期: dated data from a YAML file, checked when it is read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, Final

from app.domain.errors import ConfigurationError, NoStandardInForce
from app.domain.recipient import Cadence
from app.programmes.document import Document, read_text
from app.programmes.faults import Fault, in_order, nearest
from app.programmes.parameters import (
    REGION_LENGTHS,
    WHOLE_COUNTRY,
    Area,
    ByRegion,
    Parameter,
    area_of,
)

SHIPPED: Final = Path(__file__).parent / "data" / "cadences.yaml"
_CLASS: Final = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]{1,20}")
_WINDOW: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_AREAS: Final[tuple[Area, ...]] = ("urban", "rural")
_PARTS: Final = ("cadences", "schedule")
_OF_CADENCES: Final = ("reference", "example", *_AREAS)
_OF_SCHEDULE: Final = ("enabled", "window", "regions", "most_households")
_BY_MONTHS: Final = {cadence.months: cadence for cadence in Cadence}
_Steps = tuple[object, ...]


class NoCadenceInForce(NoStandardInForce):
    """The rules have no cadence for the class in the region on that day."""


class FaultyRules(ConfigurationError):  # noqa: N818 - as FaultyStandards reads
    """The rules file does not hold what it must; `faults` are all of them, by place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = in_order(faults)
        more = len(self.faults) - 1
        super().__init__(f"{self.faults[0]}{f' (and {more} more)' if more else ''}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the service verifies who is due by itself; `opens` and `closes` by China's clock.

    A window that closes before it opens goes over midnight.
    """

    enabled: bool
    opens: time
    closes: time
    regions: tuple[str, ...]
    most_households: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Cadences by class, region and day; and the schedule."""

    cadences: Parameter
    schedule: Schedule

    @classmethod
    def load(cls, path: Path | None = None) -> "Rules":
        """The shipped file or a county's own. Raises `FaultyRules` with file, line and column."""
        where = SHIPPED if path is None else path
        try:
            text = where.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{where} cannot be read: {type(error).__name__}") from None
        document = read_text(text, str(where))
        faults = document.faults or tuple(_faults(document))
        if faults:
            raise FaultyRules(faults)
        content = document.content
        return cls(_cadences(content["cadences"]), _schedule(content["schedule"]))

    def cadence(self, class_: str, region: str, day: date) -> Cadence:
        """How often a household of the class is verified there, by the rule in force that day."""
        area = area_of(region)
        found = self.cadences.in_force(region, day, area)
        if found is None:
            first = self.cadences.first(region, area)
            since = "none at all" if first is None else f"the first starts {first.since}"
            raise NoCadenceInForce(
                f"no cadence for {region} on {day}, {since}: add earlier ones to the rules file"
            )
        classes = found.value
        if not isinstance(classes, Mapping) or class_ not in classes:
            raise NoCadenceInForce(
                f"no cadence for this class in {found.region} since {found.since}: there are "
                f"{', '.join(sorted(classes)) if isinstance(classes, Mapping) else 'none'}"
            )
        return _BY_MONTHS[classes[class_]]


def _cadences(part: Mapping[str, Any]) -> Parameter:
    by_area: dict[Area, ByRegion] = {
        area: {
            region: tuple(
                (
                    date.fromisoformat(day),
                    {name: Cadence(word).months for name, word in classes.items()},
                )
                for day, classes in sorted(dates.items())
            )
            for region, dates in part[area].items()
        }
        for area in _AREAS
    }
    return Parameter(
        name="cadences", reference=part["reference"], example=part["example"], by_area=by_area
    )


def _schedule(part: Mapping[str, Any]) -> Schedule:
    opens_hour, opens, closes_hour, closes = map(int, part["window"].replace("-", ":").split(":"))
    return Schedule(
        enabled=part["enabled"],
        opens=time(opens_hour, opens),
        closes=time(closes_hour, closes),
        regions=tuple(part["regions"]),
        most_households=part["most_households"],
    )


def _faults(document: Document) -> Iterator[Fault]:
    content = document.content
    yield from _keys(document, (), content, _PARTS)
    if not isinstance(content, Mapping):
        return
    cadences, schedule = content.get("cadences"), content.get("schedule")
    if "cadences" in content:
        yield from _keys(document, ("cadences",), cadences, _OF_CADENCES)
    if isinstance(cadences, Mapping):
        yield from _of_head(document, cadences)
        for area in _AREAS:
            if area in cadences:
                yield from _of_area(document, area, cadences[area])
    if "schedule" in content:
        yield from _keys(document, ("schedule",), schedule, _OF_SCHEDULE)
    if isinstance(schedule, Mapping):
        yield from _of_schedule(document, schedule)


def _keys(document: Document, path: _Steps, part: object, wanted: Sequence[str]) -> Iterator[Fault]:
    """All the keys and no others."""
    if not isinstance(part, Mapping):
        yield document.fault(path, f"must hold {', '.join(wanted)}")
        return
    for name in part:
        if name not in wanted:
            yield document.fault(
                (*path, name, "[key]"), f"is no key here{nearest(str(name), wanted)}"
            )
    for name in wanted:
        if name not in part:
            yield document.fault((*path, name), "is missing")


def _of_head(document: Document, part: Mapping[Any, Any]) -> Iterator[Fault]:
    if not isinstance(part.get("reference", ""), str):
        yield document.fault(("cadences", "reference"), "must be text")
    if not isinstance(part.get("example", False), bool):
        yield document.fault(("cadences", "example"), "must be true or false")


def _of_area(document: Document, area: str, regions: object) -> Iterator[Fault]:
    path: _Steps = ("cadences", area)
    if not isinstance(regions, Mapping) or not regions:
        yield document.fault(path, "must have values by region")
        return
    for region, dates in regions.items():
        if not _is_region(region) and region != WHOLE_COUNTRY:
            yield document.fault(
                (*path, region, "[key]"), "is no region: 2, 4, 6, 9 or 12 digits in quotes, or all"
            )
        if not isinstance(dates, Mapping) or not dates:
            yield document.fault((*path, region), "must have values by date")
            continue
        for day, classes in dates.items():
            yield from _of_date(document, (*path, region, day), day, classes)


def _of_date(document: Document, path: _Steps, day: object, classes: object) -> Iterator[Fault]:
    if not _is_day(day):
        yield document.fault((*path, "[key]"), "is no date: YYYY-MM-DD")
    if not isinstance(classes, Mapping) or not classes:
        yield document.fault(path, "must name a cadence for each class")
        return
    for name, word in classes.items():
        if not isinstance(name, str) or _CLASS.fullmatch(name) is None:
            yield document.fault((*path, name, "[key]"), "is no class: 1 to 20 letters or digits")
        if word not in set(Cadence):
            yield document.fault((*path, name), f"must be one of {', '.join(Cadence)}")


def _of_schedule(document: Document, part: Mapping[Any, Any]) -> Iterator[Fault]:
    if not isinstance(part.get("enabled", False), bool):
        yield document.fault(("schedule", "enabled"), "must be true or false")
    window = part.get("window", "00:00-00:01")
    if not isinstance(window, str) or _WINDOW.fullmatch(window) is None:
        yield document.fault(("schedule", "window"), 'must be "HH:MM-HH:MM" in quotes')
    elif window[:5] == window[6:]:
        yield document.fault(("schedule", "window"), "must not close when it opens")
    regions = part.get("regions", [])
    if not isinstance(regions, list) or not all(map(_is_region, regions)):
        yield document.fault(("schedule", "regions"), 'must be a list of regions, such as "2201"')
    most = part.get("most_households", 1)
    if type(most) is not int or most < 1:
        yield document.fault(("schedule", "most_households"), "must be a whole number above 0")


def _is_region(region: object) -> bool:
    return (
        isinstance(region, str)
        and region.isascii()
        and region.isdigit()
        and len(region) in REGION_LENGTHS
    )


def _is_day(day: object) -> bool:
    try:
        return isinstance(day, str) and date.fromisoformat(day) is not None
    except ValueError:
        return False
