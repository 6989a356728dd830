"""Who shares in which household's relief, from when to when; nobody can be told from it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.domain.household import Person, VerificationRequest
from app.store.base import Instant
from app.store.crypto import FieldCipher
from app.store.tables_relief import recipient_person

_columns = recipient_person.c
_STILL_THERE: Final = _columns.until_at.is_(None)
_LEFT: Final = (
    recipient_person.update()
    .where(
        _columns.recipient_id == sa.bindparam("of", type_=sa.String()),
        _columns.person_index == sa.bindparam("who", type_=sa.LargeBinary()),
        _STILL_THERE,
    )
    .values(until_at=sa.bindparam("left_at", type_=Instant))
)


class RecipientPersons:
    """Members by keyed index; a row ends, it is never taken away."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def household_index(self, request: VerificationRequest) -> bytes:
        """Tells that the same persons are members, however they are numbered."""
        indexes = sorted(self.members(request).values())
        return self._cipher.blind("recipient.household_index", b"".join(indexes).hex())

    def members(self, request: VerificationRequest) -> dict[str, bytes]:
        """Who shares in the relief, by ref: the members who count."""
        return {
            member.ref: self.index_of(member)
            for member in request.household.members
            if member.excluded is None
        }

    def index_of(self, member: Person) -> bytes:
        """The same for the same document, else for the same name and date of birth."""
        known = (member.id_type.value, member.id_number.upper())
        if not member.id_number:
            known = (member.name, str(member.birth_date))
        return self._cipher.blind("recipient_person.person_index", "\n".join(known))

    def present(self, tx: sa.Connection, ids: Sequence[str]) -> dict[str, set[bytes]]:
        """The members that are in these households now, by recipient."""
        rows = tx.execute(
            sa.select(_columns.recipient_id, _columns.person_index).where(
                _columns.recipient_id.in_(ids), _STILL_THERE
            )
        )
        found: dict[str, set[bytes]] = {}
        for row in rows:
            found.setdefault(row.recipient_id, set()).add(row.person_index)
        return found

    def enter(
        self,
        tx: sa.Connection,
        households: Iterable[tuple[str, str, Mapping[str, bytes]]],
        now: datetime,
    ) -> None:
        """From now on these are members: recipient, region, and indexes by ref."""
        rows = [
            {
                "recipient_id": id_,
                "person": ref,
                "from_at": now,
                "region": region,
                "person_index": index,
            }
            for id_, region, members in households
            for ref, index in members.items()
        ]
        if rows:
            tx.execute(recipient_person.insert(), rows)

    def leave(self, tx: sa.Connection, gone: Iterable[tuple[str, bytes]], now: datetime) -> None:
        """From now on these are no members any more: recipient and member's index."""
        rows = [{"of": id_, "who": index, "left_at": now} for id_, index in gone]
        if rows:
            tx.execute(_LEFT, rows)

    def leave_all(self, tx: sa.Connection, ids: Sequence[str], now: datetime) -> None:
        """These households have no members any more."""
        tx.execute(
            recipient_person.update()
            .where(_columns.recipient_id.in_(ids), _STILL_THERE)
            .values(until_at=now)
        )
