"""What a consent covers: why a source was not asked, typed; consents taken back in part."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
_WORDS = {
    "not_configured:%": "not_configured",
    "no_consent: the supporter has not signed": "supporter_not_signed",
    "no_consent: the consent is not signed yet": "not_yet_valid",
    "no_consent: the consent has expired": "expired",
    "%no_consent: the consent was withdrawn%": "withdrawn",
    "no_consent: % has not signed": "not_signed",
    "cancelled:%": "cancelled",
    "%no_consent:%": "lapsed",
}
"""How releases before this one said it in words; the first that fits counts."""


def upgrade() -> None:
    op.add_column("source_task", sa.Column("reason", sa.String(length=64), nullable=True))
    task = sa.table(
        "source_task",
        sa.column("state", sa.String),
        sa.column("detail", sa.String),
        sa.column("reason", sa.String),
    )
    for words, reason in _WORDS.items():
        op.execute(
            task.update()
            .where(
                task.c.reason.is_(None),
                task.c.state.in_(("not_asked", "failed")),
                task.c.detail.like(words),
            )
            .values(reason=reason)
        )
    op.create_table(
        "partial_withdrawal",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("sealed_number", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partial_withdrawal")),
    )
    with op.batch_alter_table("partial_withdrawal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partial_withdrawal_reference"), ["reference"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_partial_withdrawal_region"), ["region"], unique=False)
