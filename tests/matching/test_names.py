"""Names: the form they are compared in, and how two stand to each other."""

import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from matching import tables
from matching.alike import NameMatch, NameRelation, match_names, name_score
from matching.compare import OF_RELATION
from matching.frequency import name_bits
from matching.names import normal_form, parse_name, readings, toned
from matching.sounds import syllables_near
from matching.transliteration import one_spelling

R = NameRelation
CASES = Path(__file__).parent / "cases"


def between(left: str, right: str) -> NameMatch:
    one, other = parse_name(left), parse_name(right)
    assert one is not None
    assert other is not None
    found = match_names(one, other)
    assert match_names(other, one) == found
    return found


def cases() -> list[tuple[str, str, str]]:
    """Every pair of cases/names.yaml with the relation of its group."""
    groups = yaml.safe_load((CASES / "names.yaml").read_text(encoding="utf-8"))
    return [(a, b, group["relation"]) for group in groups for a, b in group["pairs"]]


@pytest.mark.parametrize(("left", "right", "relation"), cases())
def test_how_two_names_stand_to_each_other(left: str, right: str, relation: str) -> None:
    assert between(left, right).relation is NameRelation[relation.upper()]


def test_every_relation_has_cases_and_every_group_a_reason() -> None:
    groups = yaml.safe_load((CASES / "names.yaml").read_text(encoding="utf-8"))
    assert {group["relation"] for group in groups} == {kind.name.lower() for kind in R}
    assert all(group["kind"] and group["why"] for group in groups)
    assert len(cases()) >= 250


@pytest.mark.parametrize(
    ("wanted", "closer", "farther"),
    [
        ("李明", "李眀", "李亮"),
        ("李明", "李铭", "李亮"),
        ("朴京爱", "PARK KYUNG AE", "KIM KYUNG AE"),
        ("买买提·艾力", "买买提艾力", "买买提"),
        ("欧阳明", "欧阳眀", "欧阳亮"),
    ],
)
def test_the_closer_name_stands_closer(wanted: str, closer: str, farther: str) -> None:
    assert between(wanted, closer).relation < between(wanted, farther).relation


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        " ",
        "　",
        "无名",
        "未取名",
        "?",
        "**",
        "李明之子",
        "王芳之次女",
        "王芳之婴",
        "待取名",
        "\u200b",
    ],
)
def test_no_name_is_missing(raw: str | None) -> None:
    assert parse_name(raw) is None


@pytest.mark.parametrize(
    ("character", "surname", "common"),
    [
        ("朴", "piao", "pu"),
        ("单", "shan", "dan"),
        ("解", "xie", "jie"),
        ("仇", "qiu", "chou"),
        ("查", "zha", "cha"),
        ("曾", "zeng", "ceng"),
        ("任", "ren", "ren"),
        ("区", "ou", "qu"),
        ("盖", "ge", "gai"),
        ("乐", "yue", "le"),
        ("翟", "zhai", "di"),
        ("覃", "qin", "tan"),
        ("缪", "miao", "miu"),
        ("單", "shan", "dan"),
    ],
)
def test_surnames_are_read_as_surnames(character: str, surname: str, common: str) -> None:
    assert readings(character, surname=True)[0] == surname
    assert common in readings(character, surname=True) or common == surname


@pytest.mark.parametrize(
    ("character", "surname", "sounds"),
    [
        ("朴", True, ("piao2", "pu3")),
        ("朴", False, ("pu3", "piao2")),
        ("晟", False, ("sheng4", "cheng2")),
        ("明", False, ("ming2",)),
        ("女", False, ("nv3",)),
        ("Yǎn", False, ("yan",)),
        ("?", False, ()),
    ],
)
def test_a_reading_has_its_tone(character: str, surname: bool, sounds: tuple[str, ...]) -> None:
    assert toned(character.upper(), surname=surname) == sounds


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("zhang", "zang", True),
        ("lin", "ling", True),
        ("ren", "yin", True),
        ("fei", "hui", True),
        ("lang", "nang", True),
        ("ming", "ming", False),
        ("zhang", "zan", False),
        ("li", "wang", False),
    ],
)
def test_syllables_that_are_confused(left: str, right: str, near: bool) -> None:
    assert syllables_near(left, right) is syllables_near(right, left) is near


def test_a_spelling_of_an_element_stands_for_one_name_only() -> None:
    groups = tables.document("characters.yaml")["transliterated"]
    spellings = [spelling for group in groups for spelling in group.split()]
    assert len(spellings) == len(set(spellings))
    assert one_spelling("阿不都热合曼") == one_spelling("阿卜杜热合曼")


def test_every_relation_has_a_level_and_a_share() -> None:
    assert set(OF_RELATION) == set(R)
    shares = tables.document("name_score.yaml")["share"]
    assert set(shares) == {kind.name.lower() for kind in R}


def test_a_rare_name_says_more_than_a_common_one() -> None:
    bits = [
        name_bits(name) for raw in ("张伟", "李明", "曲鸿韬", "逄䶮") if (name := parse_name(raw))
    ]
    assert bits == sorted(bits)
    assert bits[0] < 13 < 25 < bits[-1]


@pytest.mark.parametrize(
    "raw", ["PARK EUNJI", "PARK EUN JI", "KIM YOUNG CHOL", "LEE SOOJIN", "YU KWAN SUN", "LI MING"]
)
def test_a_romanised_name_is_never_rarer_than_one_of_5000(raw: str) -> None:
    """In however many syllables its given name is written."""
    name = parse_name(raw)
    assert name is not None
    assert name_bits(name) <= math.log2(5000) + 1e-9


def test_agreement_in_sound_says_less_than_in_writing() -> None:
    assert between("李䶮", "李岩").bits < between("李䶮", "李䶮").bits


HAN = st.text(
    alphabet="（）+李王明眀亮劉刘伟偉朴京爱肖萧欧阳买提艾力·.?*　 LIMING䶮", min_size=1, max_size=8
)


@given(st.one_of(HAN, st.text(max_size=12)))
def test_normalising_twice_changes_nothing(raw: str) -> None:
    assert normal_form(normal_form(raw)) == normal_form(raw)


@given(st.one_of(HAN, st.text(max_size=8)), st.one_of(HAN, st.text(max_size=8)))
def test_the_match_is_symmetric_and_says_something_only_if_alike(left: str, right: str) -> None:
    one, other = parse_name(left), parse_name(right)
    if one is None or other is None:
        return
    found = match_names(one, other)
    back = match_names(other, one)
    assert found.relation is back.relation
    assert abs(found.bits - back.bits) < 1e-9
    assert abs(name_score(one, other) - name_score(other, one)) < 1e-9
    assert found.bits >= 0
    if found.relation is R.DIFFERENT:
        assert found.bits == 0


@given(HAN)
def test_a_name_is_like_itself(raw: str) -> None:
    name = parse_name(raw)
    if name is not None:
        expected = R.MASKED_COMPATIBLE if name.is_wild else R.EQUAL
        assert match_names(name, name).relation is expected


@given(HAN, st.sampled_from(["　", " ", "  ", "\u200b", "\ufeff"]))
def test_padding_never_changes_a_name(raw: str, padding: str) -> None:
    name, padded = parse_name(raw), parse_name(f"{padding}{raw}{padding}")
    assert (name and name.units) == (padded and padded.units)
