"""Who looked at a person 查询告知: each view and query of the trail that is about him or her. Pure.

Nothing of anybody else: what was asked about other members of the household alone is left out, and
whoever stands in a case as a supporter is not told whose case it was. What serves an inquiry is
told once the time for that is over.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.audit.look_rules import LookCalendar
from app.domain.instants import china_day
from app.store.audit_reads import ReadEntry

QUERIES: Final = frozenset({"source_asked", "answers_reused"})
REQUESTED: Final = frozenset({"verification_accepted", "assistance_accepted"})
PERSON: Final = "person"
"""The kind of look of an entry that names persons, each as `verification/ref`."""
EARLIER_VIEWS: Final = frozenset(
    {
        "verification_read",
        "evidence_read",
        "evidence_judged",
        "report_read",
        "review_item_read",
        "review_item_locked",
        "decisions_tried",
        "verification_cancel",
        "verification_recheck",
        "objection_filed",
        "alert_read",
        "batch_results_read",
        "batch_changes_read",
    }
)
"""Views by entries of releases that did not say whom they showed: then all of the household."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the person stands: in a verification, an alert, a recipient, or a batch with one."""

    refs: frozenset[str]
    purpose: str
    case_reference: str | None
    """None for a supporter: whose case it is, is not his or hers to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One look or query; `actor` is for finding the body's name."""

    position: int
    at: datetime
    kind: str
    actor: str
    office: str
    purpose: str
    sources: tuple[str, ...]
    consent: str | None
    case_reference: str | None


def report_lines(
    entries: Iterable[ReadEntry],
    places: Mapping[str, Place],
    calendar: LookCalendar,
    now: datetime,
) -> Iterator[Line]:
    """In the order of the trail; `places` by the ids of what the person stands in."""
    for entry in entries:
        line = _line(entry, places)
        if line is not None and _is_told(line, calendar, now):
            yield line


def _is_told(line: Line, calendar: LookCalendar, now: datetime) -> bool:
    rules = calendar.in_force(china_day(line.at)).access_report
    return now >= line.at + timedelta(days=rules.delayed_days.get(line.purpose, 0))


def _line(entry: ReadEntry, places: Mapping[str, Place]) -> Line | None:
    look = entry.details.get("look")
    if look in ("list", PERSON):
        return _of_list(entry, places, look)
    place = places.get(entry.object)
    if place is None:
        return None
    if entry.action in QUERIES:
        return _of_query(entry, place)
    if entry.action in REQUESTED:
        return _told(entry, "request", place)
    if look == "export":
        return _told(entry, "export", place)
    if look == "case":
        persons = entry.details.get("persons", "").split(",")
        return _told(entry, "view", place) if place.refs.intersection(persons) else None
    return _told(entry, "view", place) if entry.action in EARLIER_VIEWS else None


def _of_list(entry: ReadEntry, places: Mapping[str, Place], look: str) -> Line | None:
    for named in filter(None, entry.details.get("cases", "").split(",")):
        id_, _, ref = named.partition("/")
        place = places.get(id_)
        if place is not None and (look == "list" or ref in place.refs):
            return _told(entry, "list" if look == "list" else "report", place)
    return None


def _of_query(entry: ReadEntry, place: Place) -> Line | None:
    """Which sources were asked about this person, whoever else was asked about with him or her."""
    details = entry.details
    if entry.action == "source_asked":
        asked = place.refs.intersection(details.get("persons", "").split(","))
        sources = [details.get("source", "")] if asked else []
    else:
        answers = [one.partition("/") for one in details.get("answers", "").split(",")]
        sources = sorted({source for source, _, ref in answers if ref in place.refs})
    if not sources:
        return None
    return _told(
        entry, "query" if entry.action == "source_asked" else "reuse", place, tuple(sources)
    )


def _told(entry: ReadEntry, kind: str, place: Place, sources: tuple[str, ...] = ()) -> Line:
    details = entry.details
    purpose = details.get("purpose", "own")
    return Line(
        position=entry.position,
        at=entry.at,
        kind=kind,
        actor=entry.actor,
        office=details.get("office") or entry.region,
        purpose=place.purpose if purpose == "own" else purpose,
        sources=sources,
        consent=None if place.case_reference is None else details.get("consent"),
        case_reference=place.case_reference,
    )
