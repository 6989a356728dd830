"""The work areas of questions and of sources that did not answer, and the dialog of a conflict."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from connectors.failure import Failure, FailureKind, SourceError
from connectors.records import Relation, Subject
from tests.looks.parts import Person as Colleague
from tests.looks.parts import assigned
from tests.review.proofs import a_png
from tests.review.settled import wages
from tests.service_parts import (
    NAMES,
    NUMBERS,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    registered,
)
from tests.staff_parts import session_of, with_roles
from tests.web.browsing import sound
from tests.web.conftest import Site, Sites
from tests.web.pictures import unlike

pytestmark = pytest.mark.asyncio(loop_scope="session")
GONE = SourceError(Failure(FailureKind.UNREACHABLE, "refused"))
HIDDEN = "赵四海"
STRANGER = "229903197102140032"


def kinds_sources() -> list[ScriptedSource]:
    """Wages and money of m1 in question, somebody who was not declared, no vehicle register."""
    taxed, funded = wages()
    stranger = registered(
        "m1",
        subjects=(Subject(name=HIDDEN, id_number=STRANGER),),
        raw={"xm": HIDDEN},
        relation=Relation.CHILD,
        in_household=True,
    )
    rows = {ref: found(registered(ref)) for ref in NAMES if ref != "s1"}
    rows["m1"] = found(registered("m1"), stranger)
    return all_ten(
        ScriptedSource("household_registry", rows),
        ScriptedSource("tax", {"m1": found(*taxed)}),
        ScriptedSource("housing_fund", {"m1": found(funded)}),
        ScriptedSource("bank", {"m1": found(an_account("m1", "9000000.00"))}),
        ScriptedSource("vehicle", fault=GONE),
    )


def in_question() -> dict[str, Any]:
    """The household of three, after an objection: what differs is heard first."""
    return a_body(purpose="objection", programmes=["urban_dibao", "dibao_edge"])


def alone_with_a_gap() -> dict[str, Any]:
    """One person of whom nothing is found, and nobody knows of a vehicle."""
    body = a_body(case_reference="220102-2026-000124")
    household = body["household"]
    household["members"] = [{**household["members"][1], "relationship": "head"}]
    household["supporters"] = []
    body["declared"] = {"income": [], "assets": [], "expenses": []}
    body["consent"] = {**body["consent"], "reference": "SQ-2026-000124", "signatories": ["m2"]}
    return body


async def seeded(service: Running) -> tuple[dict[str, str], dict[str, str], str]:
    """The path of an item of each kind and of the dialog, a checker's headers, the case."""
    document = (await service.post(in_question())).json()
    assert document["status"] == "in_review", document["status"]
    alone = (await service.post(alone_with_a_gap())).json()
    account = await with_roles(service, "county_checker")
    headers = await session_of(service, account)
    person = Colleague(service, account, headers)
    for one in (document, alone):
        await assigned(service, one["case_reference"], person)
    items = (await service.get("/v1/review-items?limit=500")).json()["items"]
    paths: dict[str, str] = {}
    for one in items:
        paths.setdefault(one["kind"], f"/ui/review/{one['id']}")
    finding = next(
        one["id"] for one in document["findings"] if one["code"] == "wage_sources_differ"
    )
    paths["dialog"] = f"/ui/cases/{document['id']}/conflicts/{finding}"
    return paths, headers, document["id"]


@dataclass
class Seeded:
    """A site with an item of each kind."""

    site: Site
    paths: dict[str, str]
    headers: dict[str, str]
    verification: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def all_kinds(
    sites: Sites, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Seeded]:
    async with sites(tmp_path_factory.mktemp("kinds"), kinds_sources()) as site:
        yield Seeded(site, *await seeded(site.service))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def undecided(
    sites: Sites, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Seeded]:
    """The same, with nothing decided by other tests."""
    async with sites(tmp_path_factory.mktemp("undecided"), kinds_sources()) as site:
        yield Seeded(site, *await seeded(site.service))


_OTHER_EACH_TIME = (".queue .items", ".rail .count")
KINDS = ("conflict", "declared", "anomaly", "undeclared", "ask_source", "dialog")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_violation_and_nothing_hidden(all_kinds: Seeded, language: str) -> None:
    """Each kind once: no violation, no sideways scroll, no full number, no stranger's name."""
    async with all_kinds.site.of(all_kinds.headers) as desk:
        for kind in KINDS:
            path = all_kinds.paths[kind]
            page = await desk.page(f"/ui/language/{language}?next={path}")
            assert await sound(page) == [], kind
            if kind in ("conflict", "dialog"):
                assert await unlike(page, f"{kind}-{language}", *_OTHER_EACH_TIME) == ""
            html = await page.content()
            assert not [one for one in (*NUMBERS.values(), HIDDEN, STRANGER) if one in html], kind
            await page.close()


async def test_an_amount_is_tried_proven_and_submitted(all_kinds: Seeded) -> None:
    """A value in the table chooses the decision; what was typed stays through trial and upload."""
    async with all_kinds.site.of(all_kinds.headers) as desk:
        page = await desk.page(all_kinds.paths["conflict"])
        await page.check("input[name=option][value=housing_fund]")
        assert await page.is_checked("input[name=choice][value=use_source]")
        await page.fill("input[name=amount]", "2,500.00")
        await page.dispatch_event("input[name=amount]", "change")
        assert await page.is_checked("input[name=choice][value=set_amount]")
        await page.select_option("select[name=reason_code]", "proof_seen")
        await page.fill("input[name=note]", "the pay slips were seen")
        await page.click("text=试算")
        await page.wait_for_selector("td:has-text('2,500.00')")
        assert await page.input_value("input[name=amount]") == "2,500.00"
        await page.set_input_files(
            "input[type=file]", {"name": "a.png", "mimeType": "image/png", "buffer": b"MZ"}
        )
        await page.click("text=上传 >> nth=-1")
        await page.wait_for_selector(".bad-text")
        await page.set_input_files(
            "input[type=file]", {"name": "a.png", "mimeType": "image/png", "buffer": a_png()}
        )
        await page.click("text=上传 >> nth=-1")
        await page.wait_for_selector("input[name=proof]")
        assert await page.input_value("input[name=note]") == "the pay slips were seen"
        await page.click("form.decide [data-key=submit]")
        await page.wait_for_url(lambda url: "said=" in url)
    id_ = all_kinds.paths["conflict"].rpartition("/")[2]
    shown = (await all_kinds.site.service.get(f"/v1/review-items/{id_}")).json()
    assert shown["item"]["state"] in ("decided", "open")


async def test_a_source_is_asked_again_and_carried_on_without_script(all_kinds: Seeded) -> None:
    """On a final verification nothing is asked from here: the page says what to do instead."""
    async with all_kinds.site.of(all_kinds.headers, java_script_enabled=False) as desk:
        page = await desk.page(all_kinds.paths["ask_source"])
        text = await page.inner_text("#scroll")
        assert "连接不上来源" in text
        assert "补查来源" in text
        page = await desk.page(all_kinds.paths["undeclared"])
        await page.check("input[name=choice][value=request_consent]", force=True)
        await page.select_option("select[name=reason_code]", "household_explained")
        await page.click("form.decide button[type=submit] >> nth=-1")
        assert "said=asked" in page.url


async def _typed(page: Page, choice: str) -> None:
    """An amount by hand, without its proof."""
    await page.check(choice, force=True)
    await page.fill("input[name=amount]", "1800")
    await page.select_option("select[name=reason_code]", "proof_seen")
    await page.fill("input[name=note]", "seen")
    for one in await page.locator("input[name=proof]").all():
        await one.uncheck()


BY_HAND = {
    "dialog": "[name=picked][value=set_amount]",
    "conflict": "[name=choice][value=set_amount]",
}


@pytest.mark.parametrize("kind", ["dialog", "conflict"])
async def test_a_proof_that_is_needed_is_asked_for(undecided: Seeded, kind: str) -> None:
    async with undecided.site.of(undecided.headers) as desk:
        page = await desk.page(undecided.paths[kind])
        await _typed(page, BY_HAND[kind])
        assert await page.is_disabled("[data-key=submit]")
        assert "请先附材料" in await page.inner_text("[data-key=submit]")
        await page.set_input_files(
            "input[type=file]", {"name": "a.png", "mimeType": "image/png", "buffer": a_png()}
        )
        if kind == "conflict":
            await page.click("text=上传 >> nth=-1")
            await page.wait_for_selector("input[name=proof]")
        assert await page.is_enabled("[data-key=submit]")
        assert "材料" not in await page.inner_text("[data-key=submit]")
        if kind == "conflict":
            await page.uncheck("input[name=proof]")
            assert await page.is_disabled("[data-key=submit]")


@pytest.mark.parametrize("kind", ["dialog", "conflict"])
async def test_a_refusal_is_read_first_and_nothing_is_lost(undecided: Seeded, kind: str) -> None:
    """The field by its name; what was typed, and what the amount leads to, stay."""
    async with undecided.site.of(undecided.headers) as desk:
        page = await desk.page(undecided.paths[kind])
        await _typed(page, BY_HAND[kind])
        form = await page.query_selector("form[data-complete]")
        assert form is not None
        async with page.expect_navigation():
            await form.evaluate("form => form.submit()")
        assert await page.evaluate("document.activeElement.id") == "errors"
        told = await page.inner_text("#errors")
        assert "材料" in told
        assert "/proofs" not in told
        assert await page.input_value("input[name=amount]") == "1800"
        row = page.locator("tr:has(input[name=amount])")
        assert "填写后计算" not in await row.inner_text()
