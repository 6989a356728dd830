"""Questions that a source's clerks answer by hand 人工录入, and what the first of two entered."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import Conflict, NotFound
from app.store.base import in_region, storable, upsert
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import Ciphers, SubjectKeys
from app.store.tables_by_hand import manual_task

OPEN: Final = "open"
SECOND: Final = "second"
DONE: Final = "done"
CLOSED: Final = "closed"
WAITING: Final = (OPEN, SECOND)
_OF: Final = manual_task.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualTask:
    """One question about one person to one institution; the id is its ticket's reference."""

    id: str
    verification_id: str
    region: str
    source: str
    person: str
    institution: str
    state: str = OPEN
    why_closed: str | None = None
    made_by: str
    created_at: datetime
    deadline_at: datetime
    asked_at: datetime | None = None
    first_clerk: str | None = None
    second_clerk: str | None = None
    entry: bytes | None = field(default=None, repr=False)
    detail: str | None = None
    changed_at: datetime
    version: int = 1

    @property
    def waits(self) -> bool:
        return self.state in WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualQuery:
    """Which: of a source in a region, in these states; with `waiting_at`, before their deadline."""

    region: str
    source: str
    states: Collection[str]
    waiting_at: datetime | None = None


_PLAIN: Final = tuple(name for name in ManualTask.__slots__ if name != "entry")


class ManualTasks:
    """Queries over the tasks; every read that names one takes the caller's region."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add(self, tx: sa.Connection, new: Sequence[ManualTask]) -> None:
        """Those that are there already stay as they are."""
        rows = [
            {name: getattr(one, name) for name in _PLAIN} | {"sealed_entry": None} for one in new
        ]
        if rows:
            tx.execute(upsert(tx, manual_task).on_conflict_do_nothing(), rows)

    def get(self, tx: sa.Connection, id_: str, *, region: str, source: str) -> ManualTask:
        """Raises `NotFound` alike for another region's, another source's, and none."""
        row = None
        if storable(id_):
            row = tx.execute(sa.select(manual_task).where(_OF.id == id_)).one_or_none()
        if row is None or not row.region.startswith(region) or row.source != source:
            raise NotFound("no such task")
        return _opened(row, self._keys.openers(tx, (row.verification_id,)))

    def page(
        self,
        tx: sa.Connection,
        query: ManualQuery,
        *,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[ManualTask]:
        """What is due first comes first."""
        where = _where(query)
        if after is not None:
            place = sa.tuple_(sa.literal(after[0], _OF.deadline_at.type), after[1])
            where.append(sa.tuple_(_OF.deadline_at, _OF.id) > place)
        rows = tx.execute(
            sa.select(manual_task).where(*where).order_by(_OF.deadline_at, _OF.id).limit(limit)
        ).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return [_opened(row, ciphers) for row in rows]

    def counts(self, tx: sa.Connection, query: ManualQuery) -> dict[str, int]:
        """By state."""
        rows = tx.execute(
            sa.select(_OF.state, sa.func.count()).where(*_where(query)).group_by(_OF.state)
        )
        return {row.state: row[1] for row in rows}

    def of_verification(self, tx: sa.Connection, verification_id: str) -> list[ManualTask]:
        rows = tx.execute(
            sa.select(manual_task)
            .where(_OF.verification_id == verification_id)
            .order_by(_OF.source, _OF.person, _OF.institution, _OF.id)
        ).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return [_opened(row, ciphers) for row in rows]

    def move(self, tx: sa.Connection, changed: ManualTask) -> None:
        """As it is from now on. Raises `Conflict` where somebody else was quicker."""
        sealed = None
        if changed.entry is not None:
            cipher = self._keys.sealer(tx, changed.verification_id, changed.region)
            sealed = cipher.seal(_cell(changed.id), changed.entry)
        done = tx.execute(
            manual_task.update()
            .where(_OF.id == changed.id, _OF.version == changed.version - 1)
            .values(
                state=changed.state,
                why_closed=changed.why_closed,
                asked_at=changed.asked_at,
                first_clerk=changed.first_clerk,
                second_clerk=changed.second_clerk,
                sealed_entry=sealed,
                detail=changed.detail,
                changed_at=changed.changed_at,
                version=changed.version,
            )
        )
        if done.rowcount != 1:
            raise Conflict("the task has moved on since: read it again")

    def close(self, tx: sa.Connection, ids: Iterable[str], why: str, now: datetime) -> None:
        """Nobody answers these any more; what one clerk had entered is forgotten."""
        self._close(tx, _OF.id.in_(list(ids)), why, now)

    def close_of(self, tx: sa.Connection, verification_id: str, why: str, now: datetime) -> None:
        """All of a verification's."""
        self._close(tx, _OF.verification_id == verification_id, why, now)

    def _close(
        self, tx: sa.Connection, which: "sa.ColumnElement[bool]", why: str, now: datetime
    ) -> None:
        closing = manual_task.update().where(which, _OF.state.in_(WAITING))
        tx.execute(
            closing.values(
                state=CLOSED,
                why_closed=why,
                sealed_entry=None,
                changed_at=now,
                version=_OF.version + 1,
            )
        )


def _where(query: ManualQuery) -> list["sa.ColumnElement[bool]"]:
    where = [
        _OF.source == query.source,
        _OF.state.in_(sorted(query.states)),
        in_region(_OF.region, query.region),
    ]
    if query.waiting_at is not None:
        where.append(_OF.deadline_at > query.waiting_at)
    return where


def _opened(row: Any, ciphers: Ciphers) -> ManualTask:
    entry = None
    if row.sealed_entry is not None:
        entry = ciphers[row.verification_id].open(_cell(row.id), row.sealed_entry)
    return ManualTask(entry=entry, **{name: getattr(row, name) for name in _PLAIN})


def _cell(id_: str) -> Cell:
    return Cell("manual_task", "sealed_entry", id_)
