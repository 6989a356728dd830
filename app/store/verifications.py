"""Verifications: the request, its status, its source tasks, idempotency."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.domain.errors import KeyReused, NotFound
from app.domain.household import VerificationRequest
from app.store.base import storable, upsert
from app.store.crypto import Cell, FieldCipher
from app.store.duplicates import Duplicates, Sought
from app.store.indexes import household_indexes
from app.store.left_over import forgotten
from app.store.subject_keys import KEY_COLUMNS, Ciphers, SubjectKeys
from app.store.tables import idempotency, verification
from app.store.tables_batch import batch
from app.store.tables_erasure import subject_key

_ASKING_AT_MOST = timedelta(minutes=15)
"""No asking that answers at once takes longer than this, repeats included."""
_REQUEST = TypeAdapter(VerificationRequest)
_ADD = verification.insert()
_WITHIN = sa.bindparam("within", type_=sa.String())
_WITH_KEYS = sa.select(verification, *KEY_COLUMNS).outerjoin_from(
    verification, subject_key, subject_key.c.subject == verification.c.id
)
_GET = _WITH_KEYS.where(
    verification.c.id == sa.bindparam("of"),
    sa.func.substr(verification.c.region, 1, sa.func.length(_WITHIN)) == _WITHIN,
)
_GET_MANY = _WITH_KEYS.where(verification.c.id.in_(sa.bindparam("ids", expanding=True)))
_LEASE = (
    verification.update()
    .where(
        verification.c.id == sa.bindparam("of"),
        sa.or_(
            verification.c.leased_until.is_(None),
            verification.c.leased_until < sa.bindparam("now"),
            verification.c.leased_by == sa.bindparam("worker"),
        ),
    )
    .values(
        leased_by=sa.bindparam("worker"),
        leased_until=sa.bindparam("until"),
        fence=verification.c.fence + 1,
    )
)
_RELEASE = (
    verification.update()
    .where(
        verification.c.id == sa.bindparam("of"),
        verification.c.leased_by == sa.bindparam("worker"),
    )
    .values(leased_by=None, leased_until=None)
)
_STATUS = sa.select(verification.c.status).where(verification.c.id == sa.bindparam("of"))
_STATUS_HELD = _STATUS.with_for_update()
_STATUSES = (
    sa.select(
        verification.c.id,
        sa.case((batch.c.status == "cancelled", "cancelled"), else_=verification.c.status).label(
            "status"
        ),
    )
    .select_from(verification.outerjoin(batch, batch.c.id == verification.c.batch_id))
    .where(verification.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(verification.c.id)
)
CLOSED_STATUSES = ("final", "cancelled")
OPEN_STATUSES = ("accepted", "querying", "partial", "in_review")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerification:
    """A verification as it stands."""

    id: str
    client_id: str
    status: str
    request: VerificationRequest = field(repr=False)
    requested_at: datetime
    changed_at: datetime
    final_at: datetime | None
    recheck_of: str | None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An Idempotency-Key in its client's own space, with the body that it stands for."""

    client_id: str
    key: str
    body: bytes = field(repr=False)


class Verifications:
    """Queries over verifications; every read that names one takes the caller's region."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self._keys = SubjectKeys(cipher)
        self._duplicates = Duplicates(cipher)

    def add(self, tx: sa.Connection, new: StoredVerification) -> None:
        self.add_many(tx, [new])

    def add_many(self, tx: sa.Connection, new: Sequence[StoredVerification]) -> None:
        if not new:
            return
        regions = {one.id: one.request.region for one in new}
        # What a batch names has its secret since it was read; anything else begins here.
        known = all(one.batch_id is not None for one in new)
        ciphers = self._keys.sealers(tx, regions) if known else self._keys.new(tx, regions)
        tx.execute(_ADD, [self._values(one, ciphers) for one in new])

    def _values(self, new: StoredVerification, ciphers: Ciphers) -> dict[str, object]:
        request = new.request
        sealed = ciphers[new.id].seal(
            Cell("verification", "sealed_request", new.id), _REQUEST.dump_json(request)
        )
        return {
            "id": new.id,
            "region": request.region,
            "client_id": new.client_id,
            "case_reference": request.case_reference,
            "consent_reference": request.consent.reference,
            "household_index": self.household_index(request),
            "purpose": request.purpose.value,
            "as_of": request.as_of,
            "status": new.status,
            "sealed_request": sealed,
            "recheck_of": new.recheck_of,
            "batch_id": new.batch_id,
            "requested_at": new.requested_at,
            "changed_at": new.changed_at,
        }

    def get_many(self, tx: sa.Connection, ids: Iterable[str]) -> dict[str, StoredVerification]:
        """Those that are there, by id; for work that no caller asked for."""
        rows = tx.execute(_GET_MANY, {"ids": sorted(ids)}).all()
        return {row.id: self._opened(tx, row) for row in rows}

    def household_index(self, request: VerificationRequest) -> bytes:
        """Finds the earlier verifications of the same persons, without telling who they are."""
        return household_indexes(self._cipher, request)[0]

    def followed_by(self, tx: sa.Connection, id_: str) -> Iterator[str]:
        """The verifications on which this one follows, the newest first."""
        of: str | None = id_
        while of is not None:
            asked = sa.select(verification.c.recheck_of).where(verification.c.id == of)
            of = tx.execute(asked).scalar_one_or_none()
            if of is not None:
                yield of

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> StoredVerification:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere, `Erased`."""
        if not storable(id_):
            raise NotFound("no such verification")
        row = tx.execute(_GET, {"of": id_, "within": region}).one_or_none()
        if row is None:
            raise NotFound("no such verification")
        return self._opened(tx, row)

    def _opened(self, tx: sa.Connection, row: "sa.Row[tuple[object, ...]]") -> StoredVerification:
        opened = self._keys.joined(tx, row.id, row).open(
            Cell("verification", "sealed_request", row.id), row.sealed_request
        )
        return StoredVerification(
            id=row.id,
            client_id=row.client_id,
            status=row.status,
            request=_REQUEST.validate_json(opened),
            requested_at=row.requested_at,
            changed_at=row.changed_at,
            final_at=row.final_at,
            recheck_of=row.recheck_of,
            batch_id=row.batch_id,
        )

    def repeated(self, tx: sa.Connection, key: RequestKey) -> str | None:
        """The verification that this key already made; `KeyReused` where the body was another."""
        row = tx.execute(
            sa.select(idempotency).where(
                idempotency.c.client_id == key.client_id, idempotency.c.key == key.key
            )
        ).one_or_none()
        if row is None:
            return None
        if bytes(row.body_index) != self._body_index(key.body):
            raise KeyReused("this Idempotency-Key came before with another body")
        return str(row.verification_id)

    def claim_key(self, tx: sa.Connection, key: RequestKey, id_: str, now: datetime) -> bool:
        """Bind the key to the verification; false where somebody else was first."""
        done = tx.execute(
            upsert(tx, idempotency)
            .values(
                client_id=key.client_id,
                key=key.key,
                body_index=self._body_index(key.body),
                verification_id=id_,
                created_at=now,
            )
            .on_conflict_do_nothing()
        )
        return bool(done.rowcount == 1)

    def _body_index(self, body: bytes) -> bytes:
        return self._cipher.blind("idempotency.body_index", body.decode("utf-8", "replace"))

    def set_status(
        self, tx: sa.Connection, id_: str, status: str, *, now: datetime, only_from: Sequence[str]
    ) -> bool:
        """Move on to a status; false where the verification is no longer in `only_from`."""
        values: dict[str, object] = {"status": status, "changed_at": now}
        if status in CLOSED_STATUSES:
            values["final_at"] = now
        done = tx.execute(
            verification.update()
            .where(verification.c.id == id_, verification.c.status.in_(only_from))
            .values(**values)
        )
        return bool(done.rowcount == 1)

    def statuses_of(self, tx: sa.Connection, ids: Iterable[str]) -> dict[str, str]:
        """Statuses that nobody else changes before the transaction ends; all that are there.

        What belongs to a cancelled batch is cancelled, whether each has been marked so or not.
        """
        query = _STATUSES
        if tx.dialect.name == "postgresql":
            query = query.with_for_update(of=verification)
        return {row.id: row.status for row in tx.execute(query, {"ids": sorted(ids)})}

    def status_of(self, tx: sa.Connection, id_: str) -> str:
        """The status, which nobody else changes before the transaction ends."""
        query = _STATUS_HELD if tx.dialect.name == "postgresql" else _STATUS
        status: str = tx.execute(query, {"of": id_}).scalar_one()
        return status

    def lease(
        self, tx: sa.Connection, id_: str, *, worker: str, now: datetime, seconds: int
    ) -> bool:
        """Take the verification to work on; false where another worker has it."""
        until = now + timedelta(seconds=seconds)
        done = tx.execute(_LEASE, {"of": id_, "worker": worker, "now": now, "until": until})
        return bool(done.rowcount == 1)

    def release(self, tx: sa.Connection, id_: str, *, worker: str) -> None:
        tx.execute(_RELEASE, {"of": id_, "worker": worker})

    def left_behind(
        self, tx: sa.Connection, *, now: datetime, older_than_seconds: float, limit: int = 200
    ) -> list[str]:
        """Open verifications that nobody works on: started again after a crash."""
        before = now - timedelta(seconds=older_than_seconds)
        free = sa.or_(verification.c.leased_until.is_(None), verification.c.leased_until < now)
        begun = sa.and_(
            verification.c.status.in_(("accepted", "querying")), verification.c.changed_at <= before
        )
        rows = tx.execute(
            sa.select(verification.c.id)
            .where(
                free,
                verification.c.batch_id.is_(None),  # those are their batch's work
                sa.or_(begun, forgotten(now - _ASKING_AT_MOST)),
            )
            .order_by(verification.c.requested_at)
            .limit(limit)
        )
        return [row.id for row in rows]

    def release_all(self, tx: sa.Connection, *, worker: str) -> None:
        """At this worker's start: what it held before its end is free again."""
        tx.execute(
            verification.update()
            .where(verification.c.leased_by == worker)
            .values(leased_by=None, leased_until=None)
        )

    def others_of_many(
        self, tx: sa.Connection, verifications: Iterable[StoredVerification]
    ) -> dict[str, tuple[str, ...]]:
        """Other cases of the same persons 重复救助, each as `county number` (see duplicates.py).

        As of when each verification was requested: computed again it finds the same.
        """
        sought = [Sought(one.id, one.request, one.requested_at) for one in verifications]
        return self._duplicates.of_many(tx, sought)
