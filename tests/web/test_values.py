"""The table of values: its links lead somewhere, its rows add up, a wage's sum is written out."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from connectors.records import Subject
from tests.records import WINDOW, a_fund_account, a_tax_entry
from tests.review.settled import wages
from tests.service_parts import (
    NAMES,
    NUMBERS,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    found,
    registered,
    registry,
    running,
)
from tests.web.households import a_file, body, sources

pytestmark = pytest.mark.asyncio(loop_scope="module")
_CHOOSE = re.compile(r'href="(/ui/cases/[^"]+/conflicts/[^"]+)"')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """Nothing that two sources tell differs so far that a person is asked."""
    async with running(tmp_path_factory.mktemp("values"), sources()) as one:
        yield one


async def test_no_other_source_is_offered_where_sources_do_not_differ(service: Running) -> None:
    """Findings of other kinds share records with a row; a choice is made of a conflict alone."""
    id_, person = await a_file(service, body())
    document = (await person.get(f"/v1/verifications/{id_}/profile")).json()
    assert any(
        one["code"] == "income_above_declared" for one in document["verification"]["findings"]
    )
    assert not _CHOOSE.findall((await person.get(f"/ui/cases/{id_}")).text)


async def test_the_link_to_another_source_leads_to_the_choice(tmp_path: Path) -> None:
    taxed, funded = wages()
    asked = all_ten(
        ScriptedSource("tax", {"m1": found(*taxed)}),
        ScriptedSource("housing_fund", {"m1": found(funded)}),
    )
    async with running(tmp_path, asked) as service:
        id_, person = await a_file(service, a_body())
        document = (await person.get(f"/v1/verifications/{id_}/profile")).json()
        links = _CHOOSE.findall((await person.get(f"/ui/cases/{id_}")).text)
        finding = next(
            one["id"]
            for one in document["verification"]["findings"]
            if one["code"] == "wage_sources_differ"
        )
        assert set(links) == {f"/ui/cases/{id_}/conflicts/{finding}"}
        for link in links:
            assert (await person.get(link)).status_code == httpx.codes.OK


async def test_a_supporters_payment_is_a_row_and_never_omitted(tmp_path: Path) -> None:
    """Nobody has to declare it: it is computed."""
    whose = (Subject(name=NAMES["s1"], id_number=NUMBERS["s1"]),)
    paid = [a_tax_entry("5000.00", month, subjects=whose) for month in WINDOW]
    asked = all_ten(
        ScriptedSource("household_registry", {**registry().answers, "s1": found(registered("s1"))}),
        ScriptedSource("tax", {"s1": found(*paid)}),
    )
    async with running(tmp_path, asked) as service:
        id_, person = await a_file(service, body())
        page = (await person.get(f"/ui/cases/{id_}")).text
        (row,) = re.findall(r"<tr[^>]*id=\"row-income-support-s1\".*?</tr>", page, re.DOTALL)
        assert "赡养费" in row
        assert "按公式计算" in row
        assert "漏报" not in row


async def test_a_wage_is_added_up_in_words(tmp_path: Path) -> None:
    taxed = [a_tax_entry("2600.00", month) for month in WINDOW]
    fund = a_fund_account("2600.00")
    asked = all_ten(
        ScriptedSource("tax", {"m1": found(*taxed)}),
        ScriptedSource("housing_fund", {"m1": found(fund)}),
    )
    async with running(tmp_path, asked) as service:
        id_, person = await a_file(service, a_body())
        page = (await person.get(f"/ui/cases/{id_}")).text
        assert "12 个月合计：毛收入 31,200.00 − 税 0.00 − 个人缴费 0.00 = 31,200.00" in page
        assert "÷ 12 = 每月计入 2,600.00" in page
