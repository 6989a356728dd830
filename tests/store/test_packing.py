"""Packed documents come back as they were; what was stored before packing began, too."""

from hypothesis import given
from hypothesis import strategies as st

from app.store.packing import packed, unpacked


@given(st.binary())
def test_what_is_packed_comes_back(document: bytes) -> None:
    assert unpacked(packed(document)) == document


@given(st.text())
def test_a_document_from_before_comes_as_it_is(text: str) -> None:
    document = b'{"a": "' + text.encode("utf-8", "surrogatepass") + b'"}'
    assert unpacked(document) == document
