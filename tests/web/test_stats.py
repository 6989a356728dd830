"""Pages of statistics: the interface's own numbers, few readings tell nothing, CSV is the table."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Page

from app.web.figures_words import Said
from app.web.stats_errors import cells, dot
from tests.review.audited import Auditing, auditing, seed, some_decisions
from tests.web.browsing import sound
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")
_VIEWS = ("", "/errors", "/matching", "/workload", "/sample")
_SINCE = "from=2026-01-01&until=2026-11-30"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A county with decisions, and an audit of them that is read: 40 of one kind, 9 of another."""
    async with sites(tmp_path_factory.mktemp("stats"), []) as one:
        await seed(
            one.service,
            [*some_decisions(80), *some_decisions(9, start=100, outcome="not_confirmed")],
        )
        reading = await auditing(one.service)
        drawn = await reading.draw(
            kinds=["confirmed", "refused"], size=40, tolerance={"inclusion": 0.1}
        )
        await _read(reading, drawn["id"])
        yield one


async def _read(reading: Auditing, audit: str) -> None:
    reader = await reading.reader()
    for number, work in enumerate(await reading.worklist(audit, reader)):
        found = "not_confirmed" if number % 10 == 0 else "confirmed"
        await reading.find(audit, reader, work["verification_id"], true_outcome=found)


async def _table(page: Page, name: str) -> list[list[str]]:
    """The cells of a table on the page, head and rows."""
    rows: list[list[str]] = await page.eval_on_selector_all(
        f"section[aria-labelledby=t-{name}] tr",
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))",
    )
    return rows


async def test_no_violation_and_no_sideways_scroll(site: Site) -> None:
    headers = await site.staff("city_officer")
    async with site.of(headers) as desk:
        page = await desk.page()
        for language in ("zh", "en"):
            for view in _VIEWS:
                path = quote(f"/ui/stats{view}?{_SINCE}")
                await page.goto(f"{site.url}/ui/language/{language}?next={path}")
                assert await sound(page) == [], (view, language)
    async with site.of(headers, java_script_enabled=False) as desk:
        page = await desk.page(f"/ui/stats?{_SINCE}")
        await page.click("text=表")
        assert (await _table(page, "outcomes"))[0][:3] == ["地区", "认定数", "符合"]


async def test_the_numbers_are_the_interfaces_own(site: Site) -> None:
    headers = await site.staff("city_officer")
    ask = site.service.http.get
    told = (await ask(f"/v1/statistics/outcomes?{_SINCE}&by=region", headers=headers)).json()
    async with site.of(headers) as desk:
        page = await desk.page(f"/ui/stats?view=table&{_SINCE}")
        shown = (await _table(page, "outcomes"))[1:]
    wanted = [(one["key"], one["values"]) for one in told["rows"]]
    for (key, values), row in zip([*wanted, ("合计", told["total"])], shown, strict=True):
        assert row[0] == key
        assert row[1:5] == [
            str(values[name])
            for name in ("decisions", "confirmed", "not_confirmed", "undetermined")
        ]


async def test_measured_rates_stand_apart_from_predicted_ones(site: Site) -> None:
    headers = await site.staff("city_officer")
    audits = (await site.service.http.get("/v1/audits", headers=headers)).json()["audits"]
    path = f"/v1/audits/{audits[0]['id']}/results"
    results = (await site.service.http.get(path, headers=headers)).json()
    measures = {one["measure"]: one["overall"] for one in results["measures"]}
    async with site.of(headers) as desk:
        page = await desk.page(f"/ui/stats/errors?view=table&{_SINCE}")
        rows = {row[0]: row for row in await _table(page, "kinds")}
        inclusion = measures["inclusion"]
        assert inclusion["n"] >= 30
        assert rows["误认定符合（错保）"][1:5] == [
            str(inclusion["n"]),
            str(inclusion["found"]),
            str(inclusion["unread"]),
            f"{inclusion['rate'] * 100:.2f}%",
        ]
        low, high = (f"{one * 100:.2f}" for one in inclusion["interval"])
        assert rows["误认定符合（错保）"][5] == f"{low}%–{high}%"
        assert measures["exclusion"]["n"] < 30
        assert rows["误认定不符合（漏保）"][4:6] == ["样本不足", ""]
        assert "%" not in "".join(rows["误认定不符合（漏保）"])
        assert "不是抽查结果" in str(await page.text_content("#t-predicted"))
        await page.click("text=图")
        label = await page.get_attribute("svg.figure >> nth=0", "aria-label")
        assert rows["误认定符合（错保）"][4] in str(label)


async def test_the_csv_is_the_table(site: Site) -> None:
    headers = await site.staff("city_officer")
    async with site.of(headers) as desk:
        page = await desk.page(f"/ui/stats/errors?view=table&{_SINCE}")
        shown = await _table(page, "kinds")
        link = str(await page.get_attribute("section[aria-labelledby=t-kinds] .side", "href"))
    reply = await site.service.http.get(link, headers=headers)
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    text = reply.content.decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert rows[2:] == shown
    assert "区划 220102" in rows[1][0]
    unknown = await site.service.http.get(link.replace("kinds.csv", "other.csv"), headers=headers)
    assert unknown.status_code == 404


async def test_who_may_not_see_audits_is_told_whom_to_ask(site: Site) -> None:
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page(f"/ui/stats/errors?{_SINCE}")
        assert "需要“抽查”权限" in str(await page.text_content("main"))
        page = await desk.page(f"/ui/stats/workload?view=table&{_SINCE}")
        assert "按人的数字只给复核和管理人员看" in str(await page.text_content("main"))


async def test_what_cannot_be_is_said_on_the_page(site: Site) -> None:
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page("/ui/stats?from=2026-11-30&until=2026-11-01")
        assert "/from" in str(await page.text_content(".errors"))
        assert await page.input_value("input[name=from]") == "2026-11-30"


@pytest.mark.parametrize(("n", "is_told"), [(0, False), (29, False), (30, True)])
async def test_fewer_than_thirty_tell_nothing(n: int, is_told: bool) -> None:
    said = Said("zh")
    rate: dict[str, Any] = {
        "rate": 0.04,
        "interval": [0.01, 0.09],
        "n": n,
        "found": 1,
        "unread": 0,
    }
    row = cells("x", rate, said)
    assert ("4.00%" in row, "样本不足" in row) == (is_told, not is_told)
    assert (dot("x", rate, said).point is not None) is is_told
