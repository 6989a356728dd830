"""Batches of recipients, and batches that are cancelled, on both databases."""

from pathlib import Path

import sqlalchemy as sa

from app.access.tokens import Caller
from app.domain.household import Purpose
from app.store.batches import NewBatch
from app.store.tables import audit_entry
from app.store.tables_batch import batch_household, batch_unit
from app.wiring import new_id
from tests.batch.rosters import AS_OF
from tests.builders import a_request
from tests.service_parts import Clock, Running, ScriptedSource, a_body, all_ten, running

WHO = Caller("cl_1", "220102", ("batch",))
HOUSEHOLDS = 130


def a_batch(clock: Clock) -> NewBatch:
    return NewBatch(
        id=new_id("bt"),
        region="220102",
        client_id="cl_1",
        origin="recipients",
        format="recipients",
        purpose=Purpose.REVERIFICATION,
        as_of=AS_OF,
        callback_url="https://case.example/batch",
        created_at=clock(),
    )


async def create(service: Running, new: NewBatch) -> None:
    households = (
        (f"rc_{place}", a_request(case_reference=f"case-{place}")) for place in range(HOUSEHOLDS)
    )
    batching = service.parts.batching
    created = await service.parts.shelf.database.write(
        lambda tx: batching.control.create_from_households(tx, new, households)
    )
    assert created == HOUSEHOLDS


async def test_recipients_are_running_at_once(tmp_path: Path, database_url: str) -> None:
    async with running(tmp_path, all_ten(), database_url=database_url) as service:
        new = a_batch(service.clock)
        await create(service, new)
        database, batching = service.parts.shelf.database, service.parts.batching
        batch = await database.read(lambda tx: batching.batches.get(tx, new.id, region="2201"))
        assert (batch.status, batch.households, batch.origin) == ("running", 130, "recipients")
        url = await database.read(lambda tx: batching.batches.callback_url(tx, new.id))
        assert url == "https://case.example/batch"
        units = await database.read(lambda tx: list(tx.execute(sa.select(batch_unit))))
        assert sorted((one.first, one.last) for one in units) == [(0, 49), (50, 99), (100, 129)]
        household = await database.read(
            lambda tx: tx.execute(
                sa.select(batch_household).where(batch_household.c.position == 7)
            ).one()
        )
        assert (household.recipient_id, household.case_reference) == ("rc_7", "case-7")
        assert household.verification_id == f"vf_{new.id[3:]}0000007"


async def test_cancelled_with_its_open_verifications(tmp_path: Path, database_url: str) -> None:
    slow = ScriptedSource("bank", answers_later=True, ready=False)
    async with running(tmp_path, all_ten(slow), database_url=database_url) as service:
        new = a_batch(service.clock)
        await create(service, new)
        open_ = (await service.post(a_body(), wait=0)).json()["id"]
        await service.status_becomes(open_, "partial")
        control, database = service.parts.batching.control, service.parts.shelf.database

        def bind(tx: sa.Connection) -> None:
            waiting = {"state": "waiting", "verification_id": open_}
            tx.execute(
                batch_household.update().where(batch_household.c.position == 129).values(**waiting)
            )
            done = {"state": "done", "outcome": "confirmed", "done_at": service.clock()}
            tx.execute(
                batch_household.update().where(batch_household.c.position == 128).values(**done)
            )

        await database.write(bind)
        cancelled = await control.cancel(new.id, WHO)
        assert (cancelled.status, cancelled.ended_at) == ("cancelled", service.clock())
        while await control.cancel_due():
            pass
        states: list[str] = await database.read(
            lambda tx: list(tx.execute(sa.select(batch_household.c.state)).scalars())
        )
        assert (states.count("cancelled"), states.count("done")) == (129, 1)
        assert (await service.shown(open_))["status"] == "cancelled"
        report = (await service.get(f"/v1/verifications/{open_}/report")).json()["head"]
        assert (report["kind"], report["reason"]) == ("suspension", "batch_cancelled")
        entries: list[str] = await database.read(
            lambda tx: list(tx.execute(sa.select(audit_entry.c.action)).scalars())
        )
        assert "batch_cancelled" in entries
        assert "verification_cancelled" in entries


async def test_counts_hold_on_both_databases(tmp_path: Path, database_url: str) -> None:
    async with running(tmp_path, all_ten(), database_url=database_url) as service:
        new = a_batch(service.clock)
        await create(service, new)
        database, batching = service.parts.shelf.database, service.parts.batching
        began = service.clock()
        service.clock.forward(minutes=10)

        def done(tx: sa.Connection) -> None:
            for place, (outcome, changed) in enumerate(
                (("confirmed", True), ("confirmed", None), ("not_confirmed", False))
            ):
                tx.execute(
                    batch_household.update()
                    .where(batch_household.c.position == place)
                    .values(state="done", outcome=outcome, changed=changed, done_at=began)
                )

        await database.write(done)
        batch = await database.read(lambda tx: batching.batches.get(tx, new.id, region=""))
        told = await database.read(lambda tx: batching.progress.read(tx, batch, service.clock()))
        assert (told.stages["todo"], told.stages["done"]) == (127, 3)
        assert told.outcomes == {"confirmed": 2, "not_confirmed": 1, "undetermined": 0}
        assert told.changed == 1
        assert told.eta is not None
        assert told.eta.low <= told.eta.middle <= told.eta.high
