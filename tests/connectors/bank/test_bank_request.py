"""The request file is what the interface document shows."""

import pytest

from connectors.bank.request import request_of
from connectors.contract import AskedPerson, IdType
from connectors.failure import FailureKind, SourceError
from tests.connectors.bank.builders import LI, WANG, a_query, md5_hex


def test_the_request_is_written_as_agreed() -> None:
    request = request_of(a_query(LI, WANG))
    before = (
        "HD|HDREQ_220102_20261124_0001|2|20261124\r\n"
        "1|李明|1|229901198003071236\r\n"
        "2|王芳|1|229901198204152227\r\n"
    ).encode("gb18030")
    assert request.name == "HDREQ_220102_20261124_0001"
    assert request.body == before + b"TR|2|" + md5_hex(before).encode() + b"\r\n"
    assert "229901" not in repr(request)


@pytest.mark.parametrize(
    ("id_type", "kind"),
    [
        (IdType.RESIDENT_ID, "1"),
        (IdType.PASSPORT, "2"),
        (IdType.HK_MACAU_PERMIT, "3"),
        (IdType.TAIWAN_PERMIT, "4"),
    ],
)
def test_each_document_has_its_number(id_type: IdType, kind: str) -> None:
    request = request_of(a_query(AskedPerson("m1", "李明", id_type, "E12345678")))
    assert f"1|李明|{kind}|E12345678\r\n".encode("gb18030") in request.body


@pytest.mark.parametrize(
    ("name", "id_type", "number"),
    [
        ("李明", IdType.NONE, ""),
        ("李明", IdType.RESIDENT_ID, " "),
        ("李|明", IdType.RESIDENT_ID, "229901198003071236"),
        ("李\n明", IdType.RESIDENT_ID, "229901198003071236"),
        ("李\u2028明", IdType.RESIDENT_ID, "229901198003071236"),
        ("李\ud800", IdType.RESIDENT_ID, "229901198003071236"),
        ("", IdType.RESIDENT_ID, "229901198003071236"),
    ],
)
def test_who_cannot_be_named_is_left_out_and_moves_nobody(
    name: str, id_type: IdType, number: str
) -> None:
    odd = AskedPerson("m0", name, id_type, number)
    request = request_of(a_query(odd, LI))
    assert request.left_out == (odd,)
    assert request.asked == (LI,)
    assert b"\r\n1|" in request.body
    assert b"\r\n2|" not in request.body


@pytest.mark.parametrize("name", ["阿不都\u3000拉", "㐂\ue863", "𬭚", "a b"])
def test_rare_characters_are_kept(name: str) -> None:
    person = AskedPerson("m1", name, IdType.RESIDENT_ID, "229901198003071236")
    assert name in request_of(a_query(person)).body.decode("gb18030")


@pytest.mark.parametrize("sequence", [0, 10_000])
def test_a_number_that_no_file_name_holds_is_rejected(sequence: int) -> None:
    with pytest.raises(SourceError) as caught:
        request_of(a_query(sequence=sequence))
    assert caught.value.failure.kind is FailureKind.REJECTED
