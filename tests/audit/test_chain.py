"""The audit trail: every bending of a chain is found, and two appenders do not fork it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.audit.chain import FIRST, AuditTrail, Entry, mac_of
from app.audit.verify import verify
from app.store.audit_entries import AuditEntries, AuditRow
from app.store.session import Database, connect
from app.store.tables import audit_entry
from tests.new_databases import brought_up
from tests.service_parts import REGION, Clock

KEY = bytes(range(32))
LENGTH = 12


def a_chain(length: int = LENGTH, key: bytes = KEY) -> list[AuditRow]:
    rows: list[AuditRow] = []
    clock, previous = Clock(), FIRST
    for position in range(1, length + 1):
        clock.forward(seconds=1)
        row = AuditRow(
            position=position,
            at=clock(),
            actor="cl_1",
            action="source_asked",
            object=f"vf_{position}",
            region=REGION,
            details='{"source": "tax"}',
            previous=previous,
            mac=b"",
        )
        row = replace(row, mac=mac_of(key, row))
        rows.append(row)
        previous = row.mac
    return rows


def broken_at(rows: Sequence[AuditRow]) -> int | None:
    return verify(rows, KEY).broken_at


def test_a_whole_chain_holds() -> None:
    rows = a_chain()
    verdict = verify(rows, KEY)
    assert (verdict.entries, verdict.broken_at, verdict.head) == (12, None, rows[-1].mac.hex())
    assert verify([], KEY).broken_at is None


EDITS: dict[str, Any] = {
    "position": 99,
    "at": a_chain()[0].at + timedelta(microseconds=1),
    "actor": "cl_2",
    "action": "verification_read",
    "object": "vf_other",
    "region": "220103",
    "details": '{"source": "bank"}',
    "previous": bytes(32),
    "mac": bytes(32),
    "algorithm": "hmac-sm3",
}


def test_every_field_of_an_entry_is_edited_below() -> None:
    assert set(EDITS) == set(AuditRow.__dataclass_fields__)


@pytest.mark.parametrize(("field", "value"), EDITS.items(), ids=EDITS.keys())
@pytest.mark.parametrize("place", [1, 5, LENGTH - 1])
def test_an_edited_entry_is_found(field: str, value: object, place: int) -> None:
    rows = a_chain()
    rows[place] = replace(rows[place], **{field: value})  # type: ignore[arg-type]
    assert broken_at(rows) == place + 1


@pytest.mark.parametrize("place", range(LENGTH - 1))
def test_a_deleted_entry_is_found(place: int) -> None:
    rows = a_chain()
    del rows[place]
    assert broken_at(rows) == place + 1


@pytest.mark.parametrize("place", range(LENGTH))
def test_an_inserted_entry_is_found(place: int) -> None:
    rows = a_chain()
    rows.insert(place, replace(rows[place], object="vf_put_in"))
    assert broken_at(rows) is not None
    forged = replace(rows[place], position=place + 1)
    rows[place] = replace(forged, mac=mac_of(bytes(32), forged))
    assert broken_at(rows) == place + 1


@pytest.mark.parametrize(("one", "other"), [(0, 1), (3, 7), (10, 11)])
def test_swapped_entries_are_found(one: int, other: int) -> None:
    rows = a_chain()
    rows[one], rows[other] = rows[other], rows[one]
    assert broken_at(rows) == one + 1
    numbered = [replace(row, position=place) for place, row in enumerate(rows, start=1)]
    assert broken_at(numbered) == one + 1


def test_a_chain_made_anew_without_the_key_is_found() -> None:
    assert broken_at(a_chain(key=bytes(32))) == 1


@given(st.integers(0, LENGTH - 1), st.sampled_from(["previous", "mac"]), st.integers(0, 255))
def test_every_bit_of_the_links_counts(place: int, field: str, bit: int) -> None:
    rows = a_chain()
    bent = bytearray(getattr(rows[place], field))
    bent[bit // 8] ^= 1 << (bit % 8)
    rows[place] = replace(rows[place], **{field: bytes(bent)})  # type: ignore[arg-type]
    assert broken_at(rows) == place + 1


def test_documented_limit_a_cut_tail_is_not_found_by_the_chain_alone() -> None:
    """What is left of a cut chain holds: only a head kept elsewhere shows that more was there."""
    rows = a_chain()
    cut = verify(rows[:-3], KEY)
    assert cut.broken_at is None
    assert cut.head != verify(rows, KEY).head
    assert cut.entries != verify(rows, KEY).entries


async def _append(database: Database, trail: AuditTrail, count: int) -> None:
    async def one(number: int) -> None:
        await database.write(
            lambda tx: trail.append(
                tx, actor="cl_1", action="test", about=(f"vf_{number}", REGION), details={"n": "1"}
            )
        )

    await asyncio.gather(*(one(number) for number in range(count)))


async def test_two_appenders_at_once_do_not_fork_the_chain(database_url: str) -> None:
    entries = AuditEntries()
    trails = [AuditTrail(KEY, entries, Clock()) for _ in range(2)]
    databases = [connect(database_url) for _ in range(2)]
    await asyncio.gather(
        *(_append(database, trail, 30) for database, trail in zip(databases, trails, strict=True))
    )
    rows = await databases[0].read(lambda tx: list(entries.all(tx)))
    for database in databases:
        await database.aclose()
    assert len(rows) == 60
    assert broken_at(rows) is None
    assert len({row.previous for row in rows}) == 60


async def test_no_effect_without_its_entry(tmp_path: Path) -> None:
    """The entry stands in the transaction of what it tells: they fail together."""
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    database, trail = connect(url), AuditTrail(KEY, AuditEntries(), Clock())

    def work(tx: sa.Connection) -> None:
        trail.append(tx, actor="cl_1", action="test", about=("vf_1", REGION), details={})
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(work)
    count = sa.select(sa.func.count()).select_from(audit_entry)
    assert await database.read(lambda tx: tx.execute(count).scalar()) == 0
    await database.aclose()


async def test_what_comes_back_from_the_database_is_what_was_signed(database_url: str) -> None:
    database, clock = connect(database_url), Clock()
    clock.forward(microseconds=123_457)
    trail = AuditTrail(KEY, AuditEntries(), clock)
    await database.write(
        lambda tx: trail.append(
            tx, actor="cl_1", action="核对", about=("vf_1", REGION), details={"b": "乙", "a": "甲"}
        )
    )
    rows = await database.read(lambda tx: list(AuditEntries().all(tx)))
    await database.aclose()
    assert broken_at(rows) is None
    assert rows[0].details == '{"a": "甲", "b": "乙"}'


@pytest.mark.parametrize("size", [0, 1, 2, 600])
async def test_many_at_once_stand_in_their_order_in_one_chain(database_url: str, size: int) -> None:
    """Between single entries, in pieces larger than one statement of either database takes."""
    database, trail = connect(database_url), AuditTrail(KEY, AuditEntries(), Clock())
    many = [Entry("cl_1", "test", f"vf_{number}", REGION, {"n": "2"}) for number in range(size)]
    await _append(database, trail, 2)
    await database.write(lambda tx: trail.append_many(tx, many))
    await _append(database, trail, 1)
    rows = await database.read(lambda tx: list(AuditEntries().all(tx)))
    await database.aclose()
    assert broken_at(rows) is None
    assert [row.object for row in rows[2:-1]] == [entry.object for entry in many]
    assert len(rows) == size + 3
