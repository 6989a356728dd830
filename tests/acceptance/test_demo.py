"""The demo's weeks: all that an office has in its hands, made through the interface, by a clock."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.access.roles import ROLES
from app.alerts.life import AlertState
from app.demo import Plan, made_up
from app.demo.running import at_work
from app.demo.scene import Scene
from app.demo.sign_ins import code_of
from app.demo.steps import STEPS
from app.domain.decision import ActionKind
from app.domain.review import ItemState
from app.report.variants import Variant
from app.store.scope import Crossing, across
from app.web.shell import RAIL

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]
_HOUSEHOLDS: Final = 60
_LOOKS_AT: Final = {"manual": "tax", "stats": "city", "audit": "auditor"}
"""Whose part of the UI it is, where it is not the checker's."""

_ALL_IS_WELL: Final = '<p class="nothing"><span class="tag ok">'
"""No source is down just now: nothing is missing on that page."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """The demo as `make demo` opens it, made once for all tests."""
    folder = tmp_path_factory.mktemp("demo")
    plan = Plan(seed=1, households=_HOUSEHOLDS, port=0, once=True, folder=folder)
    told: list[str] = []
    county = made_up(plan, datetime.now(UTC).date())
    async with at_work(plan, county, folder, told.append) as made:
        assert len(told) == len(STEPS)
        assert len(code_of(folder, "checker")) == 6
        yield made


async def states(scene: Scene, table: str, *columns: str) -> set[Any]:
    """What stands in the columns of the table's rows, over all of the county."""
    named = ", ".join(columns)
    with across(Crossing.SIGN_IN):
        rows = await scene.running.parts.shelf.database.read(
            lambda tx: tx.execute(sa.text(f"SELECT DISTINCT {named} FROM {table}")).fetchall()  # noqa: S608
        )
    return {row[0] if len(columns) == 1 else tuple(row) for row in rows}


async def test_weeks_lie_behind_and_everybody_can_sign_in(scene: Scene) -> None:
    assert abs(scene.clock() - datetime.now(UTC)) < timedelta(seconds=5)
    assert {role for one in scene.people.values() for role in one.roles} == set(ROLES)
    page = await scene.ask("auditadmin", "GET", "/v1/audit-entries", params={"limit": 500})
    times = [one["at"] for one in page["entries"]]
    assert times == sorted(times)
    asked = await scene.ask("reviewer", "GET", "/v1/look-permissions")
    assert {one["state"] for one in asked["permissions"]} == {"asked", "agreed"}


async def test_every_kind_of_question_waits_for_somebody(scene: Scene) -> None:
    for kind in ActionKind:
        page = await scene.ask(
            "checker", "GET", "/v1/review-items", params={"kind": kind.value}, purpose="application"
        )
        assert "open" in {one["state"] for one in page["items"]}, kind
    assert await states(scene, "review_item", "state") == {one.value for one in ItemState}
    twice = await states(scene, "review_item", "kind", "state")
    for settled in ("review_record", "conflict", "declared"):
        points = {(settled, one) for one in ("awaiting_second", "disagreed", "decided")}
        assert points <= twice, settled
    assert {("anomaly", "awaiting_second"), ("anomaly", "asked")} <= twice


async def test_work_stands_at_every_point(scene: Scene) -> None:
    found: dict[str, tuple[str, set[Any]]] = {
        "verification": ("status", {"querying", "partial", "in_review", "final", "cancelled"}),
        "alert": ("state", {one.value for one in AlertState}),
        "objection": ("state", {"filed", "in_progress", "upheld", "corrected", "withdrawn"}),
        "manual_task": ("state", {"open", "second", "done"}),
        "batch": ("status", {"done", "running", "held"}),
        "report_endorsement": ("state", {"open", "signed", "returned"}),
        "report_print": ("variant", {one.value for one in Variant}),
        "audit_finding": ("reading", {1, 2}),
    }
    for table, (column, wanted) in found.items():
        assert await states(scene, table, column) >= wanted, table
    assert await states(scene, "proof", "owner_kind")
    page = await scene.ask("tax", "GET", "/v1/manual-tasks")
    assert any(one["went_back"] for one in page["tasks"])
    assert "suspension" in await states(scene, "report", "kind")


@pytest.mark.parametrize("part", RAIL, ids=lambda part: part.name)
async def test_no_part_of_the_interface_is_empty(scene: Scene, part: Any) -> None:
    who = _LOOKS_AT.get(part.name, "checker")
    page = (await scene.ask(who, "GET", part.path)).decode()
    assert 'class="nothing"' not in page.replace(_ALL_IS_WELL, ""), part.path
