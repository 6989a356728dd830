"""The housing fund 住房公积金: a view in a database file, and the ways in which it fails."""

import asyncio
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from connectors.sandbox.faults import Fault
from connectors.sandbox.register import Entry, Register
from connectors.sandbox.servers.desk import Desk

COLUMNS: Final = (
    "GRZH",
    "XM",
    "ZJHM",
    "CSRQ",
    "DWMC",
    "DWDM",
    "JCJS",
    "YJCE",
    "ZHYE",
    "ZHZT",
    "JZNY",
    "GXSJ",
)
TABLE_DDL: Final = """
CREATE TABLE GJJ_GRZH (
    GRZH VARCHAR(20) NOT NULL,
    XM VARCHAR(100),
    ZJHM VARCHAR(30),
    CSRQ VARCHAR(20),
    DWMC VARCHAR(200),
    DWDM VARCHAR(30),
    JCJS NUMERIC(12, 2),
    YJCE NUMERIC(12, 2),
    ZHYE NUMERIC(14, 2),
    ZHZT VARCHAR(2),
    JZNY VARCHAR(10),
    GXSJ TIMESTAMP
)
"""
INDEX_DDL: Final = (
    "CREATE INDEX GJJ_GRZH_ZJHM ON GJJ_GRZH (ZJHM)",
    "CREATE INDEX GJJ_GRZH_XM ON GJJ_GRZH (XM)",
)
_VIEW: Final = "CREATE VIEW V_GJJ_GRZH AS SELECT {columns} FROM GJJ_GRZH{where}"
VIEW_DDL: Final = _VIEW.format(columns=", ".join(COLUMNS), where="")
"""Table, indexes and view: what SQLite and PostgreSQL both take."""

_INSERT: Final = f"INSERT INTO GJJ_GRZH VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
_AGAIN: Final = " UNION ALL SELECT * FROM GJJ_GRZH"
_SLOW_WHERE: Final = (
    " WHERE (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    " WHERE i < 40000000) SELECT max(i) FROM n) > 0"
)
"""Some ten seconds of counting before the first row."""
_LOCK_WAIT_SECONDS: Final = 0.1
_TEN_MEGABYTES: Final = 10 << 20


def account_values(entries: Iterable[Entry]) -> Iterable[tuple[str | int | None, ...]]:
    """Each account's columns as SQLite keeps them; amounts as decimal text, never as floats."""
    for entry in entries:
        yield tuple(_column(entry.row.get(column)) for column in COLUMNS)


def write_housing_fund(path: Path, register: Register) -> None:
    """Writes the register as a fresh SQLite file with the view `V_GJJ_GRZH`."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    try:
        with connection:
            for statement in (TABLE_DDL, *INDEX_DDL, VIEW_DDL):
                connection.execute(statement)
            connection.executemany(_INSERT, account_values(register.entries))
    finally:
        connection.close()


def _column(value: object) -> str | int | None:
    match value:
        case None | str() | int():
            return value
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            raise TypeError(f"a housing fund column cannot hold {type(value).__name__}")


class HousingFund:
    """The database file, kept as the board wants it.

    A view has no answers to count, so rates and numbers of times do not hold here: a fault lasts
    from being set to being healed. What is read out of the file is not logged either.
    """

    def __init__(self, desk: Desk, path: Path) -> None:
        self._desk = desk
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._spoilt = False

    async def start(self) -> None:
        """Writes the file and follows the board."""
        write_housing_fund(self._path, self._desk.register)
        self._connection = sqlite3.connect(
            self._path, timeout=_LOCK_WAIT_SECONDS, isolation_level=None
        )
        self._desk.board.watch(self._desk.source, self._follow)
        self._follow()

    async def stop(self) -> None:
        """Lets go of the file, locked or not."""
        if self._retry is not None:
            self._retry.cancel()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _follow(self) -> None:
        """Brings the view to what the board says; waits for readers that hold the file."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._connection is None:
            return
        fault = self._desk.board.current(self._desk.source)
        if fault is None and not self._spoilt:
            return
        try:
            self._set(self._connection, fault)
        except sqlite3.OperationalError:
            if self._connection.in_transaction:
                self._connection.rollback()
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(_LOCK_WAIT_SECONDS, self._follow)

    def _set(self, connection: sqlite3.Connection, fault: Fault | None) -> None:
        if connection.in_transaction:
            connection.rollback()
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("DROP VIEW IF EXISTS V_GJJ_GRZH")
        self._spoilt = fault is not None
        if fault is not Fault.SQL_ERROR:
            connection.execute(view_ddl(fault))
        connection.execute("COMMIT")
        if fault is Fault.STALL:
            connection.execute("BEGIN EXCLUSIVE")  # held until healed: every reader waits


def view_ddl(fault: Fault | None) -> str:
    """The view as the fault shows it."""
    match fault:
        case None | Fault.STALL | Fault.SQL_ERROR:
            return VIEW_DDL
        case Fault.SQL_SLOW | Fault.LATE:
            return _VIEW.format(columns=_columns(), where=_SLOW_WHERE)
        case Fault.DUPLICATE:
            return _VIEW.format(columns=_columns(), where=_AGAIN)
        case Fault.NAN:
            return _view(JCJS="'NaN'", YJCE="9e999", ZHYE="'NaN'")
        case Fault.GARBAGE:
            return _view(JCJS="randomblob(9)", ZHYE="randomblob(9)", ZHZT="randomblob(3)")
        case Fault.WRONG_CHARSET:
            return _view(DWMC="CAST(X'B3A4B4BACAD0' AS TEXT)")  # GBK where UTF-8 is declared
        case Fault.TEN_MEGABYTES:
            return _view(DWMC=f"CAST(zeroblob({_TEN_MEGABYTES}) AS TEXT)")
        case _:
            raise ValueError(f"a view cannot show {fault}")


def _columns(**spoilt: str) -> str:
    return ", ".join(
        f"{spoilt[column]} AS {column}" if column in spoilt else column for column in COLUMNS
    )


def _view(**spoilt: str) -> str:
    return _VIEW.format(columns=_columns(**spoilt), where="")
