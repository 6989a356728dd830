"""What a check tells beyond faults: regions nobody knows, gaps, examples, values without use."""

from datetime import date
from pathlib import Path

import pytest

from app.programmes.coverage import Coverage, coverage, unknown_regions, warnings
from app.programmes.folder import Files, read_files
from app.programmes.standard import COUNTING, Standards
from tests.programmes.drafts import A_DRAFT, line_of, shipped

DAY = date(2026, 11, 24)
LOCAL = 'parameters:\n  local_standard: {reference: x, values: {"11": {2014-07-01: "900.00"}}}\n'


def read(folder: Path, text: str, name: str = "a_draft.yaml") -> Files:
    (folder / name).write_text(text, "utf-8")
    return read_files(folder, COUNTING)


def of(programme: str, standards: Standards, day: date = DAY) -> Coverage:
    return next(one for one in coverage(standards, day) if one.file.programme == programme)


def test_every_shipped_programme_has_all_its_values() -> None:
    for one in coverage(shipped(), DAY):
        if one.file.programme == "urban_three_nos":
            assert one.ended == date(2016, 2, 9)
        else:
            assert (one.gaps, one.ended) == ((), None)
            assert one.named == {2: 1, 6: 60}


def test_a_region_that_lacks_a_value_is_a_gap(tmp_path: Path) -> None:
    text = A_DRAFT.replace('"22": {2014-07-01: "10.00"}', '"220102": {2027-01-01: "10.00"}')
    standards = Standards.of(read(tmp_path, text))
    gaps = of("a_draft", standards).gaps
    assert len(gaps) == 61
    told = {gap.region: gap.why for gap in gaps}
    assert "the first starts 2027-01-01" in told["220102"]
    assert "no level of the region has a once" in told["220103"]
    assert {gap.area for gap in gaps} == {"urban"}
    assert len(of("a_draft", standards, date(2027, 1, 1)).gaps) == 60


@pytest.mark.parametrize(
    ("region", "is_known"),
    [
        ("220102", True),
        ("220102003", True),
        ("220102003001", True),
        ("2201", True),
        ("22", True),
        ("110101", True),  # no county of that province is named anywhere
        ("220120", False),
        ("220120003", False),
        ("2299", False),
    ],
)
def test_a_county_that_no_level_names_is_unknown(
    tmp_path: Path, region: str, is_known: bool
) -> None:
    text = A_DRAFT.replace('"220102": {2015', f'"{region}": {{2015')
    faults = unknown_regions(read(tmp_path, text))
    if is_known:
        assert faults == ()
        return
    (fault,) = faults
    assert fault.key == f"parameters.supporter_share.values.{region}"
    assert fault.place is not None
    assert fault.place.line == line_of(text, f'"{region}"')
    assert "no county that local.yaml names has this code" in fault.words


def test_a_county_becomes_known_where_the_shared_file_names_it(tmp_path: Path) -> None:
    text = A_DRAFT.replace('"220102": {2015', '"220120": {2015')
    shared = Path(shipped().file("charity").document.file)
    local = read_files(None, COUNTING).paths["local.yaml"].read_text("utf-8")
    assert shared.name == "charity.yaml"
    (tmp_path / "local.yaml").write_text(local.replace('"220122"', '"220120"', 1), "utf-8")
    files = read(tmp_path, text)
    assert unknown_regions(files) == ()
    keys = [one.key for one in warnings(Standards.of(files), files, DAY) if "code" in one.words]
    assert keys == ["parameters.local_standard.urban.220120"]


def test_examples_in_force_and_values_without_use_are_warned_of(tmp_path: Path) -> None:
    local = read_files(None, COUNTING).paths["local.yaml"].read_text("utf-8")
    added = local + '  carts_most: {reference: x, values: {all: {2014-07-01: "1"}}}\n'
    (tmp_path / "local.yaml").write_text(added, "utf-8")
    text = A_DRAFT.replace("once: {reference: test,", "once: {reference: test, example: true,")
    files = read(tmp_path, text)
    found = warnings(Standards.of(files), files, DAY)
    told = {(one.file, one.key): one.words for one in found}
    assert told["a_draft.yaml", "benefits.once"] == "example values are in force"
    assert told["local.yaml", "parameters.local_standard"] == "example values are in force"
    assert told["local.yaml", "parameters.carts_most"] == "no programme uses it"
    assert ("a_draft.yaml", "parameters.factor") not in told
    assert not any(one.file == "urban_three_nos.yaml" for one in found)


def test_an_example_that_has_not_begun_is_not_warned_of(tmp_path: Path) -> None:
    text = A_DRAFT.replace("once: {reference: test,", "once: {reference: test, example: true,")
    files = read(tmp_path, text.replace('2014-07-01: "10.00"', '2027-01-01: "10.00"'))
    found = warnings(Standards.of(files), files, DAY)
    assert not any(one.key == "benefits.once" for one in found)


def test_the_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "second.yaml").write_text("programme: [", "utf-8")
    (tmp_path / "third.yaml").write_bytes(b"programme: \xff\n")
    (tmp_path / "charity.yaml").write_text(A_DRAFT, "utf-8")
    faults = read(tmp_path, A_DRAFT.replace("area: urban", "area: suburb")).faults
    told = [(fault.file, fault.place and fault.place.line) for fault in faults]
    assert told == [
        ("a_draft.yaml", 4), ("charity.yaml", 1), ("second.yaml", 1), ("third.yaml", 1)
    ]  # fmt: skip
    words = [fault.words for fault in faults]
    assert "must be charity, as the file is called" in words[1]
    assert "must be UTF-8, and is not from byte 11 on" in words[3]


def test_a_shared_file_that_cannot_be_read_is_the_only_fault(tmp_path: Path) -> None:
    faults = read(tmp_path, "parameters: [", "local.yaml").faults
    assert [fault.file for fault in faults] == ["local.yaml"]


def test_a_shared_value_that_is_missing_is_told_once(tmp_path: Path) -> None:
    faults = read(tmp_path, LOCAL, "local.yaml").faults
    missing = [fault for fault in faults if fault.file == "local.yaml"]
    assert len(missing) == len(COUNTING) - 1
    assert all("is missing here and in charity.yaml and" in fault.words for fault in missing)
