"""Every route either passes the gate of looks or shows nothing of any person, and is listed so."""

from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.api.dci_gate import partner
from app.api.looks import GATES
from app.main import create_app
from app.settings import Settings
from tests.looks.parts import a_case, assigned, somebody
from tests.service_parts import Running, all_ten, running

SHOWS_NOBODY = {
    "/oauth/token": "a client's own token",
    "/.well-known/": "public keys",
    "/oauth2/client/token": "a client's own token",
    "/health": "the service alone",
    "/registry/on-search": "what comes in",
    "/healthz": "the service alone",
    "/readyz": "the service alone",
    "/metrics": "sums",
    "/static/": "a style sheet",
    "/docs": "the interface",
    "/openapi.json": "the interface",
    "/v1/session": "oneself",
    "/v1/workload": "counts",
    "/v1/staff": "members of staff",
    "/v1/approvals": "rights of members of staff",
    "/v1/notices/": "keys",
    "/v1/assistance/keys": "public keys",
    "POST /v1/assistance": "one person's records, to a centre by its consent; audited",
    "GET /v1/assistance/{assistance_id}": "the same, looked for again",
    "/v1/callbacks/{source}": "what comes in",
    "/v1/consents/withdrawals": "what was sent",
    "/v1/reports/keys": "public keys",
    "/v1/reports/{number}": "that a report is genuine, nothing of whom",
    "/v1/statistics/{topic}": "counts; few are left out",
    "/v1/sources": "sources: counts, times, words that quote nobody",
    "/v1/figures/workload": "counts, and members of staff",
    "/v1/figures/agreement": "counts",
    "/v1/figures/calibration": "rates",
    "/v1/subscriptions": "what the client itself asked for",
    "/v1/alert-rules": "kinds of changes, counts; names of colleagues",
    "/v1/review-items/agreement": "counts",
    "/v1/assignments": "numbers of cases, as the caller or a colleague gave them",
    "/v1/colleagues": "members of staff",
    "/v1/look-permissions": "numbers of cases, as a colleague gave them",
    "/v1/erasures": "numbers of cases and ids, as they were asked for",
    "/v1/relations": "one's own relations; of others with the right to assign, audited",
    "/v1/audit-entries": "the trail, in which nobody stands by name; audited",
    "/v1/audit-entries/chain": "places in the trail",
    "/v1/access-reports": "looks at a person, without anything of him or her; audited",
    "/v1/reveal-counts": "how often, by members of staff",
    "/v1/unusual-access": "ids of entries and cases; audited",
    "POST /v1/audits": "sizes of a sample",
    "GET /v1/audits": "sizes of samples",
    "GET /v1/audits/readings": "ids of samples, counts",
    "GET /v1/audits/{audit_id}": "sizes of a sample",
    "GET /v1/audits/{audit_id}/results": "rates",
    "POST /v1/audits/{audit_id}/close": "sizes of a sample",
    "POST /v1/batches": "counts",
    "GET /v1/batches": "counts",
    "GET /v1/batches/{batch_id}": "counts, and places of faulty rows",
    "GET /v1/batches/{batch_id}/errors": "places of faulty rows",
    "POST /v1/batches/{batch_id}/confirm": "counts",
    "POST /v1/batches/{batch_id}/pause": "counts",
    "POST /v1/batches/{batch_id}/resume": "counts",
    "POST /v1/batches/{batch_id}/cancel": "counts",
    "POST /v1/recipients/reverify": "counts",
    "GET /v1/roster-passes": "numbers of rosters, as the caller gave them",
    "DELETE /v1/roster-passes/{pass_id}": "nothing",
}
"""By method and path, or the beginning of a path (those that end with a slash, or have below)."""


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for below in dependant.dependencies:
        yield from _calls(below)


def _routes() -> list[APIRoute]:
    app = create_app(Settings())
    routes = [
        below
        for route in app.routes
        for below in getattr(getattr(route, "original_router", None), "routes", [route])
    ]
    return [one for one in routes if isinstance(one, APIRoute) and not is_page(one)]


def is_page(route: APIRoute) -> bool:
    """Pages show what the interface gives: tests/architecture/test_web.py holds them to that."""
    return route.endpoint.__module__.startswith("app.web.")


def _is_listed(route: APIRoute) -> bool:
    names = {f"{method} {route.path}" for method in route.methods or ()}
    if names & SHOWS_NOBODY.keys():
        return True
    parts = [one for one in SHOWS_NOBODY if one.startswith("/")]
    return any(route.path == one or route.path.startswith(f"{one.rstrip('/')}/") for one in parts)


@pytest.mark.promise(16)
@pytest.mark.parametrize(
    "route", _routes(), ids=lambda route: f"{','.join(sorted(route.methods))} {route.path}"
)
def test_every_route_passes_the_gate_or_shows_nobody(route: APIRoute) -> None:
    """Planted: GET …/evidence took `MayRead` instead of `LooksRead`: neither gated nor listed."""
    gated = bool((GATES | {partner}).intersection(_calls(route.dependant)))
    assert gated != _is_listed(route), f"{route.methods} {route.path}"


async def _every_look(service: Running) -> list[tuple[str, str, object]]:
    """Method, path and body of looks of every kind, on a case that a client may see."""
    id_, case = await a_case(service)
    of = f"/v1/verifications/{id_}"
    items = (await service.get("/v1/review-items")).json()["items"]
    of_item = [("GET", f"/v1/review-items/{one['id']}", None) for one in items[:1]]
    return [
        ("GET", of, None),
        ("GET", "/v1/verifications", None),
        ("GET", f"{of}/profile", None),
        ("GET", f"{of}/history", None),
        ("GET", f"{of}/evidence", None),
        ("GET", f"{of}/evidence/ev_household_registry_m1_1", None),
        ("GET", f"{of}/report", None),
        ("POST", f"{of}/decisions", {}),
        ("POST", f"{of}/recheck", None),
        ("GET", "/v1/review-items", None),
        ("POST", "/v1/review-items/next", None),
        *of_item,
        ("GET", "/v1/alerts", None),
        ("GET", "/v1/events", None),
        ("GET", "/v1/recipients", None),
        ("GET", f"/v1/batches/{case}/results", None),
    ]


@pytest.mark.promise(16)
async def test_where_the_trail_cannot_be_written_nothing_is_shown(
    tmp_path: object, database_url: str, record_property: object
) -> None:
    """503 for each kind of look, by a client and by a member of staff, and none of the case.

    Planted: the fault of the trail swallowed: 200 with the household.
    """
    async with running(tmp_path, all_ten(), database_url=database_url) as service:  # type: ignore[arg-type]
        service.headers = await service.client(scopes=("verify", "read", "review", "batch"))
        looks = await _every_look(service)
        service.headers = await service.client(scopes=("verify", "read", "review", "batch"))
        id_, case = await a_case(service)
        checker = await somebody(service, "county_checker")
        await assigned(service, case, checker)
        service.headers = await service.client(scopes=("verify", "read", "review", "batch"))
        database = service.parts.shelf.database
        away = sa.text("ALTER TABLE audit_entry RENAME TO audit_entry_away")
        await database.write(lambda tx: tx.execute(away) and None)
        for method, path, body in looks:
            reply = await service.http.request(method, path, json=body, headers=service.headers)
            if "/batches/" in path:  # there is none of that id: nothing to be shown
                assert reply.status_code == httpx.codes.NOT_FOUND
                continue
            assert reply.status_code == httpx.codes.SERVICE_UNAVAILABLE, (method, path, reply.text)
            assert "case-" not in reply.text
        for view in ("", "/evidence", "/report"):
            reply = await checker.get(f"/v1/verifications/{id_}{view}")
            assert reply.status_code == httpx.codes.SERVICE_UNAVAILABLE, reply.text
            assert case not in reply.text
        back = sa.text("ALTER TABLE audit_entry_away RENAME TO audit_entry")
        await database.write(lambda tx: tx.execute(back) and None)
        assert (await checker.get(f"/v1/verifications/{id_}")).status_code == httpx.codes.OK
    record_property("cases", len(looks) + 3)  # type: ignore[operator]
