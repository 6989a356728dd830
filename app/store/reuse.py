"""Complete answers about persons that may be used again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.store.base import Instant
from app.store.crypto import FieldCipher
from app.store.evidence import StoredReply, opened_replies
from app.store.subject_keys import SubjectKeys
from app.store.tables import reply, verification
from app.store.tables_facts import case_person

_COMPLETE: Final = ("found", "no_record")
_SLOWEST: Final = timedelta(days=60)
"""No answer comes later than this after the verification was requested that asked for it."""


def _some(name: str) -> sa.BindParameter[Sequence[object]]:
    return sa.bindparam(name, expanding=True)


_CANDIDATES: Final = (
    sa.select(
        case_person.c.person_key,
        case_person.c.ref,
        reply.c.id,
        reply.c.verification_id,
        reply.c.source,
        reply.c.institution,
        reply.c.answered_at,
    )
    .join(verification, verification.c.id == case_person.c.verification_id)
    .join(
        reply,
        sa.and_(
            reply.c.verification_id == case_person.c.verification_id,
            reply.c.person == case_person.c.ref,
        ),
    )
    .where(
        case_person.c.person_key.in_(_some("persons")),
        case_person.c.requested_at >= sa.bindparam("requested_since", type_=Instant),
        case_person.c.county == sa.bindparam("county", type_=sa.String()),
        verification.c.purpose == sa.bindparam("purpose", type_=sa.String()),
        verification.c.status != "cancelled",
        reply.c.source.in_(_some("sources")),
        reply.c.state.in_(_COMPLETE),
        reply.c.answered_at >= sa.bindparam("answered_since", type_=Instant),
    )
)
_OPENED: Final = sa.select(reply).where(reply.c.id.in_(_some("ids")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A complete answer of an institution about a person, unopened."""

    person_key: int
    ref: str
    id: str
    verification_id: str
    source: str
    institution: str
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose answers are looked for: in one county, for one purpose, no older than `since`."""

    county: str
    purpose: str
    persons: frozenset[int]
    sources: frozenset[str]
    since: datetime


class ReusableAnswers:
    """Finds and opens them."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def of(self, tx: sa.Connection, asked: Asked) -> list[Answered]:
        """The newest first."""
        rows = tx.execute(
            _CANDIDATES,
            {
                "persons": sorted(asked.persons),
                "sources": sorted(asked.sources),
                "county": asked.county,
                "purpose": asked.purpose,
                "answered_since": asked.since,
                "requested_since": asked.since - _SLOWEST,
            },
        )
        found = [Answered(**row._mapping) for row in rows]
        return sorted(found, key=lambda one: (one.answered_at, one.id), reverse=True)

    def opened(self, tx: sa.Connection, ids: Iterable[str]) -> dict[str, StoredReply]:
        """By id."""
        rows = tx.execute(_OPENED, {"ids": sorted(set(ids))}).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return {one.id: one for one in opened_replies(rows, ciphers)}
