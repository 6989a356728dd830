"""Inserts whose rows go to the database's driver as they are."""

from collections.abc import Sequence

import sqlalchemy as sa


class DriverInsert:
    """An insert into these columns, which hold text, numbers and bytes: nothing is converted.

    Of many rows SQLAlchemy's binding of each costs more than all the rest of the work on it.
    """

    def __init__(self, table: sa.Table, columns: Sequence[str]) -> None:
        self._insert = table.insert()
        self._columns = tuple(columns)
        self._sql: dict[str, str] = {}

    def execute(self, tx: sa.Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Each row in the order of the columns."""
        if rows:
            tx.exec_driver_sql(self._of(tx.dialect), list(rows))

    def _of(self, dialect: sa.Dialect) -> str:
        if dialect.name not in self._sql:
            compiled = self._insert.compile(dialect=dialect, column_keys=list(self._columns))
            places = tuple(compiled.positiontup or ())
            assert places == self._columns  # noqa: S101 - as rows are made
            self._sql[dialect.name] = str(compiled)
        return self._sql[dialect.name]
