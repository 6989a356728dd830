"""Parts become replies: whatever comes, in whatever order."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from connectors.bank.client import MAPPING
from connectors.bank.parse import Bank
from connectors.bank.replies import Answers, answers, arrived_of
from connectors.contract import NoRecord, Partial, SourceReply, Unknown
from connectors.failure import FailureKind
from connectors.mapping import FieldMap
from tests.connectors.bank.builders import LI, LI_YU, WANG, account, nothing, part_name, reply_file

FAMILY = (LI, WANG, LI_YU)
ICBC = Bank("icbc", None, FieldMap.load(MAPPING))

LINES = st.sampled_from(
    [
        account(1),
        account(1, end="1111"),
        account(2, WANG),
        account(2, WANG, end="2222"),
        account(3, LI_YU),
        nothing(1),
        nothing(2),
        nothing(3),
        "2|E|超时" + "|" * 10,
        "3|Y|李小雨",
        "no line at all",
        account(7),
    ]
)


def files(lines: Sequence[str], cuts: Sequence[int]) -> Mapping[int, bytes]:
    """The lines as parts that are cut at these places."""
    edges = [0, *sorted(cuts), len(lines)]
    shares = [lines[start:end] for start, end in pairwise(edges)]
    return {
        place: reply_file(part_name(place, len(shares)), share)
        for place, share in enumerate(shares, start=1)
    }


def read(bodies: Mapping[int, bytes], of: int, seen: frozenset[int] = frozenset()) -> Answers:
    parts = {place: part_name(place, of) for place in sorted(bodies)}
    arrived = arrived_of(parts, [bodies[place] for place in parts])
    return answers(arrived, FAMILY, ICBC, seen=seen)


def by_person(replies: Sequence[SourceReply]) -> dict[str, SourceReply]:
    return {reply.person: reply for reply in replies}


@st.composite
def lines_in_parts(draw: st.DrawFn) -> tuple[list[str], list[int], list[int]]:
    lines = draw(st.lists(LINES, max_size=8))
    if draw(st.booleans()):
        lines.sort(key=lambda line: line[0])
    cuts = draw(st.lists(st.integers(0, len(lines)), max_size=3))
    order = draw(st.permutations(range(1, len(cuts) + 2)))
    return lines, cuts, list(order)


@given(lines_in_parts())
@example(([account(2, WANG), account(3, LI_YU), account(1), "no line"], [2], [1, 2]))
@example(([account(1), account(2, WANG), account(1, end="1111")], [2], [1, 2]))
def test_parts_in_any_order_end_in_what_one_part_says(
    drawn: tuple[list[str], list[int], list[int]],
) -> None:
    lines, cuts, order = drawn
    bodies = files(lines, cuts)
    said: dict[str, SourceReply] = {}
    seen: frozenset[int] = frozenset()
    for place in order:
        here = {each: bodies[each] for each in (*seen, place)}
        found = read(here, len(bodies), seen)
        assert found.complete == (len(here) == len(bodies))
        assert found.again == ()
        said |= by_person(found.replies)  # a later reply takes the place of an earlier one
        seen = frozenset(here)
    whole = read(files(lines, []), 1)
    assert said == by_person(whole.replies)
    assert set(said) == {person.ref for person in FAMILY}


@given(lines_in_parts(), st.data())
def test_a_changed_byte_is_never_read_and_everybody_is_accounted_for(
    drawn: tuple[list[str], list[int], list[int]], data: st.DataObject
) -> None:
    lines, cuts, order = drawn
    bodies = dict(files(lines, cuts))
    intact = read(bodies, len(bodies))
    place = order[0]
    changed = bytearray(bodies[place])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    bodies[place] = bytes(changed)
    found = read(bodies, len(bodies))
    said, before = by_person(found.replies), by_person(intact.replies)
    again = [each.person for each in found.again]
    assert sorted([*said, *again]) == ["m1", "m2", "m3"]
    for person, reply in said.items():
        if isinstance(reply.outcome, NoRecord):
            # A lone line for nothing stands, though a contradiction was in the part that is lost.
            assert isinstance(before[person].outcome, (NoRecord, Unknown))


@given(st.dictionaries(st.integers(1, 2), st.binary(max_size=200), min_size=1))
def test_no_bytes_mean_nothing_held(bodies: dict[int, bytes]) -> None:
    found = read(bodies, 2)
    assert not any(isinstance(reply.outcome, NoRecord) for reply in found.replies)


def test_a_line_of_nobody_makes_its_neighbours_a_part() -> None:
    found = read(files([account(1), "garbage", account(2, WANG), account(3, LI_YU)], []), 1)
    kinds = {
        reply.person: reply.outcome.gap.kind
        for reply in found.replies
        if isinstance(reply.outcome, Partial)
    }
    assert kinds == {"m1": FailureKind.MALFORMED, "m2": FailureKind.MALFORMED}


def test_the_raw_reply_is_the_persons_own_lines() -> None:
    one, two = account(1), account(1, end="7789")
    found = read(files([one, two, nothing(2), nothing(3)], [1]), 2)
    assert by_person(found.replies)["m1"].raw == f"{one}\r\n{two}".encode("gb18030")
