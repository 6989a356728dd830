"""What came of asking each source about each person."""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from app.domain.consent import Refusal
from app.domain.evidence import SourceState, SourceStatus, Unasked
from app.store.base import upsert
from app.store.tables import source_task

_columns = source_task.c
_ALL = (
    sa.select(source_task)
    .where(_columns.verification_id == sa.bindparam("of"))
    .order_by(_columns.person, _columns.source)
)
_MANY = (
    sa.select(source_task)
    .where(_columns.verification_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_columns.verification_id, _columns.person, _columns.source)
)
_ONE = source_task.update().where(
    _columns.verification_id == sa.bindparam("of"),
    _columns.person == sa.bindparam("whose"),
    _columns.source == sa.bindparam("at"),
)
"""An update of one row; its values are the other parameters."""
_COUNT = _ONE.values(attempts=_columns.attempts + 1)


class Tasks:
    """One row a person and source: what came of asking."""

    def add(
        self, tx: sa.Connection, id_: str, region: str, statuses: Iterable[SourceStatus]
    ) -> None:
        self.add_many(tx, {(id_, region): statuses})

    def add_many(
        self, tx: sa.Connection, planned: Mapping[tuple[str, str], Iterable[SourceStatus]]
    ) -> None:
        """What is planned of many: by a verification's id and region."""
        rows = [
            {"verification_id": id_, "region": region, **_task_values(status)}
            for (id_, region), statuses in planned.items()
            for status in statuses
        ]
        if rows:
            tx.execute(upsert(tx, source_task).on_conflict_do_nothing(), rows)

    def of_many(self, tx: sa.Connection, ids: Iterable[str]) -> dict[str, tuple[SourceStatus, ...]]:
        """By verification."""
        found: dict[str, list[SourceStatus]] = {}
        for row in tx.execute(_MANY, {"ids": sorted(ids)}):
            found.setdefault(row.verification_id, []).append(_status(row))
        return {id_: tuple(statuses) for id_, statuses in found.items()}

    def all_of(self, tx: sa.Connection, id_: str) -> tuple[SourceStatus, ...]:
        return tuple(_status(row) for row in tx.execute(_ALL, {"of": id_}))

    def update_many(self, tx: sa.Connection, changed: Sequence[tuple[str, SourceStatus]]) -> None:
        """New states by verification; attempts are counted where they are made and stay."""
        if changed:
            tx.execute(_ONE, [_changed_values(id_, status) for id_, status in changed])

    def refuse(
        self, tx: sa.Connection, where: tuple[str, str], persons: Iterable[str], why: Refusal
    ) -> None:
        """Not asked, for this reason; `where` is the verification's id and the source."""
        tx.execute(
            source_task.update()
            .where(
                source_task.c.verification_id == where[0],
                source_task.c.source == where[1],
                source_task.c.person.in_(list(persons)),
            )
            .values(
                state=SourceState.NOT_ASKED.value,
                complete=False,
                detail=why.words,
                reason=why.reason.value,
            )
        )

    def hold(
        self, tx: sa.Connection, where: tuple[str, str], persons: Iterable[str], reason: str
    ) -> None:
        """Still to be asked, and held up for this reason; an answer takes the reason away."""
        tx.execute(
            source_task.update()
            .where(
                source_task.c.verification_id == where[0],
                source_task.c.source == where[1],
                source_task.c.person.in_(list(persons)),
                source_task.c.state == SourceState.PENDING.value,
                source_task.c.detail.is_distinct_from(reason),
            )
            .values(detail=reason)
        )

    def count_attempts(self, tx: sa.Connection, asked: Iterable[tuple[str, str, str]]) -> None:
        """Another attempt of each (verification, source, person)."""
        rows = [{"of": id_, "at": source, "whose": person} for id_, source, person in asked]
        if rows:
            tx.execute(_COUNT, rows)


def _task_values(status: SourceStatus) -> dict[str, object]:
    return {
        "person": status.person,
        "source": status.source,
        "state": status.state.value,
        "complete": status.complete,
        "records": status.records,
        "attempts": status.attempts,
        "detail": status.detail,
        "data_as_of": status.data_as_of,
        "answered_at": status.answered_at,
        "reason": None if status.reason is None else status.reason.value,
        "by_hand": status.by_hand,
    }


def _changed_values(id_: str, status: SourceStatus) -> dict[str, object]:
    values = _task_values(status)
    del values["attempts"]
    where = {"of": id_, "whose": values.pop("person"), "at": values.pop("source")}
    return {**where, **values}


def _status(row: "sa.Row[tuple[object, ...]]") -> SourceStatus:
    return SourceStatus(
        source=row.source,
        person=row.person,
        state=SourceState(row.state),
        complete=row.complete,
        records=row.records,
        answered_at=row.answered_at,
        attempts=row.attempts,
        detail=row.detail,
        data_as_of=row.data_as_of,
        reason=None if row.reason is None else Unasked(row.reason),
        by_hand=row.by_hand,
    )
