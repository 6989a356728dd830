"""Promise 24: whatever is changed in the trail, a verifier without any secret finds it.

`HEDUI_CASES=full .venv/bin/python -m pytest tests/audit/test_tampering.py` tries every byte.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.audit.chain import FIRST
from app.audit.heads import line_of, signed
from app.audit.signing import Ed25519Signer
from tests.audit.trails import (
    A_HEAD,
    ENTRIES,
    KEY,
    SEED,
    TABLES,
    WHOLE,
    Bench,
    filled,
    found,
    heads_of,
    intruding,
    taken_back,
)

_EVERY = {"sqlite": 1 if WHOLE else 61, "postgresql": 11 if WHOLE else 307}
"""One byte in so many of the entries is tried: those of PostgreSQL's rows are a sample."""


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("lite")
    return filled(f"sqlite:///{folder / 'hedui.sqlite3'}", folder)


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Bench]:
    postgresql = request.getfixturevalue("postgresql_server")
    postgresql.create("tampering")
    yield filled(postgresql.url("tampering"), tmp_path_factory.mktemp("server"))
    postgresql.drop("tampering")


@pytest.fixture(params=["lite", pytest.param("server", marks=pytest.mark.postgresql)])
def bench(request: pytest.FixtureRequest) -> Bench:
    built: Bench = request.getfixturevalue(request.param)
    return built


def test_what_nobody_touched_holds(bench: Bench) -> None:
    with intruding(bench.url) as tx, taken_back(tx):
        for key in (None, KEY):
            report = found(tx, bench.given(key=key))
            assert report.broken == []
            assert (report.entries, report.heads) == (ENTRIES, ENTRIES // A_HEAD)
            assert (report.gaps, report.unvouched, report.waiting) == ([], None, None)


@dataclass(frozen=True)
class Byte:
    """One byte of one column of one row."""

    table: str
    row: int
    column: str
    place: int


def bytes_of(tx: sa.Connection, table: str, key: str) -> list[Byte]:
    """Every byte of every column, of an integer every digit."""
    rows = tx.execute(sa.text(f"SELECT * FROM {table} ORDER BY {key}"))  # noqa: S608
    return [
        Byte(table, row._mapping[key], column, place)
        for row in rows.all()
        for column, value in row._mapping.items()
        if value is not None
        for place in range(len(_raw(value)))
    ]


def _raw(value: Any) -> bytes:
    if isinstance(value, int):
        return str(value).encode()
    return value.encode() if isinstance(value, str) else bytes(value)


def bend(tx: sa.Connection, one: Byte, key: str) -> bool:
    """Change the byte; False where the database itself refuses what would come of it."""
    before: Any = tx.execute(
        sa.text(f"SELECT {one.column} FROM {one.table} WHERE {key} = :row"),  # noqa: S608
        {"row": one.row},
    ).scalar_one()
    raw = bytearray(_raw(before))
    if isinstance(before, int):
        raw[one.place] = ord("1") if raw[one.place] != ord("1") else ord("2")
        after: Any = int(raw)
    elif isinstance(before, str):
        raw[one.place] ^= 1
        after = bytes(raw)
    else:
        raw[one.place] ^= 1 << (one.place % 8)
        after = bytes(raw)
    value = ":value"
    if isinstance(before, str):
        lite = tx.dialect.name == "sqlite"
        value = "CAST(:value AS TEXT)" if lite else "convert_from(:value, 'UTF8')"
    changing = f"UPDATE {one.table} SET {one.column} = {value} WHERE {key} = :row"  # noqa: S608
    with suppress(DBAPIError):
        done = tx.execute(sa.text(changing), {"value": after, "row": one.row})
        return done.rowcount == 1
    return False


@pytest.mark.promise(24)
@pytest.mark.parametrize(
    ("table", "key"), [("audit_entry", "position"), ("audit_signed_head", "number")]
)
def test_each_byte_counts(
    bench: Bench, table: str, key: str, record_property: Callable[[str, object], None]
) -> None:
    """Each byte of 200 entries and of their heads, changed alone.

    Planted: `canonical` without the entry's region: all 1,800 changes of that column held, and
    the first of them failed this test.
    """
    given, with_key = bench.given(), bench.given(key=KEY)
    with intruding(bench.url) as tx:
        with taken_back(tx):
            every = bytes_of(tx, table, key)
        tried = 0
        few = 1 if WHOLE else 7
        for one in every[:: _EVERY[tx.dialect.name] if table == "audit_entry" else few]:
            with taken_back(tx):
                if not bend(tx, one, key):
                    continue
                tried += 1
                assert not found(tx, given).holds, one
                if tried % 3:
                    continue
                report = found(tx, with_key)
                assert not report.holds, one
                if table == "audit_entry" and one.column != "position":
                    assert report.broken_at == one.row, one
    assert tried > 50
    record_property("cases", tried)


def columns(tx: sa.Connection, table: str = "audit_entry") -> list[str]:
    names = [column["name"] for column in sa.inspect(tx).get_columns(table)]
    return [name for name in names if name != "position"]


def move(tx: sa.Connection, first: int, by: int) -> None:
    """Renumber what stands from `first` on."""
    for sign in (-1, 1):  # past each other
        away = "position >= :first" if sign < 0 else "position < 0"
        to = "-(position + :by)" if sign < 0 else "-position"
        tx.execute(
            sa.text(f"UPDATE audit_entry SET position = {to} WHERE {away}"),  # noqa: S608
            {"first": first, "by": by} if sign < 0 else {},
        )


def end_as_it_is(tx: sa.Connection) -> None:
    """The intruder puts the end's row right, too."""
    tx.execute(
        sa.text(
            "UPDATE audit_head SET position = coalesce((SELECT max(position) FROM audit_entry), 0),"
            " mac = coalesce((SELECT mac FROM audit_entry ORDER BY position DESC LIMIT 1), :none)"
        ),
        {"none": FIRST},
    )


def delete(tx: sa.Connection, place: int) -> None:
    tx.execute(sa.text("DELETE FROM audit_entry WHERE position = :at"), {"at": place})


def delete_and_close_up(tx: sa.Connection, place: int) -> None:
    delete(tx, place)
    move(tx, place + 1, -1)
    end_as_it_is(tx)


def insert(tx: sa.Connection, place: int) -> None:
    """A copy, its links made unlike any other's, with all that follows moved up."""
    move(tx, place + 1, 1)
    names = columns(tx)
    empty = "x'00'" if tx.dialect.name == "sqlite" else "decode('00', 'hex')"
    values = ", ".join(empty if name == "previous" else name for name in names)
    tx.execute(
        sa.text(
            f"INSERT INTO audit_entry (position, {', '.join(names)}) "  # noqa: S608
            f"SELECT position + 1, {values} FROM audit_entry WHERE position = :at"
        ),
        {"at": place},
    )
    end_as_it_is(tx)


def swap(tx: sa.Connection, place: int) -> None:
    """Two entries change places."""
    other = place + 1 if place < ENTRIES else place - 1
    for before, after in ((place, -1), (other, place), (-1, other)):
        tx.execute(
            sa.text("UPDATE audit_entry SET position = :after WHERE position = :before"),
            {"before": before, "after": after},
        )
    end_as_it_is(tx)


def cut(tx: sa.Connection, place: int) -> None:
    """All from there on, with its heads and the end put right."""
    tx.execute(sa.text("DELETE FROM audit_entry WHERE position >= :at"), {"at": place})
    tx.execute(sa.text("DELETE FROM audit_signed_head WHERE position >= :at"), {"at": place})
    end_as_it_is(tx)


def cut_entries_alone(tx: sa.Connection, place: int) -> None:
    tx.execute(sa.text("DELETE FROM audit_entry WHERE position >= :at"), {"at": place})
    end_as_it_is(tx)


ATTACKS = (delete, delete_and_close_up, insert, swap, cut, cut_entries_alone)


@pytest.mark.promise(24)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_each_entry_removed_put_in_moved_or_cut_off(
    bench: Bench,
    attack: Callable[[sa.Connection, int], None],
    record_property: Callable[[str, object], None],
) -> None:
    """At each of 200 places, by somebody who puts the end's own row right as well.

    Planted: heads compared with the anchors no more (`missing = []`): every `cut` at the end of a
    head was held, and place 1 failed this test.
    """
    given = bench.given()
    step = 1 if bench.url.startswith("sqlite") and WHOLE else 7
    places = [*range(1, ENTRIES + 1, step), ENTRIES]
    with intruding(bench.url) as tx:
        for place in places:
            with taken_back(tx):
                attack(tx, place)
                assert not found(tx, given).holds, place
    record_property("cases", len(places))


@pytest.mark.promise(24)
@pytest.mark.parametrize("heads", range(ENTRIES // A_HEAD))
def test_the_whole_table_for_an_older_copy(bench: Bench, heads: int) -> None:
    """Entries, heads and end as they once were, all in harmony: the anchors know better.

    Planted: the same as above; the copy of any age held.
    """
    with intruding(bench.url) as tx, taken_back(tx):
        cut(tx, heads * A_HEAD + 1)
        tx.execute(sa.text("DELETE FROM audit_anchored WHERE number > :n"), {"n": heads})
        assert found(tx, bench.given(anchored=False)).broken == []  # nothing else would tell
        report = found(tx, bench.given())
        assert not report.holds
        assert f"head {heads + 1} and" in report.broken[0]
        assert f"up to {ENTRIES}" in report.broken[0]


@pytest.mark.promise(24)
@pytest.mark.parametrize("table", TABLES[:3])
def test_one_of_the_tables_emptied(bench: Bench, table: str) -> None:
    """Planted: `trail.end is None` taken for harmless: an emptied `audit_head` held."""
    with intruding(bench.url) as tx, taken_back(tx):
        tx.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608
        assert not found(tx, bench.given()).holds


@pytest.mark.promise(24)
@pytest.mark.parametrize("position", [-1, 0, ENTRIES + 1, ENTRIES + 2])
def test_a_row_outside_of_the_numbers(lite: Bench, position: int) -> None:
    """Planted: the stream begun at position 0: rows at -1 and 0 were not seen."""
    with intruding(lite.url) as tx, taken_back(tx):
        names = [name for name in columns(tx) if name != "previous"]
        tx.execute(
            sa.text(
                f"INSERT INTO audit_entry (position, previous, {', '.join(names)}) "  # noqa: S608
                f"SELECT :at, x'00', {', '.join(names)} FROM audit_entry WHERE position = 1"
            ),
            {"at": position},
        )
        assert not found(tx, lite.given()).holds


@pytest.mark.promise(24)
def test_anchors_that_contradict(lite: Bench) -> None:
    """Two heads of one number, both rightly signed: somebody has run two trails.

    Planted: `setdefault` without the comparison: the contradiction held.
    """
    first, *_ = heads_of(lite)
    given = lite.given()
    lines = lite.anchor_file.read_bytes()
    assert line_of(first) in lines
    with intruding(lite.url) as tx, taken_back(tx):
        changes: dict[str, Any]
        for changes in ({"hash": bytes(32)}, {"position": 3}):
            other = asyncio.run(signed(replace(first, **changes), Ed25519Signer.of(SEED)))
            anchored = [*(given.anchored or ()), other]
            report = found(tx, replace(given, anchored=anchored))
            assert any("two heads 1" in words for words in report.broken)
