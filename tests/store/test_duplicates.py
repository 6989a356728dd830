"""The same persons elsewhere: by household, by person, by who receives; as of a moment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.domain.household import Exclusion, Member, VerificationRequest
from app.domain.recipient import Cadence, RecipientState, WhyDue
from app.store.case_persons import AskedCase, CasePersons
from app.store.crypto import FieldCipher
from app.store.duplicates import RECENT, Duplicates, Sought
from app.store.recipient_persons import RecipientPersons
from app.store.recipients import Recipients, StoredRecipient
from app.store.session import Database
from app.store.verifications import StoredVerification, Verifications
from tests.builders import NOON, a_household, a_request, a_supporter
from tests.recipients.rosters import a_person
from tests.store.test_verifications import a_verification

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOUTH, NORTH = "220102003", "220104001"
ONE, TWO, THREE = (a_person(f"m{nth}", nth) for nth in (1, 2, 3))


def asking(case: str, region: str, *members: Member) -> VerificationRequest:
    return a_request(case_reference=case, region=region, household=a_household(*members))


class Shelf:
    """What verifications and rosters leave behind."""

    def __init__(self, database: Database, cipher: FieldCipher) -> None:
        self.database = database
        self.verifications = Verifications(cipher)
        self.cases = CasePersons(cipher)
        self.recipients = Recipients(cipher)
        self.persons = RecipientPersons(cipher)
        self.duplicates = Duplicates(cipher)

    async def verified(
        self, id_: str, request: VerificationRequest, at: datetime, status: str = "final"
    ) -> StoredVerification:
        new = a_verification(id_, request=request, requested_at=at, changed_at=at, status=status)
        index = self.verifications.household_index(request)
        case = AskedCase(
            verification_id=id_, request=request, household_index=index, requested_at=at
        )

        def work(tx: sa.Connection) -> None:
            self.verifications.add(tx, new)
            self.cases.add(tx, case)

        await self.database.write(work)
        return new

    async def receives(self, id_: str, request: VerificationRequest, since: datetime) -> None:
        new = StoredRecipient(
            id=id_,
            region=request.region,
            client_id="cl_1",
            case_reference=request.case_reference,
            class_="A",
            cadence=Cadence.YEARLY,
            state=RecipientState.RECEIVING,
            due_on=date(2026, 11, 24),
            why_due=WhyDue.NEW,
            programmes=request.programmes,
            last_verification_id=None,
            last_verified_on=None,
            consent_until=date(2027, 11, 19),
            created_at=since,
            changed_at=since,
            sealed_request=b"",
            household_index=b"",
        )

        def work(tx: sa.Connection) -> None:
            self.recipients.add(tx, [new])
            self.persons.enter(tx, [(id_, request.region, self.persons.members(request))], since)

        await self.database.write(work)

    async def others(self, *of: StoredVerification) -> Sequence[tuple[str, ...]]:
        sought = [Sought(one.id, one.request, one.requested_at) for one in of]
        found = await self.database.read(lambda tx: self.duplicates.of_many(tx, sought))
        return [found[one.id] for one in of]


@pytest.fixture
def shelf(migrated: Database, cipher: FieldCipher) -> Shelf:
    return Shelf(migrated, cipher)


async def test_one_person_in_another_countys_case_is_found(shelf: Shelf) -> None:
    await shelf.verified("vf_1", asking("n-1", NORTH, TWO, THREE), NOON - 9 * DAY)
    ours = await shelf.verified("vf_2", asking("s-1", SOUTH, ONE, TWO), NOON)
    assert await shelf.others(ours) == [("220104 n-1",)]


@pytest.mark.parametrize(
    ("there", "at", "status", "found"),
    [
        (asking("s-1", SOUTH, ONE), NOON - DAY, "final", False),  # the same case again
        (asking("s-1", "220102005", ONE), NOON - DAY, "final", False),  # moved within the county
        (asking("s-1", NORTH, ONE), NOON - DAY, "final", True),  # another county's same number
        (asking("s-2", SOUTH, ONE, THREE), NOON - DAY, "final", True),
        (asking("n-1", NORTH, THREE), NOON - DAY, "final", False),  # somebody else
        (asking("n-1", NORTH, ONE), NOON + HOUR, "final", False),  # later
        (asking("n-1", NORTH, ONE, THREE), NOON - RECENT - DAY, "final", False),
        (asking("n-1", NORTH, ONE, THREE), NOON - RECENT + DAY, "final", True),
        (asking("n-1", NORTH, ONE, TWO), NOON - 3 * RECENT, "final", True),  # the same household
        (asking("n-1", NORTH, ONE), NOON - DAY, "in_review", True),
        (
            asking("n-1", NORTH, THREE, a_supporter("s1", id_number=ONE.id_number)),  # type: ignore[arg-type]
            NOON - DAY,
            "final",
            False,  # a supporter is no member
        ),
    ],
)
async def test_whose_case_counts(
    shelf: Shelf, there: VerificationRequest, at: datetime, status: str, found: bool
) -> None:
    await shelf.verified("vf_1", there, at, status)
    ours = await shelf.verified("vf_2", asking("s-1", SOUTH, ONE, TWO), NOON)
    assert [bool(some) for some in await shelf.others(ours)] == [found]


async def test_a_member_who_does_not_count_shares_in_nothing(shelf: Shelf) -> None:
    await shelf.verified("vf_1", asking("n-1", NORTH, ONE, THREE), NOON - DAY)
    away = replace(ONE, excluded=Exclusion.SERVING_SENTENCE)
    ours = await shelf.verified("vf_2", asking("s-1", SOUTH, away, TWO), NOON)
    assert await shelf.others(ours) == [()]


async def test_a_receiving_household_counts_from_when_to_when_it_receives(shelf: Shelf) -> None:
    theirs = asking("n-1", NORTH, ONE, THREE)
    await shelf.receives("rc_1", theirs, NOON - 900 * DAY)
    await shelf.receives("rc_2", asking("s-1", SOUTH, ONE, TWO), NOON - 9 * DAY)  # its own
    times = [NOON - 901 * DAY, NOON, NOON + 2 * DAY]
    ours = [
        await shelf.verified(f"vf_{nth}", asking("s-1", SOUTH, ONE, TWO), at)
        for nth, at in enumerate(times)
    ]
    assert await shelf.others(*ours) == [(), ("220104 n-1",), ("220104 n-1",)]
    await shelf.database.write(lambda tx: shelf.persons.leave_all(tx, ["rc_1"], NOON + DAY))
    assert await shelf.others(*ours) == [(), ("220104 n-1",), ()]
    assert [await shelf.others(one) for one in ours] == [[()], [("220104 n-1",)], [()]]


async def test_what_comes_later_changes_nothing_that_was_found(shelf: Shelf) -> None:
    """The law that lets a result be computed again."""
    await shelf.verified("vf_1", asking("n-1", NORTH, ONE, THREE), NOON - DAY)
    ours = await shelf.verified("vf_2", asking("s-1", SOUTH, ONE, TWO), NOON)
    before = await shelf.others(ours)
    await shelf.verified("vf_3", asking("n-2", NORTH, ONE), NOON + HOUR)
    await shelf.receives("rc_1", asking("n-3", NORTH, ONE), NOON + HOUR)
    await shelf.database.write(
        lambda tx: shelf.verifications.set_status(
            tx, "vf_1", "cancelled", now=NOON + HOUR, only_from=("final",)
        )
    )
    assert await shelf.others(ours) == before == [("220104 n-1",)]


async def test_of_one_unit_each_finds_the_other(shelf: Shelf) -> None:
    one = await shelf.verified("vf_1", asking("n-1", NORTH, ONE, THREE), NOON)
    other = await shelf.verified("vf_2", asking("s-1", SOUTH, ONE, TWO), NOON)
    assert await shelf.others(one, other) == [("220102 s-1",), ("220104 n-1",)]
    assert await shelf.others() == []
