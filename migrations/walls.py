"""Row-level security on tables with a region: rows outside of the transaction's scope do not exist.

A later revision that makes a table with a region calls `raise_walls` for it by name; a test over
all tables names those that have no wall.
"""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from alembic import op

POLICY: Final = "region_wall"
_FROM: Final = "current_setting('hedui.region_from', true)"
_UNTIL: Final = "current_setting('hedui.region_until', true)"
_WITHIN: Final = (
    f"({_UNTIL} = 'zzzzzzzzzzzzz' AND {_FROM} = '') OR (region >= {_FROM} AND region < {_UNTIL})"
)
"""Everything, or a range of codes. A setting that is not there is NULL (or empty, where an earlier
transaction of the connection had it), and then there are no rows.

Not the range alone, though an index would serve it: of a table without statistics the planner takes
a range for one row in 200, and then reads all of that index for the service's own queries (a join
of 39 ms took 657 ms). The callers' queries name their region themselves, and an index serves that.
"""


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
