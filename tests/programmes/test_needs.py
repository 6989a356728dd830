"""Which programme may ask which source, and what is shown for it: every cell of the table."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from app.domain.errors import InvalidStandard, NoStandardInForce
from app.domain.profile import FEEDS
from app.programmes.needs import NOT_NEEDED, SHIPPED, Needs
from app.verification.plan import SOURCES
from connectors.registry import SOURCES as CONNECTED
from tests.builders import NEEDS, shipped

DAY = date(2026, 11, 24)
PROGRAMMES = shipped().programmes
CELLS = [(programme, source) for programme in PROGRAMMES for source in SOURCES]
NEVER_SHOWN = {
    "household_registry": {"mz"},
    "property": {"dyzt", "cfzt", "dj"},
    "vehicle": {"clsbdh", "pl", "hdzk"},
    "bank": {"money_in", "money_out", "sequence"},
    "securities": {"序号"},
}
"""Fields of the sources' records on which no test rests."""


def rests_on(programme: str) -> frozenset[str]:
    """The sources of its tests' totals, and of the programmes that have to be held."""
    file = shipped().file(programme)
    totals = {line.test.removesuffix("_per_person") for line in file.tests}
    own = {source for source, fed in FEEDS.items() if set(fed) & totals}
    held = [rests_on(one) for one in categories(programme)]
    return frozenset({"household_registry", *own}).union(*held)


def categories(programme: str) -> tuple[str, ...]:
    for region in ("220102003", "220102103"):  # in town, in the country
        for day in (DAY, date(2015, 1, 1)):
            try:
                return shipped().in_force(programme, region, day).holds_one_of
            except NoStandardInForce:
                continue
    return ()


@pytest.mark.promise(13)
@pytest.mark.parametrize(("programme", "source"), CELLS)
def test_a_programme_asks_the_sources_on_which_its_tests_rest_and_no_other(
    programme: str, source: str
) -> None:
    """Necessity, cell by cell.

    Planted: `bank: no` for urban_dibao in needs.yaml, and `bank: []` for retrenched_workers: the
    cell failed, each time that one.
    """
    may = NEEDS.refusal((programme,), source) is None
    assert may == (source in rests_on(programme))
    assert NEEDS.refusal((programme, "nobody_knows"), source) in (None, NOT_NEEDED)


def test_every_programme_and_every_source_has_a_cell() -> None:
    """A programme's file or a connector that is added without one fails here."""
    document = yaml.safe_load(SHIPPED.read_text("utf-8"))
    said = document["programmes"]
    assert set(said) == set(PROGRAMMES)
    for programme, its in said.items():
        assert set(its["sources"]) == {*SOURCES, "relief_register"} == set(CONNECTED), programme
        assert len(its["because"]) > 10


@pytest.mark.promise(13)
@pytest.mark.parametrize("programme", [*PROGRAMMES, "of_our_county"])
@pytest.mark.parametrize("source", [*SOURCES, "disability_register"])
def test_what_has_no_cell_is_refused(programme: str, source: str) -> None:
    """Unknown programme, unknown source, unknown field: nothing is asked and nothing shown.

    Planted: `refusal` gave None for a programme without a line: the cells of `of_our_county`
    failed.
    """
    if programme not in PROGRAMMES or source not in SOURCES:
        assert NEEDS.refusal((programme,), source) is NOT_NEEDED
        assert NEEDS.shown((programme,), source) == frozenset()
    assert "a_new_field" not in NEEDS.shown((programme,), source)
    if NEEDS.refusal((programme,), source) is NOT_NEEDED:
        assert NEEDS.shown((programme,), source) == frozenset()


def fields_of(source: str) -> set[str]:
    """The source's own fields, as its mapping reads them."""
    path = Path(__file__).parents[2] / "connectors" / source / "mapping.yaml"
    found: set[str] = set()
    _walk(yaml.safe_load(path.read_text("utf-8"))["records"], found)
    return found


def _walk(node: object, found: set[str]) -> None:
    if isinstance(node, dict):
        names = node.get("from")
        found.update([names] if isinstance(names, str) else names or [])
        for value in node.values():
            _walk(value, found)


@pytest.mark.promise(13)
@pytest.mark.parametrize("source", SOURCES)
def test_every_field_that_is_read_is_shown_for_a_reason_or_not_at_all(source: str) -> None:
    """A field that a source's mapping comes to read has to be put into a group, or left out.

    Planted: `ye_new` among the bank's mapped fields: it was in no group, and the test failed.
    """
    grouped = {field for group in NEEDS.fields[source].values() for field in group}
    assert fields_of(source) - NEVER_SHOWN.get(source, set()) <= grouped
    assert not grouped & NEVER_SHOWN.get(source, set())
    for programme in PROGRAMMES:
        assert NEEDS.shown((programme,), source) <= grouped


def test_a_county_adds_programmes_and_sources_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "needs.yaml").write_text(
        "fields: {disability_register: {card: [cjzh]}}\n"
        "programmes:\n"
        "  of_our_county:\n"
        "    because: the card and the income\n"
        "    sources: {tax: [income], disability_register: [card], bank: no}\n",
        "utf-8",
    )
    needs = Needs.load(tmp_path)
    assert needs.asked_for("of_our_county") == {"tax", "disability_register"}
    assert needs.shown(("of_our_county",), "disability_register") == {"cjzh"}
    assert needs.asked_for("urban_dibao") == NEEDS.asked_for("urban_dibao")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("programmes: [", "not YAML"),
        ("programmes: {a: {sources: {}}}", "programmes/a/because"),
        ("programmes: {a: {because: x, sources: {tax: [luck]}}}", "luck"),
        ("programmes: {a: {because: x, sources: {tax: yes}}}", "groups of fields, or no"),
        ("nothing: {}", "nothing"),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "needs.yaml").write_text(text, "utf-8")
    with pytest.raises(InvalidStandard, match=words):
        Needs.load(tmp_path)
