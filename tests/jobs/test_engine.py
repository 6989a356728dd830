"""The durable engine's own database."""

import time
from pathlib import Path

import sqlalchemy as sa

from app.jobs.engine import engine_of


def test_the_engine_reads_the_time_on_an_old_sqlite_too(tmp_path: Path) -> None:
    engine = engine_of(sa.make_url(f"sqlite:///{tmp_path / 'engine.sqlite3'}"))
    before = time.time()
    told: float
    kept: float
    with engine.connect() as connection:
        told = connection.exec_driver_sql("SELECT unixepoch('subsec')").scalar_one()
        connection.exec_driver_sql("CREATE TABLE t (a, at DEFAULT (unixepoch('subsec') * 1000))")
        connection.exec_driver_sql("INSERT INTO t (a) VALUES (1)")
        kept = connection.exec_driver_sql("SELECT at FROM t").scalar_one()
    engine.dispose()
    assert before - 1 <= told <= time.time() + 1
    assert before * 1000 - 1000 <= kept
