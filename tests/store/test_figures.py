"""Figures for the operators: what is counted, and that nothing is made of nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.observe.figures import Figures
from app.store.figures import read_figures, stuck_units, unit_seconds_median
from app.store.session import Database
from app.store.tables import outbox, ticket
from app.store.tables_batch import batch, batch_unit, exchange_file, exchange_person
from app.store.tables_running import worker
from tests.service_parts import NOON, REGION


def ago(**by: float) -> Any:
    return NOON - timedelta(**by)


def a_batch(id_: str, status: str) -> dict[str, Any]:
    return {
        "id": id_,
        "region": REGION,
        "client_id": "cl_1",
        "origin": "roster",
        "format": "csv",
        "purpose": "reverification",
        "as_of": NOON.date(),
        "status": status,
        "rows": 1,
        "rejected_rows": 0,
        "households": 1,
        "created_at": NOON,
    }


def a_unit(number: int, state: str, began: float | None, took: float | None) -> dict[str, Any]:
    began_at = None if began is None else ago(seconds=began)
    ended_at = None
    if began_at is not None and took is not None:
        ended_at = began_at + timedelta(seconds=took)
    return {
        "batch_id": "bt_1",
        "number": number,
        "region": REGION,
        "first": 1,
        "last": 50,
        "state": state,
        "began_at": began_at,
        "ended_at": ended_at,
    }


def a_ticket(number: int, source: str, due: Any, state: str = "waiting") -> dict[str, Any]:
    return {
        "reference": f"rf_{number}",
        "verification_id": "vf_1",
        "region": REGION,
        "source": source,
        "sequence": 1,
        "sent_on": NOON.date(),
        "tries": 0,
        "state": state,
        "next_at": due,
        "deadline_at": NOON,
    }


def a_person(number: int, source: str, bank: str, state: str) -> dict[str, Any]:
    return {
        "verification_id": f"vf_{number}",
        "person": "m1",
        "source": source,
        "institution": bank,
        "region": REGION,
        "county": REGION[:6],
        "batch_id": "bt_1",
        "state": state,
        "tries": 0,
        "deadline_at": NOON,
    }


def a_file(number: int, source: str, state: str, created: Any) -> dict[str, Any]:
    return {
        "id": f"xf_{number}",
        "region": REGION,
        "source": source,
        "institution": "icbc",
        "name": f"HDREQ_{number}",
        "sent_on": NOON.date(),
        "sequence": number,
        "persons": 2,
        "state": state,
        "created_at": created,
        "next_at": NOON,
        "deadline_at": NOON,
    }


def a_notice(number: int, state: str, created: Any) -> dict[str, Any]:
    return {
        "event_id": f"ev_{number}",
        "region": REGION,
        "client_id": "cl_1",
        "sealed_url": b"",
        "sealed_body": b"",
        "state": state,
        "attempts": 0,
        "next_at": NOON,
        "created_at": created,
    }


def put(table: sa.Table, *rows: dict[str, Any]) -> Callable[[sa.Connection], None]:
    def work(tx: sa.Connection) -> None:
        for row in rows:
            tx.execute(table.insert().values(**row))

    return work


async def test_an_empty_database_has_no_ages(migrated: Database) -> None:
    figures = await migrated.read(lambda tx: read_figures(tx, NOON))
    assert figures == Figures(
        verifications={"accepted": 0, "querying": 0, "partial": 0, "in_review": 0},
        batches={"reading": 0, "running": 0, "paused": 0},
        units={"todo": 0, "running": 0},
        notices={"waiting": 0, "dead": 0},
    )


async def test_queues_and_their_ages(migrated: Database) -> None:
    await migrated.write(
        put(
            ticket,
            a_ticket(1, "bank", ago(hours=2)),
            a_ticket(2, "bank", ago(minutes=1)),
            a_ticket(3, "insurance", ago(hours=-1)),
            a_ticket(4, "tax", ago(hours=9), "done"),
        )
    )
    await migrated.write(
        put(
            exchange_person,
            *(a_person(n, "bank", "icbc", "todo") for n in range(3)),
            *(a_person(n, "bank", "abc", "todo") for n in range(2)),
            *(a_person(n, "securities", "", "asked") for n in range(4)),
        )
    )
    await migrated.write(
        put(
            exchange_file,
            a_file(1, "bank", "written", ago(minutes=5)),
            a_file(2, "bank", "handed_over", ago(hours=30)),
            a_file(3, "bank", "closed", ago(days=30)),
        )
    )
    figures = await migrated.read(lambda tx: read_figures(tx, NOON))
    assert figures.tickets_waiting == {"bank": 2, "insurance": 1}
    assert figures.ticket_age == {"bank": 7200.0}
    assert figures.exchange_persons == {"bank": 5, "securities": 0}
    assert figures.exchange_files == {("bank", "written"): 1, ("bank", "handed_over"): 1}
    assert figures.exchange_file_age == {"bank": 30 * 3600.0}


async def test_notices_and_workers(migrated: Database) -> None:
    await migrated.write(
        put(
            outbox,
            a_notice(1, "waiting", ago(minutes=10)),
            a_notice(2, "dead", ago(days=9)),
            a_notice(3, "delivered", ago(days=10)),
        )
    )
    started = {"version": "1", "started_at": ago(days=1)}
    await migrated.write(
        put(
            worker,
            {"name": "w1", "kind": "worker", "beat_at": ago(seconds=90), **started},
            {"name": "api", "kind": "api", "beat_at": ago(seconds=-5), **started},
        )
    )
    figures = await migrated.read(lambda tx: read_figures(tx, NOON))
    assert figures.notices == {"waiting": 1, "dead": 1}
    assert figures.notice_age == 600.0
    assert figures.workers == {("w1", "worker"): 90.0, ("api", "api"): 0.0}


@pytest.mark.parametrize(
    ("took", "under_way", "stuck"),
    [
        ([10.0] * 9, [99.0, 101.0, 500.0], 2),
        ([0.1] * 9, [2.0, 59.0, 61.0], 1),  # milliseconds: not before a minute
        ([], [100_000.0], 0),  # nothing to compare with
        ([1.0, 30.0, 1000.0], [299.0, 301.0], 1),
    ],
)
async def test_a_unit_is_stuck_over_ten_times_the_median(
    migrated: Database, took: list[float], under_way: list[float], stuck: int
) -> None:
    await migrated.write(put(batch, a_batch("bt_1", "running"), a_batch("bt_2", "done")))
    ended = [a_unit(n, "asked", 5000.0, seconds) for n, seconds in enumerate(took)]
    running = [a_unit(50 + n, "running", began, None) for n, began in enumerate(under_way)]
    await migrated.write(put(batch_unit, *ended, *running, a_unit(99, "todo", None, None)))

    def found(tx: sa.Connection) -> int:
        return len(stuck_units(tx, NOON, unit_seconds_median(tx)))

    assert await migrated.read(found) == stuck
    figures = await migrated.read(lambda tx: read_figures(tx, NOON))
    assert (figures.units_stuck, figures.units["todo"]) == (stuck, 1)
    assert figures.units["running"] == len(under_way)
