"""The stub speaks the sources' documents: the real connectors read its replies without gaps."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import (
    AskedPerson,
    Found,
    IdType,
    Months,
    NoRecord,
    Source,
    SourceQuery,
    SourceReply,
)
from connectors.registry import build_sources
from tests.benchmarks.stub.answers import Answers
from tests.benchmarks.stub.configuration import AT_ONCE, OVER_HTTP, UNLIMITED, sources
from tests.benchmarks.stub.people import household, number_of, person
from tests.benchmarks.stub.replies import KNOWN, holds
from tests.benchmarks.stub.server import Journal, Stub, keyed, serve
from tests.records import number

_NUMBERS = count(1)
_ALL = (*OVER_HTTP, "housing_fund")
_WINDOW = Months(date(2025, 11, 1), date(2026, 10, 31))


@asynccontextmanager
async def _connected(folder: Path, stub: Stub) -> AsyncIterator[dict[str, Source]]:
    async with AsyncExitStack() as closing:
        server = await serve(stub)
        closing.callback(server.close)
        port = server.sockets[0].getsockname()[1]
        configured = sources(port, folder / "fund.sqlite3", _ALL)
        connected = build_sources(configured, dict.fromkeys(_ALL, UNLIMITED))
        for source in connected.values():
            closing.push_async_callback(source.aclose)
        yield connected


async def _asked(source: Source, *asked: tuple[str, str, str]) -> list[SourceReply]:
    persons = tuple(
        AskedPerson(ref, name, IdType.RESIDENT_ID, id_number) for ref, name, id_number in asked
    )
    today = datetime.now(UTC).date()
    query = SourceQuery(
        reference=f"aq_stub_{next(_NUMBERS)}",
        sequence=1,
        region="220102003",
        persons=persons,
        window=_WINDOW,
        as_of=today,
        sent_on=today,
    )

    async def permit() -> None:
        """They are made up."""

    progress = await source.ask(query, permit)
    replies = list(progress.replies)
    while progress.ticket is not None:
        progress = await source.collect(progress.ticket, query, permit)
        replies += progress.replies
        assert not progress.again
    return replies


@pytest.mark.parametrize("name", _ALL)
async def test_every_reply_is_found_or_no_record_without_a_gap(name: str, tmp_path: Path) -> None:
    people = [one for at in range(0, 70, 7) for one in household(at)]
    async with _connected(tmp_path, Stub()) as connected:
        each = await asyncio.gather(
            *(_asked(connected[name], (one.ref, one.name, one.id_number)) for one in people)
        )
    outcomes = [reply.outcome for replies in each for reply in replies]
    assert len(outcomes) == len(people)
    assert {type(one) for one in outcomes} <= {Found, NoRecord}
    if name == "household_registry":
        lists = [len(one.records) for one in outcomes if isinstance(one, Found)]
        assert sorted(lists)[len(lists) // 2] >= 3  # the person, and the others of the household
    if name in KNOWN:
        held = [holds(name, one.id_number.encode()) for one in people]
        assert [isinstance(one, Found) for one in outcomes] == held
        assert any(held)


@pytest.mark.parametrize("name", ["social_insurance", "insurance"])
async def test_persons_of_one_query_are_told_apart(name: str, tmp_path: Path) -> None:
    people = [one for at in range(30) for one in household(at)][:80]
    async with _connected(tmp_path, Stub()) as connected:
        asked = [(f"m{at}", one.name, one.id_number) for at, one in enumerate(people)]
        replies = await _asked(connected[name], *asked)
    found = {one.person for one in replies if isinstance(one.outcome, Found)}
    assert found == {
        f"m{at}" for at, one in enumerate(people) if holds(name, one.id_number.encode())
    }


@pytest.mark.parametrize("name", ["household_registry", "tax", "vehicle"])
async def test_somebody_else_can_be_asked_about_as_well(name: str, tmp_path: Path) -> None:
    async with _connected(tmp_path, Stub()) as connected:
        replies = await _asked(connected[name], ("m1", "李明", number("22990119800307123")))
    assert isinstance(replies[0].outcome, Found | NoRecord)


async def test_the_log_holds_every_asking_and_no_number(tmp_path: Path) -> None:
    log, head = tmp_path / "calls.log", person(5, 0)
    journal = Journal(log)
    async with _connected(tmp_path, Stub(journal=journal)) as connected:
        before = time.time()
        for name in AT_ONCE:
            await _asked(connected[name], ("m1", head.name, head.id_number))
    journal.close()
    text = log.read_text()
    assert head.id_number not in text
    lines = [line.split() for line in text.splitlines()]
    assert [source for _, source, _ in lines] == [one for one in AT_ONCE if one != "housing_fund"]
    assert {who for _, _, who in lines} == {keyed(head.id_number)}
    assert all(float(at) >= before for at, _, _ in lines)


@given(st.integers(0, 40_000_000), st.integers(0, 2))
def test_the_number_tells_household_and_place(at: int, place: int) -> None:
    one = person(at, place)
    assert number_of(one.id_number) == (at, place)
    assert number(one.id_number[:17]) == one.id_number


@pytest.mark.parametrize(
    "strange", ["", "22990119800307123", "P1234567", "110101" + "199003071234"]
)
def test_other_numbers_tell_nothing(strange: str) -> None:
    assert number_of(strange) is None


@pytest.mark.parametrize("pieces", [1, 7, 400])
async def test_requests_may_come_in_pieces_and_in_one(pieces: int) -> None:
    stub, asked = Stub(), b'{"xm": "a", "gmsfhm": "229900196001010004"}'
    whole = (
        b"GET /bdc/ownerships?name=a&certNo=229900196001010004&page=1&size=50 HTTP/1.1\r\n\r\n"
        b"POST /hukou/v1/person-query HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s"
    ) % (len(asked), asked)
    server = await serve(stub)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        step = -(-len(whole) // pieces)
        for at in range(0, len(whole), step):
            writer.write(whole[at : at + step])
            await writer.drain()
        writer.write_eof()
        got = await reader.read()
        writer.close()
    assert got.count(b"HTTP/1.1 200 OK") == stub.calls == 2


def test_each_route_is_known_by_its_first_bytes() -> None:
    assert all(len(one) == 9 for one in Answers().routes)
