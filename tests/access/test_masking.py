"""What a report shows of a name and a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.masking import Mask, masked_address, masked_name, masked_number
from app.domain.household import IdType, Person, Relationship
from tests.service_parts import HEAD


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("李明", "李*"), ("李小雨", "李*雨"), ("欧阳小雨", "欧**雨"), ("李", "*")],
)
def test_names(name: str, wanted: str) -> None:
    assert masked_name(name) == wanted


def test_a_number_shows_its_place_and_its_end() -> None:
    assert masked_number(HEAD) == HEAD[:6] + "********" + HEAD[-4:]
    assert masked_number("") == ""


@given(st.text("0123456789X", min_size=3, max_size=30))
def test_something_of_every_number_is_hidden(number: str) -> None:
    shown = masked_number(number)
    assert len(shown) == len(number)
    assert "*" in shown
    assert HEAD[6:14] not in masked_number(HEAD)


@given(st.text("甲乙丙丁", min_size=1, max_size=6))
def test_something_of_every_name_is_hidden(name: str) -> None:
    assert masked_name(name) != name


PERSON = Person(
    ref="m1",
    name="李明",
    former_name="李小明",
    id_type=IdType.RESIDENT_ID,
    id_number=HEAD,
    relationship=Relationship.HEAD,
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"李明 {HEAD}", f"李* {HEAD[:6]}********{HEAD[-4:]}"),
        ("李小明小吃店", "李*明小吃店"),
        ("电话13812345521", "电话138****5521"),
        ("账号6222001234567890123", "账号***************0123"),
        ("截至20261123，余额15320.55", "截至20261123，余额15320.55"),
    ],
)
def test_texts(text: str, wanted: str) -> None:
    assert Mask.of([PERSON]).text(text) == wanted


def test_a_record_shows_no_particulars() -> None:
    """Whoever it names: a co-owner is nobody whom the case knows."""
    record = {
        "qlrmc": "赵四海",
        "qlrzjh": HEAD,
        "gyfs": "1",
        "zl": "南关区平阳街12号",
        "mj": "60.00",
    }
    shown = Mask.of([PERSON]).record(record, {"qlrmc", "qlrzjh", "gyfs"})
    assert shown == {
        "qlrmc": "赵*海",
        "qlrzjh": f"{HEAD[:6]}********{HEAD[-4:]}",
        "gyfs": "1",
        "zl": "南关区****",
        "mj": "60.00",
    }


@given(st.text(min_size=1, max_size=40))
def test_an_address_never_stands_whole(address: str) -> None:
    assert masked_address(address) != address
