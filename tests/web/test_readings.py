"""Two people read a drawn decision on pages that tell nothing of its score, each on his own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.looks.parts import Person, assigned, somebody
from tests.review.audited import auditing, seed, some_decisions
from tests.service_parts import Running, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
_OUTCOME = "误认定", "预测差错率", "25.00%", "urban_dibao@2026"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running(tmp_path_factory.mktemp("readings"), []) as one:
        await seed(one, some_decisions(4, regions=("220102003",)))
        yield one


async def _reader(service: Running) -> Person:
    reader = await somebody(service, "county_checker")
    for number in range(4):
        await assigned(service, f"case-vf_{number:04d}", reader)
    return reader


async def test_two_read_a_drawn_decision(service: Running) -> None:
    drawn = await (await auditing(service)).draw(size=2, second_reading_share=1.0)
    one, other = await _reader(service), await _reader(service)
    listed = (await one.get("/v1/audits/readings")).json()["audits"]
    assert [(each["id"], each["due"]) for each in listed] == [(drawn["id"], 2)]
    page = (await one.get("/ui/readings")).text
    path = page.partition(f'href="/ui/readings/{drawn["id"]}/')[2].partition('"')[0]
    form = f"/ui/readings/{drawn['id']}/{path}"
    for reader in (one, other):
        shown = (await reader.get(form)).text
        assert not [told for told in _OUTCOME if told in shown]
        csrf = shown.partition('name="csrf" value="')[2].partition('"')[0]
        given = {"csrf": csrf, "true_outcome": "cannot_tell", "due_monthly": "300.00"}
        refused = await service.http.post(form, data=given, headers=reader.headers)
        assert refused.status_code == 422
        assert 'value="300.00"' in refused.text  # what was typed stands there still
        del given["due_monthly"]
        given |= {"note": "the paper is missing", "procedure": "no_visit", "sources_checked": "tax"}
        filed = await service.http.post(form, data=given, headers=reader.headers)
        assert (filed.status_code, filed.headers["location"]) == (
            303,
            f"/ui/readings?audit={drawn['id']}&filed=1",
        )
    results = await (await auditing(service)).results(drawn["id"])
    assert [results["readings"][each]["done"] for each in ("first", "second")] == [1, 1]
    assert "the paper is missing" not in (await other.get("/ui/readings")).text
