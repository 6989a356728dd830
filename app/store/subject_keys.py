"""A secret for each subject: what is sealed with it is gone, in every copy, once it is destroyed.

A subject is a verification, a recipient, or a file of many households until it is read; ids differ
in their prefix. A verification and not a case, for each has an end of its own: a refusal and the
relief granted a year later are kept for different times, and what a recheck takes over from an
earlier verification is sealed again as its own.
"""

import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import Erased, Undecipherable
from app.store.base import upsert
from app.store.crypto import KEY_BYTES, Cell, FieldCipher
from app.store.tables_erasure import subject_key

_OF: Final = subject_key.c
_AT_ONCE: Final = 5_000
_KEPT: Final = 512
_MEMO: Final = "hedui subject ciphers"
_FIND: Final = sa.select(_OF.subject, _OF.sealed_secret, _OF.destroyed_at).where(
    _OF.subject.in_(sa.bindparam("subjects", expanding=True))
)
KEY_COLUMNS: Final = (_OF.sealed_secret, _OF.destroyed_at)
"""For a query that reads its rows' secrets with them, opened by `SubjectKeys.joined`."""


@dataclass(frozen=True, slots=True)
class SealedCell:
    """A sealed cell: its subject, its row's key, its bytes (or those that are to be sealed)."""

    subject: str | None
    row: str
    value: bytes


class Ciphers:
    """The ciphers of some subjects; whoever has no secret of his own has everybody's."""

    def __init__(self, plain: FieldCipher, found: Mapping[str, FieldCipher | None]) -> None:
        self._plain = plain
        self._found = found

    def __getitem__(self, subject: str | None) -> FieldCipher:
        """Raises `Erased` where the subject's secret is destroyed."""
        cipher = self._plain if subject is None else self._found.get(subject, self._plain)
        if cipher is None:
            raise Erased("what was kept of it was erased")
        return cipher

    def open_many(self, column: tuple[str, str], cells: Sequence[SealedCell]) -> list[bytes]:
        """Cells of one column (table, column), in their order; those of a subject together."""
        opened: list[bytes] = []
        for subject, some in groupby(cells, key=lambda cell: cell.subject):
            rows, sealed = zip(*((cell.row, cell.value) for cell in some), strict=True)
            opened += self[subject].open_many(column, rows, sealed)
        return opened


class SubjectKeys:
    """Finds subjects' secrets, and makes them where there are none yet.

    Each look is at the row as it stands in the caller's transaction: whatever another process
    destroyed or another transaction did not commit is never used. What is remembered with the
    connection is only what a sealed secret opens to.
    """

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def openers(self, tx: sa.Connection, subjects: Iterable[str | None]) -> Ciphers:
        """What these subjects' cells open with; those that were sealed before open as before."""
        return Ciphers(self._cipher, self._found(tx, {one for one in subjects if one is not None}))

    def opener(self, tx: sa.Connection, subject: str | None) -> FieldCipher:
        """Raises `Erased`."""
        return self.openers(tx, (subject,))[subject]

    def joined(self, tx: sa.Connection, subject: str, row: Any) -> FieldCipher:
        """Of a row that has the subject's `KEY_COLUMNS` beside its own; raises `Erased`."""
        if row.destroyed_at is not None:
            raise Erased("what was kept of it was erased")
        if row.sealed_secret is None:
            return self._cipher
        return self._derived(tx, subject, bytes(row.sealed_secret))

    def sealers(self, tx: sa.Connection, regions: Mapping[str, str]) -> Ciphers:
        """What cells of these subjects (with their regions) are sealed with from now on.

        Sealing for one whose secret is destroyed raises `Erased`.
        """
        found = self._found(tx, regions.keys())
        missing = {subject: regions[subject] for subject in regions if subject not in found}
        return Ciphers(self._cipher, {**found, **self._made(tx, missing)})

    def sealer(self, tx: sa.Connection, subject: str | None, region: str) -> FieldCipher:
        """Of one subject."""
        return self.sealers(tx, {} if subject is None else {subject: region})[subject]

    def new(self, tx: sa.Connection, regions: Mapping[str, str]) -> Ciphers:
        """Of subjects that begin with this transaction: not looked for, unless they clash."""
        return Ciphers(self._cipher, self._made(tx, regions))

    def destroy(self, tx: sa.Connection, regions: Mapping[str, str], at: datetime) -> int:
        """Nothing of these subjects opens any more or is ever taken in; gives how many went.

        A subject that never had a secret has a row from now on that says so.
        """
        if not regions:
            return 0
        tx.info.pop(_MEMO, None)
        rows = [
            {"subject": subject, "region": region, "destroyed_at": at}
            for subject, region in regions.items()
        ]
        tx.execute(upsert(tx, subject_key).on_conflict_do_nothing(), rows)
        done = tx.execute(
            subject_key.update()
            .where(_OF.subject.in_(list(regions)), _OF.sealed_secret.is_not(None))
            .values(sealed_secret=None, destroyed_at=at)
        )
        return done.rowcount

    def _found(self, tx: sa.Connection, subjects: Iterable[str]) -> dict[str, FieldCipher | None]:
        wanted = sorted(subjects)
        found: dict[str, FieldCipher | None] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            rows = tx.execute(_FIND, {"subjects": wanted[start : start + _AT_ONCE]})
            for subject, sealed, destroyed_at in rows:
                gone = destroyed_at is not None or sealed is None
                found[subject] = None if gone else self._derived(tx, subject, bytes(sealed))
        return found

    def _made(self, tx: sa.Connection, regions: Mapping[str, str]) -> dict[str, FieldCipher | None]:
        if not regions:
            return {}
        subjects, luck = list(regions), os.urandom(KEY_BYTES * len(regions))
        secrets = [luck[at : at + KEY_BYTES] for at in range(0, len(luck), KEY_BYTES)]
        sealed = self._cipher.seal_many(("subject_key", "sealed_secret"), subjects, secrets)
        rows = [
            {"subject": subject, "region": regions[subject], "sealed_secret": secret}
            for subject, secret in zip(subjects, sealed, strict=True)
        ]
        done = tx.execute(upsert(tx, subject_key).on_conflict_do_nothing(), rows)
        if done.rowcount != len(rows):  # somebody else made one of them meanwhile: that one holds
            found = self._found(tx, subjects)
            if len(found) != len(rows):  # or it stands outside of what this work may see
                raise Undecipherable("subject_key: a secret that is there cannot be seen here")
            return found
        return {
            subject: self._cipher.of(secret)
            for subject, secret in zip(subjects, secrets, strict=True)
        }

    def _derived(self, tx: sa.Connection, subject: str, sealed: bytes) -> FieldCipher:
        """The cipher that a sealed secret stands for; remembered with the connection."""
        memo: OrderedDict[tuple[int, bytes], tuple[FieldCipher, FieldCipher]]
        memo = tx.info.setdefault(_MEMO, OrderedDict())
        key = (id(self._cipher), sealed)
        known = memo.get(key)
        if known is not None:
            memo.move_to_end(key)
            return known[1]
        secret = self._cipher.open(Cell("subject_key", "sealed_secret", subject), sealed)
        derived = self._cipher.of(secret)
        memo[key] = (self._cipher, derived)  # the first is kept so that its id stays its own
        if len(memo) > _KEPT:
            memo.popitem(last=False)
        return derived
