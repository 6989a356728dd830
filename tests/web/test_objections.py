"""Pages of objections: the list, one taken and corrected, the form to file one; no violation."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload

from tests.looks.parts import Person, assigned, somebody
from tests.review.proofs import a_png
from tests.review.test_objections import ANSWERS, POOR, RICH, TAX, filed
from tests.service_parts import ScriptedSource, all_ten
from tests.web.browsing import sound
from tests.web.conftest import Site, Sites

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    sources = all_ten(ScriptedSource("bank", ANSWERS), TAX)
    async with sites(tmp_path_factory.mktemp("objections"), sources) as one:
        yield one


async def disputed(site: Site) -> tuple[str, str, Person]:
    """The disputed verification, its objection, and somebody to whom the case is assigned."""
    id_, case, objection = await filed(
        site.service, RICH, POOR, value={"kind": "decision", "id": "urban_dibao"}
    )
    person = await somebody(site.service, "county_checker", "county_reviewer")
    await assigned(site.service, case, person)
    return id_, objection, person


async def test_taken_proved_and_corrected(site: Site) -> None:
    _, objection, person = await disputed(site)
    async with site.of(person.headers) as desk:
        page = await desk.page("/ui/objections")
        await page.click(f"a[href='/ui/objections/{objection}']")
        await page.click("text=受理办理 >> nth=-1")
        assert await page.is_disabled("input[value=uphold]")  # the recheck came to another outcome
        png = FilePayload(name="proof.png", mimeType="image/png", buffer=a_png())
        await page.set_input_files("#file", png)
        await page.click("form[enctype] button")
        async with page.expect_download() as saved:
            await page.click("#proofs tbody a")
        assert (await saved.value).suggested_filename.endswith(".png")
        await page.check("input[value=correct]")
        await page.fill("#answer", "经重新查询，已更正。")
        await page.click("text=作出决定")
        assert "已更正" in (await page.text_content(".titled") or "")
        assert "经重新查询，已更正。" in (await page.text_content("main") or "")


async def test_filed_by_the_form_without_script(site: Site) -> None:
    id_, _, person = await disputed(site)
    async with site.of(person.headers, java_script_enabled=False) as desk:
        page = await desk.page(f"/ui/cases/{id_}/objection")
        await page.fill("#received", "2026-11-30")
        await page.fill("#about", "存款")
        await page.fill("#reason", "账户不是本人的")
        await page.click("text=登记并重新核对")
        assert await page.input_value("#reason") == "账户不是本人的"  # refused: a day to come
        assert await page.is_visible(".errors")
        await page.fill("#received", "2026-11-20")
        await page.select_option("#value", "decision:urban_dibao")
        await page.click("text=登记并重新核对")
        assert "/ui/objections/ob_" in page.url
        assert "账户不是本人的" in (await page.text_content("main") or "")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation(site: Site, language: str) -> None:
    id_, objection, person = await disputed(site)
    await person.post(f"/v1/objections/{objection}/take", {"version": 1}, "objection")
    paths = (
        "/ui/objections?state=all",
        f"/ui/objections/{objection}",
        f"/ui/cases/{id_}/objection",
    )
    async with site.of(person.headers) as desk:
        for path in paths:
            page = await desk.page(f"/ui/language/{language}?next={path}")
            assert await sound(page) == [], path
            await page.close()
