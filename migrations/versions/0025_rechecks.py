"""A profile looks up what checked its household again."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    known = sa.text("recheck_of IS NOT NULL")
    op.create_index(
        "ix_verification_recheck_of",
        "verification",
        ["recheck_of"],
        sqlite_where=known,
        postgresql_where=known,
    )
