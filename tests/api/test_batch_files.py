"""A batch that is held: looked at, confirmed; and its results as files that keep ID numbers."""

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from openpyxl import load_workbook

from app.api.schemas.batch_files import ChangesOut, PreviewOut
from app.api.schemas.batches import BatchOut
from app.batch.roster.child import read as read_as_child
from app.batch.roster.spool import Spool
from app.store.changes import StoredChange
from app.store.tables import audit_entry
from app.store.tables_batch import batch_household, batch_unit
from app.store.verifications import StoredVerification
from tests.api.test_batches import Batches
from tests.batch.rosters import a_family, a_row, as_csv
from tests.looks.parts import somebody
from tests.service_parts import HEAD, Running, all_ten, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running(tmp_path_factory.mktemp("files"), all_ten()) as built:
        yield built


async def batches(service: Running, *scopes: str) -> Batches:
    return Batches(service, await service.client(scopes=scopes or ("batch", "read")))


async def held(service: Running) -> tuple[Batches, dict[str, Any]]:
    """Two families, of which one person's consent has ended, and a faulty row."""
    rows = [*a_family("A"), *a_family("B"), a_row(case_reference="C", name="")]
    rows[1]["consent_valid_until"] = "2026-01-01"
    some = await batches(service)
    return some, await some.read(as_csv(rows), hold="true", key=f"k{id(some)}")


async def test_nothing_begins_before_it_is_confirmed(service: Running) -> None:
    some, batch = await held(service)
    BatchOut.model_validate(batch)
    assert (batch["status"], batch["started_at"], batch["rejected_rows"]) == ("held", None, 1)
    running_ = sa.select(sa.func.count()).where(batch_unit.c.state != "todo")
    assert await some.rows(running_) == [(0,)]
    units = service.parts.shelf.batch_units
    ids = await service.parts.shelf.database.read(units.running)
    assert batch["id"] not in ids
    preview = (await some.get(f"/v1/batches/{batch['id']}/preview")).json()
    PreviewOut.model_validate(preview)
    assert (preview["persons"], preview["without_consent"]) == (6, 1)
    assert [one["consent_holds"] for one in preview["rows"][:3]] == [True, False, True]
    assert preview["rows"][0]["name"] == "李*"
    assert HEAD not in str(preview)
    moved = await some.post(f"/v1/batches/{batch['id']}/confirm")
    assert (moved.json()["status"], moved.json()["started_at"] is None) == ("running", False)
    assert (await some.post(f"/v1/batches/{batch['id']}/confirm")).status_code == 409
    assert (await some.get(f"/v1/batches/{batch['id']}/preview")).status_code == 409
    actions = sa.select(audit_entry.c.action).where(audit_entry.c.object == batch["id"])
    assert ("batch_confirmed",) in [tuple(row) for row in await some.rows(actions)]


async def test_what_is_held_can_be_given_up(service: Running) -> None:
    some, batch = await held(service)
    reply = await some.post(f"/v1/batches/{batch['id']}/cancel")
    assert reply.json()["status"] == "cancelled"


async def test_the_child_tells_which_columns_are_filled() -> None:
    """In this process: the child runs the installed release."""
    out = io.BytesIO()
    read_as_child(io.BytesIO(as_csv(a_family())), io.BytesIO(), out)
    last = out.getvalue().splitlines()[-1]
    assert b'"id_number"' in last
    assert b'"guardian"' not in last
    assert Spool(io.BytesIO()).filled == []


async def planned(service: Running) -> tuple[Batches, str]:
    """A batch with its verifications, and a change in each."""
    some, batch = await held(service)
    await some.post(f"/v1/batches/{batch['id']}/confirm")
    parts = service.parts

    def work(tx: sa.Connection) -> None:
        rows = parts.shelf.batch_households.of_unit(tx, batch["id"], (0, 1))
        for row in rows:
            assert row.request is not None
            new = StoredVerification(
                id=row.verification_id,
                client_id=row.client_id,
                request=row.request,
                status="final",
                requested_at=parts.now(),
                changed_at=parts.now(),
                final_at=parts.now(),
                recheck_of=None,
                batch_id=batch["id"],
            )
            parts.shelf.verifications.add(tx, new)
            change = StoredChange(
                verification_id=row.verification_id,
                position=0,
                region=row.request.region,
                batch_id=batch["id"],
                kind="vehicle_new",
                person="m1",
                decisive=row.position == 0,
                before="",
                after="plate=1; kind=lorry",
            )
            parts.batching.files.changes.add(tx, [change])

    await parts.shelf.database.write(work)
    return some, batch["id"]


def table(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_files_keep_whole_id_numbers(service: Running) -> None:
    some, id_ = await planned(service)
    path = f"/v1/batches/{id_}/results"
    masked = await some.get(f"{path}?identities=masked")
    assert masked.content.startswith(b"\xef\xbb\xbf")
    assert {one["id_number"][6:14] for one in table(masked.content)} == {"********"}
    purpose = {"Hedui-Purpose": "reverification", **some.headers}
    plain = await some.get(f"{path}?identities=plain", headers=purpose)
    first = table(plain.content)[0]
    assert (first["id_number"], first["name"]) == (f"\t{HEAD}", "李明")
    book = await some.get(f"{path}?identities=plain&format=xlsx", headers=purpose)
    sheet = load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][rows[0].index("id_number")] == HEAD
    assert (await some.get(f"{path}?identities=plain")).status_code == 403  # no purpose
    narrow = await batches(service, "batch")
    reply = await narrow.get(f"{path}?identities=plain", headers={**purpose, **narrow.headers})
    assert reply.status_code == 403
    told = sa.select(audit_entry.c.details).where(
        audit_entry.c.object == id_, audit_entry.c.action == "batch_results_read"
    )
    ways = [json.loads(row[0]).get("identities") for row in await some.rows(told)]
    assert ways == ["masked", "plain", "plain"]


async def test_changes_come_in_pages_and_those_that_flip(service: Running) -> None:
    some, id_ = await planned(service)
    path = f"/v1/batches/{id_}/changes?format=json"
    whole = (await some.get(path)).json()
    ChangesOut.model_validate(whole)
    assert [one["case_reference"] for one in whole["changes"]] == ["A", "B"]
    first = (await some.get(f"{path}&limit=1")).json()
    second = (await some.get(first["next"])).json()
    assert [*first["changes"], *second["changes"]] == whole["changes"]
    flips = (await some.get(f"{path}&decisive=true")).json()["changes"]
    assert [one["case_reference"] for one in flips] == ["A"]
    assert len(table((await some.get(f"/v1/batches/{id_}/changes")).content)) == 2
    assert (await some.get(f"{path}&after=nowhere")).status_code == 422


async def test_some_households_at_random_are_the_same_each_time(service: Running) -> None:
    some, id_ = await planned(service)
    path = f"/v1/batches/{id_}/sample"
    assert (await some.get(path)).json() == {"households": []}  # none is done
    done = batch_household.update().values(state="done")
    await service.parts.shelf.database.write(lambda tx: tx.execute(done))
    whole = (await some.get(path)).json()["households"]
    assert sorted(one["case_reference"] for one in whole) == ["A", "B"]
    for _ in range(2):
        assert (await some.get(f"{path}?size=1")).json()["households"] == whole[:1]
    checker = await somebody(service, "county_checker")
    assert (await checker.get(path)).json() == {"households": []}
    page = (await checker.get(f"/ui/batches/{id_}?sample=20")).text
    assert "没有您可以查看的已办结家庭" in page


async def test_a_checker_sees_no_more_of_it_than_is_assigned(service: Running) -> None:
    some, id_ = await planned(service)
    checker = await somebody(service, "county_checker")
    reply = await checker.get(f"/v1/batches/{id_}/changes?format=json")
    assert reply.json()["changes"] == []
    assert len(table((await checker.get(f"/v1/batches/{id_}/results")).content)) == 0
    assert (await some.get(f"/v1/batches/{id_}")).json()["per_hour"] is None
