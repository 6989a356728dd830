"""Secrets of subjects, and what was erased."""

import sqlalchemy as sa
from alembic import op

from app.store.base import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables, and an index by which what is over is found; nothing old is changed."""
    op.create_table(
        "subject_key",
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary()),
        sa.Column("destroyed_at", Instant()),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_subject_key")),
    )
    op.create_index(op.f("ix_subject_key_destroyed_at"), "subject_key", ["destroyed_at"])
    op.create_table(
        "erasure",
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(40)),
        sa.Column("erased_at", Instant(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_erasure")),
    )
    for column in ("region", "request_id", "erased_at"):
        op.create_index(op.f(f"ix_erasure_{column}"), "erasure", [column])
    _requests()
    op.create_table(
        "remains",
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("cleaned_at", Instant(), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_remains")),
    )
    op.create_index(op.f("ix_verification_final_at"), "verification", ["final_at"])


def _requests() -> None:
    op.create_table(
        "erasure_request",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("case_reference", sa.String(100), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("document", sa.String(100), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("why", sa.String(64)),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.String(40), nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", Instant()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_request")),
    )
    for column in ("region", "case_reference"):
        op.create_index(op.f(f"ix_erasure_request_{column}"), "erasure_request", [column])
