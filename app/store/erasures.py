"""Erases subjects: their secrets, their rows, and whatever could be looked up by who they are."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.store.base import upsert
from app.store.crypto import FieldCipher
from app.store.subject_keys import SubjectKeys
from app.store.subjects import OF_RECIPIENT, OF_VERIFICATION, Rows
from app.store.tables import report, result, verification
from app.store.tables_batch import batch_file, exchange_file, exchange_person
from app.store.tables_consents import partial_withdrawal
from app.store.tables_erasure import erasure, remains, subject_key
from app.store.tables_relief import recipient

_AGAIN_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """A verification or a recipient, with its region."""

    id: str
    region: str
    is_recipient: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """By which rule, or at whose request."""

    rule: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedSubject:
    """What was erased: rows by table; `digest` is over all of it and what stays of its results."""

    subject: Subject
    why: Why
    erased_at: datetime
    rows: Mapping[str, int]
    digest: str


class Erasures:
    """The only place where what is known of a household is taken away."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def erase(
        self, tx: sa.Connection, subjects: Sequence[Subject], why: Why, now: datetime
    ) -> list[ErasedSubject]:
        """All of them in this transaction; a subject that was erased before is left out."""
        new = _not_erased(tx, subjects)
        if not new:
            return []
        files = _files_of(tx, [one.id for one in new])
        counts = _take_away(tx, new)
        self._keys.destroy(tx, {one.id: one.region for one in new} | files, now)
        kept = _digests(tx, [one.id for one in new])
        erased = [_told(one, why, now, (counts[one.id], kept.get(one.id, []))) for one in new]
        tx.execute(erasure.insert(), [_values(one) for one in erased])
        return erased

    def again(self, tx: sa.Connection) -> int:
        """After a restore: what was erased since the backup was made goes again, a page at a time.

        Gives how many subjects had something; what is told of their erasure stays as it was.
        """
        gone = sa.select(subject_key.c.subject, subject_key.c.region).where(
            subject_key.c.destroyed_at.is_not(None)
        )
        back = [
            gone.join(verification, verification.c.id == subject_key.c.subject).where(
                sa.func.length(verification.c.sealed_request) > 0
            ),
            gone.join(recipient, recipient.c.id == subject_key.c.subject),
        ]
        found = 0
        for query, is_recipient in zip(back, (False, True), strict=True):
            rows = tx.execute(query.limit(_AGAIN_AT_ONCE)).all()
            subjects = [Subject(row.subject, row.region, is_recipient) for row in rows]
            if subjects:
                _take_away(tx, subjects)
            found += len(subjects)
        return found

    def last_at(self, tx: sa.Connection) -> datetime | None:
        """When something was erased last."""
        found: datetime | None = tx.execute(sa.select(sa.func.max(erasure.c.erased_at))).scalar()
        return found

    def cleaned(self, tx: sa.Connection, place: str) -> tuple[datetime, str] | None:
        """Until when the files hold nothing of what was erased, and what the last look said."""
        row = tx.execute(sa.select(remains).where(remains.c.place == place)).one_or_none()
        return None if row is None else (row.cleaned_at, row.state)

    def note_cleaned(self, tx: sa.Connection, place: str, until: datetime, state: str) -> None:
        insert = upsert(tx, remains).values(place=place, cleaned_at=until, state=state)
        tx.execute(
            insert.on_conflict_do_update(
                index_elements=["place"], set_={"cleaned_at": until, "state": state}
            )
        )


def _not_erased(tx: sa.Connection, subjects: Sequence[Subject]) -> list[Subject]:
    ids = [one.id for one in subjects]
    query = sa.select(erasure.c.subject).where(erasure.c.subject.in_(ids))
    before: set[str] = set(tx.execute(query).scalars())
    return [one for one in subjects if one.id not in before]


def _files_of(tx: sa.Connection, ids: list[str]) -> dict[str, str]:
    """Files that told of them among others and that nobody reads any more, with their regions."""
    unread = sa.select(batch_file.c.batch_id)
    of_batches = (
        sa.select(subject_key.c.subject, subject_key.c.region)
        .join(verification, verification.c.batch_id == subject_key.c.subject)
        .where(verification.c.id.in_(ids), subject_key.c.subject.not_in(unread))
    )
    of_exchange = (
        sa.select(subject_key.c.subject, subject_key.c.region)
        .join(exchange_file, exchange_file.c.id == subject_key.c.subject)
        .join(exchange_person, exchange_person.c.file_id == exchange_file.c.id)
        .where(exchange_person.c.verification_id.in_(ids), exchange_file.c.state == "closed")
    )
    rows = tx.execute(sa.union(of_batches, of_exchange))
    return {row.subject: row.region for row in rows}


def _take_away(tx: sa.Connection, subjects: Sequence[Subject]) -> dict[str, Counter[str]]:
    """Rows by subject and table."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for plan, some in (
        (OF_VERIFICATION, [one.id for one in subjects if not one.is_recipient]),
        (OF_RECIPIENT, [one.id for one in subjects if one.is_recipient]),
    ):
        for rows in plan if some else ():
            for subject, count in _counted(tx, rows, some):
                counts[subject][str(rows.table.name)] += count
            _apply(tx, rows, some)
        if plan is OF_VERIFICATION and some:
            _forget_consents(tx, some)
    return counts


def _forget_consents(tx: sa.Connection, subjects: list[str]) -> None:
    """Whose consent was taken back in part, once nothing that rests on it is kept any more."""
    other = verification.alias("other")
    kept = sa.exists().where(
        other.c.consent_reference == partial_withdrawal.c.reference,
        sa.func.length(other.c.sealed_request) > 0,
    )
    of = sa.select(verification.c.consent_reference).where(verification.c.id.in_(subjects))
    tx.execute(partial_withdrawal.delete().where(partial_withdrawal.c.reference.in_(of), ~kept))


def _counted(tx: sa.Connection, rows: Rows, subjects: list[str]) -> Iterable[tuple[str, int]]:
    query = sa.select(rows.subject, sa.func.count()).where(rows.of(subjects))
    if rows.through is not None:
        query = query.select_from(
            rows.table.join(rows.subject.table, rows.through[0] == rows.column)
        )
    return [(str(of), int(count)) for of, count in tx.execute(query.group_by(rows.subject))]


def _apply(tx: sa.Connection, rows: Rows, subjects: list[str]) -> None:
    table, where = rows.table, rows.of(subjects)
    if rows.deletes:
        tx.execute(table.delete().where(where))
        return
    if rows.luck:
        _by_luck(tx, rows, subjects)
    if rows.values:
        tx.execute(table.update().where(where).values(rows.values))


def _by_luck(tx: sa.Connection, rows: Rows, subjects: list[str]) -> None:
    """One value for all bytes of a subject (a household is counted once), one for each number."""
    key = tuple(rows.table.primary_key)
    found = tx.execute(sa.select(*key, rows.column.label("whose")).where(rows.of(subjects))).all()
    bytes_of = {subject: os.urandom(32) for subject in subjects}
    new = [
        {f"key_{part.name}": row[at] for at, part in enumerate(key)}
        | {
            f"new_{name}": bytes_of[row.whose] if kind == "bytes" else _any_number()
            for name, kind in rows.luck.items()
        }
        for row in found
    ]
    if new:
        same = [part == sa.bindparam(f"key_{part.name}", type_=part.type) for part in key]
        values: dict[str, Any] = {
            name: sa.bindparam(f"new_{name}", type_=rows.table.c[name].type) for name in rows.luck
        }
        tx.execute(rows.table.update().where(*same).values(values), new)


def _any_number() -> int:
    return int.from_bytes(os.urandom(8), signed=True)


def _digests(tx: sa.Connection, ids: list[str]) -> dict[str, list[str]]:
    """What stays of results and reports: digests, by subject."""
    found: dict[str, list[str]] = defaultdict(list)
    for table, digest in ((result, result.c.digest), (report, report.c.content_digest)):
        query = sa.select(table.c.verification_id, digest).where(table.c.verification_id.in_(ids))
        for subject, value in tx.execute(query.order_by(table.c.verification_id, digest)):
            found[subject].append(value)
    return found


def _told(
    subject: Subject, why: Why, now: datetime, what: tuple[Mapping[str, int], Sequence[str]]
) -> ErasedSubject:
    rows = dict(sorted(what[0].items()))
    words = [subject.id, subject.region, why.rule, why.request_id, now, rows, list(what[1])]
    digest = f"sha256:{sha256(orjson.dumps(words)).hexdigest()}"
    return ErasedSubject(subject=subject, why=why, erased_at=now, rows=rows, digest=digest)


def _values(one: ErasedSubject) -> dict[str, object]:
    return {
        "subject": one.subject.id,
        "region": one.subject.region,
        "rule": one.why.rule,
        "request_id": one.why.request_id,
        "erased_at": one.erased_at,
        "details": orjson.dumps(one.rows).decode(),
        "digest": one.digest,
    }
