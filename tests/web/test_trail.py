"""The trail's pages: who did what, whether the chain holds, what was unusual, who was told."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.store.tables import audit_entry
from tests.looks.parts import Person, a_case, assigned, somebody
from tests.service_parts import HEAD
from tests.web.browsing import axe, sound
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("trail")) as one:
        yield one


async def _looked(site: Site) -> tuple[str, Person]:
    """Somebody looked at a case of his or hers: the case, and who."""
    id_, case = await a_case(site.service)
    person = await somebody(site.service, "county_checker")
    await assigned(site.service, case, person)
    headers = {**person.headers, "Hedui-Purpose": "application"}
    reply = await site.service.http.get(f"/v1/verifications/{id_}", headers=headers)
    assert reply.status_code == 200
    return case, person


async def test_no_violation(site: Site) -> None:
    await _looked(site)
    async with site.of(await site.staff("auditor")) as desk:
        page = await desk.page()
        for language in ("zh", "en"):
            for path in ("", "/unusual", "/access-report"):
                next_ = quote(f"/ui/audit{path}")
                await page.goto(f"{site.url}/ui/language/{language}?next={next_}")
                assert await sound(page) == [], (path, language)


async def test_an_entry_is_found_by_case_person_and_kind(site: Site) -> None:
    case, person = await _looked(site)
    async with site.of(await site.staff("auditor")) as desk:
        page = await desk.page(f"/ui/audit?case={quote(case)}&action=verification_read")
        row = str(await page.text_content("tbody tr >> nth=0"))
        for words in ("张三", "县级核对", "查看核对", f"案卷 {case}", "申请"):
            assert words in row
        page = await desk.page(f"/ui/audit?actor={person.id}&action=case_assigned")
        assert "没有符合条件的记录" in str(await page.text_content("main"))
        page = await desk.page("/ui/audit?case=nobody-has-this")
        assert "没有符合条件的记录" in str(await page.text_content("main"))
        page = await desk.page("/ui/audit?since=yesterday")
        assert await page.is_visible(".errors")


async def test_reading_is_an_entry_and_older_pages_follow(site: Site) -> None:
    for _ in range(30):
        await _looked(site)
    headers = await site.staff("auditor")
    async with site.of(headers) as desk:
        page = await desk.page("/ui/audit?action=trail_read")
        page = await desk.page("/ui/audit?action=trail_read")
        assert "查看审计" in str(await page.text_content("tbody tr >> nth=0"))
        page = await desk.page("/ui/audit")
        first = [int(one) for one in await page.locator("tbody th").all_text_contents()]
        await page.click("text=更早的")
        second = [int(one) for one in await page.locator("tbody th").all_text_contents()]
        assert first == sorted(first, reverse=True)
        assert max(second) < min(first)


async def test_a_person_is_told_and_the_number_is_in_no_address(site: Site) -> None:
    case, _ = await _looked(site)
    async with site.of(await site.staff("audit_admin")) as desk:
        page = await desk.page("/ui/audit/access-report")
        await page.fill("#id_number", HEAD)
        await page.select_option("#identity_checked", "in_person")
        await page.click("text=出具查询告知 >> nth=-1")
        text = str(await page.text_content("section.figures"))
        assert case in text
        assert HEAD not in text
        assert HEAD not in page.url
        assert await axe(page) == []


async def test_whoever_may_not_read_it_is_told(site: Site) -> None:
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page("/ui/audit")
        assert "没有这项权限" in str(await page.text_content("main"))


async def test_a_broken_chain_is_shown(site: Site) -> None:
    """The last test of the module: what is broken stays so."""
    headers = await site.staff("auditor")
    async with site.of(headers) as desk:
        page = await desk.page("/ui/audit")
        assert re.search(r"链完整.*第 1 至 \d+ 条", str(await page.text_content(".chain")), re.S)
        changed = audit_entry.update().where(audit_entry.c.position == 7).values(actor="cl_x")
        await site.service.parts.shelf.database.write(lambda tx: tx.execute(changed))
        page = await desk.page("/ui/audit")
        text = str(await page.text_content(".chain.broken"))
        assert "链断开" in text
        assert "第 7 条起" in text
    gone = sa.delete(audit_entry).where(audit_entry.c.position == 5)
    await site.service.parts.shelf.database.write(lambda tx: tx.execute(gone))
    reply = await site.service.http.get("/v1/audit-entries/chain", headers=headers)
    assert (reply.json()["holds"], reply.json()["broken_at"]) == (False, 5)
