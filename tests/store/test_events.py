"""Events as they are listed and replayed, on both databases."""

from datetime import timedelta

import pytest

from app.store.crypto import FieldCipher
from app.store.events import Event, Events, Place, Wanted
from app.store.outbox import Notice, Outbox
from app.store.session import Database
from tests.service_parts import NOON, REGION

CLIENTS = ("cl_1", "cl_2")


@pytest.fixture
async def filled(migrated: Database, cipher: FieldCipher) -> Database:
    """Thirty notices of two clients, five due together; each third delivered or dead."""
    outbox = Outbox(cipher)
    new = [
        Notice(
            event_id=f"ev_{number:02}",
            type="batch.finished",
            batch_id="bt_1",
            region=REGION,
            client_id=CLIENTS[number % 2],
            url="https://case.example/verified",
            body=b'{"n": %d}' % number,
            created_at=NOON + timedelta(minutes=number // 5),
        )
        for number in range(30)
    ]
    await migrated.write(lambda tx: outbox.add_all(tx, new))
    await migrated.write(lambda tx: outbox.add_all(tx, new))
    for number in range(30):
        if number % 3 == 1:
            await migrated.write(lambda tx, n=number: outbox.delivered(tx, f"ev_{n:02}", NOON))  # type: ignore[misc]
        if number % 3 == 2:
            await migrated.write(
                lambda tx, n=number: outbox.failed(tx, f"ev_{n:02}", error="http_410", next_at=None)  # type: ignore[misc]
            )
    return migrated


@pytest.mark.parametrize("limit", [1, 4, 7, 100])
@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(), 30),
        (Wanted(client_id="cl_1"), 15),
        (Wanted(state="dead"), 10),
        (Wanted(client_id="cl_2", state="waiting"), 5),
        (Wanted(client_id="cl_3"), 0),
    ],
)
async def test_pages_hold_everything_once(
    filled: Database, cipher: FieldCipher, wanted: Wanted, count: int, limit: int
) -> None:
    events, place = Events(cipher), None
    found: list[Event] = []
    while True:
        page: tuple[Event, ...] = await filled.read(
            lambda tx, at=place: events.page(tx, wanted, after=at, limit=limit)  # type: ignore[misc]
        )
        found += page
        if len(page) < limit:
            break
        place = Place(page[-1].next_at, page[-1].event_id)
    assert len(found) == len({one.event_id for one in found}) == count
    assert [one.next_at for one in found] == sorted((o.next_at for o in found), reverse=True)
    assert all(wanted.state in (None, one.state) for one in found)
    assert all(wanted.client_id in (None, one.client_id) for one in found)


async def test_a_replay_is_under_the_same_id_with_all_its_tries(
    filled: Database, cipher: FieldCipher
) -> None:
    events, outbox, later = Events(cipher), Outbox(cipher), NOON + timedelta(hours=1)
    ids = ("ev_01", "ev_02", "ev_none")
    assert await filled.write(lambda tx: events.replay(tx, ids, now=later)) == 2
    for id_ in ids[:2]:
        event = await filled.read(lambda tx, i=id_: events.get(tx, i))  # type: ignore[misc]
        assert event is not None
        assert (event.state, event.attempts, event.next_at) == ("waiting", 0, later)
        assert event.delivered_at is None
    due = await filled.write(
        lambda tx: outbox.take_due(tx, now=later, limit=100, lease=timedelta(seconds=60))
    )
    assert {"ev_01", "ev_02"} < {one.event_id for one in due}
    assert {one.body for one in due if one.event_id == "ev_02"} == {b'{"n": 2}'}


async def test_dead_letters_of_one_client_or_of_all(filled: Database, cipher: FieldCipher) -> None:
    events = Events(cipher)
    assert await filled.write(lambda tx: events.replay_dead(tx, "cl_1", now=NOON)) == 5
    assert await filled.write(lambda tx: events.replay_dead(tx, None, now=NOON)) == 5
    assert await filled.write(lambda tx: events.replay_dead(tx, None, now=NOON)) == 0


async def test_what_was_delivered_meanwhile_is_not_taken_back(
    filled: Database, cipher: FieldCipher
) -> None:
    """A sender whose lease ran out comes back with its failure late."""
    outbox, events = Outbox(cipher), Events(cipher)
    await filled.write(lambda tx: outbox.failed(tx, "ev_01", error="ReadError", next_at=None))
    event = await filled.read(lambda tx: events.get(tx, "ev_01"))
    assert event is not None
    assert (event.state, event.last_error) == ("delivered", None)


async def test_clients_are_those_for_whom_something_is_due(
    filled: Database, cipher: FieldCipher
) -> None:
    outbox = Outbox(cipher)
    early = NOON - timedelta(seconds=1)
    assert await filled.read(lambda tx: outbox.clients_due(tx, early)) == ()
    assert await filled.read(lambda tx: outbox.clients_due(tx, NOON)) == CLIENTS


@pytest.mark.parametrize("id_", ["", "ev_none", "ev\x00", "\ud800"])
async def test_an_unknown_event_is_none(filled: Database, cipher: FieldCipher, id_: str) -> None:
    assert await filled.read(lambda tx: Events(cipher).get(tx, id_)) is None
