"""Proofs 材料: files handed in for something of a verification, sealed, never changed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import NotFound, Undecipherable
from app.store.base import storable
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import SubjectKeys
from app.store.tables_objections import objection
from app.store.tables_review import review_item
from app.store.tables_settled import proof

_c = proof.c
_OWNERS: Final = {"review_item": review_item, "objection": objection}
"""What proofs are handed in for: tables with an id and a verification."""
_HEAD = sa.select(*(column for column in _c if column.name != "sealed_content"))


@dataclass(frozen=True, slots=True)
class Owner:
    """What a proof was handed in for: a word for the kind, and its id (`review_item`, `ri_…`)."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofHead:
    """All of a proof but the file. `digest`: `sha256:` and the hash of the file."""

    id: str
    verification_id: str
    region: str
    owner: Owner
    media_type: str
    size: int
    digest: str
    added_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof with its file."""

    head: ProofHead
    content: bytes = field(repr=False)


def digest_of(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


class Proofs:
    """Queries over proofs; each names the verification, which the caller has been let look at."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add(self, tx: sa.Connection, new: Proof) -> None:
        head = new.head
        cipher = self._keys.sealer(tx, head.verification_id, head.region)
        tx.execute(
            proof.insert().values(
                id=head.id,
                verification_id=head.verification_id,
                region=head.region,
                owner_kind=head.owner.kind,
                owner_id=head.owner.id,
                media_type=head.media_type,
                size=head.size,
                digest=head.digest,
                sealed_content=cipher.seal(_cell(head.id), new.content),
                added_by=head.added_by,
                created_at=head.created_at,
            )
        )

    def is_owned(self, tx: sa.Connection, verification_id: str, owner: Owner) -> bool:
        """Whether the owner is there and belongs to the verification."""
        table = _OWNERS.get(owner.kind)
        if table is None or not storable(owner.id):
            return False
        query = sa.select(table.c.id).where(
            table.c.id == owner.id, table.c.verification_id == verification_id
        )
        return tx.execute(query).one_or_none() is not None

    def of_owner(
        self, tx: sa.Connection, verification_id: str, owner: Owner
    ) -> tuple[ProofHead, ...]:
        """In the order in which they were handed in."""
        if not storable(owner.kind + owner.id):
            return ()
        rows = tx.execute(
            _HEAD.where(
                _c.verification_id == verification_id,
                _c.owner_kind == owner.kind,
                _c.owner_id == owner.id,
            ).order_by(_c.created_at, _c.id)
        )
        return tuple(_head(row) for row in rows)

    def known(
        self, tx: sa.Connection, verification_id: str, ids: Collection[str]
    ) -> frozenset[str]:
        """Which of the ids are proofs of that verification."""
        some = [one for one in ids if storable(one)]
        query = sa.select(_c.id).where(_c.verification_id == verification_id, _c.id.in_(some))
        return frozenset(tx.execute(query).scalars())

    def get(self, tx: sa.Connection, verification_id: str, id_: str) -> Proof:
        """Raises NotFound; Undecipherable where the file is not the one that was handed in."""
        missing = NotFound("no such proof")
        if not storable(id_):
            raise missing
        row = tx.execute(
            sa.select(proof).where(_c.id == id_, _c.verification_id == verification_id)
        ).one_or_none()
        if row is None:
            raise missing
        cipher = self._keys.opener(tx, row.verification_id)
        content = cipher.open(_cell(row.id), row.sealed_content)
        if digest_of(content) != row.digest:
            raise Undecipherable("proof: the file is not the one that was handed in")
        return Proof(_head(row), content)

    def count(self, tx: sa.Connection, verification_id: str) -> int:
        """How many the verification has."""
        query = sa.select(sa.func.count()).where(_c.verification_id == verification_id)
        found: int = tx.execute(query.select_from(proof)).scalar_one()
        return found


def _head(row: Any) -> ProofHead:
    return ProofHead(
        id=row.id,
        verification_id=row.verification_id,
        region=row.region,
        owner=Owner(row.owner_kind, row.owner_id),
        media_type=row.media_type,
        size=row.size,
        digest=row.digest,
        added_by=row.added_by,
        created_at=row.created_at,
    )


def _cell(id_: str) -> Cell:
    return Cell("proof", "sealed_content", id_)
