"""The tables of what was settled by a person, and of the proofs that it rests on."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

settlement = sa.Table(
    "settlement",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("item_id", ID, nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("sealed_settled", sa.LargeBinary, nullable=False),
    sa.Column("holds", sa.Boolean, nullable=False),
    sa.Column("reviewer", ID, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("withdraws", ID),
)
"""What a reviewer settled with a decision of that item and version 核定, never changed afterwards.
`holds`: it is concluded from; a first word that waits for a second one does not yet. `withdraws`:
the row that this one takes back."""

proof = sa.Table(
    "proof",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("owner_kind", WORD, nullable=False),
    sa.Column("owner_id", ID, nullable=False),
    sa.Column("media_type", WORD, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(80), nullable=False),
    sa.Column("sealed_content", sa.LargeBinary, nullable=False),
    sa.Column("added_by", ID, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Index("ix_proof_owner", "owner_kind", "owner_id"),
)
"""A file that somebody handed in 材料; it belongs to a verification and to what it was handed in
for. It has no name: names of files tell of persons."""
