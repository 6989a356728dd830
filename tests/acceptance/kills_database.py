"""What stands in the database at the end, as the judge reads it: without the service's code."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from tests.acceptance.kills_history import DONE, Answered, Asking, Call
from tests.benchmarks.stub.people import household
from tests.benchmarks.stub.server import keyed

BANKS = ("icbc", "abc", "psbc", "jlrcu")
_ALL_REGIONS = "-c hedui.region_from= -c hedui.region_until=zzzzzzzzzzzzz"
"""Row-level security would show no row to whoever does not say which."""
_ENDED = ("done", "failed", "cancelled")


class Stored(NamedTuple):
    """The judge's reading of the tables."""

    statuses: Mapping[str, str]
    answers: tuple[Answered, ...]
    stored_at: Mapping[Answered, float]
    askings: tuple[Asking, ...]
    due: frozenset[Answered]
    whose: Mapping[tuple[str, str], str]
    in_batches: Mapping[str, frozenset[str]]
    """Verifications by case number, of all batches."""


@contextmanager
def opened(url: str) -> Iterator[sa.Connection]:
    """A connection of our own."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sa.create_engine(parsed, poolclass=sa.NullPool)
    else:
        engine = sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            poolclass=sa.NullPool,
            connect_args={"options": _ALL_REGIONS},
        )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def unfinished(url: str) -> int:
    """How many verifications, batches and their households are not done yet."""
    with opened(url) as tx:
        statuses = _column(tx, "SELECT status FROM verification")
        batches = _column(tx, "SELECT status FROM batch")
        states = _column(tx, "SELECT state FROM batch_household")
    return (
        sum(status not in DONE for status in statuses)
        + sum(status not in _ENDED for status in batches)
        + sum(state not in _ENDED for state in states)
    )


def end_leases(url: str) -> None:
    """As if the longest lease had passed since all processes ended."""
    with opened(url) as tx:
        for table in ("ticket", "batch", "batch_unit", "batch_household", "exchange_file"):
            # Long ago, not taken off: a roster that was coming in counts by its lease.
            ended = f"UPDATE {table} SET leased_until = 0 WHERE leased_until IS NOT NULL"  # noqa: S608
            tx.execute(sa.text(ended))
        tx.execute(sa.text("DELETE FROM duty"))
        tx.commit()


def untold(url: str) -> frozenset[str]:
    """Verifications with a notice that is still to be sent."""
    with opened(url) as tx:
        rows = tx.execute(sa.text("SELECT verification_id FROM outbox WHERE state = 'waiting'"))
        return frozenset(rows.scalars())


def read(url: str) -> Stored:
    """All that the judge needs."""
    with opened(url) as tx:
        cases = _pairs(tx, "SELECT id, case_reference FROM verification")
        statuses = _pairs(tx, "SELECT id, status FROM verification")
        batches = tx.execute(sa.text("SELECT id, status, failure FROM batch")).all()
        answers = tx.execute(
            sa.text("SELECT verification_id, person, source, institution, answered_at FROM reply")
        ).all()
        askings = tx.execute(
            sa.text("SELECT asked_at, verification_id, persons, source FROM asking")
        ).all()
        tasks = tx.execute(
            sa.text("SELECT verification_id, person, source, state FROM source_task")
        ).all()
        rows = tx.execute(
            sa.text("SELECT case_reference, verification_id FROM batch_household")
        ).all()
    return Stored(
        statuses=statuses | {id_: f"{status} {why or ''}".strip() for id_, status, why in batches},
        answers=tuple(Answered(*row[:4]) for row in answers),
        stored_at={Answered(*row[:4]): row[4] / 1_000_000 for row in answers},
        askings=tuple(
            Asking(at / 1_000_000, id_, person, source)
            for at, id_, persons, source in askings
            for person in persons.split(",")
        ),
        due=frozenset(
            Answered(id_, person, source, institution)
            for id_, person, source, state in tasks
            if state != "not_asked"
            for institution in (BANKS if source == "bank" else ("",))
        ),
        whose={
            (id_, one.ref): keyed(one.id_number)
            for id_, case in cases.items()
            for one in household(int(case.rpartition("-")[2]))
        },
        in_batches={
            case: frozenset(id_ for other, id_ in rows if other == case) for case, _ in rows
        },
    )


def _column(tx: sa.Connection, query: str) -> list[str]:
    return [row[0] for row in tx.execute(sa.text(query))]


def _pairs(tx: sa.Connection, query: str) -> dict[str, str]:
    return {row[0]: row[1] for row in tx.execute(sa.text(query))}


def calls_in(path: Path) -> tuple[Call, ...]:
    """The sources' log."""
    calls = []
    for line in path.read_text("utf-8").splitlines():
        at, source, who, *rest = line.split()
        institution = rest[0] if rest and rest[0] != "-" else ""
        calls.append(Call(float(at), source, who, institution))
    return tuple(calls)
