"""Assignments and permissions: who gives them, what they open, when they end."""

from datetime import timedelta
from typing import Any

import pytest

from tests.looks.parts import a_case, assigned, entries_of, somebody
from tests.service_parts import NUMBERS, Running

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.promise(16)]
ASKED = {"reason": "the county asked for a second opinion", "hours": 2}


async def _asked(service: Running, case: str, purpose: str = "application") -> tuple[Any, str]:
    checker = await somebody(service, "county_checker")
    body = {"case_reference": case, "purpose": purpose, **ASKED}
    reply = await checker.post("/v1/look-permissions", body, None)
    assert reply.status_code == 201, reply.text
    return checker, reply.json()["id"]


async def test_a_second_person_opens_a_case_for_some_hours(shared: Running) -> None:
    """Planted: `until_at` left out of `_is_permitted`: the case stayed open after two hours."""
    id_, case = await a_case(shared)
    checker, permission = await _asked(shared, case)
    path, decision = f"/v1/verifications/{id_}", f"/v1/look-permissions/{permission}/decision"
    assert (await checker.get(path)).status_code == 403
    reviewer = await somebody(shared, "county_reviewer")
    agreed = await reviewer.post(decision, {"agrees": True}, None)
    assert (agreed.status_code, agreed.json()["state"]) == (200, "agreed")
    assert (await checker.get(path)).status_code == 200
    _, _, details = (await entries_of(shared, checker.id))[-1]
    assert details["basis"] == f"permission:{permission}"
    assert (await checker.get(path, "objection")).status_code == 403  # for another purpose
    again = await reviewer.post(decision, {"agrees": True}, None)
    assert again.status_code == 409
    before = shared.clock.now
    shared.clock.forward(hours=2)
    late = await somebody(shared, "county_checker")  # sessions are over by then: a new one
    assert late.id != checker.id
    held = await shared.parts.shelf.database.read(
        lambda tx: shared.parts.looks.permissions.held(
            tx, _holder(shared, checker.id), (case, "220102003")
        )
    )
    shared.clock.now = before
    assert held == {}


def _holder(service: Running, staff_id: str) -> Any:
    from_ = service.parts.looks
    return from_._holder(_Somebody(staff_id))  # type: ignore[arg-type]


class _Somebody:
    roles = frozenset({"county_checker"})

    def __init__(self, id_: str) -> None:
        self.actor = id_


async def test_nobody_agrees_to_his_own_look(shared: Running) -> None:
    """Planted: the comparison of who asked and who decides left out."""
    id_, case = await a_case(shared)
    reviewer = await somebody(shared, "county_reviewer")
    body = {"case_reference": case, "purpose": "application", **ASKED}
    permission = (await reviewer.post("/v1/look-permissions", body, None)).json()["id"]
    path = f"/v1/look-permissions/{permission}/decision"
    assert (await reviewer.post(path, {"agrees": True}, None)).status_code == 403
    assert (await reviewer.get(f"/v1/verifications/{id_}")).status_code == 403


@pytest.mark.parametrize("role", ["county_checker", "auditor", "audit_admin", "system_admin"])
async def test_who_may_not_agree(shared: Running, role: str) -> None:
    """Planted: `decide` took anybody who signed in: 200."""
    _, case = await a_case(shared)
    _, permission = await _asked(shared, case)
    other = await somebody(shared, role)
    reply = await other.post(f"/v1/look-permissions/{permission}/decision", {"agrees": True}, None)
    assert reply.status_code == 403


async def test_a_refused_or_ended_permission_opens_nothing(shared: Running) -> None:
    """Planted: what was refused stored as agreed: 200."""
    id_, case = await a_case(shared)
    reviewer = await somebody(shared, "county_reviewer")
    checker, refused = await _asked(shared, case)
    await reviewer.post(f"/v1/look-permissions/{refused}/decision", {"agrees": False}, None)
    assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 403
    checker, ended = await _asked(shared, case)
    await reviewer.post(f"/v1/look-permissions/{ended}/decision", {"agrees": True}, None)
    assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 200
    assert (await checker.delete(f"/v1/look-permissions/{ended}")).status_code == 204
    assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 403


async def test_a_permission_opens_no_relatives_case(shared: Running) -> None:
    """Planted: `related` looked at after the permission."""
    id_, case = await a_case(shared)
    checker, permission = await _asked(shared, case)
    reviewer = await somebody(shared, "county_reviewer")
    path = f"/v1/look-permissions/{permission}/decision"
    assert (await reviewer.post(path, {"agrees": True}, None)).status_code == 200
    relation = {"kind": "friend", "id_number": NUMBERS["m3"], "staff": checker.id}
    assert (await reviewer.post("/v1/relations", relation, None)).status_code == 201
    assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 404


async def test_an_assignment_ends_at_once_and_is_on_record(shared: Running) -> None:
    """Planted: `ended_at` left out of `_holds_at`."""
    id_, case = await a_case(shared)
    checker, reviewer = (
        await somebody(shared, "county_checker"),
        await somebody(shared, "county_reviewer"),
    )
    assignment = await assigned(shared, case, checker)
    assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 200
    assert (await reviewer.delete(f"/v1/assignments/{assignment}")).status_code == 204
    assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 403
    actions = [action for action, _, _ in await entries_of(shared, reviewer.id)]
    assert actions == ["assignment_ended"]
    shown = (await reviewer.get(f"/v1/assignments?case_reference={case}", None)).json()
    assert [one["ended_by"] for one in shown["assignments"]] == [reviewer.id]


@pytest.mark.parametrize(("since", "until"), [(1, 2), (-2, -1)], ids=("not yet", "no more"))
async def test_an_assignment_holds_in_its_time_alone(
    shared: Running, since: int, until: int
) -> None:
    """Planted: `from_at` and `until_at` left out of `_holds_at`: 200."""
    id_, case = await a_case(shared)
    checker = await somebody(shared, "county_checker")
    now = shared.clock()
    times = {"from": now + timedelta(hours=since), "until": now + timedelta(hours=until)}
    await assigned(shared, case, checker, **{name: at.isoformat() for name, at in times.items()})
    assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 403


async def test_a_case_of_a_team_is_its_members_case(shared: Running) -> None:
    """Planted: any team's case taken for one's own: the auditor read it."""
    id_, case = await a_case(shared)
    reviewer, checker, auditor = [
        await somebody(shared, role) for role in ("county_reviewer", "county_checker", "auditor")
    ]
    body = {"case_reference": case, "role": "county_checker"}
    assert (await reviewer.post("/v1/assignments", body, None)).status_code == 201
    assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 200
    assert (await auditor.get(f"/v1/verifications/{id_}", "audit")).status_code == 403


@pytest.mark.parametrize(
    ("purpose", "status"),
    [("application", 200), ("objection", 200), ("investigation", 403), ("audit", 403)],
)
async def test_case_work_is_no_oversight(shared: Running, purpose: str, status: int) -> None:
    """Planted: `overseen` always false: a checker looked for an investigation of his own."""
    id_, case = await a_case(shared)
    checker = await somebody(shared, "county_checker")
    await assigned(shared, case, checker)
    assert (await checker.get(f"/v1/verifications/{id_}", purpose)).status_code == status


@pytest.mark.parametrize("whom", ["oneself", "own team"])
async def test_nobody_assigns_to_himself(shared: Running, whom: str) -> None:
    """Planted: the check on the role left out: a reviewer gave the case to all reviewers."""
    id_, case = await a_case(shared)
    reviewer = await somebody(shared, "county_reviewer")
    to = {"staff": reviewer.id} if whom == "oneself" else {"role": "county_reviewer"}
    reply = await reviewer.post("/v1/assignments", {"case_reference": case, **to}, None)
    assert reply.status_code == 403
    assert (await reviewer.get(f"/v1/verifications/{id_}")).status_code == 403


async def test_a_relatives_case_is_not_assigned(shared: Running) -> None:
    """Planted: `is_related` turned round: 201."""
    _, case = await a_case(shared)
    checker, reviewer = (
        await somebody(shared, "county_checker"),
        await somebody(shared, "county_reviewer"),
    )
    relation = {"kind": "child", "id_number": NUMBERS["m3"]}
    await checker.post("/v1/relations", relation, None)
    body = {"case_reference": case, "staff": checker.id}
    assert (await reviewer.post("/v1/assignments", body, None)).status_code == 409


@pytest.mark.parametrize("region", ["220103", "2202"])
async def test_another_regions_staff_and_cases_are_out_of_reach(
    shared: Running, region: str
) -> None:
    """Planted: the region asked for not checked: the database's wall refused the row, 500."""
    _, case = await a_case(shared)
    other = await somebody(shared, "county_checker", region=region)
    reviewer = await somebody(shared, "county_reviewer")
    body = {"case_reference": case, "staff": other.id}
    absent = {"case_reference": case, "staff": "st_none"}
    answers = [await reviewer.post("/v1/assignments", one, None) for one in (body, absent)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    wider = {"case_reference": case, "role": "county_checker", "region": region}
    assert (await reviewer.post("/v1/assignments", wider, None)).status_code == 403


async def test_nobody_takes_his_own_relation_away(shared: Running) -> None:
    """Planted: `end` let anybody with the right to assign end his or her own."""
    reviewer, other = [await somebody(shared, "county_reviewer") for _ in range(2)]
    relation = {"kind": "spouse", "id_number": NUMBERS["m2"]}
    made = (await reviewer.post("/v1/relations", relation, None)).json()
    assert made["id_number"] == "229901********" + NUMBERS["m2"][-4:]
    path = f"/v1/relations/{made['id']}"
    assert (await reviewer.delete(path)).status_code == 403
    assert (await other.delete(path)).status_code == 204
    left = (await reviewer.get("/v1/relations", None)).json()["relations"]
    assert left == []
