"""What a person settled of a verification, and the proofs that were handed in."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import raise_walls

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settlement",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed_settled", sa.LargeBinary(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("reviewer", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("withdraws", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
    )
    for column in ("item_id", "region", "verification_id"):
        op.create_index(op.f(f"ix_settlement_{column}"), "settlement", [column])
    op.create_table(
        "proof",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("owner_kind", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=40), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
    )
    for column in ("region", "verification_id"):
        op.create_index(op.f(f"ix_proof_{column}"), "proof", [column])
    op.create_index("ix_proof_owner", "proof", ["owner_kind", "owner_id"])
    raise_walls("settlement", "proof")
