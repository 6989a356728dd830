"""Parts of an inquiry's answer, in any order and more than once."""

import json
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Ticket
from connectors.failure import FailureKind, SourceError
from connectors.insurance.parts import Arrived, Part, Seal, read_part

TICKET = Ticket("q-1", ("a", "b"), timedelta(seconds=60))


def a_part(place: int, of: int, *results: dict[str, object]) -> Part:
    return Part("q-1", place, of, results)


def body(**fields: object) -> bytes:
    whole = {"inquiryNo": "q-1", "part": 1, "parts": 1, "results": [{"seq": 1}], **fields}
    return json.dumps(whole).encode()


def test_a_part_is_read() -> None:
    part = read_part(body(part=2, parts=3), 1)
    assert (part.inquiry, part.place, part.of, part.results) == ("q-1", 2, 3, ({"seq": 1},))


@pytest.mark.parametrize(
    ("damaged", "kind"),
    [
        (b"", FailureKind.MALFORMED),
        (b"[]", FailureKind.MALFORMED),
        (body(inquiryNo=None), FailureKind.MALFORMED),
        (body(inquiryNo=""), FailureKind.MALFORMED),
        (body(part=0), FailureKind.MALFORMED),
        (body(part=2), FailureKind.MALFORMED),
        (body(part=True), FailureKind.MALFORMED),
        (body(part="1"), FailureKind.MALFORMED),
        (body(parts=10**6), FailureKind.MALFORMED),
        (body(results=None), FailureKind.MALFORMED),
        (body(results={}), FailureKind.MALFORMED),
        (body(results=["a"]), FailureKind.MALFORMED),
        (body(results=[{}]), FailureKind.MALFORMED),
        (body(results=[{"seq": 0}]), FailureKind.MISMATCHED),
        (body(results=[{"seq": 2}]), FailureKind.MISMATCHED),
    ],
)
def test_what_is_no_part_is_told(damaged: bytes, kind: FailureKind) -> None:
    with pytest.raises(SourceError) as caught:
        read_part(damaged, 1)
    assert caught.value.failure.kind is kind


@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_and_repeats_change_nothing(random: Random, of: int) -> None:
    parts = [a_part(place, of, {"seq": place}, {"seq": 9}) for place in range(1, of + 1)]
    coming = parts + random.choices(parts, k=3)
    random.shuffle(coming)
    seal = Seal("key")
    ticket = TICKET
    for part in coming:
        ticket = seal.put(seal.take(ticket).with_part(part), ticket)
    arrived = seal.take(ticket)
    assert arrived.complete
    assert arrived.about(9) == ({"seq": 9},)
    assert all(arrived.about(place) == ({"seq": place},) for place in range(1, of + 1))


def test_parts_that_disagree_on_their_number_are_told() -> None:
    with pytest.raises(SourceError):
        Arrived().with_part(a_part(1, 2)).with_part(a_part(2, 3))


def test_a_ticket_tells_nothing_and_can_be_stored() -> None:
    arrived = Arrived().with_part(a_part(1, 2, {"seq": 1, "xm": "李明"}))
    ticket = Seal("key").put(arrived, TICKET)
    stored = json.dumps(dict(ticket.payload))
    assert "李明" not in stored
    assert "xm" not in json.loads(stored)["sealed"]
    restored = Ticket(ticket.reference, ticket.persons, ticket.pause, json.loads(stored))
    assert Seal("key").take(restored) == arrived


def test_a_ticket_without_parts_has_none() -> None:
    assert Seal("key").take(TICKET) == Arrived()
    assert not Arrived().complete
