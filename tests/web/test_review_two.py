"""Two people on one item: locks, what a second one must not know, what changed meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.looks.parts import Person, assigned, somebody
from tests.review.settled import differing
from tests.service_parts import a_body, running
from tests.web.conftest import Site, Sites
from tests.web.households import a_file
from tests.web.review_parts import Reviewed, doubtful_sources, reviewed

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with sites(tmp_path_factory.mktemp("two"), doubtful_sources()) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cases(site: Site) -> Reviewed:
    return await reviewed(site, 4)


async def _an_item(site: Site, headers: dict[str, str], place: int) -> str:
    reply = await site.service.http.get(
        "/v1/review-items",
        params={"kind": "review_record", "todo": "true", "source": "bank"},
        headers={**headers, "Hedui-Purpose": "application"},
    )
    return str(reply.json()["items"][place]["id"])


async def _later(site: Site, *people: dict[str, str]) -> None:
    """Sixteen minutes, in which these people are there all the time."""
    for _ in range(2):
        site.service.clock.forward(minutes=8)
        for headers in people:
            reply = await site.service.http.get("/ui/alive", headers=headers)
            assert reply.status_code < 400


async def _says(site: Site, headers: dict[str, str], item: str, choice: str) -> None:
    word = {"choice": choice, "reason_code": "documents_seen", "reason": "card seen"}
    reply = await site.service.http.post(
        f"/v1/review-items/{item}/decisions",
        json=word,
        headers={**headers, "Hedui-Purpose": "application"},
    )
    assert reply.status_code == 201, reply.text


async def test_held_taken_over_and_let_go(site: Site, cases: Reviewed) -> None:
    one, mine = await cases.checker()
    _, theirs = await cases.checker()
    item = await _an_item(site, mine, 0)
    async with site.of(mine) as here, site.of(theirs) as there:
        page = await here.page(f"/ui/review/{item}")
        other = await there.page(f"/ui/review/{item}")
        assert f"{one.name}处理中" in str(await other.text_content(".head"))
        assert await other.locator("form.decide").count() == 0
        assert f"{one.name}处理中" in str(await other.text_content("[data-item][aria-current]"))
        await _later(site, mine, theirs)
        await other.reload()
        assert "已锁定" in str(await other.text_content(".head"))
        await page.keyboard.press("1")
        await page.select_option("[name=reason_code]", "documents_seen")
        await page.fill("[name=note]", "what I typed")
        await page.click("[data-key=submit]")
        await page.wait_for_selector(".errors")  # another one is at work by now
        assert await page.locator("form.decide").count() == 0
        async with asyncio.timeout(20):  # what is sent on leaving comes when it comes
            await other.goto(f"{site.url}/ui/")
            while "已锁定" not in str(await page.text_content(".head")):
                await page.goto(f"{site.url}/ui/review/{item}")


async def test_what_changed_is_said_and_the_input_is_kept(site: Site, cases: Reviewed) -> None:
    _, mine = await cases.checker()
    _, theirs = await cases.checker()
    item = await _an_item(site, mine, 1)
    async with site.of(mine) as here:
        page = await here.page(f"/ui/review/{item}")
        await _later(site, mine, theirs)
        await _says(site, theirs, item, "same_person")
        await page.keyboard.press("2")
        await page.select_option("[name=reason_code]", "wrong_person")
        await page.fill("[name=note]", "what I typed")
        async with page.expect_response(lambda reply: reply.request.method == "POST") as told:
            await page.click("[data-key=submit]")
        assert (await told.value).status == 409
        await page.wait_for_selector(".changed")
        assert "有人作出了决定" in str(await page.text_content(".changed"))
        assert await page.input_value("[name=note]") == "what I typed"
        assert await page.is_checked("[name=choice][value=another_person]")


async def test_a_second_person_knows_neither_the_first_word_nor_the_probability(
    site: Site, cases: Reviewed
) -> None:
    one, mine = await cases.checker()
    _, theirs = await cases.checker()
    item = await _an_item(site, mine, 2)
    before = (await site.service.http.get(f"/ui/review/{item}", headers=theirs)).text
    await _later(site, mine, theirs)
    assert 'class="total"' in before
    await _says(site, mine, item, "same_person")
    body = (await site.service.http.get(f"/ui/review/{item}", headers=theirs)).text
    for told in ('class="total"', 'class="w ', "card seen", one.id, 'class="big">', "99.9"):
        assert told not in body.partition('<section class="work"')[2], told
    assert "选定后显示" in body
    async with site.of(theirs) as there:
        page = await there.page(f"/ui/review/{item}")
        async with page.expect_response("**chosen=another_person**"):
            await page.keyboard.press("2")
        await page.wait_for_selector(".verdict .big:not(.hidden)")
        assert await page.is_checked("[name=choice][value=another_person]")
        await page.select_option("[name=reason_code]", "wrong_person")
        await page.click("[data-key=submit]")
        await page.wait_for_url("**said=third**")
        assert "两人意见不同" in str(await page.text_content(".toast"))
    async with site.of(mine) as here:
        page = await here.page(f"/ui/review/{item}")
        assert "由第三人决定" in str(await page.text_content(".done-note"))
        assert await page.locator("[data-key=undo]").count() == 0


async def _word(person: Person, item: str, option: str, why: str = "seen") -> None:
    word = {
        "choice": "use_source",
        "option": option,
        "reason_code": "source_confirmed",
        "reason": why,
    }
    reply = await person.post(f"/v1/review-items/{item}/decisions", word, "application")
    assert reply.status_code == 201, reply.text


async def _options(person: Person, verification: str) -> tuple[str, str, str]:
    """The item of the conflict; the source that two persons must choose, and the other one."""
    listed = (await person.get("/v1/review-items?kind=conflict&limit=50")).json()["items"]
    item = next(one["id"] for one in listed if one["verification"] == verification)
    shown = (await person.get(f"/v1/review-items/{item}")).json()
    ranked = sorted(
        (one["two_persons"], one["option"])
        for one in shown["effects"]
        if one["choice"] == "use_source"
    )
    return item, ranked[-1][1], ranked[0][1]


async def test_a_third_person_is_told_so_and_earlier_words_do_not_hold(tmp_path: Path) -> None:
    """Of a conflict between sources; nobody is named, and neither word is in force."""
    async with running(tmp_path, differing()) as service:
        id_, first = await a_file(service, a_body())
        case = (await service.shown(id_))["case_reference"]
        second, third = [await somebody(service, "county_checker") for _ in range(2)]
        for one in (second, third):
            await assigned(service, case, one)
        item, adverse, other = await _options(first, id_)
        path = f"/ui/review/{item}"
        await _word(first, item, adverse, "the first reason")
        before = (await second.get(path)).text.partition('<section class="work"')[2]
        assert "作出决定" in before
        assert not [one for one in ("第三人", "意见", "the first reason") if one in before]
        await _word(second, item, other)
        work = (await third.get(path)).text.partition('<section class="work"')[2]
        assert "两人意见不同，请您作第三人决定" in work
        told = work.partition("以往核定")[2]
        assert told.index("意见一，未生效") < told.index("意见二，未生效")
        assert "ok" not in told.partition("</table>")[0]
        assert not [one for one in (first.id, second.id) if one in work]
        assert "请您作第三人决定" not in (await first.get(path)).text
        await _word(third, item, other)
        after = (await third.get(path)).text.partition("以往核定")[2].partition("</table>")[0]
        assert (after.count("未生效"), after.count("生效")) == (2, 3)
