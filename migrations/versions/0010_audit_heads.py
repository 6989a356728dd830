"""Signed heads of the audit trail, its end in a row of its own, allowed callback addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "audit_entry",
        sa.Column("algorithm", sa.String(length=64), server_default="hmac-sha256", nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("waiting_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    _fill_head()
    op.create_table(
        "audit_signed_head",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("algorithm", sa.String(length=64), nullable=False),
        sa.Column("signer", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_signed_head")),
        sa.UniqueConstraint("position", name=op.f("uq_audit_signed_head_position")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_signed_head_previous")),
    )
    op.create_table(
        "audit_anchored",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("anchor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "anchor", name=op.f("pk_audit_anchored")),
    )
    op.create_table(
        "outgoing_address",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("pattern", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("proposed_by", sa.String(length=100), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("agreed_by", sa.String(length=100), nullable=True),
        sa.Column("agreed_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=100), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_address")),
    )
    op.create_index(op.f("ix_outgoing_address_state"), "outgoing_address", ["state"])


def _fill_head() -> None:
    """The end of the trail as it is; what stands in it waits from now on to be anchored."""
    entry = sa.table("audit_entry", sa.column("position"), sa.column("mac"))
    head = sa.table(
        "audit_head",
        sa.column("id"),
        sa.column("position"),
        sa.column("mac", sa.LargeBinary),
        sa.column("waiting_since"),
    )
    last = op.get_bind().execute(
        sa.select(entry.c.position, entry.c.mac).order_by(entry.c.position.desc()).limit(1)
    )
    row = last.one_or_none()
    values = {"position": 0, "mac": bytes(32)}
    if row is not None:
        values = {"position": row.position, "mac": bytes(row.mac)}
    op.get_bind().execute(head.insert().values(id=1, waiting_since=None, **values))
