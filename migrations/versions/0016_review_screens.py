"""What the worklist's screens are ordered and filtered by: due times, what turns an outcome."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

_THREE_DAYS = 3 * 86_400 * 1_000_000


def upgrade() -> None:
    op.add_column(
        "review_item",
        sa.Column("decisive", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("review_item", sa.Column("probability", sa.Float(), nullable=True))
    op.add_column("review_item", sa.Column("difference", sa.String(length=400), nullable=True))
    op.add_column("review_item", sa.Column("due_at", sa.BigInteger(), nullable=True))
    item = sa.table(
        "review_item",
        sa.column("due_at", sa.BigInteger),
        sa.column("created_at", sa.BigInteger),
    )
    # Of what is there already: conclusions name the exact time only of what arises anew.
    op.execute(item.update().values(due_at=item.c.created_at + _THREE_DAYS))
    op.create_index("ix_review_item_difference", "review_item", ["difference", "source", "state"])
    op.create_index("ix_review_item_locked_by", "review_item", ["locked_by"])
    op.create_index("ix_review_decision_reviewer", "review_decision", ["reviewer", "decided_at"])
