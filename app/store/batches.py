"""Batches as their callers know them: asked for, listed, paused, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from secrets import token_hex

import sqlalchemy as sa

from app.domain.errors import KeyReused, NotFound
from app.domain.household import Purpose
from app.store.base import in_region, storable, upsert
from app.store.crypto import Cell, FieldCipher
from app.store.tables_batch import batch

_columns = batch.c
_OF_WORKER = "#"
HELD = ("held",)
OPEN_STATUSES = ("reading", "held", "running", "paused")


@dataclass(frozen=True, slots=True)
class BatchKey:
    """An Idempotency-Key in its client's own space, with the digest of what it stands for."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """A batch as it is asked for; `programmes` are those of households that name none.

    `held`: read, but begun only once somebody confirms it.
    """

    id: str
    region: str
    client_id: str
    origin: str
    format: str
    purpose: Purpose
    as_of: date
    programmes: tuple[str, ...] = ()
    callback_url: str | None = field(default=None, repr=False)
    held: bool = False
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBatch:
    """A batch as it stands."""

    id: str
    region: str
    client_id: str
    origin: str
    format: str
    purpose: Purpose
    as_of: date
    programmes: tuple[str, ...]
    status: str
    failure: str | None
    rows: int
    rejected_rows: int
    households: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    held: bool = False
    columns: tuple[str, ...] = ()


def reader_of(worker: str) -> str:
    """A reading of its own of one worker: a late one of the same worker is another."""
    return f"{worker}{_OF_WORKER}{token_hex(2)}"


def read_by(worker: str) -> "sa.ColumnElement[bool]":
    """Rosters that this worker is reading."""
    return sa.and_(
        _columns.status == "reading",
        _columns.leased_by.startswith(f"{worker}{_OF_WORKER}", autoescape=True),
    )


class Batches:
    """Queries over batches; every read that names one takes the caller's region."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(self, tx: sa.Connection, new: NewBatch, status: str) -> None:
        tx.execute(batch.insert().values(**self._values(new), status=status))

    def claim(
        self, tx: sa.Connection, new: NewBatch, key: BatchKey, *, until: datetime
    ) -> str | None:
        """Bind the key to a batch that is being received; else gives the batch it is bound to.

        A batch that was never received to its end is None once its time is over: it was taken
        away, and the key with it. Raises `KeyReused` where the key came with another file.
        """
        index = self._index(key)
        self._forget_late(tx, new, key)
        done = tx.execute(
            upsert(tx, batch)
            .values(
                **self._values(new),
                status="receiving",
                idempotency_key=key.key,
                body_index=index,
                leased_until=until,
            )
            .on_conflict_do_nothing()
        )
        if done.rowcount == 1:
            return None
        row = tx.execute(
            sa.select(_columns.id, _columns.body_index).where(_with_key(new, key))
        ).one()
        if bytes(row.body_index) != index:
            raise KeyReused("this Idempotency-Key came before with another file")
        return str(row.id)

    def _forget_late(self, tx: sa.Connection, new: NewBatch, key: BatchKey) -> None:
        """Its parts are swept away with all that belong to no batch."""
        tx.execute(
            batch.delete().where(
                _with_key(new, key),
                _columns.status == "receiving",
                _columns.leased_until < new.created_at,
            )
        )

    def _index(self, key: BatchKey) -> bytes:
        return self._cipher.blind("batch.body_index", key.digest)

    def _values(self, new: NewBatch) -> dict[str, object]:
        url = new.callback_url
        sealed = None if url is None else self._cipher.seal(_url_cell(new.id), url.encode())
        return {
            "id": new.id,
            "region": new.region,
            "client_id": new.client_id,
            "origin": new.origin,
            "format": new.format,
            "purpose": new.purpose.value,
            "as_of": new.as_of,
            "programmes": ",".join(new.programmes),
            "rows": 0,
            "rejected_rows": 0,
            "households": 0,
            "sealed_callback_url": sealed,
            "held": new.held,
            "created_at": new.created_at,
        }

    def callback_url(self, tx: sa.Connection, id_: str) -> str | None:
        """Who wants to be told of the batch."""
        sealed: bytes | None = tx.execute(
            sa.select(_columns.sealed_callback_url).where(_columns.id == id_)
        ).scalar_one()
        return None if sealed is None else self._cipher.open(_url_cell(id_), sealed).decode()

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> StoredBatch:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere."""
        missing = NotFound("no such batch")
        if not storable(id_):
            raise missing
        row = tx.execute(
            sa.select(batch).where(
                _columns.id == id_,
                in_region(_columns.region, region),
                _columns.status != "receiving",
            )
        ).one_or_none()
        if row is None:
            raise missing
        return _stored(row)

    def is_receiving(self, tx: sa.Connection, id_: str) -> bool:
        """Whether its file is still to come (or was given up just now)."""
        found = tx.execute(sa.select(_columns.status).where(_columns.id == id_)).scalar()
        return found in ("receiving", None)

    def page(
        self, tx: sa.Connection, region: str, *, before: str, limit: int
    ) -> Sequence[StoredBatch]:
        """The newest first; `before`: the last id of the page before."""
        query = sa.select(batch).where(
            in_region(_columns.region, region), _columns.status != "receiving"
        )
        if before and storable(before):
            query = query.where(_columns.id < before)
        return [_stored(row) for row in tx.execute(query.order_by(_columns.id.desc()).limit(limit))]

    def set_status(
        self, tx: sa.Connection, id_: str, status: str, *, only_from: Sequence[str], now: datetime
    ) -> bool:
        """Move on to a status; false where the batch is no longer in `only_from`."""
        values: dict[str, object] = {"status": status, "leased_by": None, "leased_until": None}
        if status == "cancelled":
            values["ended_at"] = now
        if only_from == HELD:
            values["started_at"] = now
        done = tx.execute(
            batch.update()
            .where(_columns.id == id_, _columns.status.in_(only_from))
            .values(**values)
        )
        return bool(done.rowcount == 1)


def _with_key(new: NewBatch, key: BatchKey) -> "sa.ColumnElement[bool]":
    return sa.and_(_columns.client_id == new.client_id, _columns.idempotency_key == key.key)


def _url_cell(id_: str) -> Cell:
    return Cell("batch", "sealed_callback_url", id_)


def _stored(row: "sa.Row[tuple[object, ...]]") -> StoredBatch:
    return StoredBatch(
        id=row.id,
        region=row.region,
        client_id=row.client_id,
        origin=row.origin,
        format=row.format,
        purpose=Purpose(row.purpose),
        as_of=row.as_of,
        programmes=tuple(row.programmes.split(",")) if row.programmes else (),
        status=row.status,
        failure=row.failure,
        rows=row.rows,
        rejected_rows=row.rejected_rows,
        households=row.households,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        held=row.held,
        columns=tuple(row.columns.split(",")) if row.columns else (),
    )
