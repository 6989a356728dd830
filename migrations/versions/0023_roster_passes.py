"""Passes by which a tool reconciles one roster."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import raise_walls

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ID = sa.String(length=40)
_WORD = sa.String(length=64)
_INSTANT = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "roster_pass",
        sa.Column("id", _ID, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("holder", _ID, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("purpose", _WORD, nullable=True),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("until_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("ended_by", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_pass")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_roster_pass_token_hash")),
    )
    with op.batch_alter_table("roster_pass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_pass_region"), ["region"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_pass_holder"), ["holder"], unique=False)
    raise_walls("roster_pass")
