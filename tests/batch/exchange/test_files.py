"""Files to banks and their replies: parts in any order, damage, refusals, crashes, late replies."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest

from app.domain import household as domain
from app.store.session import Database
from tests.batch.exchange.office import an_office, answer, banks, parts_of, reply_lines
from tests.connectors.bank.builders import nothing

NAME = "HDREQ_220102_20261124_0001"


async def test_one_file_a_bank_with_everybody_who_waits(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc", "abc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(30)
        assert await office.exchange.write_due() == 0, "they wait for others first"
        assert await office.write() == 2
        assert [
            len(there.lines(f"{name}.txt", bank))
            for bank, name in (("icbc", NAME), ("abc", NAME.replace("0001", "0002")))
        ] == [60, 60]
        assert [line[0] for line in there.lines(f"{NAME}.txt")] == [str(n) for n in range(1, 61)]
        assert await office.write() == 0
        assert set((await office.asked_about()).values()) == {2}
        assert await office.audited("source_asked") == 60


async def test_a_full_file_does_not_wait_and_no_file_holds_more(
    database: Database, tmp_path: Path
) -> None:
    async with banks(tmp_path / "sftp", "icbc", persons=20) as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(25)
        assert await office.exchange.write_due() == 2
        assert await office.write() == 1
        assert [len(there.lines(name)) for name in there.waiting()] == [20, 20, 10]
        assert set((await office.asked_about()).values()) == {1}


async def test_replies_are_stored_once_by_place(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(30)
        await office.write()
        answer(there, f"{NAME}.txt")
        assert await office.read() == 1
        assert await office.states() == {"found": 20, "no_record": 40}
        assert await office.persons() == {"answered": 60}
        assert [file.state for file in await office.files()] == ["closed"]
        found = await office.replies()
        assert found["vf_00000002", "m1", "icbc"].state == "found", "the third person"
        assert set(office.asked.settled) == {f"vf_{place:08d}" for place in range(1, 31)}
        assert await office.read() == 0


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))), ids=str)
async def test_parts_in_any_order_with_repeated_looks(
    database: Database, tmp_path: Path, order: Sequence[int]
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(10)
        await office.write()
        lines = reply_lines(there.lines(f"{NAME}.txt"))
        # The third person has an account in each of two parts.
        lines[3:3] = [lines[2].replace("6222****0123", "6222****0456")] * 4
        parts = parts_of(NAME, lines, 3)
        for part in order:
            file, body = parts[part]
            there.server.put(f"icbc/out/{file}", body)
            await office.read()
            await office.read()
        assert await office.states() == {"found": 6, "no_record": 14}
        third = (await office.replies())["vf_00000002", "m1", "icbc"]
        assert third.raw.count(b"\r\n") == 4
        assert [file.state for file in await office.files()] == ["closed"]


async def test_a_damaged_part_is_asked_again_for_those_concerned(
    database: Database, tmp_path: Path
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(15)
        await office.write()
        answer(there, f"{NAME}.txt", of=3, but=(2,))
        file, body = parts_of(NAME, reply_lines(there.lines(f"{NAME}.txt")), 3)[2]
        there.server.put(f"icbc/out/{file}", body.replace(b"|N|", b"|Y|", 1))
        await office.read()
        assert await office.persons() == {"answered": 18, "todo": 12}
        await office.write()
        second = NAME.replace("0001", "0002")
        assert len(there.lines(f"{second}.txt")) == 12
        answer(there, f"{second}.txt")
        await office.read()
        assert await office.persons() == {"answered": 30}
        assert (await office.states())["unknown"] == 0
        assert sum((await office.asked_about()).values()) == 42


async def test_tries_come_to_an_end(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source}, tries=2)
        await office.enlist(5)
        for number in (1, 2):
            await office.write()
            name = f"{NAME[:-1]}{number}"
            file, body = parts_of(name, [nothing(n) for n in range(1, 11)], 1)[1]
            there.server.put(f"icbc/out/{file}", body[:-3] + b"0\r\n")
            await office.read()
        assert await office.states() == {"unknown": 10}
        assert {one.failure for one in (await office.replies()).values()} == {"malformed"}


async def test_a_rejected_file_is_an_unknown_answer_for_all(
    database: Database, tmp_path: Path
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(5)
        await office.write()
        reason = "笔数不符\r\n".encode("gb18030")
        there.server.put(f"icbc/out/{NAME.replace('HDREQ', 'HDREJ')}.txt", reason)
        await office.read()
        assert await office.states() == {"unknown": 10}
        assert {one.failure for one in (await office.replies()).values()} == {"rejected"}
        assert [file.state for file in await office.files()] == ["closed"]


async def test_one_bad_line_is_one_persons_unknown(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(5)
        await office.write()
        lines = [nothing(place) for place in range(1, 11)]
        lines[4] = "5|Y|李明"
        for file, body in parts_of(NAME, lines, 1).values():
            there.server.put(f"icbc/out/{file}", body)
        await office.read()
        assert await office.states() == {"no_record": 9, "unknown": 1}


async def test_past_the_deadline_nobody_is_waited_for(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(5)
        await office.write()
        await office.read()
        await office.read(days=1)
        assert await office.states() == {"unknown": 10}
        assert {one.failure for one in (await office.replies()).values()} == {"timed_out"}
        assert await office.persons() == {"overdue": 10}
        await office.read(days=8)
        assert [file.state for file in await office.files()] == ["closed"]


async def test_who_cannot_be_named_is_in_no_file(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(2, id_type=domain.IdType.NONE)
        assert await office.write() == 0
        assert there.waiting() == []
        assert await office.asked_about() == {}
        assert await office.states() == {"unknown": 4}


@pytest.mark.parametrize(
    ("now", "files"), [("22:00-06:00", 0), ("11:00-13:00", 1), ("12:30-08:00", 0)]
)
async def test_files_are_written_within_the_sources_hours(
    database: Database, tmp_path: Path, now: str, files: int
) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source}, window=now)
        await office.enlist(2)
        assert await office.write() == files
        office.clock.forward(hours=11)
        assert await office.write() == 1 - files


async def test_a_bank_out_of_reach_has_its_file_later(database: Database, tmp_path: Path) -> None:
    async with banks(tmp_path / "sftp", "icbc") as there:
        office = an_office(database, {"bank": there.source})
        await office.enlist(2)
        folder = tmp_path / "sftp" / "icbc" / "in"
        folder.rmdir()
        assert await office.write() == 0
        assert await office.asked_about() == {}, "no intents for what does not leave"
        folder.mkdir()
        assert await office.write() == 1
        assert await office.asked_about() == {
            (f"vf_0000000{n}", r): 1 for n in (1, 2) for r in ("m1", "m2")
        }
