"""Households that receive relief 在保家庭: one row each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.domain.errors import NotFound
from app.domain.household import VerificationRequest
from app.domain.recipient import Cadence, RecipientState, WhyDue
from app.store.base import in_region, storable
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import SealedCell, SubjectKeys
from app.store.tables import verification
from app.store.tables_batch import batch_household
from app.store.tables_relief import recipient

Case = tuple[str, str]
"""A case by its region and its number there."""
_REQUEST: Final = TypeAdapter(VerificationRequest)
_SEALED: Final = ("recipient", "sealed_request")
_columns = recipient.c
_ID: Final = sa.bindparam("of", type_=sa.String())
_BY_CASE: Final = sa.select(recipient).where(
    _columns.region == sa.bindparam("place", type_=sa.String()),
    _columns.case_reference == sa.bindparam("case", type_=sa.String()),
)
_OF_HOUSEHOLD: Final = sa.select(recipient).where(
    _columns.id
    == sa.select(batch_household.c.recipient_id)
    .where(batch_household.c.verification_id == _ID)
    .scalar_subquery()
)
_OF_VERIFIED: Final = (
    "cadence",
    "due_on",
    "why_due",
    "last_verification_id",
    "last_verified_on",
    "changed_at",
)
"""What a final verification changes."""
_OF_ROSTER: Final = tuple(one.name for one in recipient.c if one.name not in ("id", "created_at"))
"""What a roster that is read again may change."""


def _update_of(names: Iterable[str]) -> sa.Update:
    """One row's columns; their values are the parameters `new_…`."""
    values = {name: sa.bindparam(f"new_{name}", type_=_columns[name].type) for name in names}
    return recipient.update().where(_columns.id == _ID).values(values)


_VERIFIED: Final = _update_of(_OF_VERIFIED)
_REPLACE: Final = _update_of(_OF_ROSTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecipient:
    """A household that receives relief; who it is stands sealed."""

    id: str
    region: str
    client_id: str
    case_reference: str
    class_: str
    cadence: Cadence
    state: RecipientState
    due_on: date
    why_due: WhyDue
    programmes: tuple[str, ...]
    last_verification_id: str | None
    last_verified_on: date | None
    consent_until: date
    created_at: datetime
    changed_at: datetime
    request: VerificationRequest | None = field(repr=False, default=None)
    """What is stored of it anew; None: what `sealed_request` holds stays."""
    sealed_request: bytes = field(repr=False, default=b"")
    household_index: bytes = field(repr=False, default=b"")

    @property
    def case(self) -> Case:
        return self.region, self.case_reference


class Recipients:
    """Queries over recipients; every one that names one takes the caller's region."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def requests(
        self, tx: sa.Connection, rows: Sequence[StoredRecipient]
    ) -> list[VerificationRequest]:
        """What is asked when they are verified again; in their order."""
        ciphers = self._keys.openers(tx, [row.id for row in rows])
        cells = [SealedCell(row.id, row.id, row.sealed_request) for row in rows]
        return [_REQUEST.validate_json(one) for one in ciphers.open_many(_SEALED, cells)]

    def by_case(self, tx: sa.Connection, cases: Iterable[Case]) -> dict[Case, StoredRecipient]:
        """Those of these cases that are recipients, held until the transaction ends."""
        query = sa.select(recipient).where(
            sa.tuple_(_columns.region, _columns.case_reference).in_(list(cases))
        )
        rows = tx.execute(held(tx, query))
        return {one.case: one for one in map(stored_recipient, rows)}

    def of_verification(
        self, tx: sa.Connection, verification_id: str, case: Case
    ) -> StoredRecipient | None:
        """Whose verification it is: by the case, or by the batch that it was made in."""
        row = tx.execute(held(tx, _BY_CASE), {"place": case[0], "case": case[1]}).one_or_none() or (
            tx.execute(held(tx, _OF_HOUSEHOLD), {"of": verification_id}).one_or_none()
        )
        return None if row is None else stored_recipient(row)

    def get(
        self, tx: sa.Connection, id_: str, *, region: str, hold: bool = False
    ) -> StoredRecipient:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere."""
        query = sa.select(recipient).where(_columns.id == id_, in_region(_columns.region, region))
        row = None
        if storable(id_):
            row = tx.execute(held(tx, query) if hold else query).one_or_none()
        if row is None:
            raise NotFound("no such recipient")
        return stored_recipient(row)

    def add(self, tx: sa.Connection, new: Sequence[StoredRecipient]) -> None:
        if new:
            tx.execute(recipient.insert(), [_values(one) for one in self._sealed(tx, new)])

    def replace(self, tx: sa.Connection, new: Sequence[StoredRecipient]) -> None:
        """All of each row but its id and its beginning."""
        if new:
            tx.execute(_REPLACE, [_changes(one, _OF_ROSTER) for one in self._sealed(tx, new)])

    def _sealed(
        self, tx: sa.Connection, rows: Sequence[StoredRecipient]
    ) -> Sequence[StoredRecipient]:
        """With what came anew sealed."""
        ciphers = self._keys.sealers(
            tx, {row.id: row.region for row in rows if row.request is not None}
        )
        return [
            row
            if row.request is None
            else replace(
                row,
                sealed_request=ciphers[row.id].seal(
                    Cell(*_SEALED, row.id), _REQUEST.dump_json(row.request)
                ),
                request=None,
            )
            for row in rows
        ]

    def verified(self, tx: sa.Connection, new: StoredRecipient) -> None:
        """What a final verification changes of a recipient."""
        tx.execute(_VERIFIED, _changes(new, _OF_VERIFIED))

    def end_many(self, tx: sa.Connection, ids: Sequence[str], now: datetime) -> None:
        tx.execute(
            recipient.update()
            .where(_columns.id.in_(ids))
            .values(state=RecipientState.ENDED.value, changed_at=now)
        )

    def last_final(self, tx: sa.Connection, cases: Sequence[Case]) -> dict[Case, tuple[str, date]]:
        """The newest final verification of each case in its county: id and day of judgement."""
        of = verification.c
        rows = tx.execute(
            sa.select(of.id, of.region, of.case_reference, of.as_of)
            .where(of.case_reference.in_([case for _, case in cases]), of.status == "final")
            .order_by(of.as_of, of.id)
        )
        newest = {(row.region[:6], row.case_reference): (row.id, row.as_of) for row in rows}
        return {
            (region, case): newest[region[:6], case]
            for region, case in cases
            if (region[:6], case) in newest
        }


def held(tx: sa.Connection, query: "sa.Select[Any]") -> "sa.Select[Any]":
    """Nobody else changes the rows before the transaction ends (SQLite has one writer)."""
    return query.with_for_update() if tx.dialect.name == "postgresql" else query


def _changes(one: StoredRecipient, names: Iterable[str]) -> Mapping[str, Any]:
    values = _values(one)
    return {"of": one.id, **{f"new_{name}": values[name] for name in names}}


def _values(one: StoredRecipient) -> dict[str, Any]:
    return {
        "id": one.id,
        "region": one.region,
        "client_id": one.client_id,
        "case_reference": one.case_reference,
        "class": one.class_,
        "cadence": one.cadence.value,
        "state": one.state.value,
        "due_on": one.due_on,
        "why_due": one.why_due.value,
        "programmes": ",".join(one.programmes),
        "household_index": one.household_index,
        "sealed_request": one.sealed_request,
        "last_verification_id": one.last_verification_id,
        "last_verified_on": one.last_verified_on,
        "consent_until": one.consent_until,
        "created_at": one.created_at,
        "changed_at": one.changed_at,
    }


def stored_recipient(row: "sa.Row[Any]") -> StoredRecipient:
    """A row of the table."""
    return StoredRecipient(
        id=row.id,
        region=row.region,
        client_id=row.client_id,
        case_reference=row.case_reference,
        class_=row._mapping["class"],
        cadence=Cadence(row.cadence),
        state=RecipientState(row.state),
        due_on=row.due_on,
        why_due=WhyDue(row.why_due),
        programmes=tuple(row.programmes.split(",")),
        last_verification_id=row.last_verification_id,
        last_verified_on=row.last_verified_on,
        consent_until=row.consent_until,
        created_at=row.created_at,
        changed_at=row.changed_at,
        sealed_request=row.sealed_request,
        household_index=row.household_index,
    )
