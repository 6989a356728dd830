"""Late replies: into what is open, beside what is final, nowhere of what is cancelled."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from app.store.session import Database
from app.store.tables import reply, source_task, verification
from app.verification.supplement import supplement_id
from tests.batch.exchange.office import Banks, Office, an_office, answer, banks

NAME = "HDREQ_220102_20261124_0001"


async def overdue(office: Office, there: Banks, status: str, households: int = 3) -> list[str]:
    """Households whose bank was late: concluded without it, then the bank answers."""
    ids = await office.enlist(households)
    await office.write()
    lines = there.lines(f"{NAME}.txt")
    assert len(lines) == 2 * households
    await office.read(days=1)
    assert await office.persons() == {"overdue": 2 * households}
    for id_ in ids:
        await office.set_status(id_, status)
    answer(there, f"{NAME}.txt")
    return ids


@pytest.mark.parametrize("status", ["partial", "in_review"])
async def test_what_is_open_is_concluded_anew(
    database: Database, tmp_path: Path, status: str
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        ids = await overdue(office, there, status)
        await office.read()
        assert await office.states() == {"no_record": 4, "found": 2}
        assert sorted(office.asked.renewed) == ids
        assert office.asked.begun == []


async def test_what_is_cancelled_takes_nothing_in(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await overdue(office, there, "cancelled")
        await office.read()
        assert await office.states() == {"unknown": 6}
        assert await office.persons() == {"answered": 6}


async def test_what_is_final_gets_a_supplement(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        ids = await overdue(office, there, "final")
        before = await office.replies()
        await office.read()
        after = await office.replies()
        assert {key: one for key, one in after.items() if key[0] in ids} == before
        supplements = [supplement_id(id_) for id_ in ids]
        assert sorted(office.asked.begun) == sorted(supplements)
        rows = await office.all(sa.select(verification).where(verification.c.id.in_(supplements)))
        assert {row.recheck_of: row.status for row in rows} == dict.fromkeys(ids, "accepted")
        assert after[supplements[1], "m1", "icbc"].state == "found"
        pending = sa.select(source_task.c.state).where(
            source_task.c.verification_id.in_(supplements), source_task.c.source == "bank"
        )
        assert len(await office.all(pending)) == 6
        assert await office.audited("verification_supplemented") == 3


async def test_a_supplement_rests_on_the_earlier_replies(
    database: Database, tmp_path: Path
) -> None:
    async with banks(tmp_path / "sftp", "icbc", "abc") as there:
        office = an_office(database, {"bank": there.source})
        [id_] = await office.enlist(1)
        await office.write()
        other = NAME.replace("0001", "0002")
        tail = other.removeprefix("HDREQ_")
        body_of = answer  # the bank icbc is late, abc is not
        lines = there.lines(f"{other}.txt", "abc")
        assert len(lines) == 2
        (tmp_path / "sftp" / "icbc" / "in" / f"{other}.txt").write_bytes(
            (tmp_path / "sftp" / "abc" / "in" / f"{other}.txt").read_bytes()
        )
        body_of(there, f"{other}.txt")
        for file in (tmp_path / "sftp" / "icbc" / "out").glob(f"HDRSP_{tail}*"):
            file.rename(tmp_path / "sftp" / "abc" / "out" / file.name)
        await office.read()
        assert await office.states() == {"no_record": 2}
        await office.read(days=1)
        await office.set_status(id_, "final")
        body_of(there, f"{NAME}.txt")
        await office.read()
        rows = await office.all(
            sa.select(reply.c.institution, reply.c.state, reply.c.reused_from).where(
                reply.c.verification_id == supplement_id(id_)
            )
        )
        told = {(row.institution, row.state, row.reused_from is not None) for row in rows}
        assert told == {("abc", "no_record", True), ("icbc", "no_record", False)}


async def test_a_late_failure_adds_nothing(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(2)
        await office.write()
        await office.read(days=1)
        for place in (1, 2):
            await office.set_status(f"vf_{place:08d}", "final")
        name = NAME.replace("HDREQ", "HDREJ")
        there.server.put(f"icbc/out/{name}.txt", b"no\r\n")
        await office.read()
        assert office.asked.begun == []
        assert await office.states() == {"unknown": 4}
        assert [file.state for file in await office.files()] == ["closed"]


async def test_a_second_late_reply_supplements_the_supplement(
    database: Database, tmp_path: Path
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        [id_] = await overdue(office, there, "final", 1)
        out = tmp_path / "sftp" / "icbc" / "out"
        for file in out.iterdir():
            file.unlink()
        answer(there, f"{NAME}.txt", of=2, but=(2,))
        await office.read()
        first = supplement_id(id_)
        assert office.asked.begun == []
        answer(there, f"{NAME}.txt", of=2)
        await office.read()
        assert office.asked.begun == [first]
        assert (await office.states())["no_record"] == 2
