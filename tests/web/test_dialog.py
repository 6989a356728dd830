"""Another source in a case's dialog: outcome and error rate move, an issued report does not."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator

from connectors.failure import Failure, FailureKind, SourceError
from tests.looks.parts import Person, assigned, somebody
from tests.review.settled import LITTLE, MUCH, wages
from tests.service_parts import ScriptedSource, all_ten, found, registry
from tests.web.browsing import fits
from tests.web.conftest import Site, Sites
from tests.web.households import body, timed_out

pytestmark = pytest.mark.asyncio(loop_scope="session")
ANSWERS: dict[Any, Any] = {}


def _agree(base: str) -> None:
    """What the housing fund tells of the wages on which the tax office has LITTLE."""
    ANSWERS.update({"m1": found(wages(base=base)[1]), "m2": timed_out()})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A supporter, wages from two sources, no word of the fund on m2, no vehicle register."""
    silent = SourceError(Failure(FailureKind.UNREACHABLE, "refused"))
    sources = all_ten(
        ScriptedSource("household_registry", registry().answers),
        ScriptedSource("tax", {"m1": found(*wages()[0])}),
        ScriptedSource("housing_fund", ANSWERS),
        ScriptedSource("vehicle", fault=silent),
    )
    async with sites(tmp_path_factory.mktemp("dialog"), sources) as one:
        yield one


async def disputed(site: Site) -> tuple[dict[str, Any], dict[str, Any]]:
    """The final verification with its report, and the recheck in which the wages differ."""
    service = site.service
    _agree(LITTLE)
    first = (await service.post(body())).json()
    assert first["status"] == "final"
    _agree(MUCH)
    said = {"by": "m1", "about": "工资", "reason": "数额不对", "received_on": "2026-11-20"}
    path = f"/v1/verifications/{first['id']}/objections"
    reply = await service.http.post(path, json=said, headers=service.headers)
    return first, await service.status_becomes(reply.json()["recheck"], "in_review")


async def issued(person: Person, id_: str) -> list[bytes]:
    """The report as signed, and the PDF of its first copy."""
    path = f"/v1/verifications/{id_}/report"
    purpose = {**person.headers, "Hedui-Purpose": "application"}
    made = []
    for kind, copy in (("application/json", ""), ("application/pdf", "?copy=1")):
        reply = await person.service.http.get(path + copy, headers={**purpose, "Accept": kind})
        assert reply.status_code == 200, reply.text
        made.append(reply.content)
    return made


async def at_the_case(site: Site, case: str) -> Person:
    person = await somebody(site.service, "county_checker")
    await assigned(site.service, case, person)
    return person


async def cells(row: Locator) -> list[str]:
    """What a row of the dialog says in its last cells: outcomes, error rate, persons needed."""
    return [text.strip() for text in await row.locator("td").all_inner_texts()][-4:]


async def test_another_source_moves_what_follows_and_no_issued_report(site: Site) -> None:
    first, recheck = await disputed(site)
    case = first["case_reference"]
    one, two = await at_the_case(site, case), await at_the_case(site, case)
    before = await issued(one, first["id"])
    finding = next(one for one in recheck["findings"] if one["code"] == "wage_sources_differ")
    dialog = f"/ui/cases/{recheck['id']}/conflicts/{finding['id']}"
    for person in (one, two):
        async with site.of(person.headers) as desk:
            page = await desk.page(dialog)
            held = await cells(page.locator(".pick tr:has([value=tax])"))
            other = await cells(page.locator(".pick tr:has([value=housing_fund])"))
            assert (held[0], held[3]) == ("证据不足", "一人")
            assert (other[0], other[3]) == ("不符合", "须两人")
            assert other[2] != held[2]  # the error rate that the other source leads to
            await page.check("[name=picked][value=housing_fund]")
            await page.select_option("[name=reason_code]", "source_confirmed")
            await page.click("[data-key=submit]")
            await page.wait_for_url(lambda url: "/conflicts/" not in url)
    made = await site.service.status_becomes(recheck["id"], "in_review")  # m2 is unknown still
    was, now = ({d["programme"]: d for d in d_of["decisions"]} for d_of in (recheck, made))
    assert now["urban_dibao"]["outcome"] == "not_confirmed"
    assert all(now[name]["error_rate"] != was[name]["error_rate"] for name in now)
    async with site.of(one.headers) as desk:
        page = await desk.page(f"/ui/cases/{recheck['id']}?programme=urban_dibao")
        assert "不符合" in await page.inner_text("#p-urban_dibao")
        assert not re.search(r"\b[a-z]{3,}(_[a-z]+)*\b", await page.inner_text("main"))  # no code
        assert (
            await page.locator("main")
            .get_by_text(f"{now['urban_dibao']['error_rate']:.2%}")
            .count()
        )
    assert await issued(one, first["id"]) == before


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_nothing_overlaps_in_the_widest_bar(site: Site, language: str) -> None:
    """Of a source while the case is under way: four choices, each with its key."""
    _, recheck = await disputed(site)
    person = await at_the_case(site, recheck["case_reference"])
    items = (await site.service.get("/v1/review-items?kind=ask_source&limit=500")).json()["items"]
    id_ = next(one["id"] for one in items if one["verification"] == recheck["id"])
    async with site.of(person.headers) as desk:
        page = await desk.page(f"/ui/language/{language}?next=/ui/review/{id_}")
        assert await page.locator("form.decide .choice").count() == 4
        assert await fits(page) == []
        await page.keyboard.press("4")
        assert await page.is_checked("form.decide [value=asked]")
