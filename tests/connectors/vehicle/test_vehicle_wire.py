"""The query string of the register of vehicles."""

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vehicle.wire import path_of


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("李明", "%C0%EE%C3%F7"),
        ("𬱖", "%26%23183382%3B"),
        ("李 明&a=b", "%C0%EE%20%C3%F7%26a%3Db"),
        ("阿卜·买", "%B0%A2%B2%B7%A1%A4%C2%F2"),
        ("", ""),
    ],
)
def test_names_are_percent_encoded_gbk(name: str, encoded: str) -> None:
    path = path_of(name=name, id_number="229901198003071236", licence="k")
    assert path == f"/ccgl/query?xm={encoded}&sfzmhm=229901198003071236&sqm=k"


@given(st.text(st.characters(codec="utf-8")))
def test_nothing_but_the_three_fields_can_be_written(name: str) -> None:
    path = path_of(name=name, id_number="1", licence="k")
    assert path.count("&") == 2
    assert path.isascii()
    written = unquote_to_bytes(path.split("xm=")[1].split("&")[0])
    assert written == name.encode("gbk", errors="xmlcharrefreplace")
