"""Lists show what is within reach; clients look for the purposes of their tokens."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from app.access.tokens import Caller
from app.api.deps import caller
from app.cli import cli
from app.store import case_list
from app.store.case_list import ORDERS
from app.store.scope import see
from tests.looks.parts import a_case, assigned, entries_of, somebody, trail
from tests.service_parts import NUMBERS, Running, all_ten, running

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.promise(16)]
SCOPES = ("verify", "read", "review", "batch")


async def _listed(who: Any, path: str = "/v1/review-items?limit=500") -> set[str]:
    reply = await who.get(path)
    assert reply.status_code == 200, reply.text
    return {one["verification"] for one in reply.json()["items"]}


async def test_a_checkers_worklist_holds_what_is_in_hand(shared: Running) -> None:
    """Planted: `within_reach` left out of the queue: the whole county's items were shown."""
    (mine, case), (other, _) = [await a_case(shared) for _ in range(2)]
    checker, reviewer = (
        await somebody(shared, "county_checker"),
        await somebody(shared, "county_reviewer"),
    )
    assert await _listed(checker) == set()
    await assigned(shared, case, checker)
    assert await _listed(checker) == {mine}
    _, object_, details = (await entries_of(shared, checker.id))[-1]
    assert (object_, details["look"], details["cases"]) == ("list:review_items", "list", mine)
    assert await _listed(reviewer) >= {mine, other}


async def test_a_full_hand_is_listed_as_a_nearly_empty_one_is(
    shared: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: `within_reach` left out where the list is walked: the county's cases were shown."""
    cases = [await a_case(shared) for _ in range(4)]
    checker = await somebody(shared, "county_checker")
    for _, case in cases[:3]:
        await assigned(shared, case, checker)
    mine = [id_ for id_, _ in cases[:3]]
    for sort in ORDERS:
        found = []
        for much in (2, 4):  # in hand are three
            monkeypatch.setattr(case_list, "_MUCH", much)
            reply = await checker.get(f"/v1/verifications?sort={sort}")
            found.append([one["id"] for one in reply.json()["verifications"]])
        assert found[0] == found[1]
        assert sorted(found[0]) == sorted(mine)


async def test_relatives_stand_in_no_list(shared: Running) -> None:
    """Planted: `away_from` left empty in `reach`."""
    mine, case = await a_case(shared)
    checker, reviewer = (
        await somebody(shared, "county_checker"),
        await somebody(shared, "county_reviewer"),
    )
    await assigned(shared, case, checker)
    for who in (checker, reviewer):
        assert mine in await _listed(who)
        relation = {"kind": "parent", "id_number": NUMBERS["s1"][:6] + NUMBERS["s1"][8:17]}
        assert (await who.post("/v1/relations", relation, None)).status_code == 201
        assert mine not in await _listed(who)
        taken = await who.post("/v1/review-items/next")
        assert taken.status_code == 200
        assert taken.json()["item"] is None


@pytest.mark.parametrize(
    "path", ["/v1/review-items", "/v1/alerts", "/v1/recipients", "/v1/audits/as_1/worklist"]
)
async def test_a_list_needs_a_purpose_of_staff(shared: Running, path: str) -> None:
    """Planted: `listing_refused` let staff pass without one: 200."""
    checker = await somebody(shared, "county_checker")
    reply = await checker.get(path, None)
    assert (reply.status_code, reply.json()["type"]) == (403, "urn:hedui:problem:purpose-needed")
    action, _, details = (await entries_of(shared, checker.id))[-1]
    assert (action, details["why"]) == ("look_refused", "no_purpose")


async def test_staff_ask_about_their_own_cases_alone(shared: Running) -> None:
    """Planted: `may_ask` left out of POST /v1/verifications: a stranger's accounts were asked."""
    from tests.service_parts import a_body  # noqa: PLC0415

    checker = await somebody(shared, "county_checker")
    body = a_body(case_reference="made-up")
    reply = await checker.post("/v1/verifications", body, **{"Idempotency-Key": "k"})
    assert reply.status_code == 403
    await assigned(shared, "made-up", checker)
    relation = {"kind": "former_partner", "id_number": NUMBERS["m2"]}
    await checker.post("/v1/relations", relation, None)
    reply = await checker.post("/v1/verifications", body, **{"Idempotency-Key": "k"})
    assert reply.status_code == 403
    actions = {row.action for row in await trail(shared) if row.object == "made-up"}
    assert actions == {"look_refused"}


@pytest.mark.parametrize(
    ("purposes", "header", "status"),
    [
        ((), None, 200),
        ((), "audit", 200),
        (("application",), None, 200),
        (("application",), "application", 200),
        (("application",), "investigation", 403),
        (("reverification",), None, 404),  # as if it were not there
        ((), "curiosity", 422),
    ],
)
async def test_a_client_looks_for_its_tokens_purposes(
    shared: Running, purposes: tuple[str, ...], header: str | None, status: int
) -> None:
    """Planted: `_is_open_to` true for clients: a token for re-verification read applications."""
    id_, _ = await a_case(shared)
    who = Caller("cl_limited", "220102", SCOPES, purposes=purposes)

    async def limited() -> Caller:
        see(who.region)
        return who

    shared.app.dependency_overrides[caller] = limited
    try:
        headers = {} if header is None else {"Hedui-Purpose": header}
        reply = await shared.http.get(f"/v1/verifications/{id_}", headers=headers)
    finally:
        shared.app.dependency_overrides.clear()
    assert reply.status_code == status, reply.text
    if status == 200:
        _, _, details = (await entries_of(shared, "cl_limited"))[-1]
        assert details["purpose"] == (header or "application")


async def test_the_trail_is_read_by_region_and_the_reading_is_on_record(shared: Running) -> None:
    """Planted: `in_region` left out of `page`: the neighbouring county's entries were shown."""
    id_, _ = await a_case(shared)
    admin, other = [
        await somebody(shared, "audit_admin", region=region) for region in ("220102", "220103")
    ]
    found = (await admin.get(f"/v1/audit-entries?object={id_}", None)).json()["entries"]
    assert {one["action"] for one in found} >= {"verification_accepted", "source_asked"}
    assert (await other.get(f"/v1/audit-entries?object={id_}", None)).json()["entries"] == []
    action, _, details = (await entries_of(shared, admin.id))[-1]
    assert (action, details["by"]) == ("trail_read", "object")
    page = (await admin.get("/v1/audit-entries?limit=2", None)).json()
    following = (await admin.get(page["next"], None)).json()
    places = [one["position"] for one in (*page["entries"], *following["entries"])]
    assert places == sorted(set(places))
    checker = await somebody(shared, "county_checker")
    assert (await checker.get("/v1/audit-entries", None)).status_code == 403


async def test_the_command_line_tells_the_same(tmp_path: Any) -> None:
    """Planted: queries left out of the report: none of ten."""
    async with running(tmp_path, all_ten()) as service:
        await a_case(service)
    env = {"HEDUI_DATA_DIR": str(tmp_path)}
    told = CliRunner(env=env).invoke(
        cli, ["audit", "access-report", "--json"], input=NUMBERS["m1"] + "\n"
    )
    assert told.exit_code == 0, told.output
    lines = json.loads(told.stdout)["accesses"]
    assert [one["kind"] for one in lines].count("query") == 10
    assert NUMBERS["m1"] not in told.output
    quiet = CliRunner(env=env).invoke(cli, ["audit", "unusual", "--day", "2026-11-24", "--json"])
    assert (quiet.exit_code, json.loads(quiet.stdout)["unusual"]) == (0, [])
    wrong = CliRunner(env=env).invoke(cli, ["audit", "access-report"], input="x\n")
    assert wrong.exit_code == 2
