"""Every fault of a register's data is produced, marked where it is, and does what it is named."""

from collections import defaultdict
from datetime import date

import pytest

from connectors.sandbox.county import County, DataFault, generate
from connectors.sandbox.county.numbers import AREA_CODES
from connectors.sandbox.register import Entry, check_character

AS_OF = date(2026, 11, 24)


@pytest.fixture(scope="module")
def ruined() -> County:
    return generate(11, 120, AS_OF, background=4_000, fault_rate=1.0)


@pytest.fixture(scope="module")
def marked(ruined: County) -> dict[DataFault, list[tuple[str, Entry]]]:
    entries: dict[DataFault, list[tuple[str, Entry]]] = defaultdict(list)
    for mark in ruined.faults:
        entry = ruined.registers[mark.source].entries[mark.entry]
        entries[mark.fault].append((mark.source, entry))
    return entries


@pytest.mark.parametrize("fault", list(DataFault))
def test_every_fault_is_produced(
    marked: dict[DataFault, list[tuple[str, Entry]]], fault: DataFault
) -> None:
    assert marked[fault]


def test_the_first_household_is_spared(ruined: County) -> None:
    spared = set(ruined.households[0].truth)
    for mark in ruined.faults:
        if mark.source != "property":
            assert ruined.registers[mark.source].entries[mark.entry].person not in spared


def test_nearly_nobody_escapes_at_the_full_rate_and_few_are_hit_at_a_low_one(
    ruined: County,
) -> None:
    registry = ruined.registers["household_registry"].entries
    hit = {mark.entry for mark in ruined.faults if mark.source == "household_registry"}
    assert len(hit) > 0.9 * len(registry)
    low = generate(11, 20, AS_OF, background=2_000, fault_rate=0.02)
    hit = {mark.entry for mark in low.faults if mark.source == "household_registry"}
    assert 0.005 < len(hit) / len(low.registers["household_registry"].entries) < 0.05


@pytest.mark.parametrize(
    ("fault", "shape"),
    [
        (DataFault.FULL_WIDTH_NUMBER, lambda entry: not entry.id_number.isascii()),
        (DataFault.MISSING_NUMBER, lambda entry: entry.id_number == ""),
        (DataFault.MASKED_NUMBER, lambda entry: entry.id_number[6:14] == "********"),
        (DataFault.MASKED_NAME, lambda entry: "*" in entry.name),
        (DataFault.NAME_WITH_UNIT, lambda entry: entry.name.endswith("）")),
        (DataFault.GLYPH_BOX, lambda entry: "□" in entry.name),
        (DataFault.GLYPH_QUESTION_MARK, lambda entry: "?" in entry.name),
        (DataFault.AREA_IN_MU, lambda entry: entry.row["mj"] < 1),
        (DataFault.PLATE_O_FOR_ZERO, lambda entry: "0" not in entry.row["hphm"]),
        (DataFault.PLATE_WITHOUT_REGION, lambda entry: entry.row["hphm"][0] == "A"),
        (DataFault.CLOSED_AS_OPEN, lambda entry: entry.row["entStatus"] == "1"),
        (DataFault.LIVING_REPORTED_DEAD, lambda entry: entry.row["swbs"] == "1"),
    ],
)
def test_a_fault_does_what_it_is_named(
    marked: dict[DataFault, list[tuple[str, Entry]]], fault: DataFault, shape: object
) -> None:
    assert callable(shape)
    # A second slip in the same name or number may cover the first.
    seen = [bool(shape(entry)) for _, entry in marked[fault]]
    assert sum(seen) >= 0.75 * len(seen)


def test_a_wrong_check_is_wrong(marked: dict[DataFault, list[tuple[str, Entry]]]) -> None:
    numbers = [entry.id_number for _, entry in marked[DataFault.WRONG_CHECK]]
    whole = [number for number in numbers if len(number) == 18 and number.isascii()]
    wrong = [n for n in whole if n[:17].isdigit() and n[17] != check_character(n[:17])]
    assert len(wrong) >= 0.75 * len(numbers)


def test_name_and_number_stand_in_the_row_as_in_the_entry(ruined: County) -> None:
    fields = {
        "household_registry": ("xm", "gmsfhm"),
        "tax": ("xm", "zjhm"),
        "social_insurance": ("xm", "sfzh"),
        "business_registration": ("personName", "idNo"),
        "housing_fund": ("XM", "ZJHM"),
        "vehicle": ("syr", "sfzmhm"),
        "insurance": ("xm", "zjhm"),
    }
    for source, (name, number) in fields.items():
        for entry in ruined.registers[source].entries:
            assert entry.row[name] == entry.name
            assert (entry.row[number] or "") == entry.id_number


def test_a_deed_names_its_owners_as_its_entries_do(ruined: County) -> None:
    for entry in ruined.registers["property"].entries:
        assert entry.name in str(entry.row["qlrmc"]).split("、")
        assert entry.id_number in str(entry.row["qlrzjh"]).split(",")


def test_no_fault_makes_a_number_of_an_assigned_area(ruined: County) -> None:
    for register in ruined.registers.values():
        for entry in register.entries:
            number = entry.id_number.strip()
            if len(number) in (15, 18) and number.isascii():
                assert number[:6] in AREA_CODES
