"""Consent at hand-over: who is refused, and what becomes of files that have left already."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.store.session import Database
from app.store.tables import source_task
from connectors.contract import Permit
from connectors.contract_bulk import BulkRequest
from connectors.failure import Failure
from tests.batch.exchange.office import Office, an_office, answer, banks, replaced

NAME = "HDREQ_220102_20261124_0001"


async def bank_tasks(office: Office, id_: str) -> dict[str, tuple[str, str]]:
    """State and reason of asking the banks, by person."""
    query = sa.select(source_task).where(
        source_task.c.verification_id == id_, source_task.c.source == "bank"
    )
    return {row.person: (row.state, row.detail) for row in await office.all(query)}


async def test_who_withdrew_before_is_in_no_file(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc", "abc") as there:
        office = an_office(database, {"bank": there.source})
        ids = await office.enlist(5)
        await office.withdraw("SQ-000002")
        await office.write()
        for bank in ("icbc", "abc"):
            assert len(there.lines(there.waiting(bank)[0], bank)) == 8
        tasks = await bank_tasks(office, ids[1])
        assert {state for state, _ in tasks.values()} == {"not_asked"}
        assert all("withdrawn" in reason for _, reason in tasks.values())
        assert (await office.persons())["answered"] == 4
        assert set(office.asked.settled) == {ids[1]}
        assert not [key for key in await office.asked_about() if key[0] == ids[1]]


async def test_one_missing_signature_keeps_nobody_else_out(
    database: Database, tmp_path: Path
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        ids = await office.enlist(2, signatories=("m1",))
        await office.write()
        assert [line[0] for line in there.lines(f"{NAME}.txt")] == ["1", "2"]
        tasks = await bank_tasks(office, ids[0])
        assert (tasks["m1"][0], tasks["m2"][0]) == ("pending", "not_asked")
        answer(there, f"{NAME}.txt")
        await office.read()
        assert {key[:2] for key in await office.replies()} == {(id_, "m1") for id_ in ids}


async def test_what_was_cancelled_is_in_no_file(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        ids = await office.enlist(3)
        await office.set_status(ids[0], "cancelled")
        await office.write()
        assert len(there.lines(f"{NAME}.txt")) == 4


class Withdrawing:
    """A bank before whose door somebody withdraws, just as the file is to be written."""

    def __init__(self, real: Any, office: list[Office]) -> None:
        self.institutions = real.institutions
        self.in_bulk = self
        self._real = real.in_bulk
        self._office = office

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def hand_over(self, request: BulkRequest, body: bytes, permit: Permit) -> Failure | None:
        if self._office:
            await self._office.pop().withdraw("SQ-000001")
        failure: Failure | None = await self._real.hand_over(request, body, permit)
        return failure


async def test_a_withdrawal_after_the_gate_keeps_the_file_back(
    database: Database, tmp_path: Path
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        waiting: list[Office] = []
        office = an_office(database, {"bank": Withdrawing(there.source, waiting)})
        waiting.append(office)
        await office.enlist(3)
        assert await office.write() == 0
        assert there.waiting() == []
        assert await office.write() == 1
        assert [line[0] for line in there.lines(f"{NAME}.txt")] == ["3", "4", "5", "6"]


async def test_a_file_that_nobody_took_is_taken_back(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        ids = await office.enlist(3)
        await office.write()
        await office.withdraw("SQ-000003")
        await office.read()
        assert there.waiting() == []
        await office.write()
        assert [line[0] for line in there.lines(f"{NAME}.txt")] == ["1", "2", "3", "4"]
        assert await office.audited("withdrawal_not_sent_back") == 0
        answer(there, f"{NAME}.txt")
        await office.read()
        assert {key[0] for key in await office.replies()} == set(ids[:2])


async def test_what_cannot_be_taken_back_is_on_record_and_not_taken_in(
    database: Database, tmp_path: Path
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        ids = await office.enlist(3)
        await office.write()
        answer(there, f"{NAME}.txt")
        for file in (tmp_path / "sftp" / "icbc" / "in").iterdir():
            file.unlink()
        await office.withdraw("SQ-000003")
        await office.read()
        await office.read()
        assert await office.audited("withdrawal_not_sent_back") == 2
        found = await office.replies()
        assert {found[ids[2], ref, "icbc"].failure for ref in ("m1", "m2")} == {"not_permitted"}
        assert await office.states() == {"no_record": 3, "found": 1, "unknown": 2}


async def test_a_source_without_way_back_is_on_record(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        there.source.in_bulk = replaced(there.source.in_bulk)
        office = an_office(database, {"bank": there.source})
        await office.enlist(1)
        await office.write()
        (tmp_path / "sftp" / "icbc" / "in" / f"{NAME}.ok").unlink()
        await office.withdraw("SQ-000001")
        await office.read()
        assert await office.audited("withdrawal_not_sent_back") == 2
        assert [file.state for file in await office.files()] == ["closed"]
