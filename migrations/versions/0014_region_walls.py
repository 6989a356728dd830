"""Rows of a region are seen within that region alone."""

from migrations.walls import raise_walls, tables_with_region

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every table of the revisions before that has a region."""
    raise_walls(*tables_with_region())
