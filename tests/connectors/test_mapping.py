"""Mapping files: checked when loaded, records made as they say."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.failure import FailureKind, SourceError
from connectors.mapping import FieldMap, unmapped_in
from connectors.records import IncomeEntry, IncomeItem, RegisteredPerson, Relation, Subject
from tests.connectors.asked import LI_MING

TEXT = """
version: 2026-11-24
document: an example
records:
  item:
    record: IncomeEntry
    subject:
      name: {from: xm, read: text, required: true}
      birth_date: {from: csrq, read: date, formats: [YYYYMMDD]}
      sex: {from: xb, read: code, codes: {"1": male, "2": female}}
    fields:
      item: {from: dm, read: code, codes: {"01": wages, "08*": rent}}
      gross: {from: sre, read: yuan}
      period_from: {from: qq, read: date}
      payer: {from: mc, read: text, optional: true}
      correction: {from: bz, read: bool, codes: {"1": true, "0": false}}
layout: {another: key}
"""
ROW = {
    "xm": "李明",
    "csrq": "19800307",
    "xb": "1",
    "dm": "01",
    "sre": "2,600.00",
    "qq": "2026-09-01",
    "bz": "0",
    "more": 1,
}


def load(folder: Path, text: str = TEXT) -> FieldMap:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return FieldMap.load(path)


def an_entry(mapping: FieldMap, **changes: object) -> IncomeEntry:
    record = mapping.record("item", {**ROW, **changes})
    assert isinstance(record, IncomeEntry)
    return record


def test_a_row_becomes_a_record(tmp_path: Path) -> None:
    mapping = load(tmp_path)
    entry = an_entry(mapping)
    assert mapping.version == "2026-11-24"
    assert (entry.item, entry.gross) == (IncomeItem.WAGES, Decimal(2600))
    assert (entry.period_from, entry.correction) == (date(2026, 9, 1), False)
    assert (entry.tax, entry.payer, entry.problems) == (None, None, ())
    assert entry.raw == ROW
    assert entry.subjects[0].name == "李明"
    assert unmapped_in([entry]) is None


@pytest.mark.parametrize(
    ("changes", "problem", "is_a_gap"),
    [
        ({"dm": "77"}, "unknown code in dm", True),
        ({"xb": "9"}, "unknown code in xb", True),
        ({"sre": "x"}, "unreadable amount in sre", True),
        ({"sre": 10**12}, "implausible amount in sre", True),
        ({"qq": "2026-13-01"}, "unreadable date in qq", True),
        ({"qq": "1900-01-01"}, "placeholder date in qq", False),
        ({"csrq": "19801301"}, "unreadable date of the person in csrq", False),
    ],
)
def test_trouble_is_named_by_field_and_never_by_value(
    tmp_path: Path, changes: dict[str, object], problem: str, is_a_gap: bool
) -> None:
    entry = an_entry(load(tmp_path), **changes)
    assert entry.problems == (problem,)
    gap = unmapped_in([entry])
    assert (gap is not None) is is_a_gap
    assert gap is None or gap.kind is FailureKind.UNMAPPED


def test_a_field_that_is_gone_is_reported_and_an_empty_one_is_not(tmp_path: Path) -> None:
    mapping = load(tmp_path)
    gone = mapping.record("item", {name: ROW[name] for name in ROW if name != "sre"})
    assert gone.problems == ("no field sre",)
    assert unmapped_in([gone]) is not None
    assert an_entry(mapping, sre=None, qq="").problems == ()


def test_a_row_without_a_required_field_is_no_record(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="item without a usable xm") as caught:
        an_entry(load(tmp_path), xm=" ")
    assert caught.value.failure.kind is FailureKind.MALFORMED


def test_what_is_given_goes_before_what_is_read(tmp_path: Path) -> None:
    subjects = (Subject(name="王芳"), Subject(name="李明"))
    record = load(tmp_path).record(
        "item", {**ROW, "dm": "?"}, subjects=subjects, tax=Decimal(1), problems=("own",)
    )
    assert isinstance(record, IncomeEntry)
    assert (record.subjects, record.tax) == (subjects, Decimal(1))
    assert record.problems == ("unknown code in dm", "own")


def test_raw_keeps_everything_as_plain_values(tmp_path: Path) -> None:
    entry = an_entry(load(tmp_path), sre=Decimal("2600.10"), more=[1, "李"], other=date(2026, 1, 2))
    assert entry.raw["sre"] == "2600.10"
    assert entry.raw["more"] == '[1, "李"]'
    assert entry.raw["other"] == "2026-01-02"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("IncomeEntry", "Nothing", "Nothing is no record"),
        ("gross:", "grosso:", "has no field grosso"),
        ("read: yuan", "read: dollars", "dollars"),
        ("wages", "salary", "salary"),
        ('codes: {"1": true, "0": false}', "codes: {1: true}", "codes"),
        ('codes: {"1": true, "0": false}', 'codes: {"1": wages}', "code 1 means nothing"),
        ("read: yuan", 'read: yuan, codes: {"1": a}', "takes no codes"),
        (', codes: {"01": wages, "08*": rent}', "", "needs codes"),
        ("[YYYYMMDD]", "['%Y%m%d']", "no pattern of a date"),
        ("version: 2026-11-24", "version: new", "version"),
        ("from: sre", "form: sre", "form"),
        ("records:", "records: [", "mapping.yaml"),
    ],
)
def test_a_mistake_in_the_file_is_found_when_it_is_loaded(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in TEXT
    with pytest.raises(ValueError, match=message):
        load(tmp_path, TEXT.replace(old, new))


SOURCES = sorted(Path(__file__).parents[2].joinpath("connectors").glob("*/mapping.yaml"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.parent.name)
def test_the_mapping_of_every_source_loads(path: Path) -> None:
    assert FieldMap.load(path).document


def test_another_county_renames_fields_in_a_file_of_its_own(tmp_path: Path) -> None:
    own = SOURCES[0].parents[1] / "household_registry" / "mapping.yaml"
    text = own.read_text(encoding="utf-8").replace("from: xm", "from: name")
    record = load(tmp_path, text.replace("from: yhzgx", "from: rel")).record(
        "person", {"name": "李明", "gmsfhm": LI_MING, "rel": "25"}
    )
    assert isinstance(record, RegisteredPerson)
    assert record.relation is Relation.CHILD
