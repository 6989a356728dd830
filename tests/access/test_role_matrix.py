"""Every role, every scope and nobody, on every route, in every state: as roles.yaml says."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
import sqlalchemy as sa
import yaml

from app.access.approvals import Proposal
from app.access.roles import ROLES, STAFF_SCOPES, Shown, conflict
from app.access.tokens import SCOPES, TOKEN_SECONDS, Caller
from app.main import create_app
from app.settings import Settings
from app.store.staff import Account
from tests.service_parts import Running, ScriptedSource, all_ten, an_account, found, running
from tests.staff_parts import session_of, with_roles

TABLE: Final[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "roles.yaml").read_text("utf-8")
)
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_PARAMETER: Final = re.compile(r"{(\w+)}")
_BUSINESS: Final = (
    "/v1/verifications",
    "/v1/review-items",
    "/v1/batches",
    "/v1/recipients",
    "/v1/reconcile",
    "/v1/alerts",
    "/v1/audits",
    "/v1/consents",
    "/v1/events",
    "/v1/subscriptions",
)
"""Below these stand households."""
REFUSED: Final = (401, 403)


@cache
def document() -> dict[str, Any]:
    shown: dict[str, Any] = create_app(Settings()).openapi()
    return shown


def routes() -> list[str]:
    return [
        f"{method.upper()} {path}"
        for path, methods in document()["paths"].items()
        for method in methods
        if method in _METHODS
    ]


PAGES: Final = "app.web."
GUARDED: Final = [route for route in routes() if route not in TABLE["public"]]


@dataclass
class Matrix:
    """A service with somebody of every role, a client of every scope, and things to ask for."""

    service: Running
    accounts: dict[str, Account] = field(default_factory=dict)
    clients: dict[str, dict[str, str]] = field(default_factory=dict)
    there: dict[str, str] = field(default_factory=dict)
    until: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    """Until when the clients' tokens hold."""

    async def session(self, role: str) -> dict[str, str]:
        """A new one; what is looked at is for a purpose, and the case is assigned."""
        return {**await session_of(self.service, self.accounts[role]), **PURPOSE}

    async def headers(self, actor: str) -> dict[str, str]:
        """Of a role or of a scope; a client's token serves while it holds."""
        if actor in ROLES:
            return await self.session(actor)
        if self.service.clock() >= self.until:
            self.until = self.service.clock() + timedelta(seconds=TOKEN_SECONDS)
            self.clients = {one: await self.service.client("220102", (one,)) for one in SCOPES}
        return self.clients[actor]

    async def status(self, route: str, headers: dict[str, str], *, known: bool) -> int:
        """What the route answers; `known`: its parameters are of things that are there."""
        method, path = route.split(" ")
        given = self.there if known else {}
        path = _PARAMETER.sub(lambda one: given.get(one[1], UNKNOWN.get(one[1], "zz_none")), path)
        body = TABLE["body"].get(route, {}) if method in ("POST", "PATCH", "PUT") else None
        reply = await self.service.http.request(method, path, headers=headers, json=body)
        return reply.status_code

    async def approval(self) -> str:
        """A new change that waits: a role for somebody, proposed by somebody else."""
        who = await with_roles(self.service, "security_admin")
        whom = await with_roles(self.service)
        caller = Caller(who.id, "220102", ("roles",), kind="staff")
        content = {"role": "auditor", "until": None}
        new = Proposal(kind="role_grant", region="220102", content=content, subject=whom.id)
        approvals = self.service.parts.approvals
        made = await self.service.parts.shelf.database.write(
            lambda tx: approvals.propose(tx, caller, new)
        )
        return made.id


PURPOSE: Final = {"Hedui-Purpose": "spot_check"}
UNKNOWN: Final = {"topic": "outcomes", "version": "1", "kind": "death", "source": "tax"}
"""Parameters that are no ids."""


async def matrix_of(service: Running) -> Matrix:
    made = Matrix(service)
    for role in ROLES:
        made.accounts[role] = await with_roles(service, role)
    verification = (await service.post()).json()
    reviewer = await session_of(service, await with_roles(service, "county_reviewer"))
    for account in made.accounts.values():
        case = {"case_reference": verification["case_reference"], "staff": account.id}
        reply = await service.http.post("/v1/assignments", json=case, headers=reviewer)
        assert reply.status_code == 201, reply.text
    evidence = (await service.get(f"/v1/verifications/{verification['id']}/evidence")).json()
    made.there = {
        "verification_id": verification["id"],
        "evidence_id": evidence["evidence"][0]["id"],
        "staff_id": (await with_roles(service)).id,
        "topic": "outcomes",
    }
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def matrix(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Matrix]:
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    async with running(tmp_path_factory.mktemp("matrix"), all_ten(bank)) as service:
        yield await matrix_of(service)


def groups(route: str) -> tuple[dict[str, Any], dict[str, Any]]:
    people, clients = TABLE["routes"][route]
    return TABLE["people"][people], TABLE["clients"][clients]


def test_every_route_every_role_and_every_scope_has_its_row() -> None:
    """A route, a role or a scope that nobody thought of fails here.

    Planted: the row `GET /v1/staff` taken out, and `auditor` out of the group of nobody: both
    were named.
    """
    assert sorted({*TABLE["routes"], *TABLE["public"]}) == sorted(routes())
    for name, group in TABLE["people"].items():
        assert set(group) == set(ROLES), name
    for name, group in TABLE["clients"].items():
        assert set(group) == set(SCOPES), name
    listed = set(routes()) | set(TABLE["undocumented"])
    assert {f"{method} {path}" for method, path in _mounted()} <= listed


def _mounted() -> Iterator[tuple[str, str]]:
    """All that the application answers, in its document or not."""
    for route in create_app(Settings()).routes:
        for inner in getattr(getattr(route, "original_router", None), "routes", [route]):
            if getattr(getattr(inner, "endpoint", None), "__module__", "").startswith(PAGES):
                continue  # what a page shows it asks of the interface
            for method in (getattr(inner, "methods", None) or set()) - {"HEAD", "OPTIONS"}:
                prefix = getattr(getattr(route, "include_context", None), "prefix", "")
                yield method, prefix + inner.path


@pytest.mark.promise(15)
@pytest.mark.parametrize("route", GUARDED)
@pytest.mark.asyncio(loop_scope="module")
async def test_each_actor_gets_what_the_table_says(
    matrix: Matrix, route: str, record_property: Any
) -> None:
    """Role × route × state; the number of cases is that of requests.

    Planted: `MayAccounts` taken for `SeesAccounts` in POST /v1/staff; `read` given to
    township_clerk; `MayRead` for `ClientReads` in GET /v1/events; `who.kind` not looked at for the
    staff's own routes (a client's token reached /v1/session): each failed at its routes.
    """
    record_property("cases", await tried(matrix, route))


async def tried(matrix: Matrix, route: str) -> int:
    """Tries all; gives how many requests that were."""
    people, clients = groups(route)
    wrong, cases = [], 0
    for actor, expected in {**people, **clients}.items():
        for known in (True, False):
            if "{approval_id}" in route and known:
                matrix.there["approval_id"] = await matrix.approval()
            headers = await matrix.headers(actor)
            status = await matrix.status(route, headers, known=known)
            cases += 1
            if not holds(route, expected, status, matrix.there if known else {}):
                state = "there" if known else "unknown"
                wrong.append(f"{actor}, {state}: {status}, not {expected}")
    cases += 1
    status = await matrix.status(route, {}, known=True)
    if status != 401:
        wrong.append(f"nobody: {status}")
    assert wrong == [], route
    return cases


def holds(route: str, expected: Any, status: int, there: dict[str, str]) -> bool:
    named = set(_PARAMETER.findall(route)) - UNKNOWN.keys()
    if status >= 500 or expected == 403:
        return status == 403
    if status in REFUSED:
        return False
    if not named:
        return status != 404
    is_there = named <= there.keys()
    return (status == 404) == (expected == 404 or not is_there) or status == 422


@pytest.mark.promise(15)
@pytest.mark.parametrize("route", GUARDED)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_over_gives_nothing(matrix: Matrix, route: str, record_property: Any) -> None:
    """A session that is over, one of an account without roles any more, a token that expired.

    Planted: the idle time not looked at in `Sessions.check`; roles read without `until_at`: every
    guarded route failed.
    """
    service, wrong, cases = matrix.service, [], 0
    allowed = [role for role, said in groups(route)[0].items() if said != 403]
    for role in allowed:
        was = await with_roles(service, role)
        await service.parts.shelf.database.write(lambda tx, id_=was.id: _ended(tx, service, id_))  # type: ignore[misc]
        status = await matrix.status(route, await session_of(service, was), known=True)
        fine = status == 403 or (route in TABLE["without_role"] and status not in REFUSED)
        cases += 1
        wrong += [] if fine else [f"{role} without its role: {status}"]
    over = {role: await matrix.session(role) for role in allowed}
    bearer = {scope: await service.client("220102", (scope,)) for scope in SCOPES}
    service.clock.forward(seconds=TOKEN_SECONDS + 3600)
    for actor, headers in {**over, **bearer}.items():
        status = await matrix.status(route, headers, known=True)
        cases += 1
        wrong += [] if status == 401 else [f"{actor}, over: {status}"]
    assert wrong == [], route
    record_property("cases", cases)


def _ended(tx: sa.Connection, service: Running, staff_id: str) -> None:
    """All its roles, as of now; sessions begun afterwards are of an account without any."""
    for role in ROLES:
        service.parts.staffing.roles.end(tx, staff_id, role, service.clock())


@pytest.mark.promise(15)
@pytest.mark.postgresql
async def test_the_same_on_postgresql(
    tmp_path: Path, new_postgresql_url: str, record_property: Any
) -> None:
    """Every fifth route, and all that deal with staff.

    Planted: `MayAccounts` taken for `SeesAccounts` in POST /v1/staff: 422 instead of 403.
    """
    async with running(tmp_path, all_ten(), database_url=new_postgresql_url) as service:
        matrix = await matrix_of(service)
        some = [route for route in GUARDED if "/staff" in route or "/approvals" in route]
        cases = [await tried(matrix, route) for route in [*some, *GUARDED[::5]]]
    record_property("cases", sum(cases))


ALONE: Final = (
    "system_admin",
    "security_admin",
    "audit_admin",
    "auditor",
    "source_clerk",
    "relief_department",
)


@pytest.mark.promise(15)
@pytest.mark.parametrize("role", ALONE)
def test_who_administers_or_audits_has_no_other_role(role: str) -> None:
    """三员分立: none of the three goes with another or with any business.

    Planted: `alone` left out of audit_admin's row: its pairs were no conflict.
    """
    for other in ROLES.keys() - {role}:
        assert conflict({role, other}) is not None, other


@pytest.mark.promise(15)
@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_an_administrator_reaches_no_household(role: str) -> None:
    """By the table, which the service was held against: no route that shows a case.

    Planted: `read` given to system_admin in the table alone: this failed (and with it in roles.py,
    the tests above did).
    """
    reached = [route for route in GUARDED if groups(route)[0][role] != 403]
    assert [route for route in reached if route.split(" ")[1].startswith(_BUSINESS)] == []
    assert ROLES[role].shown is Shown.NOTHING
    assert ROLES[role].scopes <= STAFF_SCOPES.keys()


@pytest.mark.promise(15)
def test_an_auditor_changes_nothing() -> None:
    """What an auditor may send is a question, or about himself or herself.

    A question: what-if, which stores nothing; a report of looks at a person; a permission to look;
    a person's plain data.
    About oneself: the session, the password, relatives whose cases are out of reach.

    Planted: the auditor put into the group of reviewers in the table: POST routes were named.
    """
    sent = [
        route
        for route in GUARDED
        if groups(route)[0]["auditor"] != 403 and not route.startswith("GET ")
    ]
    assert set(sent) == {
        "POST /v1/verifications/{verification_id}/decisions",
        "POST /v1/verifications/{verification_id}/reveals",
        "DELETE /v1/session",
        "POST /v1/session/password",
        "POST /v1/look-permissions",
        "DELETE /v1/look-permissions/{permission_id}",
        "POST /v1/relations",
        "POST /v1/access-reports",
    }


@pytest.mark.promise(15)
@pytest.mark.parametrize("role", ROLES)
def test_nobody_both_grants_and_uses(role: str) -> None:
    """Whoever makes accounts or gives roles has no other right.

    Planted: `roles` given to county_reviewer: it had both.
    """
    grants = {"accounts", "roles"} & ROLES[role].scopes
    assert not grants or (ROLES[role].scopes == grants and len(grants) == 1)


@pytest.mark.promise(15)
@pytest.mark.parametrize("role", ["township_clerk", "source_clerk", "relief_department"])
def test_who_may_not_query_sees_no_account_detail(role: str) -> None:
    """Neither starts a query nor reads evidence.

    Planted: township_clerk put into the group of checkers: routes of cases were named.
    """
    reached = [
        route
        for route in GUARDED
        if route.split(" ")[1].startswith(_BUSINESS) and groups(route)[0][role] != 403
    ]
    of_a_case = "GET /v1/verifications/{verification_id}"
    alone = {
        "relief_department": [f"{of_a_case}/eligibility"],
        # Masked, conclusions alone: tests/api/test_report_papers.py, tests/web/test_roles.py.
        "township_clerk": [
            "GET /v1/verifications",
            *(f"{of_a_case}/report{below}" for below in ("", "/papers", "/view")),
        ],
    }
    assert sorted(reached) == alone.get(role, [])
