"""JSON and XML from sources, well-meant and not."""

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.failure import FailureKind, SourceError
from connectors.transport.documents import MAX_DEPTH, read_json, read_xml

BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>
<a>&c;&c;&c;</a>"""


def test_numbers_are_exact() -> None:
    assert read_json(b'{"a": 20.5, "b": 3, "c": 0.41, "d": -1.10}') == {
        "a": Decimal("20.5"),
        "b": 3,
        "c": Decimal("0.41"),
        "d": Decimal("-1.10"),
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1e-999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "a": 2}',
        '{"a": "李"}'.encode("gbk"),
        b'{"a": "\\ud840"}',
        b'{"a": "\\u0000"}',
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b'"' + b'\\"' * 200_000,
    ],
)
def test_what_is_no_answer_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read_json(body)
    assert caught.value.failure.kind is FailureKind.MALFORMED
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_brackets_in_texts_do_not_count_as_depth() -> None:
    value = {"a": "[" * 100 + '"{' + "\\" * 3, "b": ["\U0002cb2c", "\\ud840"]}
    assert read_json(json.dumps(value).encode()) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text('ab[]{}\\"李\U0002cb2c'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab["\\'), inner),
    max_leaves=60,
)


def depth(value: object) -> int:
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 0


@given(JSON)
def test_every_document_comes_back_or_is_too_deep(value: object) -> None:
    body = json.dumps(value).encode()
    if depth(value) <= MAX_DEPTH:
        assert read_json(body) == value
    else:
        with pytest.raises(SourceError):
            read_json(body)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_typed_failure(body: bytes) -> None:
    for read in (read_json, lambda body: read_xml(body, None)):
        with contextlib.suppress(SourceError):
            read(body)


def test_xml_is_read_in_its_encoding() -> None:
    body = '<?xml version="1.0" encoding="GBK"?><r><a>李明&#183382;</a></r>'.encode("gbk")
    assert read_xml(body, "gbk").findtext("a") == "李明\U0002cc56"
    assert read_xml("<r>李</r>".encode(), None).text == "李"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a>",
        b"no xml",
        BOMB,
        b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>',
        b"<a>&unknown;</a>",
        b"<a>\x00</a>",
        b"<a>" * 100_000,
        "<a>李</a>".encode("gbk"),
    ],
)
def test_xml_that_is_none_or_means_harm_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read_xml(body, None)
    assert caught.value.failure.kind is FailureKind.MALFORMED
