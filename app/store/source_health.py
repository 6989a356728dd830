"""What each source said and how fast, of late: counts and times, of no person."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.store.base import in_region
from app.store.crypto import FieldCipher
from app.store.sealed_columns import is_sealed
from app.store.subject_keys import SealedCell, SubjectKeys
from app.store.tables import asking, reply, source_task, ticket
from app.store.tables_batch import exchange_file
from app.store.tables_facts import source_count

CELL: Final = timedelta(minutes=10)
_TIMED: Final = 2_000
"""So many of a source's newest answers tell how fast it is."""
_OPENED: Final = 300
_FAILED: Final = 200
_COUNTY: Final = 6
_REPLY, _ASKING, _TASK = reply.c, asking.c, source_task.c
_CELL_MICROSECONDS: Final = int(CELL.total_seconds()) * 1_000_000


@dataclass(frozen=True, slots=True)
class SaidCount:
    """How many replies of one kind came within one cell of time; `failure` where it failed."""

    source: str
    institution: str
    state: str
    failure: str | None
    cell: int
    replies: int
    data_as_of: date | None


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer of an institution, and how long after the first question it came."""

    institution: str
    answered_at: datetime
    took: timedelta


@dataclass(frozen=True, slots=True)
class Waiting:
    """Questions whose answers are outstanding, and since when: asked, or written to a file."""

    source: str
    questions: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailedReply:
    """A reply that failed, in the words of the service: they quote no value."""

    institution: str
    failure: str
    answered_at: datetime
    detail: str | None


def cell_of(at: datetime) -> int:
    """The number of the cell that a moment is in."""
    return int(at.timestamp() // CELL.total_seconds())


class SourceHealth:
    """Reads along (source, time); every read is of the caller's region."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def said(
        self, tx: sa.Connection, sources: Collection[str], region: str, since: datetime
    ) -> Sequence[SaidCount]:
        """Answers that were copied from an earlier verification count for nothing."""
        cell = (sa.type_coerce(_REPLY.answered_at, sa.BigInteger) // _CELL_MICROSECONDS).label("at")
        kinds = (_REPLY.source, _REPLY.institution, _REPLY.state, _REPLY.failure)
        rows = tx.execute(
            sa.select(*kinds, cell, sa.func.count(), sa.func.max(_REPLY.data_as_of))
            .where(*_since(sources, region, since))
            .group_by(*kinds, cell)
        )
        return [SaidCount(*row) for row in rows]

    def asked(
        self, tx: sa.Connection, sources: Collection[str], region: str, since: datetime
    ) -> Mapping[str, int]:
        """Persons by source in questions that left since then; a repeat is no other question."""
        commas = sa.func.length(_ASKING.persons) - sa.func.length(
            sa.func.replace(_ASKING.persons, ",", "")
        )
        once = (
            sa.select(
                _ASKING.source, _ASKING.verification_id, _ASKING.persons, (commas + 1).label("n")
            )
            .where(
                _ASKING.source.in_(sorted(sources)),
                _ASKING.asked_at >= since,
                in_region(_ASKING.region, region),
            )
            .distinct()
            .subquery()
        )
        rows = tx.execute(sa.select(once.c.source, sa.func.sum(once.c.n)).group_by(once.c.source))
        return {source: int(number) for source, number in rows}

    def timed(
        self, tx: sa.Connection, source: str, region: str, since: datetime
    ) -> Sequence[Timed]:
        """The newest answers of a source, each from the first question about that person on."""
        newest = (
            sa.select(
                _REPLY.id,
                _REPLY.verification_id,
                _REPLY.person,
                _REPLY.institution,
                _REPLY.answered_at,
            )
            .where(*_since((source,), region, since), _REPLY.state != "unknown")
            .order_by(_REPLY.answered_at.desc())
            .limit(_TIMED)
            .subquery()
        )
        its = newest.c
        named = sa.literal(",") + _ASKING.persons + ","
        about = sa.func.replace(named, sa.literal(",") + its.person + ",", "") != named
        rows = tx.execute(
            sa.select(its.institution, its.answered_at, sa.func.min(_ASKING.asked_at))
            .join(
                asking,
                sa.and_(
                    _ASKING.verification_id == its.verification_id,
                    # No index of the source: SQLite would go through all that it was asked.
                    _ASKING.source + "" == source,
                    _ASKING.asked_at <= its.answered_at,
                    about,
                ),
            )
            .group_by(its.id, its.institution, its.answered_at)
        )
        return [Timed(name, at, at - asked) for name, at, asked in rows]

    def waiting(
        self, tx: sa.Connection, sources: Collection[str], region: str
    ) -> Sequence[Waiting]:
        """Open tickets, and files that were handed over or are about to be."""
        its, file = ticket.c, exchange_file.c
        asked = (
            sa.select(sa.func.min(_ASKING.asked_at))
            .where(_ASKING.reference == its.reference)
            .scalar_subquery()
        )
        tickets = tx.execute(
            sa.select(its.source, sa.func.count(), sa.func.min(asked))
            .where(
                its.state == "waiting",
                its.source.in_(sorted(sources)),
                in_region(its.region, region),
            )
            .group_by(its.source)
        )
        files = tx.execute(
            sa.select(file.source, sa.func.sum(file.persons), sa.func.min(file.created_at))
            .where(
                file.state.in_(("written", "handed_over")),
                file.source.in_(sorted(sources)),
                in_region(file.region, region),
            )
            .group_by(file.source)
        )
        return [Waiting(source, int(number), at) for source, number, at in (*tickets, *files)]

    def judged(
        self, tx: sa.Connection, sources: Collection[str], region: str, since: date
    ) -> Mapping[str, float | None]:
        """By source, the share of its records that a person had to judge; counties and above."""
        its = source_count.c
        if len(region) > _COUNTY:
            return {}
        rows = tx.execute(
            sa.select(its.source, sa.func.sum(its.judged), sa.func.sum(its.records))
            .where(
                its.span == "day",
                its.day >= since,
                its.source.in_(sorted(sources)),
                in_region(its.region, region),
            )
            .group_by(its.source)
        )
        return {one: int(few) / int(all_) if all_ else None for one, few, all_ in rows}

    def failed(
        self, tx: sa.Connection, source: str, region: str, since: datetime
    ) -> Sequence[FailedReply]:
        """The newest ones."""
        rows = tx.execute(
            sa.select(_REPLY.institution, _REPLY.failure, _REPLY.answered_at, _TASK.detail)
            .join(source_task, _same_question(), isouter=True)
            .where(*_since((source,), region, since), _REPLY.failure.is_not(None))
            .order_by(_REPLY.answered_at.desc())
            .limit(_FAILED)
        )
        return [FailedReply(*row) for row in rows]

    def attempts(
        self, tx: sa.Connection, source: str, region: str, since: datetime
    ) -> Mapping[int, int]:
        """How many persons took how many attempts."""
        person = (
            sa.select(_TASK.verification_id, _TASK.person, _TASK.attempts)
            .select_from(reply)
            .join(source_task, _same_question())
            .where(*_since((source,), region, since))
            .distinct()
            .subquery()
        )
        attempts = person.c.attempts
        rows = tx.execute(
            sa.select(attempts, sa.func.count()).group_by(attempts).order_by(attempts)
        )
        return {int(tries): int(number) for tries, number in rows}

    def problems(
        self, tx: sa.Connection, source: str, region: str, since: datetime
    ) -> tuple[Mapping[str, int], int]:
        """What the mapping could not read in the newest replies, counted; and how many they are."""
        rows = tx.execute(
            sa.select(_REPLY.id, _REPLY.verification_id, _REPLY.sealed_outcome)
            .where(*_since((source,), region, since), is_sealed(_REPLY.sealed_outcome))
            .order_by(_REPLY.answered_at.desc())
            .limit(_OPENED)
        ).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        cells = [SealedCell(row.verification_id, row.id, row.sealed_outcome) for row in rows]
        found: Counter[str] = Counter()
        for outcome in ciphers.open_many(("reply", "sealed_outcome"), cells):
            found.update(_problems(orjson.loads(outcome)))
        return found, len(rows)


def _problems(body: Mapping[str, Any]) -> list[str]:
    gap = body.get("gap") or {}
    some = [str(one) for record in body["records"] for one in record.get("problems", ())]
    return [*some, str(gap["detail"])] if gap.get("kind") == "unmapped" else some


def _since(
    sources: Collection[str], region: str, since: datetime
) -> tuple["sa.ColumnElement[bool]", ...]:
    return (
        _REPLY.source.in_(sorted(sources)),
        _REPLY.answered_at >= since,
        _REPLY.reused_from.is_(None),
        in_region(_REPLY.region, region),
    )


def _same_question() -> "sa.ColumnElement[bool]":
    return sa.and_(
        _TASK.verification_id == _REPLY.verification_id,
        _TASK.person == _REPLY.person,
        _TASK.source == _REPLY.source,
    )
