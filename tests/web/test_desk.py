"""Home, sources, batches and alerts in a browser: no violation, and an alert through two people."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from app.api import workload
from app.web.shell import environment
from connectors.contract import Unknown
from connectors.failure import Failure, FailureKind
from tests.api.test_alerts import car_of
from tests.batch.rosters import a_family, a_row, as_csv
from tests.looks.parts import Person, assigned, somebody
from tests.service_parts import ScriptedSource, a_body, all_ten, found
from tests.web.browsing import sound
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")
CASE = a_body()["case_reference"]


@dataclass
class Desk:
    """A site with an alert, a held batch, and a source that fails; two checkers of the case."""

    site: Site
    first: Person
    second: Person
    reviewer: Person
    alert: str
    other: str
    held: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    vehicles = ScriptedSource("vehicle")
    gap = Unknown(Failure(FailureKind.TIMED_OUT, "no answer within 10 s"))
    fund = ScriptedSource("housing_fund", {"m1": gap, "m2": gap})
    folder = tmp_path_factory.mktemp("desk")
    async with sites(folder, all_ten(vehicles, fund)[:9]) as site:
        yield await seeded(site, vehicles)


async def seeded(site: Site, vehicles: ScriptedSource) -> Desk:
    service = site.service
    await service.post()
    vehicles.answers = {ref: found(car_of(ref)) for ref in ("m1", "m2")}
    service.clock.forward(days=30)
    service.headers = await service.client(scopes=("verify", "batch", "read", "review"))
    await service.post()
    first, second = [await somebody(service, "county_checker") for _ in range(2)]
    for one in (first, second):
        await assigned(service, CASE, one)
    rows = [*a_family("A"), a_row(case_reference="B", name="")]
    reply = await service.http.post(
        "/v1/batches?hold=true",
        files={"roster": ("r.csv", as_csv(rows), "text/csv")},
        headers={**service.headers, "Idempotency-Key": "held"},
    )
    while await service.parts.batching.reading.read_due():
        pass
    reviewer = await somebody(service, "county_reviewer")
    alerts = (await first.get("/v1/alerts?kind=vehicle_new")).json()["alerts"]
    ids = [one["id"] for one in alerts]
    return Desk(site, first, second, reviewer, ids[0], ids[1], reply.json()["id"])


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation_and_no_sideways_scroll(desk: Desk, language: str) -> None:
    paths = (
        "/ui/",
        "/ui/sources",
        "/ui/sources/housing_fund",
        "/ui/sources/securities",
        "/ui/batches",
        "/ui/batches/new",
        f"/ui/batches/{desk.held}",
        "/ui/alerts",
        f"/ui/alerts/{desk.alert}",
        "/ui/alerts/rules/vehicle_new",
    )
    async with desk.site.of(desk.first.headers) as browser:
        page = await browser.page(f"/ui/language/{language}?next=/ui/settings")
        for path in paths:
            await page.goto(desk.site.url + path)
            assert await sound(page) == [], path


async def test_a_long_worklist_is_not_counted_to_its_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = (await desk.first.get("/v1/workload")).json()["review"]
    assert waiting > 2
    monkeypatch.setattr(workload, "MOST_COUNTED", 2)
    assert (await desk.first.get("/v1/workload")).json()["review"] == 2
    monkeypatch.setitem(environment().globals, "most_counted", 2)
    async with desk.site.of(desk.first.headers) as browser:
        page = await browser.page("/ui/")
        badge = await text_of(page, '[data-rail="review"] .count')
        assert badge.split()[0] == "1+"


async def text_of(page: Page, selector: str) -> str:
    return " ".join((await page.text_content(selector) or "").split())


async def test_home_counts_what_waits(desk: Desk) -> None:
    own = (await desk.first.get("/v1/workload/own")).json()
    assert own["looks"]["lists"] >= 1
    async with desk.site.of(desk.first.headers) as browser:
        page = await browser.page("/ui/")
        badge = await text_of(page, '[data-rail="alerts"] .count')
        assert badge.split()[0] == str(own["alerts"]["open"])
        shown = await text_of(page, "main")
        assert f"未处理合计{own['alerts']['open']}" in shown.replace(" ", "")
        assert "住房公积金" in shown  # it failed
        assert "等待确认" in shown  # the held batch


@pytest.mark.parametrize(
    "role",
    ["system_admin", "security_admin", "audit_admin", "source_clerk", "relief_department"],
)
async def test_home_shows_each_role_its_own(desk: Desk, role: str) -> None:
    person = await somebody(desk.site.service, role)
    reply = await desk.site.service.http.get("/ui/", headers=person.headers)
    assert reply.status_code == 200
    assert "最近批量" not in reply.text
    assert "全部预警" not in reply.text


async def test_an_alert_through_two_people(desk: Desk) -> None:
    path = f"/ui/alerts/{desk.alert}"
    async with desk.site.of(desk.first.headers) as browser:
        page = await browser.page("/ui/alerts")
        await page.click(f'a[href*="{desk.alert}"]')
        assert "号牌 吉A3K58C" in await text_of(page, "main")
        await page.click("text=由我处理")
        await page.fill("#words", "it was sold")
        await page.click("text=记下说明")
        await page.check("input[value=stop]")
        await page.fill("#reason", "a car")
        await page.click("text=提交，转第二人")
        assert "材料编号 须写材料编号" in await text_of(page, "#errors")
        assert await page.input_value("#reason") == "a car"
        await page.fill("#evidence", "DOC-1")
        await page.click("text=提交，转第二人")
        assert "需要另一个人确认" in await text_of(page, "main")
    async with desk.site.of(desk.second.headers) as browser:
        page = await browser.page(path)
        assert "建议停发" in await text_of(page, "main")
        await page.check("input[value=yes]")
        await page.fill("#reason", "so it is")
        await page.click("main button[type=submit]")
        assert "已由两人处理完毕" in await text_of(page, "main")
        assert await page.query_selector("#reason") is None


async def test_what_changed_meanwhile_is_told_and_what_was_typed_kept(desk: Desk) -> None:
    path = f"/ui/alerts/{desk.other}"
    async with desk.site.of(desk.first.headers) as browser:
        page = await browser.page(path)
        await desk.second.post(f"/v1/alerts/{desk.other}/assign", {"version": 1})
        await page.fill("#words", "we moved")
        await page.click("text=记下说明")
        assert "已经有了变化" in await text_of(page, "#errors")
        assert await page.input_value("#words") == "we moved"


async def test_a_reviewer_mutes_a_rule_and_gives_a_case_without_script(desk: Desk) -> None:
    async with desk.site.of(desk.reviewer.headers, java_script_enabled=False) as browser:
        page = await browser.page("/ui/alerts/rules/vehicle_new")
        await page.fill("#until", "2027-01-31")
        await page.fill("#reason", "plates are exchanged")
        await page.click("text=暂停此规则")
        assert "规则已暂停" in await text_of(page, ".done-note")
        assert "暂停至 01-31" in await text_of(page, ".rules")
        await page.goto(f"{desk.site.url}/ui/alerts/{desk.alert}?case={CASE}")
        colleague = await somebody(desk.site.service, "county_checker")
        await page.reload()
        await page.select_option("#to", colleague.id)
        await page.click("text=分派案卷")
        assert "案卷已分派" in await text_of(page, ".done-note")
    assert (await colleague.get(f"/v1/alerts/{desk.alert}")).status_code == 200


async def test_who_may_not_sees_why(desk: Desk, tmp_path: Path) -> None:
    clerk = await somebody(desk.site.service, "township_clerk")
    for path in ("/ui/sources", "/ui/batches/new", "/ui/alerts"):
        reply = await desk.site.service.http.get(path, headers=clerk.headers)
        assert (reply.status_code, "没有这项权限" in reply.text) == (403, True)
    async with desk.site.of(desk.reviewer.headers) as browser:
        page = await browser.page("/ui/sources/housing_fund")
        button = page.locator("button", has_text="恢复")
        assert await button.is_disabled()
        assert await button.get_attribute("title") == "需要县级核对人员的权限"
