"""`hedui replay`: from the stored evidence the same result, and a word where it is not."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.keys import master_key
from app.settings import Settings
from app.store.crypto import FieldCipher
from app.store.evidence import Replies
from app.store.session import connect
from tests.service_parts import (
    Clock,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    running,
)
from tests.store.test_replies import a_reply


@pytest.fixture
async def finished(tmp_path: Path) -> tuple[Path, str]:
    """The data of a closed service and the verification in it.

    Another case of the same persons came later, was itself verified, and a third was cancelled:
    none of which may change what the first one says.
    """
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    clock = Clock()
    async with running(tmp_path, all_ten(bank), clock=clock) as service:
        id_ = (await service.post()).json()["id"]
        clock.forward(seconds=1)
        await service.post(a_body(case_reference="a later case"))
        clock.forward(seconds=1)
        third = (await service.post(a_body(case_reference="a third case"), wait=0)).json()["id"]
        await service.http.post(f"/v1/verifications/{third}/cancel", headers=service.headers)
    return tmp_path, id_


def test_a_result_is_computed_again_from_its_evidence(finished: tuple[Path, str]) -> None:
    folder, id_ = finished
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder)})
    done = runner.invoke(cli, ["replay", id_])
    assert done.exit_code == 0, done.output
    digests = {line.split()[1] for line in done.output.splitlines() if "sha256:" in line}
    assert len(digests) == 1
    unknown = runner.invoke(cli, ["replay", "vf_none"])
    assert unknown.exit_code != 0


async def test_evidence_that_was_changed_is_noticed(finished: tuple[Path, str]) -> None:
    """The tax office's answer replaced by one that says less."""
    folder, id_ = finished
    database = connect(f"sqlite:///{folder / 'hedui.sqlite3'}")
    store = Replies(FieldCipher(master_key(Settings(data_dir=folder))))
    body = json.dumps({"records": [], "gap": {"kind": "timed_out", "detail": "x"}}).encode()
    changed = a_reply(
        "unknown",
        verification_id=id_,
        person="m1",
        source="tax",
        institution="",
        outcome=body,
    )
    await database.write(
        lambda tx: tx.exec_driver_sql("DELETE FROM reply WHERE id = ?", (changed.id,))
    )
    await database.write(lambda tx: store.put(tx, [changed]))
    await database.aclose()
    async with running(folder, all_ten()) as service:
        same, stored, again = await service.parts.verifier.replay(id_)
    assert same is False
    assert stored.digest != again.digest
