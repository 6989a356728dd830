"""Diagrams: well-formed SVG in both languages, without script, that can be read aloud."""

from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from app.domain.decision import Cause
from app.error_rate.audited import audited_decisions
from app.error_rate.diagrams import Language, causes_chart, percent, reliability_diagram, words
from app.error_rate.skill import Bin, reliability_table
from tests.error_rate.audits import doubled, drawn

SVG: Final = "{http://www.w3.org/2000/svg}"
A_DECISION: Final[dict[str, Any]] = {
    "programme": "urban_dibao",
    "error_rate": 0.0834,
    "error_rate_interval": [0.031, 0.152],
    "error_causes": {"identity": 0.02, "source_gap": 0.05, "amount": 0.0134},
}
CERTAIN: Final = A_DECISION | {
    "error_rate": 0.0,
    "error_rate_interval": [0.0, 0.0015],
    "error_causes": {},
}


def a_table() -> tuple[Bin, ...]:
    sample = audited_decisions(drawn(600, doubled, seed=2))
    return reliability_table(sample.predicted, sample.wrong, sample.weights)


def read(svg: str) -> ET.Element:
    """The SVG, checked for what holds of all of them."""
    root = ET.fromstring(svg)  # noqa: S314 - our own
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    labels = (root.get("aria-labelledby") or "").split()
    told = [root.find(f".//*[@id='{label}']") for label in labels]
    assert [one.tag for one in told if one is not None] == [f"{SVG}title", f"{SVG}desc"]
    assert all(one is not None and one.text for one in told)
    assert not root.findall(f".//{SVG}script")
    assert "href" not in svg
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on")]
    return root


@pytest.mark.parametrize("language", Language)
def test_a_reliability_diagram(language: Language) -> None:
    table = a_table()
    root = read(reliability_diagram(table, language))
    assert len(root.findall(f".//{SVG}circle")) == len(table)
    desc = root.findtext(f"{SVG}desc") or ""
    assert root.get("lang") == language.value
    assert percent(table[0].observed) in desc
    assert str(sum(one.count for one in table)) in desc


def test_dots_lie_where_the_rates_are() -> None:
    on_line = Bin(100, 100.0, 0.5, 0.04, 0.04, 0.02, 0.08)
    above = Bin(100, 100.0, 0.5, 0.04, 0.08, 0.05, 0.16)
    root = read(reliability_diagram([on_line, above]))
    (low, high) = root.findall(f".//{SVG}circle")
    left, bottom = 70.0, 484.0
    reach = float(low.get("cx") or 0) - left
    assert bottom - float(low.get("cy") or 0) == pytest.approx(reach, abs=0.2)
    assert bottom - float(high.get("cy") or 0) == pytest.approx(reach * 2**0.5, abs=0.2)


def test_an_empty_table_is_still_a_diagram() -> None:
    assert not read(reliability_diagram([])).findall(f".//{SVG}circle")


@pytest.mark.parametrize("language", Language)
def test_causes_add_up_to_the_rate(language: Language) -> None:
    root = read(causes_chart(A_DECISION, language))
    *bars, total = (one for one in root.iter(f"{SVG}rect") if one.get("x"))
    starts = [float(bar.get("x") or 0) for bar in bars]
    ends = [start + float(bar.get("width") or 0) for start, bar in zip(starts, bars, strict=True)]
    assert starts[1:] == pytest.approx(ends[:-1], abs=0.2)
    assert ends[-1] == pytest.approx(
        float(total.get("x") or 0) + float(total.get("width") or 0), abs=0.2
    )
    desc = root.findtext(f"{SVG}desc") or ""
    assert desc.index("5.00%") < desc.index("2.00%") < desc.index("1.34%")
    assert "8.34%" in desc


@pytest.mark.parametrize("language", Language)
def test_a_decision_that_nothing_can_change(language: Language) -> None:
    svg = causes_chart(CERTAIN, language)
    read(svg)
    assert words()[language]["no_causes"] in svg


def test_what_comes_from_outside_is_escaped() -> None:
    svg = causes_chart(A_DECISION | {"error_causes": {"<b>&": 0.0834}})
    assert "<b>" not in svg
    read(svg)


def test_both_languages_say_the_same_and_name_every_cause() -> None:
    assert words()["zh"].keys() == words()["en"].keys()
    assert words()["zh"].keys() >= {cause.value for cause in Cause}
