"""Replies to requests about thousands: by place, whatever order parts come in."""

from collections.abc import Mapping
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.bank.client import MAPPING
from connectors.bank.parse import Bank
from connectors.bank.parts import Arrived, read_part
from connectors.bank.reading import BankReading
from connectors.bank.replies import answers
from connectors.contract import AskedPerson, Found, IdType, NoRecord, SourceReply
from connectors.mapping import FieldMap
from tests.connectors.bank.builders import account, nothing, part_name, reply_file
from tests.service_parts import number

BANK = Bank("icbc", None, FieldMap.load(MAPPING))
LAST = 12
PERSONS = {
    place: AskedPerson(
        f"p{place}", "李明", IdType.RESIDENT_ID, number(f"22990119800307{place:03d}")
    )
    for place in range(1, LAST + 1)
}


def reading_of(parts: Mapping[int, bytes], of: int) -> BankReading:
    """Of the parts that have come."""
    names = {part: part_name(part, of) for part in sorted(parts)}
    return BankReading.over(BANK, LAST, names, [parts[part] for part in sorted(parts)])


def told(reading: BankReading) -> dict[int, SourceReply]:
    """The replies about all who are settled."""
    settled = reading.settled(list(PERSONS))
    return {one.place: one.reply for one in reading.about({p: PERSONS[p] for p in settled})}


@st.composite
def replies(draw: st.DrawFn) -> tuple[int, dict[int, bytes]]:
    """A reply whose lines stand in order, cut anywhere into parts."""
    lines: list[str] = []
    for place, person in PERSONS.items():
        accounts = draw(st.integers(0, 3))
        lines += [account(place, person, end=f"000{n}") for n in range(accounts)]
        lines += [] if accounts else [nothing(place)]
    of = draw(st.integers(1, 5))
    cuts = sorted(draw(st.lists(st.integers(0, len(lines)), min_size=of - 1, max_size=of - 1)))
    edges = [0, *cuts, len(lines)]
    return of, {
        part: reply_file(part_name(part, of), lines[edges[part - 1] : edges[part]])
        for part in range(1, of + 1)
    }


@settings(max_examples=30)
@given(replies(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_of_parts_tells_the_same(
    reply: tuple[int, dict[int, bytes]], random: Random
) -> None:
    of, parts = reply
    whole = told(reading_of(parts, of))
    assert set(whole) == set(PERSONS)
    order = list(parts)
    random.shuffle(order)
    here: dict[int, bytes] = {}
    for part in (*order, order[0]):
        here[part] = parts[part]
        early = told(reading_of(here, of))
        assert early.items() <= whole.items(), "what is settled early stays"


@settings(max_examples=30)
@given(replies())
def test_it_tells_what_a_request_of_one_verification_would_be_told(
    reply: tuple[int, dict[int, bytes]],
) -> None:
    of, parts = reply
    whole = {part: read_part(part_name(part, of), body) for part, body in parts.items()}
    single = answers(Arrived(of, whole, {}), tuple(PERSONS.values()), BANK, seen=frozenset())
    assert {one.person: one.outcome for one in single.replies} == {
        one.person: one.outcome for one in told(reading_of(parts, of)).values()
    }


def damaged(body: bytes) -> bytes:
    return body.replace(b"TR|", b"TR|9", 1)


def lines_between(first: int, last: int) -> list[str]:
    return [nothing(place) for place in range(first, last + 1)]


def test_of_a_damaged_part_only_its_persons_are_open() -> None:
    parts = {
        1: reply_file(part_name(1, 3), lines_between(1, 4)),
        2: damaged(reply_file(part_name(2, 3), lines_between(5, 8))),
        3: reply_file(part_name(3, 3), lines_between(9, 12)),
    }
    reading = reading_of(parts, 3)
    said = reading.about(PERSONS)
    again = {one.place for one in said if one.again}
    assert again == {4, 5, 6, 7, 8, 9}, "the neighbours' lines may go on in it"
    assert all(isinstance(one.reply.outcome, NoRecord) for one in said if one.place not in again)
    assert reading.complete


def test_lines_out_of_order_settle_nobody_before_all_are_here() -> None:
    first = [account(7, PERSONS[7]), nothing(2), account(3, PERSONS[3])]
    second = [account(7, PERSONS[7], end="9999"), *lines_between(8, 12)]
    parts = {1: reply_file(part_name(1, 2), first), 2: reply_file(part_name(2, 2), second)}
    assert told(reading_of({1: parts[1]}, 2)) == {}
    whole = reading_of(parts, 2)
    assert not whole.final
    outcome = told(whole)[7].outcome
    assert isinstance(outcome, Found)
    assert len(outcome.records) == 2


def test_a_line_of_nobody_makes_its_neighbours_incomplete() -> None:
    lines = [account(1, PERSONS[1]), "x|Y|?", *lines_between(2, 12)]
    said = told(reading_of({1: reply_file(part_name(1, 1), lines)}, 1))
    assert type(said[1].outcome).__name__ == "Partial"
    assert isinstance(said[3].outcome, NoRecord)


def test_the_day_is_that_of_the_part_that_tells() -> None:
    parts = {
        1: reply_file(part_name(1, 2), lines_between(1, 6), day="20261125"),
        2: reply_file(part_name(2, 2), lines_between(7, 12), day="20261127"),
    }
    said = told(reading_of(parts, 2))
    assert (said[2].as_of, said[9].as_of) == (date(2026, 11, 25), date(2026, 11, 27))
