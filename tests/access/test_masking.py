"""What a report shows of a name and a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.masking import masked_name, masked_number
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
