"""A final verification moves on what is due; what is not final leaves it due."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest
import sqlalchemy as sa

from app.domain.recipient import Cadence, RecipientState, WhyDue
from app.recipients.desk import RecipientDesk
from app.recipients.following import Following
from app.recipients.intake import Intake, Tally
from app.recipients.rules import Rules
from app.store.crypto import FieldCipher
from app.store.recipient_lists import Wanted
from app.store.recipients import StoredRecipient
from app.store.tables_batch import batch_household
from app.verification.persist import Concluded
from tests.recipients.rosters import CLERK, TODAY, a_row, an_asking
from tests.service_parts import NOON, Clock
from tests.store.test_verifications import a_verification

DAY = timedelta(days=1)


class Followed:
    """A recipient's household, and the hook."""

    def __init__(self, desk: RecipientDesk, cipher: FieldCipher, id_: str) -> None:
        self.desk = desk
        self.id = id_
        self.following = Following(cipher, Rules.load())

    async def final(self, *, at: datetime, asked_at: datetime, **changes: Any) -> StoredRecipient:
        """A verification of the case becomes final."""
        request = an_asking("c-1", **changes)
        new = replace(
            a_verification("vf_9", request=request, status="final"), requested_at=asked_at
        )
        # Of what a verification became final with, only the time is looked at.
        concluded = Concluded(cast("Any", None), cast("Any", None), cast("Any", None), at)
        await self.desk.database.write(lambda tx: self.following.on_final(tx, new, concluded))
        return await self.desk.get(self.id, CLERK)


@pytest.fixture
async def followed(desk: RecipientDesk, cipher: FieldCipher) -> Followed:
    await Intake(desk).take_in_some([a_row("c-1", class_="C")], CLERK, Tally())
    (one,) = await desk.database.read(lambda tx: desk.lists.page(tx, Wanted(region="22"), limit=2))
    return Followed(desk, cipher, one.id)


async def test_it_is_due_again_after_its_cadence(followed: Followed) -> None:
    one = await followed.final(at=NOON + 9 * DAY, asked_at=NOON)
    assert (one.last_verification_id, one.last_verified_on) == ("vf_9", TODAY)
    assert (one.due_on, one.why_due) == (date(2027, 2, 24), WhyDue.CADENCE)
    assert one.cadence is Cadence.QUARTERLY


async def test_an_older_day_of_judgement_tells_nothing_new(followed: Followed) -> None:
    first = await followed.final(at=NOON, asked_at=NOON)
    again = await followed.final(at=NOON + DAY, asked_at=NOON, as_of=date(2026, 3, 1))
    assert again == first


@pytest.mark.parametrize(
    ("reported_after", "why", "due"),
    [
        (-DAY, WhyDue.CADENCE, date(2027, 2, 24)),  # it was asked for because of the report
        (DAY, WhyDue.REPORTED, TODAY + 10 * DAY),  # it was under way already
    ],
)
async def test_what_is_reported_meanwhile_is_still_to_be_looked_into(
    followed: Followed, clock: Clock, reported_after: timedelta, why: WhyDue, due: date
) -> None:
    clock.forward(days=10)
    await followed.desk.report_change(followed.id, CLERK, WhyDue.REPORTED)
    one = await followed.final(at=clock.now + 2 * DAY, asked_at=clock.now - reported_after)
    assert (one.why_due, one.due_on) == (why, due)
    assert one.last_verified_on == TODAY


async def test_a_suspension_does_not_make_the_report_newer(
    followed: Followed, clock: Clock
) -> None:
    await followed.desk.report_change(followed.id, CLERK, WhyDue.DOUBTFUL)
    clock.forward(days=2)
    await followed.desk.suspend(followed.id, CLERK)
    one = await followed.final(at=clock.now, asked_at=clock.now - DAY)
    assert (one.state, one.why_due) == (RecipientState.SUSPENDED, WhyDue.CADENCE)


async def test_who_has_left_and_whose_case_it_is_not_stays_as_it_is(followed: Followed) -> None:
    before = await followed.desk.get(followed.id, CLERK)
    assert await followed.final(at=NOON, asked_at=NOON, case_reference="c-2") == before
    ended = await followed.desk.end(followed.id, CLERK)
    assert await followed.final(at=NOON, asked_at=NOON) == ended


async def test_a_batch_knows_whose_household_it_verified(followed: Followed) -> None:
    """Whatever township the case was moved to since the batch was made."""

    def work(tx: sa.Connection) -> None:
        tx.execute(
            batch_household.insert().values(
                batch_id="bt_1",
                position=0,
                region="220102009",
                case_reference="c-1",
                verification_id="vf_9",
                recipient_id=followed.id,
                state="ready",
            )
        )

    await followed.desk.database.write(work)
    one = await followed.final(at=NOON, asked_at=NOON, region="220102009")
    assert one.last_verification_id == "vf_9"


async def test_rules_that_no_longer_know_the_class_leave_the_cadence(followed: Followed) -> None:
    old = await followed.desk.get(followed.id, CLERK)
    gone = replace(old, class_="Z", cadence=Cadence.HALF_YEARLY)
    await followed.desk.database.write(lambda tx: followed.desk.recipients.replace(tx, [gone]))
    one = await followed.final(at=NOON, asked_at=NOON)
    assert (one.cadence, one.due_on) == (Cadence.HALF_YEARLY, date(2027, 5, 24))
