"""An address that lets a tool in: for one roster, some hours, as its holder and no further."""

from pathlib import Path

import httpx
import pytest

from app.access.sessions import token_hash
from app.jobs.retention import Retention
from app.store.tables_rosters import roster_pass
from tests.looks.parts import Person, assigned, entries_of, somebody, trail
from tests.reconciliation.parts import SCOPES, a_pass, about, asked, results
from tests.service_parts import HEAD, SPOUSE, Running, a_body, all_ten, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUERY = about("李明", id_number=HEAD)
GONE = httpx.codes.NOT_FOUND


async def _status(service: Running, path: str) -> int:
    return (await asked(service, path, {"q0": QUERY})).status_code


async def test_a_pass_is_shown_once_and_ends(shared: Running) -> None:
    made = await a_pass(shared)
    assert len(await results(shared, made["path"], QUERY)) == 1
    listed = await shared.get("/v1/roster-passes")
    assert made["url"] not in listed.text
    assert [one["asked"] for one in listed.json()["passes"] if one["id"] == made["id"]] == [1]
    secret = made["path"].rpartition("/")[2]
    assert not any(secret in f"{row.object}{row.details}" for row in await trail(shared))
    ended = await shared.http.delete(f"/v1/roster-passes/{made['id']}", headers=shared.headers)
    assert ended.status_code == httpx.codes.NO_CONTENT
    again = await shared.http.delete(f"/v1/roster-passes/{made['id']}", headers=shared.headers)
    assert again.status_code == httpx.codes.CONFLICT
    assert await _status(shared, made["path"]) == GONE


async def test_hours_end_it(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        service.headers = await service.client(scopes=SCOPES)
        made = await a_pass(service, hours=2)
        service.clock.forward(hours=2, seconds=-1)
        assert await _status(service, made["path"]) == httpx.codes.OK
        service.clock.forward(seconds=1)
        assert await _status(service, made["path"]) == GONE


async def test_a_wrong_secret_and_an_ended_pass_are_alike(shared: Running) -> None:
    made = await a_pass(shared)
    await shared.http.delete(f"/v1/roster-passes/{made['id']}", headers=shared.headers)
    over, never = [
        await shared.http.get(path) for path in (made["path"], made["path"][:-9] + "AAAAAAAAA")
    ]
    assert (over.status_code, over.content) == (never.status_code, never.content)
    assert over.status_code == GONE


@pytest.mark.promise(16)
async def test_a_pass_may_no_more_than_its_holder_now(tmp_path: Path) -> None:
    """The client revoked, the member of staff without the role: it leads nowhere.

    Planted: the roles of the pass's beginning kept for its hours: the checker's went on.
    """
    async with running(tmp_path, all_ten()) as service:
        checker = await somebody(service, "county_checker")
        of_staff = await a_pass(service, {**checker.headers, "Hedui-Purpose": "reverification"})
        assert await _status(service, of_staff["path"]) == httpx.codes.OK
        database, staffing = service.parts.shelf.database, service.parts.staffing
        await database.write(
            lambda tx: staffing.roles.end(tx, checker.id, "county_checker", service.clock())
        )
        assert await _status(service, of_staff["path"]) == GONE
        service.headers = await service.client(scopes=SCOPES)
        of_client = await a_pass(service)
        assert await _status(service, of_client["path"]) == httpx.codes.OK
        token = service.headers["Authorization"].removeprefix("Bearer ")
        actor = service.parts.tokens.check(token).actor
        clients = service.parts.clients
        await database.write(lambda tx: clients.revoke(tx, actor, service.clock()))
        service.clock.forward(seconds=3)  # a process knows a client's state so long
        assert await _status(service, of_client["path"]) == GONE


async def test_rows_are_counted(shared: Running) -> None:
    """Each row may be asked about four times; a batch that is too long is not begun."""
    made = await a_pass(shared, rows=1)
    for _ in range(2):
        reply = await asked(shared, made["path"], {"q0": QUERY, "q1": QUERY})
        assert reply.status_code == httpx.codes.OK
    assert await _status(shared, made["path"]) == httpx.codes.TOO_MANY_REQUESTS
    assert len(await results(shared, "/v1/reconcile/by/" + await _secret(shared), QUERY)) == 1


async def _secret(service: Running) -> str:
    path: str = (await a_pass(service))["path"]
    return path.rpartition("/")[2]


@pytest.mark.promise(28)
async def test_rows_of_a_day_are_counted_whichever_way_they_come(tmp_path: Path) -> None:
    """Planted: rows counted by pass alone: a second pass went on."""
    async with running(tmp_path, all_ten(), rates="reconcile=3/86400") as service:
        service.headers = await service.client(scopes=SCOPES)
        first, second = [(await a_pass(service))["path"] for _ in range(2)]
        assert await _status(service, first) == httpx.codes.OK
        assert await _status(service, second) == httpx.codes.OK
        token = await asked(service, "/v1/reconcile", {"q0": QUERY}, service.headers)
        assert token.status_code == httpx.codes.OK
        refused = await asked(service, second, {"q0": QUERY})
        assert refused.status_code == httpx.codes.TOO_MANY_REQUESTS
        assert int(refused.headers["retry-after"]) > 0


@pytest.mark.promise(14)
async def test_a_pass_sees_its_part_of_the_region(shared: Running) -> None:
    """And a caller of another county finds nobody, by number, home, case or handle.

    Planted: the pass's region left out of what a bearer sees: the other township's pass found him.
    """
    case = about("220102-2026-000123", "household")
    home = about("李明", address="南关区平阳街12号3栋2单元501室")
    [found] = await results(shared, (await a_pass(shared))["path"], QUERY)
    for headers, more in (
        (shared.headers, {"region": "220102004"}),
        (await shared.client("220103", SCOPES), {}),
    ):
        path = (await a_pass(shared, headers, **more))["path"]
        assert [await results(shared, path, one) for one in (QUERY, case, home)] == [[], [], []]
        preview = await shared.http.get(f"{path}/preview", params={"id": found["id"]})
        assert preview.status_code == GONE
        assert "李" not in preview.text
    own = await a_pass(shared, region="220102003")
    assert len(await results(shared, own["path"], QUERY)) == 1
    outside = await shared.http.post(
        "/v1/roster-passes",
        json={"reference": "x", "rows": 1, "region": "220103"},
        headers=shared.headers,
    )
    assert outside.status_code == httpx.codes.FORBIDDEN


async def _staff_finds(service: Running, who: Person) -> int:
    sent = {**who.headers, "Hedui-Purpose": "reverification"}
    path = (await a_pass(service, sent))["path"]
    return len(await results(service, path, QUERY))


@pytest.mark.promise(16)
async def test_staff_find_whom_they_may_list_and_no_neighbour(shared: Running) -> None:
    """Without a purpose nothing; then cases in hand alone, and none of a relative.

    Planted: `reach` left out of the candidates' query: the checker found a case of others.
    """
    checker = await somebody(shared, "county_checker")
    without = await checker.post("/v1/roster-passes", {"reference": "x", "rows": 1}, None)
    assert without.status_code == httpx.codes.FORBIDDEN
    assert await _staff_finds(shared, checker) == 0
    await assigned(shared, a_body()["case_reference"], checker)
    assert await _staff_finds(shared, checker) == 1
    kin = await checker.post("/v1/relations", {"kind": "spouse", "id_number": SPOUSE}, None)
    assert kin.status_code == httpx.codes.CREATED, kin.text
    assert await _staff_finds(shared, checker) == 0
    clerk = await somebody(shared, "township_clerk")
    refused = await clerk.post("/v1/roster-passes", {"reference": "x", "rows": 1})
    assert refused.status_code == httpx.codes.FORBIDDEN


@pytest.mark.promise(16)
async def test_whoever_is_shown_is_on_record(shared: Running) -> None:
    """Each batch, found or not; each case that is read further; by which pass.

    Planted: nothing told where nobody was found: who fishes and finds few was not seen.
    """
    shared.headers = await shared.client(scopes=SCOPES)
    actor = shared.parts.tokens.check(shared.headers["Authorization"][7:]).actor
    made = await a_pass(shared)
    [found] = await results(shared, made["path"], QUERY)
    assert await results(shared, made["path"], about("赵强")) == []
    extend = f'{{"ids": ["{found["id"]}"], "properties": [{{"id": "status"}}]}}'
    await shared.http.post(made["path"], data={"extend": extend})
    await shared.http.get(f"{made['path']}/preview", params={"id": found["id"]})
    case = found["id"].partition(".")[0]
    entries = [one for one in await entries_of(shared, actor) if "look" in one[2]]
    assert [(action, about, told["pass"]) for action, about, told in entries] == [
        ("reconciled_listed", "list:reconciled", made["id"]),
        ("reconciled_listed", "list:reconciled", made["id"]),
        ("reconciled_read", case, made["id"]),
        ("reconciled_previewed", case, made["id"]),
    ]
    assert [told.get("cases") for _, _, told in entries[:2]] == [case, ""]
    assert [told["persons"] for _, _, told in entries[2:]] == ["m1", "m1"]


async def test_a_roster_has_no_number_of_a_person(shared: Running) -> None:
    for reference in (HEAD, "李明", "a b"):
        reply = await shared.http.post(
            "/v1/roster-passes", json={"reference": reference, "rows": 1}, headers=shared.headers
        )
        assert reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert HEAD not in reply.text


async def test_pages_of_this_machine_alone_may_read(shared: Running) -> None:
    path = (await a_pass(shared))["path"]
    for origin, is_allowed in (
        ("http://127.0.0.1:3333", True),
        ("http://localhost:3333", True),
        ("https://evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("null", False),
    ):
        reply = await shared.http.get(path, headers={"Origin": origin})
        assert ("access-control-allow-origin" in reply.headers) == is_allowed, origin
        assert "Origin" in reply.headers["vary"]


@pytest.mark.promise(16)
async def test_a_protected_person_in_a_roster_is_told_of(shared: Running) -> None:
    """Of lists, this one names whom somebody looked for.

    Planted: the cases of such lists not looked up: the report of the day was silent.
    """
    admin = await somebody(shared, "audit_admin")
    checker = await somebody(shared, "county_checker")
    protect = {"id_number": HEAD, "reason": "well known"}
    told = await admin.post("/v1/unusual-access/protected-persons", protect, None)
    assert told.status_code == httpx.codes.CREATED, told.text
    await assigned(shared, a_body()["case_reference"], checker)
    assert await _staff_finds(shared, checker) == 1
    reply = await admin.get("/v1/unusual-access?day=2026-11-24", None)
    mine = {one["code"] for one in reply.json()["unusual"] if one["actor"] == checker.id}
    assert mine == {"protected_person"}


async def test_rows_of_passes_go_when_they_have_ended_long_ago(
    tmp_path: Path, database_url: str
) -> None:
    """A month after their hours, or after they were given back; none that holds or just ended."""
    async with running(tmp_path, all_ten(), database_url=database_url) as service:
        service.headers = await service.client(scopes=SCOPES)
        given_back, over = [await a_pass(service, hours=12) for _ in range(2)]
        await service.http.delete(f"/v1/roster-passes/{given_back['id']}", headers=service.headers)
        service.clock.forward(days=30, hours=11)
        service.headers = await service.client(scopes=SCOPES)
        fresh = await a_pass(service)
        duty, stored = Retention(service.parts.erasures.erasing), service.parts.passes.stored
        database = service.parts.shelf.database

        async def left() -> set[str]:
            await duty.run()
            rows = await database.read(lambda tx: tx.execute(roster_pass.select()).all())
            return {row.id for row in rows}

        assert await left() == {over["id"], fresh["id"]}
        service.clock.forward(hours=2)
        assert await left() == {fresh["id"]}
        held = token_hash(fresh["path"].rpartition("/")[2])
        assert await database.read(lambda tx: stored.find(tx, held)) is not None
