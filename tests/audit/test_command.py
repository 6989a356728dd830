"""`hedui audit verify`: 0 where the trail holds; 1 and the first broken entry where not."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from app.cli import cli
from app.settings import Settings
from app.store.audit_entries import AuditEntries
from app.store.migrate import sync_engine
from app.store.tables import audit_entry
from tests.service_parts import all_ten, running


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """The data of a service that verified one household and was closed."""
    async with running(tmp_path, all_ten()) as service:
        assert (await service.post()).status_code == 201
    return tmp_path


def _change(folder: Path, statement: sa.Executable) -> None:
    engine = sync_engine(Settings(data_dir=folder).database)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(statement)
        connection.exec_driver_sql("COMMIT")
    engine.dispose()


def test_a_trail_that_holds_and_one_that_was_tampered_with(folder: Path) -> None:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder)})
    whole = runner.invoke(cli, ["audit", "verify"])
    assert whole.exit_code == 0, whole.stderr
    engine = sync_engine(Settings(data_dir=folder).database)
    with engine.connect() as connection:
        rows = list(AuditEntries().all(connection))
    engine.dispose()
    actions = [row.action for row in rows]
    assert actions[0] == "verification_accepted"
    assert actions.count("source_asked") == 30  # three persons, ten sources
    assert "verification_final" in actions
    _change(
        folder,
        audit_entry.update().where(audit_entry.c.position == 7).values(object="vf_somebody_else"),
    )
    bent = runner.invoke(cli, ["audit", "verify"])
    assert bent.exit_code == 1
    assert "entry 7 does not hold" in bent.stderr
    _change(folder, audit_entry.delete().where(audit_entry.c.position == 3))
    cut = runner.invoke(cli, ["audit", "verify"])
    assert cut.exit_code == 1
    assert "entry 3 does not hold" in cut.stderr
