"""What each role may open: the parts on its rail, and a township clerk's own list."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from app.access.roles import ROLES
from app.web.shell import PARTIAL, RAIL
from tests.looks.parts import a_case, assigned, entries_of, somebody
from tests.service_parts import NAMES, NUMBERS, Running, all_ten, running
from tests.staff_parts import signed_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running(tmp_path_factory.mktemp("roles"), all_ten()) as one:
        yield one


@pytest.mark.parametrize("role", ROLES)
async def test_the_rail_shows_what_the_role_may_open(service: Running, role: str) -> None:
    """City officers and auditors were shown alerts that answered 403."""
    headers = await signed_in(service, role)
    home = (await service.http.get("/ui/", headers=headers)).text
    asked = {**headers, PARTIAL: "true"}
    opened = {
        one.path: (await service.http.get(one.path, headers=asked)).status_code for one in RAIL
    }
    shown = {one.path for one in RAIL if f'href="{one.path}" data-rail' in home}
    assert {path for path, status in opened.items() if status == 200} == shown
    assert set(opened.values()) <= {200, 403}


async def test_a_township_clerk_has_a_list_of_masked_conclusions(service: Running) -> None:
    """Those cases that are assigned, each leading to the township's copy of its report."""
    (id_, case), (_, other) = await a_case(service), await a_case(service)
    clerk = await somebody(service, "township_clerk")
    await assigned(service, case, clerk)
    (listed,) = (await clerk.get("/v1/verifications")).json()["verifications"]
    assert (listed["case_reference"], listed["household"]["name"]) == (case, "李*")
    page = (await clerk.get("/ui/cases")).text
    assert f'href="/ui/cases/{id_}/report"' in page
    assert other not in page
    assert not [one for one in (*NAMES.values(), *NUMBERS.values()) if one in page]
    profile = await clerk.get(f"/ui/cases/{id_}")
    assert (profile.status_code, profile.headers["location"]) == (303, f"/ui/cases/{id_}/report")
    assert (await clerk.get(f"/v1/verifications/{id_}/profile")).status_code == 403
    told = [about for action, _, about in await entries_of(service, clerk.id) if "listed" in action]
    assert [one["cases"] for one in told] == [id_, id_]
