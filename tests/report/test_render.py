"""A report's page and print: the same text, of any form of content, and nothing runs in it."""

import asyncio
import re
from decimal import Decimal
from typing import Any

import orjson
import pytest
from lxml import html as lxml_html

from app.domain.money import round_yuan
from app.report.compared import Material, compared
from app.report.glyphs import Printable, has_glyph
from app.report.render import html, pdf, word
from app.report.said import Said
from app.report.sheet import Papers, sheet_of
from app.report.variants import Variant, of_variant
from connectors.contract import Unknown
from connectors.failure import Failure, FailureKind
from tests.builders import a_member, a_request, a_supporter
from tests.concluding import Told
from tests.records import WINDOW, a_tax_entry, subject
from tests.report.pdf_text import text_of
from tests.service_parts import (
    NAMES,
    SUPPORTER,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    running,
)

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"
STAMP = {"copy": 2, "at": "2026-11-24T02:30:00Z", "name": "王敏", "terminal": "private"}
PAPERS = Papers(
    check_url="http://hedui.test/v/HD-1?code=7K2M-Q9XD",
    code="7K2M-Q9XD",
    preparer="王敏",
    signer="陈静",
    signed_at="2026-11-25T02:00:00Z",
    stamp=STAMP,
)
RARE = "䶮㛃𬱖𬭎𫖯김철수"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The content of a real report: a source failed, a deposit is under-declared."""

    async def made() -> bytes:
        bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
        fund = ScriptedSource(
            "housing_fund", {"m2": Unknown(Failure(FailureKind.TIMED_OUT, "no answer in time"))}
        )
        folder = tmp_path_factory.mktemp("report")
        async with running(folder, all_ten(bank, fund), tries=1) as service:
            body = a_body()
            body["declared"]["assets"].append({"person": "m2", "kind": "vehicle"})
            id_ = (await service.post(body)).json()["id"]
            await service.status_becomes(id_, "final")
            reply = await service.get(f"/v1/verifications/{id_}/report", Accept="application/json")
            return reply.content

    document: dict[str, Any] = orjson.loads(asyncio.run(made()))
    return document


def _page_text(page: str) -> str:
    """What is read of the page, without its foot: that is on every page of the print."""
    [sheet] = lxml_html.fromstring(page).xpath("//article")
    for foot in sheet.xpath("./footer"):
        sheet.remove(foot)
    return re.sub(r"\s", "", str(sheet.text_content()))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("variant", list(Variant))
def test_page_and_print_say_the_same(
    content: dict[str, Any], variant: Variant, language: str
) -> None:
    sheet = sheet_of(content, PAPERS, variant, language)
    read, feet = text_of(pdf(sheet))
    assert re.sub(r"\s", "", read) == _page_text(html(sheet))
    assert re.sub(r"\s", "", sheet["foot"] + sheet["printed"]) in re.sub(r"\s", "", feet)
    assert re.sub(r"\s", "", sheet["watermark"]) in re.sub(r"\s", "", feet)


def test_what_the_sheet_tells(content: dict[str, Any]) -> None:
    text = _page_text(html(sheet_of(content, PAPERS, Variant.FULL, "zh")))
    for words in ("少报12,320.55", "未证实", "城市低保", "核对人王敏", "审核人陈静", "2026-11-25"):
        assert words in text
    assert "未全部反馈1个（住房公积金：王*）" in text
    assert NAMES["m1"] not in text
    system = Papers(check_url=PAPERS.check_url, code=PAPERS.code)
    assert "系统签发" in _page_text(html(sheet_of(content, system, Variant.FULL, "zh")))
    courtesy = sheet_of(content, PAPERS, Variant.FULL, "en")
    assert "译文，仅供参考" in _page_text(html(courtesy))


def test_an_answer_that_is_missing_is_no_zero(content: dict[str, Any]) -> None:
    rows = {(one["person"], one["kind"]): one for one in content["values"]}
    assert rows["m1", "deposit"]["compared"] == "under_declared"
    assert rows["m2", "vehicle"]["compared"] == "not_found"
    assert rows["m2", "medical"]["verified"] is None
    say = Said("zh")
    assert say.amount(None) == "未知"
    assert say.amount({"min": "0.00", "max": None}) == "未知"
    assert say.amount({"min": "20000.00", "max": None}) == "≥ 20,000.00"
    assert say.amount({"min": "0.00", "max": "20000.00"}) == "0.00 – 20,000.00"
    assert say.amount(0) == "0"


def test_the_township_sees_no_amount_and_no_number(content: dict[str, Any]) -> None:
    shown = orjson.dumps(of_variant(content, Variant.TOWNSHIP)).decode()
    for hidden in ("15320.55", "5106.85", "****", "李*国", "bank:", '"evidence"'):
        assert hidden not in shown
    assert '"outcome"' in shown


def test_the_applicant_sees_nothing_of_an_obligor(content: dict[str, Any]) -> None:
    shown = orjson.dumps(of_variant(content, Variant.APPLICANT)).decode()
    for hidden in ("李*国", SUPPORTER[-4:], '"s1"', ":s1"):
        assert hidden not in shown
    assert "15320.55" in shown
    paid = {"person": "s1", "why": ["support_computed"], "sources": ["tax"], "verified": "500.00"}
    [line] = of_variant({**content, "values": [paid]}, Variant.APPLICANT)["values"]
    assert (line["person"], line["sources"], line["verified"]) == (None, [], "500.00")


def test_what_an_obligor_pays_is_support_and_not_omitted(content: dict[str, Any]) -> None:
    """It is computed: nobody has to declare it, and the obligor is no member."""
    theirs = [a_tax_entry("5000.00", month, subjects=(subject("s1"),)) for month in WINDOW]
    told = Told(request=a_request(a_member(), a_supporter()), records={"s1": theirs})
    profile, case = told.conclusion().profile, told.case()
    rows = compared(Material(told.request, profile, case.statuses))
    (row,) = (one for one in rows if one["person"] == "s1")
    assert (row["group"], row["kind"], row["compared"]) == ("income", "support", None)
    assert Decimal(row["verified"]) == round_yuan(profile.totals.monthly_income.low) > 0
    paid = {**content, "values": [*content["values"], row]}
    full = _page_text(html(sheet_of(paid, PAPERS, Variant.FULL, "zh")))
    assert "赡养费（月）赡养人李*国—" in full
    assert "漏报" not in full.partition("赡养费（月）")[2][:60]
    own = _page_text(html(sheet_of(paid, PAPERS, Variant.APPLICANT, "zh")))
    assert "赡养费（月）——" in own
    assert "李*国" not in own


def test_content_of_before_is_shown_all_the_same(content: dict[str, Any]) -> None:
    """Form 1: no values, no coverage, no state of a person's consent."""
    old = {name: value for name, value in content.items() if name not in ("values", "coverage")}
    old["head"] = {
        name: value
        for name, value in content["head"].items()
        if name not in ("kind", "centre", "models", "supersedes")
    }
    old["persons"] = [
        {name: one[name] for name in ("ref", "role", "name", "id_number", "relationship")}
        for one in content["persons"]
    ]
    for variant in Variant:
        sheet = sheet_of(old, PAPERS, variant, "zh")
        assert re.sub(r"\s", "", text_of(pdf(sheet))[0]) == _page_text(html(sheet))


def _hostile(value: Any) -> Any:
    """Every text of the document replaced by one that would run."""
    match value:
        case str():
            return HOSTILE
        case list():
            return [_hostile(one) for one in value]
        case dict():
            return {name: _hostile(one) for name, one in value.items()}
        case _:
            return value


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_value_runs_in_the_page(content: dict[str, Any], language: str) -> None:
    kept = ("issued_at", "valid_until", "as_of")
    document = {name: _hostile(value) for name, value in content.items() if name == "persons"}
    head = _hostile(content["head"]) | {name: content["head"][name] for name in kept}
    page = html(sheet_of({**content, **document, "head": head}, PAPERS, Variant.FULL, language))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


def test_no_value_is_markup_in_the_print(content: dict[str, Any]) -> None:
    text = '#panic() $x$ *y* [z] \\u{0} @a <b> "'
    head = {**content["head"], "case_reference": text}
    printed = pdf(sheet_of({**content, "head": head}, PAPERS, Variant.FULL, "zh"))
    assert re.sub(r"\s", "", text) in re.sub(r"\s", "", text_of(printed)[0])


def test_the_print_is_an_archive_file_and_the_same_again(content: dict[str, Any]) -> None:
    sheet = sheet_of(content, PAPERS, Variant.FULL, "zh")
    printed = pdf(sheet)
    assert printed == pdf(sheet)
    assert b"<pdfaid:part>2</pdfaid:part>" in printed
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in printed


def test_rare_characters_print_and_missing_ones_are_named(content: dict[str, Any]) -> None:
    assert [one for one in RARE if not has_glyph(one)] == []
    names = {**content, "persons": [{**one, "name": RARE} for one in content["persons"]]}
    sheet = sheet_of(names, PAPERS, Variant.FULL, "zh")
    assert sheet["missing"] == []
    assert RARE in text_of(pdf(sheet))[0]
    odd = {**content, "persons": [{**one, "name": "李\U000323af"} for one in content["persons"]]}
    sheet = sheet_of(odd, PAPERS, Variant.FULL, "zh")
    assert sheet["missing"] == ["U+323AF"]
    read = text_of(pdf(sheet))[0]
    assert "李〔U+323AF〕" in read
    assert "字形库中没有的字以编码表示" in read


def test_controls_and_breaks() -> None:
    printable = Printable()
    assert printable.text("a\nb\x00c\U000e0100") == "a b〔U+0000〕c〔U+E0100〕"
    assert printable.missing == {"U+0000", "U+E0100"}


def test_words() -> None:
    assert word("deposit", "zh") != word("deposit", "en")
    assert word("no such code") == "no such code"
