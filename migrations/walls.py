"""Row-level security on tables with a region: rows outside of the transaction's scope do not exist.

A later revision that makes a table with a region calls `raise_walls` for it by name; a test over
all tables names those that have no wall.
"""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

POLICY: Final = "region_wall"
_WITHIN: Final = (
    "region >= current_setting('hedui.region_from', true)"
    " AND region < current_setting('hedui.region_until', true)"
)
"""As a range, so that an index on the region serves it; a setting that is not there is NULL (or
empty, where an earlier transaction of the connection had it), and then there are no rows."""


def tables_with_region() -> Sequence[str]:
    """Those that there are at this revision."""
    seen = sa.inspect(op.get_bind())
    return [
        table
        for table in sorted(seen.get_table_names())
        if any(column["name"] == "region" for column in seen.get_columns(table))
    ]


def raise_walls(*tables: str) -> None:
    """Enabled, and forced for the tables' owner too; nothing on SQLite, which has its own."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        op.execute(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"')
        op.execute(f'CREATE POLICY {POLICY} ON "{table}" USING ({_WITHIN}) WITH CHECK ({_WITHIN})')
