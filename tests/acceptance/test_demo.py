"""The demo's weeks: people, cases and looks made through the interface, by a clock in the past."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.access.roles import ROLES
from app.demo import looking, office
from app.demo.clock import PastClock
from app.demo.scene import opened
from app.demo.service import sandbox_and_service
from app.demo.sign_ins import code_of, write_sign_ins
from app.demo.steps import STEPS, beginning, walk
from connectors.sandbox.county import generate

_SOME = tuple(
    one
    for one in STEPS
    if one.work in (office.people, looking.permissions) or one.words == "the first week"
)


@pytest.mark.acceptance
async def test_weeks_lie_behind_and_everybody_can_sign_in(tmp_path: Path) -> None:
    today: date = datetime.now(UTC).date()
    county = generate(1, 12, today)
    clock = PastClock()
    told: list[str] = []
    clock.begin(beginning(county))
    async with (
        sandbox_and_service(county, tmp_path, 0, clock) as running,
        opened(running, county, clock) as scene,
    ):
        assert clock() < datetime.now(UTC) - timedelta(days=40)
        await walk(scene, told.append, _SOME)
        assert len(told) == len(_SOME)
        assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)
        assert {role for one in scene.people.values() for role in one.roles} == set(ROLES)
        case = next(iter(scene.cases.values()))
        assert case.document["status"] in ("final", "in_review")
        write_sign_ins(scene, tmp_path)
        assert len(code_of(tmp_path, "checker")) == 6
        page = await scene.ask("auditadmin", "GET", "/v1/audit-entries", params={"limit": 500})
        times = [one["at"] for one in page["entries"]]
        assert times == sorted(times)
        shown = await scene.ask(
            "reviewer", "GET", f"/v1/verifications/{case.id}", purpose="application"
        )
        assert shown["case_reference"] == case.reference
        asked = await scene.ask("reviewer", "GET", "/v1/look-permissions")
        assert {one["state"] for one in asked["permissions"]} <= {"asked", "agreed"}


def test_a_clock_that_was_moved_on_never_goes_back() -> None:
    clock = PastClock()
    then = datetime.now(UTC) - timedelta(days=9)
    clock.begin(then)
    clock.move_to(then + timedelta(days=3))
    assert clock() >= then + timedelta(days=3)
    clock.move_to(then)
    assert clock() >= then + timedelta(days=3)
    clock.move_to(datetime.now(UTC) + timedelta(days=1))
    assert clock() <= datetime.now(UTC)
    clock.to_the_present()
    assert datetime.now(UTC) - clock() < timedelta(seconds=1)
