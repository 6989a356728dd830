"""A roster of 1,000 rows through the pages: looked at, confirmed, watched over a restart."""

import asyncio
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from app.settings import Settings
from app.wiring_batches import batch_worker
from tests.batch.rosters import a_family, a_row, as_csv
from tests.looks.parts import assigned, somebody
from tests.service_parts import HEAD, Clock, all_ten, connected
from tests.staff_parts import session_of
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")
FAMILIES = 333


def a_roster() -> bytes:
    rows = [row for place in range(FAMILIES) for row in a_family(f"case-{place:03d}")]
    return as_csv([*rows, a_row(case_reference="bad", name="")])


async def figures(page: Page) -> str:
    return " ".join((await page.text_content(".stage-legend") or "").split())


async def worked_on(folder: Path, clock: Clock, site: Site, id_: str, households: int) -> None:
    """By a worker of its own, until so many households are done."""
    settings = Settings(data_dir=folder, worker="w1")
    batching, database = site.service.parts.batching, site.service.parts.shelf.database
    async with batch_worker(settings, clock, connected(all_ten())), asyncio.timeout(60):
        while True:
            stages = await database.read(lambda tx: batching.counts.stages(tx, id_, FAMILIES))
            if stages["done"] >= households:
                return
            await asyncio.sleep(0.05)


async def sent(page: Page, site: Site, folder: Path) -> str:
    """Uploaded, read and confirmed; gives the batch's id."""
    (folder / "roster.csv").write_bytes(a_roster())
    await page.set_input_files("#roster", folder / "roster.csv")
    await page.click("text=上传并检查")
    while await site.service.parts.batching.reading.read_due():
        pass
    await page.reload()
    shown = " ".join((await page.text_content("main") or "").split())
    assert "1000 行，333 户，有误 1 行" in shown
    rows = await page.inner_text("#rows")
    assert "1000" in rows
    assert "缺少姓名" in rows
    assert HEAD not in await page.content()
    await page.click("text=确认，开始核对")
    return page.url.rpartition("/")[2]


async def test_a_roster_of_a_thousand(sites: Sites, tmp_path: Path) -> None:
    clock = Clock()
    folder = tmp_path / "data"
    async with sites(folder, clock=clock) as site:
        checker = await somebody(site.service, "county_checker")
        async with site.of(checker.headers) as browser:
            page = await browser.page("/ui/batches/new")
            id_ = await sent(page, site, tmp_path)
            assert "未开始 333" in await figures(page)
            await worked_on(folder, clock, site, id_, 1)
            await page.click("text=暂停")
            before = await figures(page)
            assert "已完成 0" not in before
            await page.reload()
            assert await figures(page) == before
    async with sites(folder, clock=clock) as site:
        await after_the_restart(site, id_, before, checker.account)


async def after_the_restart(site: Site, id_: str, before: str, account: Any) -> None:
    headers = await session_of(site.service, account)
    checker = await somebody(site.service, "county_checker")
    checker.account, checker.headers = account, headers
    await assigned(site.service, "case-000", checker)
    async with site.of(headers) as browser:
        page = await browser.page(f"/ui/batches/{id_}")
        assert await figures(page) == before
        await page.click("text=名单（明文）")
        await page.select_option("#plain-format", "csv")
        async with page.expect_download() as waiting:
            await page.click("#plain button[type=submit]")
        content = Path(await (await waiting.value).path()).read_bytes()
        table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert HEAD in {one["id_number"].strip() for one in table}
        await page.click("text=继续")
        await page.wait_for_selector("text=暂停")
