"""The audit trail 审计记录 read: by filters, about persons' cases, of a stretch of time."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.household import Person
from app.store.base import in_region, storable
from app.store.case_persons import CasePersons
from app.store.crypto import FieldCipher
from app.store.recipient_persons import RecipientPersons
from app.store.tables import audit_entry, verification
from app.store.tables_assistance import assistance
from app.store.tables_facts import case_household, case_person
from app.store.tables_relief import alert, recipient, recipient_person

_OF: Final = audit_entry.c
_AT_A_TIME: Final = 500
_RECEIVING: Final = "reverification"
"""What looks at those who receive relief are for, where nothing else is said."""
ASKED_ABOUT: Final = "p1"
"""The person whom another centre asks about, in entries about its question."""
LIST: Final = "list:"
"""With this begin the objects of entries about lists; their details name the cases shown."""
RECONCILED: Final = "reconciled"
"""The list of those whom a roster's rows were held to mean: each was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEntry:
    """An entry without its place in the chain; `details` hold no personal data."""

    position: int
    at: datetime
    actor: str
    action: str
    object: str
    region: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries, from which place on; None: whatever it is."""

    region: str
    actor: str | None = None
    action: str | None = None
    object: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: int = 0
    before: int | None = None
    """The newest first, from before this position on; None: in the order of the trail."""
    case: str | None = None
    objects: tuple[str, ...] = ()
    """Of the case: what else than the entries that name it is about it."""
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInCase:
    """Where a person stands: in a verification or a recipient's household, under which ref."""

    id: str
    ref: str
    is_member: bool
    batch_id: str | None
    case_reference: str
    purpose: str
    region: str


class AuditReads:
    """Queries over the trail that change nothing."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._persons = CasePersons(cipher)
        self._receiving = RecipientPersons(cipher)

    def page(self, tx: sa.Connection, wanted: EntryFilter) -> list[ReadEntry]:
        """In the order of the trail."""
        where = [in_region(_OF.region, wanted.region), _OF.position > wanted.after]
        for column, value in (
            (_OF.actor, wanted.actor),
            (_OF.action, wanted.action),
            (_OF.object, wanted.object),
        ):
            if value is not None:
                where.append(column == value if storable(value) else sa.false())
        if wanted.since is not None:
            where.append(_OF.at >= wanted.since)
        if wanted.until is not None:
            where.append(_OF.at < wanted.until)
        if wanted.before is not None:
            where.append(_OF.position < wanted.before)
        if wanted.case is not None:
            reference = wanted.case if storable(wanted.case) else ""
            words = f'"case": {json.dumps(reference, ensure_ascii=False)}'
            named = _OF.details.contains(words, autoescape=True)
            where.append(sa.or_(named, _OF.object.in_(wanted.objects)))
        order = _OF.position if wanted.before is None else _OF.position.desc()
        query = sa.select(audit_entry).where(*where).order_by(order).limit(wanted.limit)
        return [_read(row) for row in tx.execute(query)]

    def between(
        self, tx: sa.Connection, region: str, span: tuple[datetime, datetime]
    ) -> Iterator[ReadEntry]:
        """All of the region's entries from the first moment to before the second, in order."""
        since, until = span
        where = (in_region(_OF.region, region), _OF.at >= since, _OF.at < until)
        rows = tx.execute(sa.select(audit_entry).where(*where).order_by(_OF.position))
        return (_read(row) for row in rows)

    def counted(
        self, tx: sa.Connection, region: str, action: str, since: datetime
    ) -> dict[str, int]:
        """How many entries of an action each actor has had since the moment."""
        query = (
            sa.select(_OF.actor, sa.func.count().label("times"))
            .where(in_region(_OF.region, region), _OF.at >= since, _OF.action == action)
            .group_by(_OF.actor)
        )
        return {row.actor: row.times for row in tx.execute(query)}

    def about(self, tx: sa.Connection, region: str, objects: Iterable[str]) -> list[ReadEntry]:
        """The region's entries about these objects, in order."""
        some, found = sorted(set(objects)), []
        for start in range(0, len(some), _AT_A_TIME):
            here = _OF.object.in_(some[start : start + _AT_A_TIME])
            found += self._those(tx, region, here)
        return sorted(found, key=lambda one: one.position)

    def lists(self, tx: sa.Connection, region: str) -> list[ReadEntry]:
        """The region's entries about lists, in order."""
        following = LIST[:-1] + chr(ord(LIST[-1]) + 1)
        return self._those(tx, region, sa.and_(_OF.object >= LIST, _OF.object < following))

    def _those(
        self, tx: sa.Connection, region: str, where: "sa.ColumnElement[bool]"
    ) -> list[ReadEntry]:
        query = sa.select(audit_entry).where(where, in_region(_OF.region, region))
        return [_read(row) for row in tx.execute(query.order_by(_OF.position))]

    def cases_of(
        self, tx: sa.Connection, persons: Sequence[Person], region: str
    ) -> list[PersonInCase]:
        """In which of the region's cases somebody stands; `persons`: each written form."""
        keys = sorted({key for one in persons for key in self._persons.keys_of(one)})
        asked = (
            sa.select(
                case_person.c.verification_id.label("id"),
                case_person.c.ref,
                case_person.c.is_member,
                verification.c.batch_id,
                verification.c.case_reference,
                verification.c.purpose,
                verification.c.region,
            )
            .join(verification, verification.c.id == case_person.c.verification_id)
            .where(case_person.c.person_key.in_(keys), in_region(case_person.c.region, region))
            .order_by(case_person.c.verification_id, case_person.c.ref)
        )
        indexes = sorted({one for who in persons for one in self._receiving.indexes_of(who)})
        member = recipient_person.c
        receiving = (
            sa.select(
                member.recipient_id.label("id"),
                member.person.label("ref"),
                sa.true().label("is_member"),
                sa.null().label("batch_id"),
                recipient.c.case_reference,
                sa.literal(_RECEIVING).label("purpose"),
                member.region,
            )
            .distinct()
            .join(recipient, recipient.c.id == member.recipient_id)
            .where(member.person_index.in_(indexes), in_region(member.region, region))
            .order_by(member.recipient_id, member.person)
        )
        rows = [*tx.execute(asked), *tx.execute(receiving), *tx.execute(_by_centres(keys, region))]
        return [PersonInCase(**row._mapping) for row in rows]

    def alerts_of(self, tx: sa.Connection, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Alerts of these verifications: id of the alert, and of the verification."""
        some = sorted(set(ids))
        for start in range(0, len(some), _AT_A_TIME):
            here = alert.c.verification_id.in_(some[start : start + _AT_A_TIME])
            rows = tx.execute(sa.select(alert.c.id, alert.c.verification_id).where(here))
            yield from ((row.id, row.verification_id) for row in rows)

    def households_of(self, tx: sa.Connection, county: str, most: int) -> int:
        """How many verifications a county has had; counted no further than `most`."""
        some = sa.select(sa.literal(1)).where(case_household.c.county == county).limit(most)
        query = sa.select(sa.func.count()).select_from(some.subquery())
        return int(tx.execute(query).scalar_one())


def _by_centres(keys: Iterable[int], region: str) -> "sa.Select[Any]":
    """What other centres asked about the person, whom their entries name `p1`."""
    of = assistance.c
    return (
        sa.select(
            of.id,
            sa.literal(ASKED_ABOUT).label("ref"),
            sa.false().label("is_member"),
            sa.null().label("batch_id"),
            of.case_reference,
            of.purpose,
            of.region,
        )
        .where(of.person_key.in_(list(keys)), in_region(of.region, region))
        .order_by(of.id)
    )


def _read(row: Any) -> ReadEntry:
    return ReadEntry(
        position=row.position,
        at=row.at,
        actor=row.actor,
        action=row.action,
        object=row.object,
        region=row.region,
        details=json.loads(row.details),
    )
