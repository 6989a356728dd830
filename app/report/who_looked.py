"""Whoever looked at a person, for that person 个人信息查询告知 (PIPL 44, 45), from the trail."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.audit.access_report import Line, Place, report_lines
from app.audit.look_rules import LookCalendar
from app.domain.household import Person
from app.domain.instants import china_day, rfc3339
from app.store.audit_reads import AuditReads, PersonInCase
from app.store.clients import Clients
from app.store.crypto import FieldCipher

_CLIENT: Final = "cl_"
_COUNTY: Final = 6
_STAFF: Final = "st_"
_OPERATOR: Final = "hedui"


@dataclass(frozen=True, slots=True)
class WhoLooked:
    """What the person is told, and as what he or she was found."""

    lines: tuple[dict[str, Any], ...]
    found_as: tuple[tuple[str, str], ...]
    """`verification/ref`, and the county it is in."""

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(sorted({county for _, county in self.found_as}))

    def found_in(self, county: str) -> tuple[str, ...]:
        return tuple(as_ for as_, there in self.found_as if there == county)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReports:
    """Reads the trail for one person, within one region's subtree."""

    reads: AuditReads
    clients: Clients
    calendar: LookCalendar
    now: Callable[[], datetime]

    @classmethod
    def over(
        cls, cipher: FieldCipher, calendar: LookCalendar, now: Callable[[], datetime]
    ) -> "AccessReports":
        return cls(reads=AuditReads(cipher), clients=Clients(), calendar=calendar, now=now)

    def of_person(self, tx: sa.Connection, persons: Sequence[Person], region: str) -> WhoLooked:
        """`persons`: the one person under each written form of the number."""
        cases = self.reads.cases_of(tx, persons, region)
        places = _places(cases)
        for alert, verification in self.reads.alerts_of(tx, [one.id for one in cases]):
            places[alert] = places[verification]
        entries = self.reads.about(tx, region, places)
        entries += self.reads.lists(tx, region)
        entries.sort(key=lambda one: one.position)
        lines = report_lines(entries, places, self.calendar, self.now())
        return WhoLooked(
            lines=tuple(self._shown(tx, lines)),
            found_as=tuple((f"{one.id}/{one.ref}", one.region[:_COUNTY]) for one in cases),
        )

    def _shown(self, tx: sa.Connection, lines: Iterator[Line]) -> Iterator[dict[str, Any]]:
        shows_clerk = self.calendar.in_force(china_day(self.now())).access_report.shows_clerk
        names: dict[str, str | None] = {}
        for line in lines:
            if line.actor not in names:
                names[line.actor] = self._client_name(tx, line.actor)
            yield {
                "at": rfc3339(line.at),
                "kind": line.kind,
                "body": _body(line, names[line.actor]),
                "clerk": line.actor if shows_clerk and line.actor.startswith(_STAFF) else None,
                "purpose": line.purpose,
                "sources": list(line.sources),
                "consent": line.consent,
                "case_reference": line.case_reference,
            }

    def _client_name(self, tx: sa.Connection, actor: str) -> str | None:
        if not actor.startswith(_CLIENT):
            return None
        client = self.clients.get(tx, actor)
        return None if client is None else client.name


def _body(line: Line, client: str | None) -> dict[str, Any]:
    """A system by its registered name, an office by its region; the clerk is not named."""
    kind = "office"
    if line.actor.startswith(_CLIENT):
        kind = "client"
    elif line.actor.startswith(_OPERATOR):
        kind = "operator"
    return {"kind": kind, "name": client, "region": line.office}


def _places(cases: Sequence[PersonInCase]) -> dict[str, Place]:
    """By the id of each verification, recipient and batch in which the person stands."""
    places: dict[str, Place] = {}
    for one in cases:
        earlier = places.get(one.id)
        refs = frozenset({one.ref}) | (earlier.refs if earlier else frozenset())
        case = one.case_reference if one.is_member else None
        if earlier is not None and case is None:
            case = earlier.case_reference
        places[one.id] = Place(refs=refs, purpose=one.purpose, case_reference=case)
    for one in cases:
        if one.batch_id is not None:
            of_batch = Place(refs=frozenset(), purpose=one.purpose, case_reference=None)
            places.setdefault(one.batch_id, of_batch)
    return places
