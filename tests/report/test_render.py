"""A report's page and print: every value of a source is only text."""

import asyncio
from typing import Any

import orjson
import pytest

from app.report.render import amount, html, pdf, qr_code, word
from tests.service_parts import ScriptedSource, all_ten, an_account, found, running

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"
URL = "http://hedui.test/v1/reports/HD-1?code=7K2M-Q9XD"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a real report."""

    async def made() -> bytes:
        bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
        async with running(tmp_path_factory.mktemp("report"), all_ten(bank)) as service:
            id_ = (await service.post()).json()["id"]
            reply = await service.get(f"/v1/verifications/{id_}/report", Accept="application/json")
            return reply.content

    return asyncio.run(made())


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
def test_no_value_runs_in_the_page(content: bytes, language: str) -> None:
    document = _hostile(orjson.loads(content))
    document["notes"] = orjson.loads(content)["notes"]
    page = html(orjson.dumps(document), URL, language)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


def test_no_value_is_markup_in_the_print(content: bytes) -> None:
    text = content.replace(b"2026-000123", b"#panic() $x$ *y* [z] \\\\u{0}")
    assert pdf(text, URL).startswith(b"%PDF-")


def test_the_same_content_gives_the_same_bytes(content: bytes) -> None:
    assert pdf(content, URL) == pdf(content, URL)
    assert html(content, URL) == html(content, URL)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "—"),
        ("15320.55", "15320.55"),
        ({"min": "20000.00", "max": None}, "≥ 20000.00"),
        ({"min": "0.00", "max": "20000.00"}, "0.00 – 20000.00"),
        (0, "0"),
    ],
)
def test_an_unknown_amount_is_never_nothing(value: object, wanted: str) -> None:
    assert amount(value) == wanted


def test_words_and_the_code() -> None:
    assert word("deposit", "zh") != word("deposit", "en")
    assert word("no such code") == "no such code"
    assert qr_code(URL).startswith("<?xml")
