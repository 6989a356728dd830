"""Which parts count, when a part is whole, and whose answer can still grow."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bank.parts import Arrived, Line, beside_strays, part_names, read_part
from connectors.failure import Failure, FailureKind, SourceError
from tests.connectors.bank.builders import NUMBERS, account, nothing, part_name, reply_file

REQUEST = f"HDREQ_{NUMBERS}"
DAMAGED = Failure(FailureKind.MALFORMED, "damaged")


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        ([part_name(1, 2), "HDRSP_220102_20261124_0001_1of2.ok"], [1]),
        ([part_name(1, 2)], []),  # not complete without its `.ok`
        (["HDRSP_220102_20261123_0001_1of1.txt", "HDRSP_220102_20261123_0001_1of1.ok"], []),
        (["HDRSP_220102_20261124_0001_3of2.txt", "HDRSP_220102_20261124_0001_3of2.ok"], []),
        (["HDRSP_220102_20261124_0001_0of2.txt", "HDRSP_220102_20261124_0001_0of2.ok"], []),
        (["x" + part_name(), "xHDRSP_220102_20261124_0001_1of1.ok"], []),
        (["HDRSP_220102_20261124_0001_１of1.txt", "HDRSP_220102_20261124_0001_１of1.ok"], []),
    ],
)
def test_only_whole_names_of_this_request_count(names: Sequence[str], parts: list[int]) -> None:
    assert list(part_names(REQUEST, names)) == parts


def test_a_complete_set_counts_before_a_larger_one() -> None:
    files = [part_name(1, 1), part_name(1, 3), part_name(3, 3)]
    names = [*files, *(name.replace(".txt", ".ok") for name in files)]
    assert part_names(REQUEST, names) == {1: part_name(1, 1)}


def test_a_part_is_read_line_by_line() -> None:
    body = reply_file(part_name(), [account(1), nothing(2), "garbage"])
    part = read_part(part_name(), body)
    assert [line.sequence for line in part.lines] == [1, 2, None]
    assert [line.says_nothing_held for line in part.lines] == [False, True, False]
    assert str(part.made_on) == "2026-11-25"


@given(st.data())
def test_any_changed_byte_makes_a_part_useless(data: st.DataObject) -> None:
    body = bytearray(reply_file(part_name(), [account(1), nothing(2)]))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SourceError):
        read_part(part_name(), bytes(body))


@given(st.integers(0, 300))
def test_a_part_that_was_cut_off_is_useless(length: int) -> None:
    body = reply_file(part_name(), [account(1), account(2), nothing(3)])
    if length < len(body.rstrip()):
        with pytest.raises(SourceError):
            read_part(part_name(), body[:length])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_part_or_a_typed_failure(body: bytes) -> None:
    with pytest.raises(SourceError):
        read_part(part_name(), body)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (reply_file(part_name(2, 2), [nothing(1)]), FailureKind.MISMATCHED),
        (reply_file(part_name(numbers="220102_20261123_0001"), []), FailureKind.MISMATCHED),
        (reply_file("HDRSP_x|y", []), FailureKind.MALFORMED),
        (b"", FailureKind.MALFORMED),
        (b"\r" * 1_000_001, FailureKind.TOO_LARGE),
    ],
)
def test_why_a_part_is_useless(body: bytes, kind: FailureKind) -> None:
    with pytest.raises(SourceError) as caught:
        read_part(part_name(), body)
    assert caught.value.failure.kind is kind


def arrived(of: int, parts: dict[int, list[str]], useless: Sequence[int] = ()) -> Arrived:
    whole = {
        place: read_part(part_name(place, of), reply_file(part_name(place, of), lines))
        for place, lines in parts.items()
    }
    return Arrived(of, whole, dict.fromkeys(useless, DAMAGED))


@pytest.mark.parametrize(
    ("came", "settled"),
    [
        (arrived(1, {1: [account(1), nothing(2)]}), {1, 2}),
        # The last person of part 1 may go on in part 2, unless it has no account.
        (arrived(2, {1: [account(1), account(2)]}), {1}),
        (arrived(2, {1: [account(1), nothing(2)]}), {1, 2}),
        (arrived(2, {2: [account(3), account(4)]}), {4}),
        (arrived(3, {2: [account(3), account(4), account(5)]}), {4}),
        (arrived(2, {1: [account(1), account(2)], 2: [account(2), account(3)]}), {1, 2, 3}),
        (arrived(2, {1: [account(1), account(2)]}, useless=[2]), {1}),
        (arrived(3, {1: [account(1), account(2)], 2: []}), {1}),
        # Without an order anybody may go on.
        (arrived(2, {1: [account(2), account(1), nothing(3)]}), {3}),
        (arrived(3, {1: [account(1), account(5)], 2: [account(2), account(3)]}), set()),
    ],
)
def test_who_is_settled(came: Arrived, settled: set[int]) -> None:
    assert came.settled == settled


@pytest.mark.parametrize(
    ("numbers", "beside"),
    [
        ([1, 2, 3], {}),
        ([1, None, 3], {1, 2, 3}),
        ([None, 2, 4], {1, 2}),
        ([1, 3, None], {3, 4}),
        ([1, 99, 2], {1, 2}),
        ([3, None, 1], {1, 2, 3, 4}),
    ],
)
def test_whom_a_line_of_nobody_may_be_about(numbers: list[int | None], beside: set[int]) -> None:
    lines = [Line(number, b"") for number in numbers]
    assert set(beside_strays([line.sequence for line in lines], 4)) == set(beside)
