"""Staff accounts, roles, sessions, changes that a second person agrees to."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
