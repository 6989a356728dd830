"""Cases in a browser: the list, the profile, its records, plain data on record, files, print."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from app.web.case_profile import STOP_POLLING
from tests.looks.parts import Person, a_case, entries_of, somebody
from tests.service_parts import HEAD, NAMES, NUMBERS, ScriptedSource, all_ten, running
from tests.web.browsing import axe, sound
from tests.web.conftest import Site, Sites
from tests.web.households import HIDDEN, HOUSE, PHONE, RARE, a_file, body, rare_body, sources
from tests.web.pictures import NEW, unlike, without_rule

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("cases"), sources()) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def file(site: Site) -> tuple[str, Person]:
    """A case with a failed source, intervals, two programmes and a supporter, and who has it."""
    return await a_file(site.service)


def paths(id_: str) -> list[str]:
    case = f"/ui/cases/{id_}"
    return [
        f"{case}?open=income-wage-m1",
        case,
        "/ui/cases",
        f"{case}?programme=rigid_expenditure_hardship",
        f"{case}/evidence",
        f"{case}/evidence/ev_tax_m1_1",
        f"{case}/audit",
        f"{case}/recheck",
        f"{case}/export",
        f"{case}/reveal/m1",
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation_and_nothing_cut(
    site: Site, file: tuple[str, Person], language: str
) -> None:
    id_, person = file
    async with site.of(person.headers) as desk:
        page = await desk.page(f"/ui/language/{language}?next=/ui/cases")
        for path in paths(id_):
            await page.goto(site.url + path)
            assert await sound(page) == [], path


_DRAWN = (".rail .count", "h1 .tag", ".card.err", ".fold")
"""Error rates are drawn anew for each verification, and what lowers them most follows."""


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_profile_looks_as_it_did(
    site: Site, file: tuple[str, Person], language: str
) -> None:
    """And where a rule of the style sheet is gone that is seen."""
    id_, person = file
    async with site.of(person.headers) as desk:
        page = await desk.page(f"/ui/language/{language}?next=/ui/cases/{id_}")
        await page.evaluate("document.querySelector('.finds').style.display = 'none'")
        assert await unlike(page, f"profile-{language}", *_DRAWN) == ""
        if language == "zh" and not NEW:
            await without_rule(page, ".tag.bad")
            assert await unlike(page, "profile-zh", *_DRAWN) != ""


async def test_no_answer_to_a_page_holds_what_is_hidden(
    site: Site, file: tuple[str, Person]
) -> None:
    """HTML, attributes and files, of staff; a client system that may read is given the records."""
    id_, person = file
    files = [f"/ui/cases/{id_}/export.json", f"/ui/cases/{id_}/export.csv"]
    rest = [f"/v1/verifications/{id_}{view}" for view in ("", "/profile", "/evidence", "/history")]
    for path in [*paths(id_), *files, *rest, "/v1/verifications"]:
        reply = await person.get(path)
        assert reply.status_code == httpx.codes.OK, path
        assert [one for one in HIDDEN if one in reply.text] == [], path
    client = await site.service.http.get(rest[2], headers=await site.service.client())
    assert HEAD in client.text


async def test_the_profile_says_what_it_rests_on(site: Site, file: tuple[str, Person]) -> None:
    id_, person = file
    async with site.of(person.headers) as desk:
        page = await desk.page(f"/ui/cases/{id_}")
        text = await page.inner_text("main")
        for words in (
            "李*户（3 人）",
            "来源 9 / 10 已反馈，缺：公积金",
            "≥ 966.67",
            "超 ≥ 206.67",
            "少报 1,400.00",
            "刚性支出困难家庭",
            "王*公积金没有反馈",
            "赡养人",
        ):
            assert words in text
        wage = page.locator("#row-income-wage-m1")
        await wage.locator(".exp").click()
        shown = await page.inner_text("#prov-income-wage-m1")
        assert "次序：税务 → 公积金 → 社保" in shown
        assert await wage.locator(".src.used").text_content() == "采用：税务 2,600"
        assert await wage.locator(".src.off").text_content() == "不采用：社保 3,800"
        label = await page.get_attribute("#prov-income-wage-m1 svg[role=img]", "aria-label")
        assert label == "2025-11 至 2026-10 共 12 个月：12 个月有记录，0 个月未知"
        failed = page.locator("#row-financial-housing_fund-m2")
        assert "未知" in await failed.inner_text()
        assert await page.locator(".st.fail").count() >= 1
        causes = await page.locator(".card.err").first.locator("li").all_inner_texts()
        rate = await page.locator(".card.err .big").first.inner_text()
        points = sum(round(float(one.split()[-1]) * 100) for one in causes)
        assert points == round(float(rate.rstrip("%")) * 100)


async def test_without_script_rows_open_by_a_page(site: Site, file: tuple[str, Person]) -> None:
    id_, person = file
    async with site.of(person.headers, java_script_enabled=False) as desk:
        page = await desk.page(f"/ui/cases/{id_}")
        assert not await page.is_visible("#prov-income-wage-m1")
        await page.click("#row-income-wage-m1 .exp")
        assert await page.is_visible("#prov-income-wage-m1")
        await page.click(".fold a")
        assert "按下限 966.67：未超；上限未知：可能超" in await page.inner_text("main")
        await page.goto(f"{site.url}/ui/cases/{id_}/reveal/m1")
        await page.click("button:has-text('显示')")
        assert NAMES["m1"] in await page.inner_text("#plain")


async def test_keys_open_a_row_and_the_reveal(site: Site, file: tuple[str, Person]) -> None:
    id_, person = file
    async with site.of(person.headers) as desk:
        page = await desk.page(f"/ui/cases/{id_}")
        await page.keyboard.press("e")
        assert await page.is_visible("#prov-income-wage-m1")
        await page.keyboard.press("r")
        await page.wait_for_url("**/reveal/m1")


async def test_a_reveal_is_on_record_before_it_is_seen(
    site: Site, file: tuple[str, Person]
) -> None:
    """One entry a group of fields; after its time it is gone from the page."""
    id_, person = file
    before = len(await entries_of(site.service, person.id))
    async with site.of(person.headers) as desk:
        page = await desk.page(f"/ui/cases/{id_}/reveal/m1")
        await page.clock.install()
        await page.check("text=电话、住址")
        await page.click("button:has-text('显示')")
        plain = await page.inner_text("#plain")
        assert NAMES["m1"] in plain
        assert NUMBERS["m1"] in plain
        assert PHONE in plain
        assert HOUSE in plain
        assert "明文" in plain
        await page.clock.fast_forward(61_000)
        assert await page.locator("#plain").count() == 0
        assert NUMBERS["m1"] not in await page.content()
    entries = (await entries_of(site.service, person.id))[before:]
    told = [details for action, _, details in entries if action == "revealed"]
    assert [one["fields"] for one in told] == ["contact", "id_number", "name"]
    assert {one["persons"] for one in told} == {"m1"}
    assert {one["purpose"] for one in told} == {"application"}


async def test_a_refused_reveal_is_on_record_too(site: Site, file: tuple[str, Person]) -> None:
    """Of a case that is not assigned, and by a role that never sees it whole."""
    id_, _ = file
    wanted = {"person": "m1", "purpose": "application", "fields": ["name"]}
    for role, why in (("county_checker", "not_assigned"), ("township_clerk", "masked")):
        who = await somebody(site.service, role)
        reply = await who.post(f"/v1/verifications/{id_}/reveals", wanted)
        assert reply.status_code == httpx.codes.FORBIDDEN
        assert NAMES["m1"] not in reply.text
        action, _object, details = (await entries_of(site.service, who.id))[-1]
        assert (action, details["why"], details["wanted"]) == ("look_refused", why, "revealed")


async def test_how_much_was_revealed(site: Site, file: tuple[str, Person]) -> None:
    """One's own; to a reviewer, everybody's of the region."""
    id_, person = file
    wanted = {"person": "m2", "purpose": "application", "fields": ["name"]}
    own = (await person.get("/v1/reveal-counts")).json()["own"]
    assert (await person.post(f"/v1/verifications/{id_}/reveals", wanted)).is_success
    counts = (await person.get("/v1/reveal-counts")).json()
    assert counts["own"] == own + 1
    assert counts["staff"] == []
    reviewer = await somebody(site.service, "county_reviewer")
    seen = (await reviewer.get("/v1/reveal-counts")).json()
    assert {"staff": person.id, "name": "张三", "count": own + 1} in seen["staff"]


async def test_rare_names_are_masked_and_harmless(site: Site) -> None:
    id_, person = await a_file(site.service, rare_body())
    async with site.of(person.headers) as desk:
        page = await desk.page(f"/ui/cases/{id_}")
        assert await axe(page) == []
        people = await page.inner_text(".people")
        for masked in ("李*", "阿******提", f"<{'*' * 23}>", "김*준", "王*"):
            assert masked in people
        html = await page.content()
        assert [name for name in RARE.values() if name in html] == []
        for ref, name in RARE.items():
            await page.goto(f"{site.url}/ui/cases/{id_}/reveal/{ref}")
            await page.click("button:has-text('显示')")
            assert name in await page.inner_text("#plain")


async def test_not_assigned_and_out_of_the_area(site: Site, file: tuple[str, Person]) -> None:
    id_, _ = file
    async with site.of(await site.staff("county_checker")) as desk:
        page = await desk.page(f"/ui/cases/{id_}")
        assert "这个案卷没有分派给您" in await page.inner_text("main")
        await page.goto(f"{site.url}/ui/cases")
        assert "没有可以查看的案件" in await page.inner_text("main")
    away = await somebody(site.service, "county_checker", region="220103")
    for path in (f"/ui/cases/{id_}", f"/ui/cases/{id_}/audit", "/ui/cases/vf_none"):
        assert (await away.get(path)).status_code == httpx.codes.NOT_FOUND


async def test_a_role_that_may_not_is_told_why(site: Site, file: tuple[str, Person]) -> None:
    """A reviewer does not ask sources: the button says whom to ask."""
    id_, reviewer = await a_file(site.service, body(), "county_reviewer")
    async with site.of(reviewer.headers) as desk:
        page = await desk.page(f"/ui/cases/{id_}")
        button = page.locator("button:has-text('补查来源')")
        assert await button.is_disabled()
        assert await button.get_attribute("title") == "您的岗位没有这项权限，需要的请向管理员申请"


async def test_the_list_is_searched_filtered_and_turned(
    site: Site, file: tuple[str, Person]
) -> None:
    id_, person = file
    case = (await person.get(f"/v1/verifications/{id_}")).json()["case_reference"]
    async with site.of(person.headers) as desk:
        page = await desk.page("/ui/cases")
        await page.fill("main input[name=q]", case)
        await page.select_option("select[name=outcome]", "not_confirmed")
        async with page.expect_navigation():
            await page.click("button:has-text('筛选')")
        assert await page.locator("tbody tr").count() == 1
        assert "q=" in page.url
        await page.select_option("select[name=status]", "cancelled")
        await page.click("button:has-text('筛选')")
        assert await page.inner_text(".nothing") == "没有符合条件的案件。 清除筛选"
        await page.goto(f"{site.url}/ui/cases?q={HEAD}")
        assert "有内容不符合要求" in await page.inner_text(".errors")
        await page.goto(f"{site.url}/ui/cases")
        await page.click("th:has-text('案卷号') a")
        assert await page.get_attribute("th:has-text('案卷号')", "aria-sort") == "ascending"


async def test_files_are_masked_and_open_in_a_spreadsheet(
    site: Site, file: tuple[str, Person]
) -> None:
    id_, person = file
    reply = await person.get(f"/ui/cases/{id_}/export.csv")
    assert reply.headers["content-disposition"].endswith(f'{id_}.csv"')
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["项目", "成员", "申报", "核定"]
    assert rows[1][:4] == ["工资", "李*", "1,200.00", "2,600.00"]
    assert ("profile_exported", id_) in [
        (action, about) for action, about, _ in await entries_of(site.service, person.id)
    ]


async def test_asking_again_supersedes(site: Site) -> None:
    """The earlier verification says so, and leads to the newer one."""
    id_, person = await a_file(site.service)
    async with site.of(person.headers) as desk:
        page = await desk.page(f"/ui/cases/{id_}/recheck")
        await page.click("button:has-text('开始补查')")
        again = page.url.rsplit("/", 1)[-1]
        assert again != id_
        await site.service.status_becomes(again, "final", "in_review")
        await page.goto(f"{site.url}/ui/cases/{id_}")
        assert await page.get_attribute(".band-note.gone a", "href") == f"/ui/cases/{again}"


async def test_print_keeps_the_values_and_names_who_printed(
    site: Site, file: tuple[str, Person]
) -> None:
    id_, person = file
    async with site.of(person.headers) as desk:
        page = await desk.page(f"/ui/cases/{id_}")
        await page.emulate_media(media="print")
        for gone in (".rail", ".top", ".head .side", "#values .exp >> nth=0"):
            assert not await page.is_visible(gone), gone
        foot = await page.inner_text(".print-foot")
        assert f"/ui/cases/{id_}" in foot
        assert "张三" in foot
        assert await page.is_visible("#values")
        await page.set_viewport_size({"width": 1032, "height": 700})  # a sheet between its edges
        assert await page.eval_on_selector(
            ".card.err svg",
            "one => one.getBoundingClientRect().right"
            " <= one.closest('.card').getBoundingClientRect().right - 8",
        )


async def test_a_page_that_waits_tells_of_more(tmp_path: Path) -> None:
    """While a source has not answered the page asks for news; nothing of it is a look."""
    bank = ScriptedSource("bank", answers_later=True, ready=False)
    async with running(tmp_path, all_ten(bank)) as service:
        id_, person = await a_file(service)
        html = (await person.get(f"/ui/cases/{id_}")).text
        assert f'hx-get="/ui/cases/{id_}/news?seen=36"' in html
        looks = len(await entries_of(service, person.id))
        reply = await person.get(f"/ui/cases/{id_}/news?seen=30")
        assert "有新的反馈 6 条" in reply.text
        assert (await person.get(f"/ui/cases/{id_}/news?seen=36")).text.strip() == ""
        assert len(await entries_of(service, person.id)) == looks
        away = await somebody(service, "county_checker")
        for path in (f"/ui/cases/{id_}/news", f"/v1/verifications/{id_}/progress"):
            assert (await away.get(path)).status_code == httpx.codes.NOT_FOUND
        bank.ready = True
        service.clock.forward(seconds=5)
        await service.parts.verifier.collect_due()
        await service.status_becomes(id_, "final", "in_review")
        reply = await person.get(f"/ui/cases/{id_}/news?seen=36")
        assert reply.status_code == STOP_POLLING
        assert "核对状态有变化" in reply.text


async def test_lists_page_by_page(site: Site) -> None:
    """Each once, in either direction."""
    made = [(await a_case(site.service, body()))[0] for _ in range(3)]
    reviewer = await somebody(site.service, "county_reviewer")
    for sort in ("-requested", "requested", "-changed", "changed", "case", "-case"):
        path: str | None = f"/v1/verifications?limit=2&sort={sort}"
        seen: list[str] = []
        while path is not None:
            document = (await reviewer.get(path)).json()
            seen += [one["id"] for one in document["verifications"]]
            path = document["next"]
        assert len(seen) == len(set(seen))
        assert set(made) <= set(seen)
