"""What each row's sealed cells are opened and sealed with while keys rotate."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from app.domain.errors import Erased
from app.store.crypto import FieldCipher
from app.store.rekeying import CipherOf
from app.store.subject_keys import Ciphers, SubjectKeys
from app.store.subjects import Rows, rows_of_subjects


def by_subject(cipher: FieldCipher) -> CipherOf:
    """The subject's own cipher, where the row is one's; nothing, where its secret is destroyed."""
    subjects, owners = SubjectKeys(cipher), rows_of_subjects()

    def cipher_of(
        tx: sa.Connection, table: str, rows: Sequence["sa.RowMapping"]
    ) -> Sequence[FieldCipher | None]:
        owner = owners.get(table)
        if owner is None or not rows:
            return [cipher] * len(rows)
        named = _subjects(tx, owner, rows)
        found = subjects.openers(tx, set(named))
        return [_cipher(found, one) for one in named]

    return cipher_of


def _subjects(tx: sa.Connection, owner: Rows, rows: Sequence["sa.RowMapping"]) -> list[str | None]:
    named = [row[owner.column.name] for row in rows]
    if owner.through is None:
        return named
    key, subject = owner.through
    rows_of_owner = tx.execute(sa.select(key, subject).where(key.in_(set(named))))
    found: Mapping[str, str] = {row[0]: row[1] for row in rows_of_owner}
    return [found.get(one) for one in named]


def _cipher(found: Ciphers, subject: str | None) -> FieldCipher | None:
    try:
        return found[subject]
    except Erased:
        return None
