"""Addresses: the parts of a home, its key, and which two are one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.address_reader import read_address
from matching.addresses import (
    Address,
    address_key,
    common_shape,
    normal_form,
    parse_address,
    same_home,
)
from matching.compare import compare_addresses
from matching.identity import Identity
from matching.levels import Level
from matching.prepared import prepare
from tests.matching.tables import cases

HOME = "平阳街|12|3|2|501"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("长春市南关区民康街道平阳街12号3栋2单元501室", HOME),
        ("吉林省长春市南关区民康街道平阳街12号3栋2单元501室", HOME),
        ("平阳街十二号3-2-501", HOME),
        ("平阳街12号3-2-501室", HOME),
        ("平阳街１２号３栋２单元５０１室", HOME),
        ("平阳街12号3号楼2单元501", HOME),
        ("平阳街12号3幢二单元五〇一室", HOME),
        ("平阳街12号3#2-501", HOME),
        ("南关区平阳街 12号 3栋 2单元 5层 501室", HOME),
        ("南关区民康街道民康社区平阳街12号3栋2门501室", HOME),
        ("平阳街012号03栋2单元501室", HOME),
        ("卫星路二号10-4-601", "卫星路|2|10|4|601"),
        ("平阳街12号3栋501", "平阳街|12|3||501"),
        ("幸福小区3栋2单元501", "幸福小区||3|2|501"),
        ("二道区三道街八号", "三道街|8|||"),
        ("长春市二道区东盛街道八一路66号4栋5单元203室", "八一路|66|4|5|203"),
        ("延边朝鲜族自治州延吉市北山街道天池路100号阳光花园5号楼1单元302", "天池路|100|5|1|302"),
        ("吉林省长春市南关区新立镇柳条沟村3组61号", "柳条沟村|3|61"),
        ("柳条沟村三组61号", "柳条沟村|3|61"),
        ("柳条沟村第三村民小组61号", "柳条沟村|3|61"),
        ("新立镇柳条沟行政村三社61号", "柳条沟村|3|61"),
        ("平阳街", None),
        ("敦化市江南镇", None),
        ("柳条沟村3组", None),
        ("不详", None),
        ("", None),
        (None, None),
    ],
)
def test_the_key_of_a_home(text: str | None, key: str | None) -> None:
    assert address_key(text) == key


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("长春市南关区民康街道平阳街12号3栋2单元501室", "平阳街十二号3-2-501", True),
        ("长春市南关区平阳街12号3栋2单元501室", "长春市二道区平阳街12号3栋2单元501室", False),
        ("平阳街12号3-2-501", "平阳街12号3-2-502", False),
        ("平阳街12号3-2-501", "平阳路12号3-2-501", False),
        ("新立镇幸福村3组61号", "幸福村三组61号", True),
        ("新立镇幸福村3组61号", "永春镇幸福村3组61号", False),
        ("平阳街", "平阳街", False),
        (None, None, False),
    ],
)
def test_which_two_are_one_home(left: str | None, right: str | None, same: bool) -> None:
    assert same_home(left, right) is same
    assert same_home(right, left) is same


PARTS = (
    "长春市 南关区 民康街道 平阳街 12号 十二号 3栋 3-2-501 2单元 501室 新立镇 幸福村 三组 61号 "
    "Ａ座 阳光花园 （东） - 一百零三号 　"
)
PIECES = st.lists(st.sampled_from(PARTS.split(" ")), max_size=9).map("".join)


@given(st.one_of(PIECES, st.text(max_size=30)))
def test_anything_can_be_read_and_normalised_twice(text: str) -> None:
    parse_address(text)
    assert normal_form(normal_form(text)) == normal_form(text)


@given(PIECES)
def test_a_home_is_itself(text: str) -> None:
    assert same_home(text, text) is (address_key(text) is not None)


def level(left: str | None, right: str | None) -> Level:
    return compare_addresses(prepare(Identity(address=left)), prepare(Identity(address=right)))


@pytest.mark.parametrize("case", cases("addresses"), ids=lambda case: case["why"])
def test_every_way_of_writing(case: dict[str, Any]) -> None:
    assert level(case["left"], case["right"]) is Level(case["level"])
    assert level(case["right"], case["left"]) is Level(case["level"])


def test_every_part_is_read() -> None:
    assert parse_address(
        "吉林省长春市南关区民康街道民康社区平阳街12号阳光花园3栋2单元5楼501室"
    ) == Address(
        province="吉林省",
        city="长春市",
        county="南关区",
        town="民康街道",
        community="民康社区",
        place="平阳街",
        number="12",
        estate="阳光花园",
        building="3",
        unit="2",
        floor="5",
        room="501",
    )
    assert parse_address("新立镇柳条沟村西屯3组61号") == Address(
        town="新立镇", place="柳条沟村", is_village=True, hamlet="西屯", group="3", number="61"
    )


@pytest.mark.parametrize(
    "text", ["平阳街12号3栋车库5号", "平阳街12号3栋3号车位", "平阳街12号3栋2单元储藏室"]
)
def test_what_nobody_lives_in_is_no_home(text: str) -> None:
    address = parse_address(text)
    assert address is not None
    assert not address.is_home
    assert address_key(text) is None
    assert not same_home(text, text)


def test_a_flat_is_one_home_by_its_estate_or_its_road() -> None:
    by_road = "平阳街12号阳光花园3栋2单元501室"
    assert same_home(by_road, "阳光花园小区3-2-501")
    assert not same_home(by_road, "阳光花园小区3-2-502")
    assert not same_home(by_road, "平阳街14号阳光花园3栋2单元501室")


NAMES = st.text(alphabet="平阳福兴民康大东新立道里条三二八一路市场", min_size=1, max_size=5)
COUNTS = st.sampled_from(("1", "3", "12", "03", "501", "120", "二", "十二", "〇"))


@st.composite
def written(draw: st.DrawFn) -> str:
    """An address of a common shape, of names that look like the words of one."""
    districts = "".join(
        draw(NAMES) + draw(st.sampled_from(ends))
        for ends in (("省",), ("市", "自治州"), ("区", "县", "市"), ("街道", "镇", "乡"), ("社区",))
        if draw(st.booleans())
    )
    if draw(st.booleans()):
        group = draw(st.sampled_from(("", f"{draw(COUNTS)}组", f"{draw(COUNTS)}社")))
        return f"{districts}{draw(NAMES)}村{group}{draw(COUNTS)}号"
    road = f"{districts}{draw(NAMES)}{draw(st.sampled_from(('街', '路', '大街', '大路')))}"
    three = [draw(COUNTS) for _ in range(3)]
    words = draw(st.sampled_from(("栋", "幢", "号楼"))), draw(st.sampled_from(("单元", "门")))
    spoken = f"{three[0]}{words[0]}{three[1]}{words[1]}{three[2]}室"
    home = draw(st.sampled_from(("", "-".join(three), spoken, f"{three[0]}{words[0]}{three[2]}")))
    return f"{road}{draw(COUNTS)}号{home}"


@settings(max_examples=800, deadline=None)
@given(written())
def test_the_pattern_and_the_reader_agree(text: str) -> None:
    at_once = common_shape(text)
    assert at_once is None or at_once == read_address(text)


@given(st.one_of(written(), PIECES), st.one_of(written(), PIECES))
def test_the_level_is_symmetric(left: str, right: str) -> None:
    assert level(left, right) is level(right, left)
    assert same_home(left, right) is same_home(right, left)


@given(st.one_of(written(), PIECES))
def test_one_home_is_at_the_same_home(text: str) -> None:
    if same_home(text, text):
        assert level(text, text) in (Level.SAME_HOME, Level.SAME_BUILDING, Level.SAME_VILLAGE)
