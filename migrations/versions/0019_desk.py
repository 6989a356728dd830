"""Held batches, repeated and muted alerts, breakers of sources; answers by source and time."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import raise_walls

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "batch", sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "batch", sa.Column("columns", sa.String(length=400), nullable=False, server_default="")
    )
    op.add_column("alert", sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("alert", sa.Column("repeated_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_reply_source_answered", "reply", ["source", "answered_at"])
    op.create_index("ix_asking_source_asked", "asking", ["source", "asked_at"])
    op.create_table(
        "alert_mute",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.Column("muted_by", sa.String(length=40), nullable=False),
        sa.Column("muted_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_mute")),
    )
    with op.batch_alter_table("alert_mute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_mute_region"), ["region"], unique=False)
    op.create_table(
        "source_breaker",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "holder", name=op.f("pk_source_breaker")),
    )
    op.create_table(
        "source_order",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ordered_by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_order")),
    )
    raise_walls("alert_mute")
