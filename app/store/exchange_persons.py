"""Whom sources are asked about by files, and where in which file each stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from app.store.base import upsert_in
from app.store.tables_batch import batch, exchange_person

_person = exchange_person.c
OUTSTANDING: Final = ("todo", "asked")
"""States in which a household still waits for the answer."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What one request file may hold: persons of one county, for one institution of a source."""

    source: str
    institution: str
    county: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlisted:
    """A person to be asked about; asked in vain until the deadline, the answer is unknown."""

    verification_id: str
    person: str
    source: str
    institution: str
    region: str
    batch_id: str
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """A person in a file; `tries` counts the files, this one included."""

    verification_id: str
    person: str
    region: str
    place: int | None
    state: str
    tries: int
    deadline_at: datetime

    @property
    def key(self) -> tuple[str, str]:
        """The verification and the person in it."""
        return self.verification_id, self.person


_COLUMNS = (
    _person.verification_id,
    _person.person,
    _person.region,
    _person.place,
    _person.state,
    _person.tries,
    _person.deadline_at,
)
_ONE = sa.and_(
    _person.verification_id == sa.bindparam("of"),
    _person.person == sa.bindparam("whose"),
    _person.source == sa.bindparam("at_source"),
    _person.institution == sa.bindparam("at_institution"),
)
_PLACE = exchange_person.update().where(_ONE).values(place=sa.bindparam("at_place"))
_ANSWERED = (
    exchange_person.update()
    .where(_person.file_id == sa.bindparam("file"), _person.place == sa.bindparam("at_place"))
    .values(state="answered")
)


@cache
def _enlisting(dialect: str) -> Any:
    return upsert_in(dialect, exchange_person).on_conflict_do_nothing()


def _in(lane: Lane) -> "sa.ColumnElement[bool]":
    return sa.and_(
        _person.source == lane.source,
        _person.institution == lane.institution,
        _person.state == "todo",
        _person.county == lane.county,
    )


def _may_go() -> "sa.ColumnElement[bool]":
    """A paused batch sends nothing more; what is cancelled is refused at the gate."""
    paused = sa.select(batch.c.id).where(batch.c.status == "paused")
    return _person.batch_id.not_in(paused)


class ExchangePersons:
    """One row a verification, person, source and institution."""

    def enlist(self, tx: sa.Connection, new: Iterable[Enlisted]) -> None:
        """To be asked about in the next file; whoever is here already stays as he is."""
        rows = [
            {
                "verification_id": one.verification_id,
                "person": one.person,
                "source": one.source,
                "institution": one.institution,
                "region": one.region,
                "county": one.region[:6],
                "batch_id": one.batch_id,
                "state": "todo",
                "tries": 0,
                "deadline_at": one.deadline_at,
            }
            for one in new
        ]
        if rows:
            tx.execute(_enlisting(tx.dialect.name), rows)

    def lanes(self, tx: sa.Connection, source: str, institution: str) -> Iterator[Lane]:
        """Lanes in which somebody waits; jumps from county to county along the index."""
        county: str | None = ""
        query = sa.select(sa.func.min(_person.county)).where(
            _person.source == source,
            _person.institution == institution,
            _person.state == "todo",
            _person.county > sa.bindparam("after"),
        )
        while county is not None:
            county = tx.execute(query, {"after": county}).scalar()
            if county is not None:
                yield Lane(source, institution, county)

    def waiting(self, tx: sa.Connection, lane: Lane, limit: int) -> tuple[int, datetime | None]:
        """How many wait, counted up to the limit, and the earliest deadline of those."""
        some = sa.select(_person.deadline_at).where(_in(lane), _may_go()).limit(limit).subquery()
        earliest = sa.func.min(some.c.deadline_at, type_=_person.deadline_at.type)
        count, deadline = tx.execute(sa.select(sa.func.count(), earliest).select_from(some)).one()
        return int(count), deadline

    def assign(self, tx: sa.Connection, lane: Lane, file_id: str, limit: int) -> datetime | None:
        """Put those who wait, up to the limit, into the file; gives their latest deadline."""
        key = (_person.verification_id, _person.person, _person.source, _person.institution)
        first = (
            sa.select(*key)
            .where(_in(lane), _may_go())
            .order_by(_person.verification_id, _person.person)
            .limit(limit)
        )
        if tx.dialect.name == "postgresql":
            first = first.with_for_update(skip_locked=True)
        # By name, so that it is carried out once: within a join it would begin anew for each row.
        some = first.cte("some")
        tx.execute(
            exchange_person.update()
            .where(sa.tuple_(*key).in_(sa.select(*some.c)))
            .values(state="asked", file_id=file_id, place=None, tries=_person.tries + 1)
        )
        latest = sa.func.max(_person.deadline_at, type_=_person.deadline_at.type)
        deadline: datetime | None = tx.execute(
            sa.select(latest).where(_person.file_id == file_id)
        ).scalar()
        return deadline

    def expired(self, tx: sa.Connection, lane: Lane, now: datetime, limit: int) -> Sequence[Placed]:
        """Some of those who wait although their deadline has passed."""
        query = sa.select(*_COLUMNS).where(_in(lane), _person.deadline_at <= now).limit(limit)
        return _read(tx.execute(query))

    def of_file(
        self, tx: sa.Connection, file_id: str, states: Sequence[str] = ("asked",)
    ) -> Sequence[Placed]:
        """All who are asked about by the file, each verification's together."""
        query = (
            sa.select(*_COLUMNS)
            .where(_person.file_id == file_id, _person.state.in_(states))
            .order_by(_person.verification_id, _person.person)
        )
        return _read(tx.execute(query))

    def place(self, tx: sa.Connection, lane: Lane, placed: Iterable[Placed]) -> None:
        """Record at which place each stands."""
        rows = [{**_key(lane, one), "at_place": one.place} for one in placed]
        if rows:
            tx.execute(_PLACE, rows)

    def at(
        self, tx: sa.Connection, file_id: str, states: Sequence[str], *, after: int, limit: int
    ) -> Sequence[Placed]:
        """A page of the file's places in their order."""
        query = (
            sa.select(*_COLUMNS)
            .where(_person.file_id == file_id, _person.place > after, _person.state.in_(states))
            .order_by(_person.place)
            .limit(limit)
        )
        return _read(tx.execute(query))

    def mark(self, tx: sa.Connection, lane: Lane, some: Iterable[Placed], state: str) -> None:
        """The new state of these persons."""
        rows = [_key(lane, one) for one in some]
        if rows:
            tx.execute(exchange_person.update().where(_ONE).values(state=state), rows)

    def answered(self, tx: sa.Connection, file_id: str, some: Iterable[Placed]) -> None:
        """Whoever still stands in the file at these places has an answer."""
        rows = [{"file": file_id, "at_place": one.place} for one in some]
        if rows:
            tx.execute(_ANSWERED, rows)

    def again(self, tx: sa.Connection, lane: Lane, some: Iterable[Placed]) -> None:
        """Back among those who wait for a file."""
        rows = [_key(lane, one) for one in some]
        if rows:
            back = {"state": "todo", "file_id": None, "place": None}
            tx.execute(exchange_person.update().where(_ONE).values(**back), rows)

    def asked_elsewhere(
        self, tx: sa.Connection, lane: Lane, some: Iterable[Placed]
    ) -> frozenset[tuple[str, str]]:
        """(verification, person) of those who stand, or stood, in a file of another institution."""
        rows = tx.execute(
            sa.select(_person.verification_id, _person.person).where(
                _person.verification_id.in_(sorted({one.verification_id for one in some})),
                _person.source == lane.source,
                _person.institution != lane.institution,
                sa.or_(
                    _person.place.is_not(None),
                    sa.and_(_person.state == "todo", _person.tries > 0),
                ),
            )
        )
        return frozenset((row.verification_id, row.person) for row in rows)

    def refuse(self, tx: sa.Connection, source: str, some: Iterable[Placed]) -> None:
        """Nobody is to ask the source about them any more, at any institution."""
        rows = [{"of": one.verification_id, "whose": one.person} for one in some]
        if rows:
            tx.execute(
                exchange_person.update()
                .where(
                    _person.verification_id == sa.bindparam("of"),
                    _person.person == sa.bindparam("whose"),
                    _person.source == source,
                )
                .values(state="answered"),
                rows,
            )

    def left(self, tx: sa.Connection, file_id: str) -> bool:
        """Whether anybody's answer may still come with the file's reply."""
        query = sa.select(_person.person).where(
            _person.file_id == file_id, _person.state.in_(("asked", "overdue"))
        )
        return tx.execute(query.limit(1)).first() is not None


def _key(lane: Lane, one: Placed) -> dict[str, object]:
    return {
        "of": one.verification_id,
        "whose": one.person,
        "at_source": lane.source,
        "at_institution": lane.institution,
    }


def _read(rows: "sa.CursorResult[Any]") -> Sequence[Placed]:
    return [Placed(**row._mapping) for row in rows]
