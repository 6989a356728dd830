"""Batches over the real service: sent, read, watched, stopped, loaded down; each in its region."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.api.schemas.batches import BatchesOut, BatchOut, RowErrorsOut
from app.store.batch_progress import SourceCounts
from app.store.tables import audit_entry
from app.store.tables_batch import batch_file, batch_household
from tests.batch.rosters import a_family, a_row, as_csv, as_xlsx
from tests.service_parts import Running, all_ten, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Batches:
    """A client that may have rosters verified, and the worker's part of reading them."""

    def __init__(self, service: Running, headers: dict[str, str]) -> None:
        self.service = service
        self.headers = headers
        self._keys = 0

    async def send(
        self, roster: bytes, *, key: str = "", fields: dict[str, str] | None = None, **query: str
    ) -> httpx.Response:
        self._keys += 1
        return await self.service.http.post(
            "/v1/batches",
            params=query,
            data=fields or {},
            files={"roster": ("roster.csv", roster, "text/csv")},
            headers={**self.headers, "Idempotency-Key": key or f"key-{self._keys}"},
        )

    async def read(self, roster: bytes, **more: Any) -> dict[str, Any]:
        """Sent, and read by the worker."""
        reply = await self.send(roster, **more)
        assert reply.status_code == httpx.codes.ACCEPTED, reply.text
        await self.read_all()
        return await self.shown(reply.json()["id"])

    async def read_all(self) -> None:
        while await self.service.parts.batching.reading.read_due():
            pass

    async def shown(self, id_: str) -> dict[str, Any]:
        reply = await self.get(f"/v1/batches/{id_}")
        assert reply.status_code == httpx.codes.OK, reply.text
        document: dict[str, Any] = reply.json()
        return document

    async def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.service.http.get(path, headers=headers or self.headers)

    async def post(self, path: str) -> httpx.Response:
        return await self.service.http.post(path, headers=self.headers)

    async def rows(self, query: "sa.Select[Any]") -> list[Any]:
        return await self.service.parts.shelf.database.read(lambda tx: list(tx.execute(query)))

    async def set_states(self, id_: str, *states: str, **values: Any) -> None:
        """The households' states from the first on, as workers leave them."""

        def work(tx: sa.Connection) -> None:
            for position, state in enumerate(states):
                tx.execute(
                    batch_household.update()
                    .where(
                        batch_household.c.batch_id == id_, batch_household.c.position == position
                    )
                    .values(state=state, **values)
                )

        await self.service.parts.shelf.database.write(work)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def batches(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Batches]:
    async with running(tmp_path_factory.mktemp("service"), all_ten()) as service:
        yield Batches(service, await service.client(scopes=("batch",)))


def families(*cases: str) -> bytes:
    return as_csv([row for case in cases for row in a_family(case)])


async def test_a_roster_is_stored_and_then_read(batches: Batches) -> None:
    reply = await batches.send(families("A", "B"))
    assert reply.status_code == httpx.codes.ACCEPTED
    sent = reply.json()
    assert reply.headers["location"] == f"/v1/batches/{sent['id']}"
    assert (sent["status"], sent["rows"], sent["eta_seconds"]) == ("reading", 0, None)
    stored = await batches.rows(sa.select(batch_file.c.sealed_part))
    assert b"220102" not in bytes(stored[-1].sealed_part)
    await batches.read_all()
    shown = await batches.shown(sent["id"])
    assert (shown["status"], shown["rows"], shown["households"]) == ("running", 6, 2)
    assert shown["stages"]["todo"] == 2
    assert (shown["purpose"], shown["as_of"]) == ("reverification", "2026-11-24")
    actions = [one.action for one in await batches.rows(sa.select(audit_entry.c.action))]
    assert actions[-2:] == ["batch_accepted", "batch_read"]


async def test_bad_rows_are_told_in_pages(batches: Batches) -> None:
    rows = [a_row(case_reference=f"case-{place}", name="") for place in range(150)]
    shown = await batches.read(as_xlsx([*rows, *a_family("good")]))
    assert (shown["rows"], shown["rejected_rows"], shown["households"]) == (153, 150, 1)
    assert len(shown["errors"]) == 100
    assert shown["errors"][0] == {
        "row": 1,
        "column": "name",
        "code": "name.missing",
        "detail": "the name is missing",
    }
    rest = (await batches.get(shown["errors_url"])).json()
    assert [one["row"] for one in rest["errors"]] == list(range(101, 151))
    assert rest["next"] is None
    page = (await batches.get(f"/v1/batches/{shown['id']}/errors?limit=60")).json()
    assert len(page["errors"]) == 60
    assert page["next"] is not None


async def test_terms_come_with_the_form_or_the_query(batches: Batches) -> None:
    row = a_row(programme="")
    fields = {"programmes": "dibao_edge,urban_dibao", "as_of": "2026-11-01"}
    shown = await batches.read(as_csv([row]), fields=fields, purpose="spot_check")
    assert shown["programmes"] == ["dibao_edge", "urban_dibao"]
    assert (shown["as_of"], shown["purpose"], shown["households"]) == (
        "2026-11-01",
        "spot_check",
        1,
    )


async def test_json_lines_as_the_body(batches: Batches) -> None:
    body = b"\n".join(orjson.dumps(row) for row in a_family())
    headers = {
        **batches.headers,
        "Idempotency-Key": "lines",
        "Content-Type": "application/x-ndjson",
    }
    reply = await batches.service.http.post("/v1/batches", content=body, headers=headers)
    assert reply.status_code == httpx.codes.ACCEPTED
    await batches.read_all()
    shown = await batches.shown(reply.json()["id"])
    assert (shown["format"], shown["households"]) == ("jsonl", 1)


async def test_the_same_key_is_the_same_batch(batches: Batches) -> None:
    first = await batches.send(families("A"), key="one")
    again = await batches.send(families("A"), key="one")
    other = await batches.send(families("B"), key="one")
    terms = await batches.send(families("A"), key="one", as_of="2026-11-01")
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, terms.status_code) == (422, 422)
    assert other.json()["type"].endswith("idempotency-key-reused")
    neighbour = Batches(batches.service, await batches.service.client(scopes=("batch",)))
    assert (await neighbour.send(families("B"), key="one")).status_code == httpx.codes.ACCEPTED


async def test_two_uploads_at_once_are_one_batch(batches: Batches) -> None:
    replies = await asyncio.gather(
        *(batches.send(families("A", "B", "C"), key="at once") for _ in range(4))
    )
    ids = {reply.json()["id"] for reply in replies if reply.status_code == httpx.codes.ACCEPTED}
    assert len(ids) == 1
    assert {reply.status_code for reply in replies} <= {202, 409}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"programmes": "nothing"}, "/programmes"),
        ({"as_of": "2027-01-01"}, "/as_of"),
        ({"purpose": "curiosity"}, "/purpose"),
        ({"callback_url": "file:///etc/passwd"}, "/callback_url"),
        ({"more": "x"}, "/more"),
    ],
)
async def test_terms_that_are_not_valid(
    batches: Batches, fields: dict[str, str], pointer: str
) -> None:
    reply = await batches.send(families("A"), fields=fields)
    assert reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert [one["pointer"] for one in reply.json()["errors"]] == [pointer]


@pytest.mark.parametrize("kind", ["application/json", "text/csv", ""])
async def test_bodies_of_another_kind(batches: Batches, kind: str) -> None:
    headers = {**batches.headers, "Idempotency-Key": "x", "Content-Type": kind}
    reply = await batches.service.http.post("/v1/batches", content=b"{}", headers=headers)
    assert reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY


async def test_a_form_without_a_roster(batches: Batches) -> None:
    headers = {**batches.headers, "Idempotency-Key": "x"}
    reply = await batches.service.http.post(
        "/v1/batches", files={"other": ("x.csv", b"x", "text/csv")}, headers=headers
    )
    assert [one["code"] for one in reply.json()["errors"]] == ["roster.missing"]


async def test_another_regions_batch_is_none(batches: Batches) -> None:
    shown = await batches.read(families("A"))
    elsewhere = await batches.service.client(region="220103", scopes=("batch",))
    nowhere = await batches.get("/v1/batches/bt_nowhere", elsewhere)
    for path in ("", "/errors", "/results", "/changes"):
        reply = await batches.get(f"/v1/batches/{shown['id']}{path}", elsewhere)
        assert (reply.status_code, reply.json()) == (404, nowhere.json())
    for action in ("pause", "resume", "cancel"):
        reply = await batches.service.http.post(
            f"/v1/batches/{shown['id']}/{action}", headers=elsewhere
        )
        assert reply.status_code == httpx.codes.NOT_FOUND
    assert (await batches.get("/v1/batches", elsewhere)).json() == {"batches": [], "next": None}
    above = await batches.service.client(region="2201", scopes=("batch",))
    assert (await batches.get(f"/v1/batches/{shown['id']}", above)).status_code == httpx.codes.OK


async def test_without_the_scope(batches: Batches) -> None:
    other = Batches(batches.service, await batches.service.client(scopes=("verify", "read")))
    assert (await other.send(families("A"))).status_code == httpx.codes.FORBIDDEN
    assert (await other.get("/v1/batches")).status_code == httpx.codes.FORBIDDEN
    other.headers = {}
    assert (await other.send(families("A"))).status_code == httpx.codes.UNAUTHORIZED


async def test_listed_the_newest_first(batches: Batches) -> None:
    one, two = await batches.read(families("A")), await batches.read(families("B"))
    page = (await batches.get("/v1/batches?limit=1")).json()
    assert [batch["id"] for batch in page["batches"]] == [two["id"]]
    following = (await batches.get(page["next"])).json()
    assert following["batches"][0]["id"] == one["id"]


async def test_paused_resumed_cancelled(batches: Batches) -> None:
    id_ = (await batches.read(families("A", "B")))["id"]
    path = f"/v1/batches/{id_}"
    assert (await batches.post(f"{path}/resume")).status_code == httpx.codes.CONFLICT
    assert (await batches.post(f"{path}/pause")).json()["status"] == "paused"
    refused = await batches.post(f"{path}/pause")
    assert refused.json()["title"] == "the batch is paused, not running"
    assert (await batches.post(f"{path}/resume")).json()["status"] == "running"
    await batches.set_states(id_, "done", outcome="confirmed", done_at=batches.service.clock())
    cancelled = (await batches.post(f"{path}/cancel")).json()
    assert cancelled["status"] == "cancelled"
    assert (cancelled["done"], cancelled["cancelled"]) == (1, 1)
    assert (await batches.post(f"{path}/cancel")).status_code == httpx.codes.CONFLICT


async def test_progress_by_stage_outcome_and_source(batches: Batches) -> None:
    service = batches.service
    cases = [f"case-{place}" for place in range(6)]
    id_ = (await batches.read(families(*cases)))["id"]
    began = service.clock()
    service.clock.forward(seconds=60)
    done = {"done_at": began, "changed": True}
    await batches.set_states(id_, "done", "done", outcome="confirmed", **done)
    await batches.set_states(id_, "done", outcome="not_confirmed", **{**done, "changed": False})
    shown = await batches.shown(id_)
    assert (shown["done"], shown["stages"]["todo"]) == (2, 4)
    assert (shown["confirmed"], shown["not_confirmed"], shown["changed"]) == (1, 1, 1)
    low, high = shown["eta_range"]
    assert 0 < low <= shown["eta_seconds"] <= high
    assert shown["sources"] == []  # no verification is made yet
    assert not shown["sources_estimated"]


async def test_counts_of_sources_of_many_households(batches: Batches) -> None:
    counts = batches.service.parts.batching.counts
    said = {"tax": SourceCounts(asked=5, answered=3, failed=1)}

    def work(tx: sa.Connection) -> Any:
        for worker in ("one", "two", "one"):
            counts.count_done(tx, "bt_x", worker, said)
        return counts.of_done(tx, "bt_x")

    found = await batches.service.parts.shelf.database.write(work)
    assert found == {"tax": SourceCounts(asked=15, answered=9, failed=3)}
    assert found["tax"].outstanding == 3


async def test_results_as_csv_with_what_was_decided(batches: Batches) -> None:
    service = batches.service
    id_ = (await batches.read(families("=cmd", "B")))["id"]
    made = (await service.post()).json()
    await batches.set_states(id_, "done", outcome="confirmed")

    def bind(tx: sa.Connection) -> None:
        tx.execute(
            batch_household.update()
            .where(batch_household.c.batch_id == id_, batch_household.c.position == 0)
            .values(verification_id=made["id"])
        )

    await service.parts.shelf.database.write(bind)
    reply = await batches.get(f"/v1/batches/{id_}/results")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"), newline="")))
    decision = made["decisions"][0]
    assert table[0] == {
        "case_reference": "'=cmd",
        "verification_id": made["id"],
        "status": "final",
        "programme": "urban_dibao",
        "outcome": decision["outcome"],
        "error_rate": f"{decision['error_rate']:.6f}",
        "report_number": made["report"]["number"],
        "report_version": "1",
        "missing": "",
    }
    assert (table[1]["case_reference"], table[1]["status"]) == ("B", "todo")
    changes = await batches.get(f"/v1/batches/{id_}/changes")
    assert changes.text.lstrip("\ufeff").startswith("case_reference,verification_id,kind,person")
    actions = [one.action for one in await batches.rows(sa.select(audit_entry.c.action))]
    assert actions[-2:] == ["batch_results_read", "batch_changes_read"]


async def test_a_larger_body_than_a_roster_may_have(batches: Batches) -> None:
    async def zeros() -> AsyncIterator[bytes]:
        for _ in range(514):
            yield bytes(1024 * 1024)

    headers = {
        **batches.headers,
        "Idempotency-Key": "x",
        "Content-Type": "application/x-ndjson",
    }
    reply = await batches.service.http.post("/v1/batches", content=zeros(), headers=headers)
    assert reply.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


async def test_what_is_told_is_what_is_documented(batches: Batches) -> None:
    shown = await batches.read(families("A") + b"x,y\r\n")
    BatchOut.model_validate(shown)
    BatchesOut.model_validate((await batches.get("/v1/batches")).json())
    RowErrorsOut.model_validate((await batches.get(f"/v1/batches/{shown['id']}/errors")).json())
