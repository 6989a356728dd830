"""Addresses: the parts of a home, its key, and which two are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.addresses import address_key, normal_form, parse_address, same_home

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
