"""Names: the form they are compared in, and how two stand to each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.alike import NameMatch, NameRelation, match_names
from matching.frequency import name_bits
from matching.names import normal_form, parse_name, readings

R = NameRelation


def between(left: str, right: str) -> NameMatch:
    one, other = parse_name(left), parse_name(right)
    assert one is not None
    assert other is not None
    found = match_names(one, other)
    assert match_names(other, one) == found
    return found


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [
        ("李明", "李明", R.EQUAL),
        ("白宇", "白　宇", R.EQUAL),
        ("李明", "李 明", R.EQUAL),
        ("李明", "李明（已故）", R.EQUAL),
        ("买买提·艾力", "买买提艾力", R.EQUAL),
        ("买买提·艾力", "买买提.艾力", R.EQUAL),
        ("买买提·艾力", "买买提•艾力", R.EQUAL),
        ("买买提·艾力", "买买提・艾力", R.EQUAL),
        ("买买提·艾力", "买买提．艾力", R.EQUAL),
        ("买买提·艾力", "买买提 艾力", R.EQUAL),
        ("李䶮", "李\ue863", R.EQUAL),
        ("ＬＩ　ＭＩＮＧ", "Li Ming", R.EQUAL),
        ("刘伟", "劉偉", R.VARIANT),
        ("李明", "李眀", R.VARIANT),
        ("张静", "張靜", R.VARIANT),
        ("王青", "王靑", R.VARIANT),
        ("肖红", "萧红", R.VARIANT),
        ("付强", "傅強", R.VARIANT),
        ("闫志刚", "阎志刚", R.VARIANT),
        ("代玉", "戴玉", R.VARIANT),
        ("兰英", "蓝英", R.VARIANT),
        ("丘实", "邱实", R.VARIANT),
        ("李明", "黎明", R.HOMOPHONE),
        ("王芳", "王方", R.HOMOPHONE),
        ("朴京爱", "朴敬爱", R.HOMOPHONE),
        ("张伟", "张玮", R.HOMOPHONE),
        ("李祎", "李袆", R.LOOK_ALIKE),
        ("王己", "王已", R.LOOK_ALIKE),
        ("张末", "张未", R.LOOK_ALIKE),
        ("赵晴", "赵睛", R.LOOK_ALIKE),
        ("侯宇", "候宇", R.HOMOPHONE),
        ("王日", "王曰", R.LOOK_ALIKE),
        ("李?", "李䶮", R.MASKED_COMPATIBLE),
        ("李□", "李䶮", R.MASKED_COMPATIBLE),
        ("李〇华", "李建华", R.MASKED_COMPATIBLE),
        ("李*", "李明", R.MASKED_COMPATIBLE),
        ("李＊华", "李建华", R.MASKED_COMPATIBLE),
        ("李某", "李明", R.MASKED_COMPATIBLE),
        ("李 华", "李建华", R.MASKED_COMPATIBLE),
        ("李（王+英）", "李瑛", R.MASKED_COMPATIBLE),
        ("李yan", "李䶮", R.ROMANISED),
        ("LI YAN", "李䶮", R.ROMANISED),
        ("LIYAN", "李䶮", R.ROMANISED),
        ("YAN LI", "李䶮", R.ROMANISED),
        ("PIAO JINGAI", "朴京爱", R.ROMANISED),
        ("PARK KYUNG AE", "朴京爱", R.ROMANISED),
        ("KIM YOUNG-CHOL", "金永哲", R.ROMANISED),
        ("CHOI MI HWA", "崔美花", R.ROMANISED),
        ("Shan Li", "单丽", R.ROMANISED),
        ("LYU BU", "吕布", R.ROMANISED),
        ("LV BU", "吕布", R.ROMANISED),
        ("王??", "王𬱖", R.MASKED_COMPATIBLE),
        ("XIE FANG", "解芳", R.ROMANISED),
        ("QIU YING", "仇英", R.ROMANISED),
        ("ZHA LIANGYONG", "查良镛", R.ROMANISED),
        ("LYU BU", "李明", R.DIFFERENT),
        ("明李", "李明", R.REORDERED),
        ("建国王", "王建国", R.REORDERED),
        ("艾力·买买提", "买买提·艾力", R.REORDERED),
        ("李明华", "李华", R.PARTIAL),
        ("欧阳明", "欧明", R.PARTIAL),
        ("陈李美玲", "李美玲", R.PARTIAL),
        ("阿卜杜热依木·买买提", "阿卜杜热依木", R.PARTIAL),
        ("买买提·艾力", "麦麦提·艾里", R.HOMOPHONE),
        ("阿不都热合曼·买买提", "阿布都热合满·买买提", R.HOMOPHONE),
        ("阿不都热合曼", "阿卜杜热合曼", R.TRANSLITERATION),
        ("张林", "章林", R.HOMOPHONE),
        ("王琳", "王玲", R.NEAR),
        ("张中", "张宗", R.NEAR),
        ("李明", "李亮", R.DIFFERENT),
        ("李建国", "李建华", R.DIFFERENT),
        ("李明", "王芳", R.DIFFERENT),
        ("李", "李明", R.DIFFERENT),
    ],
)
def test_how_two_names_stand_to_each_other(left: str, right: str, relation: NameRelation) -> None:
    assert between(left, right).relation is relation


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


@pytest.mark.parametrize("raw", [None, "", " ", "　", "无名", "未取名", "?", "**", "李明之子"])
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


def test_a_rare_name_says_more_than_a_common_one() -> None:
    bits = [
        name_bits(name) for raw in ("张伟", "李明", "曲鸿韬", "逄䶮") if (name := parse_name(raw))
    ]
    assert bits == sorted(bits)
    assert bits[0] < 13 < 25 < bits[-1]


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
    assert found.bits >= 0
    if found.relation is R.DIFFERENT:
        assert found.bits == 0


@given(HAN)
def test_a_name_is_like_itself(raw: str) -> None:
    name = parse_name(raw)
    if name is not None:
        expected = R.MASKED_COMPATIBLE if name.is_wild else R.EQUAL
        assert match_names(name, name).relation is expected
