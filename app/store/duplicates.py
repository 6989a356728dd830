"""The same persons in other cases and in other receiving households 重复救助, across counties.

All is found as of when a verification was requested: computed again it finds the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from app.domain.household import VerificationRequest
from app.store.base import Instant
from app.store.case_persons import CasePersons
from app.store.crypto import FieldCipher
from app.store.recipient_persons import RecipientPersons
from app.store.scope import Crossing, across_in
from app.store.tables import verification
from app.store.tables_facts import case_person
from app.store.tables_relief import recipient, recipient_person

RECENT: Final = timedelta(days=366)
"""For so long a case stands for the persons in it; a household that receives, as long as it does.
"""
_CANCELLED: Final = "cancelled"
_Place = tuple[str, str]
"""A case: its county and its number there."""
_Key = int | bytes


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose other cases: a verification's, as of when it was requested."""

    verification_id: str
    request: VerificationRequest = field(repr=False)
    household_index: bytes = field(repr=False)
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class _Standing:
    """Somebody, or a whole household, stands in a case from a moment on (until another)."""

    place: _Place
    from_at: datetime
    until_at: datetime | None
    verification_id: str | None
    of_person: bool


def _bound(name: str, type_: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=type_, expanding=True)


_SINCE: Final = sa.bindparam("since", type_=Instant)
_UNTIL: Final = sa.bindparam("until", type_=Instant)
_NONE: Final = sa.null()
_ENDED_AT: Final = sa.case((verification.c.status == _CANCELLED, verification.c.final_at))
_HOUSEHOLDS: Final = sa.select(
    sa.cast(_NONE, sa.BigInteger).label("number"),
    verification.c.household_index.label("blind"),
    verification.c.id.label("verification_id"),
    verification.c.region,
    verification.c.case_reference,
    verification.c.requested_at.label("from_at"),
    _ENDED_AT.label("until_at"),
).where(
    verification.c.household_index.in_(_bound("households", sa.LargeBinary())),
    verification.c.requested_at <= _UNTIL,
)
_PERSONS: Final = (
    sa.select(
        case_person.c.person_key,
        sa.cast(_NONE, sa.LargeBinary),
        verification.c.id,
        verification.c.region,
        verification.c.case_reference,
        case_person.c.requested_at,
        _ENDED_AT,
    )
    .join(verification, verification.c.id == case_person.c.verification_id)
    .where(
        case_person.c.person_key.in_(_bound("persons", sa.BigInteger())),
        case_person.c.requested_at.between(_SINCE, _UNTIL),
        case_person.c.is_member,
    )
)
_RECEIVING: Final = (
    sa.select(
        sa.cast(_NONE, sa.BigInteger),
        recipient_person.c.person_index,
        sa.cast(_NONE, sa.String),
        recipient.c.region,
        recipient.c.case_reference,
        recipient_person.c.from_at,
        recipient_person.c.until_at,
    )
    .join(recipient, recipient.c.id == recipient_person.c.recipient_id)
    .where(
        recipient_person.c.person_index.in_(_bound("members", sa.LargeBinary())),
        recipient_person.c.from_at <= _UNTIL,
    )
)
_ALL: Final = sa.union_all(_HOUSEHOLDS, _PERSONS, _RECEIVING)


class Duplicates:
    """Finds by keyed indexes; who it is can be told from none of them."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cases = CasePersons(cipher)
        self._receiving = RecipientPersons(cipher)

    def of_many(self, tx: sa.Connection, sought: Sequence[Sought]) -> dict[str, tuple[str, ...]]:
        """By verification: its persons' other cases, each as `county number`, in order.

        Those of the same members whenever they were asked for; those of one member where they were
        asked for within the last year; and households that received relief then. The numbers are
        for telling cases apart: only that there are others, and where, is anybody's to see.
        """
        if not sought:
            return {}
        keys = {one.verification_id: self._keys(one) for one in sought}
        with across_in(tx, Crossing.DUPLICATES):
            standing = self._standing(tx, sought, keys.values())
        return {
            one.verification_id: _others(one, keys[one.verification_id], standing) for one in sought
        }

    def _keys(self, one: Sought) -> "_Keys":
        members = [who for who in one.request.household.members if who.excluded is None]
        return _Keys(
            household=one.household_index,
            persons=frozenset(map(self._cases.key_of, members)),
            members=frozenset(self._receiving.members(one.request).values()),
        )

    def _standing(
        self, tx: sa.Connection, sought: Sequence[Sought], keys: Iterable["_Keys"]
    ) -> Mapping[_Key, Sequence[_Standing]]:
        times = [one.requested_at for one in sought]
        some = list(keys)
        rows = tx.execute(
            _ALL,
            {
                "households": list({one.household for one in some}),
                "persons": list({key for one in some for key in one.persons}),
                "members": list({index for one in some for index in one.members}),
                "since": min(times) - RECENT,
                "until": max(times),
            },
        )
        found: dict[_Key, list[_Standing]] = defaultdict(list)
        for row in rows:
            place = (row.region[:6], row.case_reference)
            of_person = row.number is not None
            found[row.number if of_person else row.blind].append(
                _Standing(place, row.from_at, row.until_at, row.verification_id, of_person)
            )
        return found


@dataclass(frozen=True, slots=True)
class _Keys:
    """By what one household and its members are found."""

    household: bytes
    persons: frozenset[int]
    members: frozenset[bytes]


def _others(
    one: Sought, keys: _Keys, standing: Mapping[_Key, Sequence[_Standing]]
) -> tuple[str, ...]:
    own = (one.request.region[:6], one.request.case_reference)
    mine: tuple[_Key, ...] = (keys.household, *keys.persons, *keys.members)
    places = {
        there.place
        for key in mine
        for there in standing.get(key, ())
        if _stood(there, one) and there.place != own
    }
    return tuple(f"{county} {case}" for county, case in sorted(places))


def _stood(there: _Standing, one: Sought) -> bool:
    """When the verification was requested; what was cancelled later had been found then."""
    if there.verification_id == one.verification_id or there.from_at > one.requested_at:
        return False
    if there.of_person and there.from_at < one.requested_at - RECENT:
        return False
    return there.until_at is None or there.until_at > one.requested_at
