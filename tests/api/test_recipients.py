"""/v1/recipients as a case system uses it: rosters in, due lists out, re-verification begun."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.api import problems, recipients
from app.api.guard import Guard
from app.api.schemas.recipients import RecipientOut, RecipientsOut, ReverifiedOut, RosterTakenOut
from app.batch.service import Batching
from app.batch.service import Surroundings as BatchSurroundings
from app.recipients.relief import Relief, Surroundings
from app.recipients.rules import Rules
from tests.service_parts import HEAD, SPOUSE, SUPPORTER, Running, a_body, all_ten, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
HEADER = (
    "case_reference,region,programme,name,id_type,id_number,relationship,consent_reference,"
    "consent_valid_until,class\n"
)


def a_line(case: str, number: str, *, region: str = "220102003", class_: str = "C") -> str:
    person = f"李明,resident_id,{number},head"
    return f"{case},{region},urban_dibao,{person},SQ-{case},2027-11-19,{class_}\n"


@dataclass
class Client:
    """The routes over a running service's parts."""

    service: Running
    http: httpx.AsyncClient
    headers: dict[str, str]

    async def ask(self, method: str, path: str = "", **more: Any) -> httpx.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return await self.http.request(method, f"/v1/recipients{path}", headers=headers, **more)

    async def roster(self, text: str, **fields: str) -> httpx.Response:
        files = {"roster": ("roster.csv", text.encode(), "text/csv")}
        return await self.ask("POST", files=files, data=fields)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    folder = tmp_path_factory.mktemp("service")
    async with running(folder, all_ten()) as service:
        parts = service.parts
        around = BatchSurroundings(standards=parts.standards, folder=folder, terms={})
        batching = Batching.over(
            parts.shelf, parts.desk, parts.verifier.end, parts.cipher, given=around
        )
        relief = Relief.over(
            parts.desk,
            parts.cipher,
            batching.control.create_from_households,
            Surroundings(Rules.load(), parts.standards, folder),
        )
        app = FastAPI()
        problems.install(app)
        app.include_router(recipients.router)
        app.add_middleware(Guard)
        app.state.parts = SimpleNamespace(**{**vars(parts), "relief": relief})
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://hedui.test") as http:
            yield Client(service, http, await service.client("2201", ("batch",)))


async def test_a_roster_is_taken_in_and_its_households_are_due(client: Client) -> None:
    text = HEADER + a_line("r-1", HEAD) + a_line("r-2", SPOUSE, class_="Z") + a_line("r-3", "1")
    done = await client.roster(text)
    assert done.status_code == 200, done.text
    taken = RosterTakenOut.model_validate(done.json())
    assert (taken.added, taken.rejected_rows, taken.absent) == (1, 2, None)
    assert {(one.row, one.code) for one in taken.errors} == {
        (2, "class.unknown"),
        (3, "id_number.invalid"),
    }
    listed = RecipientsOut.model_validate(
        (await client.ask("GET", "?due=true&region=220102&class=C")).json()
    )
    assert [one.case_reference for one in listed.recipients] == ["r-1"]
    assert listed.recipients[0].why_due == "new"
    assert HEAD not in done.text


async def test_a_whole_roster_ends_whom_it_does_not_name(client: Client) -> None:
    place = "220103001"
    first, second = (
        a_line(f"w-{nth}", one, region=place) for nth, one in enumerate((HEAD, SPOUSE))
    )
    await client.roster(HEADER + first + second)
    bad = await client.roster(HEADER + first + a_line("w-9", "1"), replace="true", region="220103")
    assert bad.status_code == 409
    done = (await client.roster(HEADER + first, replace="true", region="220103")).json()
    assert (done["unchanged"], done["absent"], done["ended"]) == (1, 1, 1)
    ended = (await client.ask("GET", "?region=220103&state=ended")).json()["recipients"]
    assert [one["case_reference"] for one in ended] == ["w-1"]


async def one_household(client: Client, case: str, **changes: Any) -> dict[str, Any]:
    body = {"class": "A", "verification": a_body(case_reference=case, **changes)}
    done = await client.ask("POST", json=body)
    assert done.status_code == 201, done.text
    document: dict[str, Any] = done.json()
    RecipientOut.model_validate(document)
    return document


async def test_one_households_life(client: Client) -> None:
    one = await one_household(client, "one-1")
    assert await one_household(client, "one-1") == one  # the same again
    path = f"/{one['id']}"
    assert (await client.ask("GET", path)).json() == one
    steps: list[tuple[str, str, Any, dict[str, Any]]] = [
        ("POST", "/suspend", None, {"state": "suspended"}),
        ("POST", "/resume", None, {"state": "receiving"}),
        ("POST", "/report-change", None, {"why_due": "reported"}),
        ("POST", "/report-change", {"why": "doubtful"}, {"why_due": "doubtful"}),
        ("PATCH", "", {"class": "C"}, {"class": "C", "cadence": "quarterly"}),
        ("POST", "/end", None, {"state": "ended"}),
    ]
    for method, step, body, changed in steps:
        done = await client.ask(method, path + step, json=body)
        assert done.status_code == 200, done.text
        assert (
            changed.items()
            <= RecipientOut.model_validate(done.json())
            .model_dump(mode="json", by_alias=True)
            .items()
        )
    for method, step, body, _ in steps:
        assert (await client.ask(method, path + step, json=body)).status_code == 409


async def test_a_final_verification_is_where_it_counts_from(client: Client) -> None:
    final = (await client.service.post(a_body(case_reference="one-2"))).json()
    assert final["status"] == "final"
    one = await one_household(client, "one-2")
    assert (one["last_verification"], one["last_verified_on"]) == (final["id"], "2026-11-24")
    assert (one["due_on"], one["why_due"]) == ("2027-11-24", "cadence")


async def test_who_is_due_is_verified_again(client: Client) -> None:
    region = "220104001"
    await client.roster(HEADER + a_line("v-1", SUPPORTER, region=region))
    body = {"region": "220104", "dry_run": True}
    told = await client.ask("POST", "/reverify", json=body)
    assert (told.status_code, told.json()["counties"]) == (200, {"220104": 1})
    begun = await client.ask("POST", "/reverify", json={"region": "220104"})
    assert begun.status_code == 202
    document = ReverifiedOut.model_validate(begun.json())
    assert [(one.region, one.households) for one in document.batches] == [("220104", 1)]
    again = await client.ask("POST", "/reverify", json={"region": "220104"})
    assert (again.status_code, again.json()["batches"]) == (200, [])


async def test_pages_go_on_where_they_ended(client: Client) -> None:
    place = "220105001"
    text = "".join(a_line(f"p-{nth}", HEAD, region=place) for nth in range(5))
    await client.roster(HEADER + text)
    path, seen = "?region=220105&limit=2&due=true", []
    while path:
        page = (await client.ask("GET", path)).json()
        seen += [one["case_reference"] for one in page["recipients"]]
        path = (page["next"] or "").removeprefix("/v1/recipients")
    assert seen == [f"p-{nth}" for nth in range(5)]


async def test_whose_consent_ends_soon(client: Client) -> None:
    consent = {**a_body()["consent"], "valid_until": "2026-12-01"}
    one = await one_household(client, "one-3", region="220106001", consent=consent)
    for days, found in ((6, []), (7, [one["id"]]), (30, [one["id"]])):
        path = f"?region=220106&consent_expiring_within={days}"
        page = (await client.ask("GET", path)).json()["recipients"]
        assert [each["id"] for each in page] == found


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"class": "A"}, "/verification"),
        ({"class": "A!", "verification": a_body()}, "/class"),
        ({"class": "Z", "verification": a_body(case_reference="q-1")}, "/class"),
        ({"class": "A", "verification": a_body(programmes=["none"])}, "/verification/programmes/0"),
    ],
)
async def test_what_cannot_be_taken_in(client: Client, body: Any, pointer: str) -> None:
    done = await client.ask("POST", json=body)
    assert done.status_code == 422
    assert [one["pointer"] for one in done.json()["errors"]] == [pointer]
    assert HEAD not in done.text


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("POST", "", {"content": b"x", "headers": {"content-type": "text/plain"}}, 422),
        ("POST", "", {"files": {"other": b"x"}}, 422),
        ("POST", "", {"files": {"roster": b"\x00\x01"}}, 422),
        ("GET", "?region=2202", {}, 403),
        ("GET", "?region=22O1", {}, 422),
        ("GET", "?limit=501", {}, 422),
        ("GET", "?what=1", {}, 422),
        ("POST", "/reverify", {"json": {"region": "22"}}, 403),
        ("POST", "/reverify", {"json": {"limit": 0}}, 422),
        ("GET", "/rc_none", {}, 404),
        ("POST", "/rc_none/end", {}, 404),
        ("POST", "/rc_none/report-change", {"json": {"why": "cadence"}}, 422),
    ],
)
async def test_refusals(
    client: Client, method: str, path: str, more: dict[str, Any], status: int
) -> None:
    done = await client.ask(method, path, **more)
    assert done.status_code == status, done.text


async def test_another_regions_is_none_and_another_scope_may_not(client: Client) -> None:
    one = await one_household(client, "one-4")
    elsewhere = await client.service.client("2202", ("batch",))
    for method, step in (("GET", ""), ("POST", "/end"), ("POST", "/suspend")):
        done = await client.ask(method, f"/{one['id']}{step}", headers=elsewhere)
        assert (done.status_code, done.json()["title"]) == (404, "no such recipient")
    reader = await client.service.client("2201", ("read", "verify"))
    assert (await client.ask("GET", headers=reader)).status_code == 403
    nobody = {"Authorization": "Bearer none"}
    assert (await client.ask("GET", headers=nobody)).status_code == 401


async def test_a_file_with_formulas_and_another_encoding(client: Client, tmp_path: Path) -> None:
    text = HEADER + a_line("=1+1", HEAD, region="220112001")
    files = {"roster": ("r.csv", text.encode("gb18030"), "text/csv")}
    done = await client.ask("POST", files=files)
    assert done.json()["added"] == 1
