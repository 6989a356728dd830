"""Request files about many persons: recorded before they leave, leased while they are worked on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from app.store.base import in_region, storable, upsert
from app.store.crypto import Cell, FieldCipher
from app.store.exchange_persons import Lane
from app.store.subject_keys import SubjectKeys
from app.store.tables import asking, consent_withdrawal
from app.store.tables_batch import exchange_file, exchange_part
from app.store.tables_consents import partial_withdrawal

_file = exchange_file.c
COUNTY = 6
"""Digits of a county's code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeFile:
    """A request file as it stands; `persons` is the highest place given so far."""

    id: str
    lane: Lane
    name: str
    sent_on: date
    sequence: int
    persons: int
    state: str
    digest: str | None
    parts_read: frozenset[int]
    created_at: datetime
    handed_over_at: datetime | None
    consents_seen_at: datetime | None
    next_at: datetime
    deadline_at: datetime


class ExchangeFiles:
    """`written` files are handed over, `handed_over` ones looked after, `closed` ones kept."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add(self, tx: sa.Connection, new: ExchangeFile) -> None:
        """A file to be written."""
        tx.execute(
            exchange_file.insert().values(
                id=new.id,
                region=new.lane.county,
                source=new.lane.source,
                institution=new.lane.institution,
                name=new.name,
                sent_on=new.sent_on,
                sequence=new.sequence,
                persons=new.persons,
                state=new.state,
                created_at=new.created_at,
                next_at=new.next_at,
                deadline_at=new.deadline_at,
            )
        )

    def named(self, tx: sa.Connection, source: str, name: str) -> ExchangeFile | None:
        """The file that a source's own call names, unless it is closed."""
        if not storable(name):
            return None
        row = tx.execute(
            sa.select(exchange_file).where(_file.source == source, _file.name == name)
        ).first()
        return None if row is None else _read(row)

    def take_due(
        self, tx: sa.Connection, state: str, *, now: datetime, lease: timedelta, limit: int
    ) -> tuple[ExchangeFile, ...]:
        """Files of the state that are due, leased so that nobody else takes them meanwhile."""
        free = sa.or_(_file.leased_until.is_(None), _file.leased_until < now)
        due = (
            sa.select(_file.id)
            .where(_file.state == state, _file.next_at <= now, free)
            .order_by(_file.next_at)
            .limit(limit)
        )
        if tx.dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True)
        rows = tx.execute(
            exchange_file.update()
            .where(_file.id.in_(due.scalar_subquery()))
            .values(leased_until=now + lease)
            .returning(exchange_file)
        )
        return tuple(map(_read, rows))

    def change(self, tx: sa.Connection, id_: str, **values: object) -> None:
        """Columns of one file that is not closed."""
        tx.execute(
            exchange_file.update().where(_file.id == id_, _file.state != "closed").values(**values)
        )

    def postpone(self, tx: sa.Connection, id_: str, next_at: datetime) -> None:
        """Nothing to be done before then."""
        self.change(tx, id_, next_at=next_at, leased_until=None)

    def handed_over(self, tx: sa.Connection, id_: str, now: datetime, next_at: datetime) -> None:
        """The institution has it; consents were looked at as it left."""
        self.change(
            tx,
            id_,
            state="handed_over",
            handed_over_at=now,
            consents_seen_at=now,
            next_at=next_at,
            leased_until=None,
        )

    def read_to(
        self, tx: sa.Connection, id_: str, parts: frozenset[int], next_at: datetime
    ) -> None:
        """All that these parts say has been taken in."""
        written = f"{sum(1 << part for part in parts):x}"
        self.change(tx, id_, parts_read=written, next_at=next_at, leased_until=None)

    def close(self, tx: sa.Connection, id_: str, now: datetime) -> None:
        """Nothing more of it is looked for."""
        self.change(tx, id_, state="closed", closed_at=now, leased_until=None)
        tx.execute(exchange_part.delete().where(exchange_part.c.file_id == id_))

    def keep_part(self, tx: sa.Connection, of: ExchangeFile, part: int, body: bytes) -> None:
        """A part as it came; the same number again changes nothing."""
        sealed = self._keys.sealer(tx, of.id, of.lane.county).seal(_cell(of.id, part), body)
        tx.execute(
            upsert(tx, exchange_part)
            .values(file_id=of.id, part=part, region=of.lane.county, sealed_part=sealed)
            .on_conflict_do_nothing()
        )

    def parts_of(self, tx: sa.Connection, id_: str) -> tuple[bytes, ...]:
        """The parts that came by calls."""
        rows = tx.execute(
            sa.select(exchange_part)
            .where(exchange_part.c.file_id == id_)
            .order_by(exchange_part.c.part)
        ).all()
        cipher = self._keys.opener(tx, id_)
        return tuple(cipher.open(_cell(row.file_id, row.part), row.sealed_part) for row in rows)

    def is_withdrawn_from(self, tx: sa.Connection, of: ExchangeFile, since: datetime) -> bool:
        """Whether a consent that the file rested on was taken back since then, if in part."""
        return any(
            tx.execute(
                sa.select(asking.c.id)
                .join(
                    taken,
                    sa.and_(
                        taken.c.reference == asking.c.consent_reference,
                        asking.c.region.startswith(taken.c.region),
                    ),
                )
                .where(
                    asking.c.reference == of.name,
                    asking.c.source == of.lane.source,
                    taken.c.withdrawn_at >= since,
                )
                .limit(1)
            ).first()
            for taken in (consent_withdrawal, partial_withdrawal)
        )

    def look_again(self, tx: sa.Connection, region: str, now: datetime) -> None:
        """A consent was taken back there: the files that may name somebody are looked at at once.

        A withdrawal above or below the county of a file concerns it as well.
        """
        tx.execute(
            exchange_file.update()
            .where(
                _file.state == "handed_over",
                _file.next_at > now,
                in_region(_file.region, region[:COUNTY]),
            )
            .values(next_at=now)
        )


def _cell(file_id: str, part: int) -> Cell:
    return Cell("exchange_part", "sealed_part", f"{file_id}/{part}")


def _read(row: "sa.Row[tuple[object, ...]]") -> ExchangeFile:
    bits = int(row.parts_read or "0", 16)
    return ExchangeFile(
        id=row.id,
        lane=Lane(row.source, row.institution, row.region),
        name=row.name,
        sent_on=row.sent_on,
        sequence=row.sequence,
        persons=row.persons,
        state=row.state,
        digest=row.digest,
        parts_read=frozenset(part for part in range(bits.bit_length()) if bits >> part & 1),
        created_at=row.created_at,
        handed_over_at=row.handed_over_at,
        consents_seen_at=row.consents_seen_at,
        next_at=row.next_at,
        deadline_at=row.deadline_at,
    )
