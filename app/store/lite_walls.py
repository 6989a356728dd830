"""SQLite's walls: on a caller's connection a table with a region shows the scope's rows alone.

A TEMP VIEW of the table's name stands before the table, for names are looked for among the
connection's own things first. What changes rows is sent to the table itself, where TEMP TRIGGERs
stand before rows outside of the scope. What the scope is, functions of the connection tell.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from app.store.scope import bounds

_VERSION: Final = "hedui.walls"
"""Where in a connection's `info` stands for which version of the schema its walls are."""
_CHANGES: Final = re.compile(
    r"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+(?!main\.)",
    re.IGNORECASE,
)
_TABLES: Final = sa.text(
    "SELECT name FROM main.sqlite_master AS one WHERE type = 'table' AND EXISTS"
    " (SELECT 1 FROM pragma_table_info(one.name, 'main') WHERE name = 'region') ORDER BY name"
)
_BOUNDS: Final = ("{0}region >= hedui_from()", "{0}region < hedui_until()")
_WITHIN: Final = " AND ".join(_BOUNDS)
_SEEN: Final = " AND ".join(f"likely({one.format('')})" for one in _BOUNDS)
"""A file holds one county or few: SQLite is told that nearly all is within, or else it would take
the region's index for every statement, and put all that it finds in order."""
_REFUSED: Final = "RAISE(ABORT, 'a row outside of the region')"
_UNSEEN: Final = "RAISE(IGNORE)"
_WALLS: Final = (
    ("INSERT", "NEW", _REFUSED),
    ("UPDATE", "NEW", _REFUSED),
    ("UPDATE", "OLD", _UNSEEN),
    ("DELETE", "OLD", _UNSEEN),
)
"""As on PostgreSQL: a row outside is not there to be changed, and none is put there."""


def walled(engine: sa.Engine) -> sa.Engine:
    """The engine, each connection of which sees nothing until its transaction has a scope."""

    @sa.event.listens_for(engine, "connect")
    def _functions(connection: Any, record: Any) -> None:
        info = record.info
        # Within one statement the scope is one: SQLite may ask once and search an index by it.
        for name, told in (
            ("hedui_from", lambda: bounds(info).low),
            ("hedui_until", lambda: bounds(info).high),
        ):
            connection.create_function(name, 0, told, deterministic=True)

    @sa.event.listens_for(engine, "before_cursor_execute", retval=True)
    def _to_the_table(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any
    ) -> tuple[str, Any]:
        found = _CHANGES.match(statement)
        if found is not None:
            statement = f"{found.group()}main.{statement[found.end() :]}"
        return statement, parameters

    return engine


def raise_walls(tx: sa.Connection) -> None:
    """Walls as of the schema that there is; made once a connection and schema.

    Before a transaction begins, for what is rolled back would take them with it.
    """
    version: int = tx.exec_driver_sql("PRAGMA main.schema_version").scalar_one()
    if tx.info.get(_VERSION) == version:
        return
    for kind, name in tx.execute(sa.text("SELECT type, name FROM temp.sqlite_master")).all():
        tx.exec_driver_sql(f'DROP {kind} IF EXISTS temp."{name}"')
    names: Sequence[str] = tx.execute(_TABLES).scalars().all()
    for table in names:
        _raise(tx, table)
    tx.info[_VERSION] = version


def _raise(tx: sa.Connection, table: str) -> None:
    tx.exec_driver_sql(
        f'CREATE TEMP VIEW "{table}" AS SELECT * FROM main."{table}" WHERE {_SEEN}'  # noqa: S608
    )
    for change, row, then in _WALLS:
        tx.exec_driver_sql(
            f'CREATE TEMP TRIGGER "wall_{change}_{row}_{table}" BEFORE {change} ON main."{table}"'
            f" WHEN NOT coalesce({_WITHIN.format(f'{row}.')}, 0) BEGIN SELECT {then}; END"
        )
