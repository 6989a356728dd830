"""Verifications: regions apart, keys once, leases, what was left behind, earlier cases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from app.api.schemas.verification import VerificationIn
from app.domain.errors import KeyReused, NotFound
from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import VerificationRequest
from app.store.crypto import FieldCipher
from app.store.session import Database
from app.store.tasks import Tasks
from app.store.tickets import Tickets
from app.store.verifications import RequestKey, StoredVerification, Verifications
from tests.service_parts import NOON, a_body
from tests.store.test_tickets import a_ticket

HOUR = timedelta(hours=1)


@pytest.fixture
def verifications(cipher: FieldCipher) -> Verifications:
    return Verifications(cipher)


def a_request(case: str = "c-1", region: str = "220102003") -> VerificationRequest:
    body = a_body(case_reference=case, region=region)
    return VerificationIn.model_validate(body).to_domain()


def a_verification(id_: str = "vf_1", **changes: object) -> StoredVerification:
    values = StoredVerification(
        id=id_,
        client_id="cl_1",
        status="accepted",
        request=a_request(),
        requested_at=NOON,
        changed_at=NOON,
        final_at=None,
        recheck_of=None,
    )
    return replace(values, **changes)  # type: ignore[arg-type]


async def test_what_was_stored_is_read_back(
    migrated: Database, verifications: Verifications
) -> None:
    await migrated.write(lambda tx: verifications.add(tx, a_verification()))
    assert await migrated.read(lambda tx: verifications.get(tx, "vf_1", region="22")) == (
        a_verification()
    )


async def test_only_the_regions_above_see_it(
    migrated: Database, verifications: Verifications
) -> None:
    await migrated.write(lambda tx: verifications.add(tx, a_verification()))
    for region in ("", "22", "220102", "220102003"):
        await migrated.read(lambda tx, r=region: verifications.get(tx, "vf_1", region=r))  # type: ignore[misc]
    told = set()
    for region in ("220102003001", "220103", "2201_2", "%"):
        for id_ in ("vf_1", "vf_none", "vf_\x00", "vf_\ud800"):
            with pytest.raises(NotFound) as refusal:
                await migrated.read(
                    lambda tx, id_=id_, r=region: verifications.get(tx, id_, region=r)  # type: ignore[misc]
                )
            told.add(str(refusal.value))
    assert len(told) == 1


async def test_a_key_is_bound_once_in_its_clients_own_space(
    migrated: Database, verifications: Verifications
) -> None:
    def claimed(client: str, body: bytes, id_: str) -> object:
        key = RequestKey(client, "k", body)
        return lambda tx: (
            verifications.claim_key(tx, key, id_, NOON),
            verifications.repeated(tx, key),
        )

    async def claim(client: str, body: bytes, id_: str) -> object:
        return await migrated.write(claimed(client, body, id_))  # type: ignore[arg-type]

    assert await claim("cl_1", b"a", "vf_1") == (True, "vf_1")
    assert await claim("cl_1", b"a", "vf_2") == (False, "vf_1")
    assert await claim("cl_2", b"b", "vf_3") == (True, "vf_3")
    with pytest.raises(KeyReused):
        await claim("cl_1", b"b", "vf_4")


async def test_a_lease_is_one_workers_until_it_ends(
    migrated: Database, verifications: Verifications
) -> None:
    await migrated.write(lambda tx: verifications.add(tx, a_verification()))

    async def lease(worker: str, now: datetime) -> bool:
        return await migrated.write(
            lambda tx: verifications.lease(tx, "vf_1", worker=worker, now=now, seconds=120)
        )

    assert await lease("a", NOON)
    assert not await lease("b", NOON)
    assert await lease("a", NOON + timedelta(seconds=100))  # renewed
    assert not await lease("b", NOON + timedelta(seconds=200))
    assert await lease("b", NOON + timedelta(seconds=221))
    await migrated.write(lambda tx: verifications.release(tx, "vf_1", worker="a"))  # not its own
    assert not await lease("a", NOON + timedelta(seconds=230))
    await migrated.write(lambda tx: verifications.release_all(tx, worker="b"))
    assert await lease("a", NOON + timedelta(seconds=230))


def _left(verifications: Verifications, now: datetime) -> object:
    return lambda tx: verifications.left_behind(tx, now=now, older_than_seconds=5)


@pytest.mark.parametrize(
    ("status", "found"),
    [("accepted", True), ("querying", True), ("in_review", False), ("final", False)],
)
async def test_what_was_begun_and_nobody_works_on_is_found(
    migrated: Database, verifications: Verifications, status: str, found: bool
) -> None:
    await migrated.write(lambda tx: verifications.add(tx, a_verification(status=status)))
    assert await migrated.read(_left(verifications, NOON)) == []  # type: ignore[arg-type]
    later = NOON + HOUR
    assert (await migrated.read(_left(verifications, later)) == ["vf_1"]) is found  # type: ignore[arg-type]
    await migrated.write(
        lambda tx: verifications.lease(tx, "vf_1", worker="a", now=later, seconds=120)
    )
    assert await migrated.read(_left(verifications, later)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "ticket", "found"),
    [
        ("pending", None, True),  # its process ended between a reply and the next asking
        ("pending", "done", True),
        ("pending", "waiting", False),
        ("answered", "done", False),
        ("answered", None, False),
    ],
)
async def test_a_partial_one_is_forgotten_where_nothing_is_awaited(
    migrated: Database,
    verifications: Verifications,
    cipher: FieldCipher,
    task: str,
    ticket: str | None,
    found: bool,
) -> None:
    status = SourceStatus(source="bank", person="m1", state=SourceState(task), complete=False)

    def store(tx: sa.Connection) -> None:
        verifications.add(tx, a_verification(status="partial"))
        Tasks().add(tx, "vf_1", "220102003", [status])
        if ticket is not None:
            Tickets(cipher).put(tx, a_ticket(1, state=ticket))

    await migrated.write(store)
    soon, later = NOON + timedelta(minutes=10), NOON + HOUR
    assert await migrated.read(_left(verifications, soon)) == []  # type: ignore[arg-type]
    assert (await migrated.read(_left(verifications, later)) == ["vf_1"]) is found  # type: ignore[arg-type]


async def test_earlier_cases_are_those_of_before_whatever_comes_after(
    migrated: Database, verifications: Verifications
) -> None:
    cases = [
        ("vf_0", "c-0", -2 * HOUR, "final"),
        ("vf_1", "c-1", timedelta(), "accepted"),
        ("vf_2", "c-1", -HOUR, "final"),  # the same case again
        ("vf_3", "c-3", HOUR, "accepted"),  # after it
        ("vf_4", "c-4", -HOUR, "cancelled"),
    ]
    for id_, case, at, status in cases:
        new = a_verification(
            id_,
            request=a_request(case),
            requested_at=NOON + at,
            changed_at=NOON + at,
            status="accepted",
        )
        await migrated.write(lambda tx, new=new: verifications.add(tx, new))  # type: ignore[misc]
        await migrated.write(
            lambda tx, id_=id_, status=status, now=NOON + at: verifications.set_status(  # type: ignore[misc]
                tx, id_, status, now=now, only_from=("accepted",)
            )
        )
    ours = await migrated.read(lambda tx: verifications.get(tx, "vf_1", region=""))

    async def earlier() -> tuple[str, ...]:
        found = await migrated.read(lambda tx: verifications.others_of_many(tx, [ours]))
        return found["vf_1"]

    assert await earlier() == ("220102 c-0",)
    # What was cancelled after ours was asked for had been found, and is found again.
    await migrated.write(
        lambda tx: verifications.set_status(
            tx, "vf_0", "cancelled", now=NOON + HOUR, only_from=("final",)
        )
    )
    assert await earlier() == ("220102 c-0",)
