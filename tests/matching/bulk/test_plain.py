"""Records of any kind by a specification: what is wrong with one, and how well they are linked."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from string import ascii_lowercase

import numpy as np
import pytest

from matching.bulk.codes import LEVELS
from matching.bulk.plain import (
    PlainFiles,
    Specification,
    SpecificationError,
    read_specification,
    starting_weights,
)
from matching.levels import Level
from matching.link import Linked, Options, link_records
from matching.people import PeopleFileError

DAY = date(2026, 1, 2)
GIVEN = [
    "amelie",
    "bruno",
    "carla",
    "dario",
    "edda",
    "fabio",
    "greta",
    "hugo",
    "irina",
    "jonas",
    "karla",
    "livio",
    "mara",
    "nils",
    "olga",
]
ENDS = ["berg", "feld", "hof", "mann", "stein", "thal", "wald", "brunn", "hausen", "kamp"]
STARTS = [
    "alt",
    "birk",
    "dorn",
    "eich",
    "falk",
    "grun",
    "hasel",
    "ild",
    "kalt",
    "lind",
    "moos",
    "neu",
    "ober",
    "quell",
    "roth",
]
TOWNS = [
    "altstadt",
    "brookdorf",
    "dornfeld",
    "eichwalde",
    "falkenau",
    "grunau",
    "haselbach",
    "lindenhof",
]
SPECIFICATION = Specification(
    {"given": "text", "surname": "text", "born": "code", "town": "text", "member": "code"},
    swapped=(("given", "surname"),),
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[]", "`fields` must name"),
        ("fields: []", "`fields` must name"),
        ("fields: {}", "`fields` must name"),
        ("fields: {given: name}", "given must be one of text, code"),
        ("fields: {given: [text]}", "given must be one of text, code"),
        ("fields: {a: text}\nswapped: [[a, b]]", "b is not among `fields`"),
        ("fields: {a: text, b: text, c: text}\nswapped: [[a, b, c]]", "takes pairs"),
        ("fields: {a: text}\nswapped: 5", "`swapped`"),
        ("fields: {a: text}\nblocking: [[a, x]]", "x is not among `fields`"),
        ("fields: {a: text", "YAML"),
    ],
)
def test_a_specification_that_cannot_be_used_says_where(
    text: str, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecificationError, match=why) as raised:
        read_specification(path)
    assert "fields.yaml" in str(raised.value)


def test_a_specification_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "fields.yaml"
    path.write_bytes("fields: {名: text}".encode("gb18030"))
    with pytest.raises(SpecificationError, match=r"fields\.yaml"):
        read_specification(path)


def test_a_specification_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text(
        "fields: {given: text, surname: text, born: code}\n"
        "swapped: [[given, surname]]\nblocking: [[born], [given, surname]]\n",
        encoding="utf-8",
    )
    found = read_specification(path)
    assert found.fields == ("given", "surname", "born")
    assert found.blocking == (("born",), ("given", "surname"))
    assert [found.partner(field) for field in found.fields] == ["surname", "given", None]
    assert set(starting_weights(found).fields) == set(found.fields)


@pytest.mark.parametrize(
    ("kind", "left", "right", "level"),
    [
        ("text", "Lindberg", " lindberg ", Level.EQUAL),
        ("text", "lindberg", "lindburg", Level.NEAR),
        ("text", "lindberg", "lundborg", Level.SIMILAR),
        ("text", "lindberg", "rothmann", Level.DIFFERENT),
        ("text", "lindberg", "", Level.MISSING),
        ("code", "19800307", "19800307", Level.EQUAL),
        ("code", "19800307", "19800308", Level.ONE_EDIT),
        ("code", "19800307", "1980037", Level.ONE_EDIT),
        ("code", "19800307", "19800370", Level.TRANSPOSED),
        ("code", "19800307", "19810308", Level.TWO_EDITS),
        ("code", "19800307", "19651130", Level.DIFFERENT),
        ("code", "", "", Level.MISSING),
    ],
)
def test_the_level_of_two_values(kind: str, left: str, right: str, level: Level) -> None:
    files = PlainFiles({"a": [left]}, {"a": [right]}, Specification({"a": kind}))
    cells = files.scored(np.array([0]), np.array([0])).cells
    assert [LEVELS[code] for code in cells[0]] == [level]


def test_values_written_in_each_others_place() -> None:
    specification = Specification({"a": "text", "b": "text"}, swapped=(("a", "b"),))
    left: Mapping[str, Sequence[str | None]] = {"a": ["mara", "mara"], "b": ["roth", None]}
    right: Mapping[str, Sequence[str | None]] = {"a": ["roth", "roth"], "b": ["mara", "olga"]}
    files = PlainFiles(left, right, specification)
    cells = files.scored(np.array([0, 1]), np.array([0, 1])).cells.tolist()
    former, different, missing = map(LEVELS.index, (Level.FORMER, Level.DIFFERENT, Level.MISSING))
    assert cells == [[former, former], [different, missing]]
    keys = files.keys()
    assert any(ours[0] == theirs[0] != 0 for ours, theirs in keys)


def _slip(text: str, random: Random) -> str:
    place = random.randrange(len(text))
    kind = random.random()
    if kind < 0.3:
        return text[:place] + text[place + 1 :]
    sign = random.choice("0123456789" if text[0].isdigit() else ascii_lowercase)
    return text[:place] + sign + text[place + (kind < 0.7) :]


def _member(random: Random) -> dict[str, str]:
    return {
        "given": random.choice(GIVEN),
        "surname": random.choice(STARTS) + random.choice(ENDS),
        "born": f"{date(1930, 1, 1) + timedelta(random.randrange(27_000)):%Y%m%d}",
        "town": random.choice(TOWNS),
        "member": f"{random.randrange(10**6):06d}",
    }


def _again(person: dict[str, str], random: Random) -> dict[str, str]:
    """The same person on another roster: names swapped, slips, a move, no number."""
    found = dict(person)
    if random.random() < 0.1:
        found["given"], found["surname"] = found["surname"], found["given"]
    for field in ("given", "surname", "born"):
        if random.random() < 0.12:
            found[field] = _slip(found[field], random)
    if random.random() < 0.2:
        found["town"] = random.choice(TOWNS)
    if random.random() < 0.5:
        found["member"] = ""
    return found


def _roster(path: Path, rows: Mapping[str, dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", *SPECIFICATION.fields])
        writer.writeheader()
        writer.writerows({"id": key, **row} for key, row in rows.items())
    return path


def f1(linked: Linked, truth: set[tuple[str | None, str | None]]) -> float:
    kept = np.flatnonzero(linked.probabilities() >= 0.5).tolist()
    found = {
        (linked.left[int(linked.links.i[one])], linked.right[int(linked.links.j[one])])
        for one in kept
    }
    return 2 * len(found & truth) / (len(found) + len(truth))


def test_two_rosters_with_swapped_names_and_slips_are_linked(tmp_path: Path) -> None:
    random = Random(4)
    left = {f"a{one}": _member(random) for one in range(900)}
    right = {
        f"b{one}": _again(left[f"a{one}"], random) if one < 600 else _member(random)
        for one in range(900)
    }
    paths = _roster(tmp_path / "left.csv", left), _roster(tmp_path / "right.csv", right)
    linked = link_records(*paths, SPECIFICATION, Options(), day=DAY)
    assert f1(linked, {(f"a{one}", f"b{one}") for one in range(600)}) > 0.97
    assert linked.problems == []
    training = linked.weights.training
    assert training is not None
    assert training.converged
    assert linked.weights.date == DAY
    again = link_records(*paths, SPECIFICATION, Options(), day=DAY)
    assert again.links.log2_odds.tolist() == linked.links.log2_odds.tolist()


def test_people_who_stand_twice_on_one_roster_are_found(tmp_path: Path) -> None:
    random = Random(9)
    rows = {f"a{one}": _member(random) for one in range(600)}
    rows |= {f"b{one}": _again(rows[f"a{one}"], random) for one in range(150)}
    path = _roster(tmp_path / "roster.csv", dict(sorted(rows.items())))
    linked = link_records(path, path, SPECIFICATION, Options(within=True), day=DAY)
    assert (linked.links.i < linked.links.j).all()
    assert f1(linked, {(f"a{one}", f"b{one}") for one in range(150)}) > 0.95


def test_given_keys_are_the_only_ones(tmp_path: Path) -> None:
    rows = {"1": {"given": "mara", "born": "19800307"}, "2": {"given": "olga", "born": "19800307"}}
    path = _roster(tmp_path / "left.csv", rows)
    kinds = {"given": "text", "born": "code"}
    by_name = Specification(kinds, blocking=(("given",),))
    by_day = Specification(kinds, blocking=(("born",),))
    found = [
        len(link_records(path, path, one, Options(), day=DAY).links.i) for one in (by_name, by_day)
    ]
    assert found == [2, 4]


def test_a_roster_without_rows_or_fields_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("id,given\n", encoding="utf-8")
    with pytest.raises(PeopleFileError, match=r"empty\.csv holds no row"):
        link_records(path, path, Specification({"given": "text"}), Options(), day=DAY)
