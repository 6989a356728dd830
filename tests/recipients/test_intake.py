"""Rosters: what is new, what changed, what left; the same again changes nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.access.tokens import Caller
from app.batch.roster.households import RosterHousehold
from app.batch.roster.persons import RowError
from app.domain.errors import Conflict, NotAllowed
from app.domain.recipient import Cadence, RecipientState, WhyDue
from app.recipients.desk import RecipientDesk
from app.recipients.intake import Intake, Tally
from app.store.crypto import FieldCipher
from app.store.recipient_lists import Wanted
from app.store.recipients import StoredRecipient
from app.store.tables_relief import recipient_person
from app.store.verifications import Verifications
from tests.recipients.rosters import CLERK, TODAY, a_person, a_roster, a_row
from tests.service_parts import Clock
from tests.store.test_verifications import a_verification

WHOLE = Wanted(region="22")


async def taken(desk: RecipientDesk, *rows: RosterHousehold | RowError) -> Tally:
    return await Intake(desk).take_in(a_roster(rows), CLERK)


async def stored(desk: RecipientDesk, wanted: Wanted = WHOLE) -> list[StoredRecipient]:
    return await desk.database.read(lambda tx: desk.lists.page(tx, wanted, limit=100))


async def members_now(desk: RecipientDesk, id_: str) -> int:
    found = await desk.database.read(lambda tx: desk.persons.present(tx, [id_]))
    return len(found.get(id_, ()))


async def test_a_new_household_is_due_at_once(desk: RecipientDesk) -> None:
    tally = await taken(desk, a_row(class_="C"))
    (one,) = await stored(desk)
    assert (tally.added, tally.households, tally.errors) == (1, 1, [])
    assert (one.class_, one.cadence, one.state) == (
        "C",
        Cadence.QUARTERLY,
        RecipientState.RECEIVING,
    )
    assert (one.due_on, one.why_due) == (TODAY, WhyDue.NEW)
    assert one.consent_until == date(2027, 11, 19)
    (request,) = await desk.database.read(lambda tx: desk.recipients.requests(tx, [one]))
    assert request == a_row().request


async def test_what_was_verified_before_is_due_by_its_cadence(
    desk: RecipientDesk, cipher: FieldCipher
) -> None:
    """The newest final verification of the case in the county, whatever township it names."""
    verifications = Verifications(cipher)
    request = a_row("c-9").request
    for id_, region, day, status in (
        ("vf_1", "220102004", date(2026, 3, 31), "final"),
        ("vf_2", "220102003", date(2026, 1, 1), "final"),
        ("vf_3", "220103003", date(2026, 9, 1), "final"),
        ("vf_4", "220102003", date(2026, 9, 1), "partial"),
    ):
        new = a_verification(id_, request=replace(request, region=region, as_of=day), status=status)
        await desk.database.write(lambda tx, new=new: verifications.add(tx, new))  # type: ignore[misc]
    await taken(desk, a_row("c-9", class_="C"))
    (one,) = await stored(desk)
    assert (one.last_verification_id, one.last_verified_on) == ("vf_1", date(2026, 3, 31))
    assert (one.due_on, one.why_due) == (date(2026, 6, 30), WhyDue.CADENCE)


async def test_the_same_roster_again_changes_nothing(desk: RecipientDesk, clock: Clock) -> None:
    rows = [a_row("c-1"), a_row("c-2", a_person("m1", 7), a_person("m2", 8))]
    await taken(desk, *rows)
    before = await stored(desk)
    clock.forward(days=3)
    tally = await taken(desk, *(replace(row, request=replace(row.request)) for row in rows))
    assert (tally.added, tally.updated, tally.unchanged) == (0, 0, 2)
    assert await stored(desk) == before


async def test_other_members_are_due_at_once_and_others_not_renumbered(
    desk: RecipientDesk, clock: Clock
) -> None:
    first, second, third = (a_person(f"m{nth}", nth) for nth in (1, 2, 3))
    await taken(desk, a_row("c-1", first, second))
    (old,) = await stored(desk)
    await desk.database.write(
        lambda tx: desk.recipients.replace(
            tx, [replace(old, due_on=date(2027, 5, 1), why_due=WhyDue.CADENCE)]
        )
    )
    clock.forward(days=1)
    renumbered = replace(second, ref="m1"), replace(first, ref="m2")
    tally = await taken(desk, a_row("c-1", *renumbered))
    (one,) = await stored(desk)
    assert (tally.updated, one.why_due) == (1, WhyDue.CADENCE)
    tally = await taken(desk, a_row("c-1", replace(first, ref="m2"), replace(third, ref="m1")))
    (one,) = await stored(desk)
    assert (one.due_on, one.why_due) == (TODAY + timedelta(days=1), WhyDue.MEMBER_CHANGED)
    assert one.changed_at == clock.now
    assert await members_now(desk, one.id) == 2
    rows = await desk.database.read(
        lambda tx: tx.execute(sa.select(sa.func.count()).select_from(recipient_person)).scalar_one()
    )
    assert rows == 3  # who left stands there with the end


async def test_another_class_has_another_cadence(desk: RecipientDesk) -> None:
    await taken(desk, a_row(class_="A"))
    (old,) = await stored(desk)
    verified = replace(
        old,
        due_on=date(2027, 3, 31),
        why_due=WhyDue.CADENCE,
        last_verified_on=date(2026, 3, 31),
    )
    await desk.database.write(lambda tx: desk.recipients.replace(tx, [verified]))
    await taken(desk, a_row(class_="C"))
    (one,) = await stored(desk)
    assert (one.cadence, one.due_on) == (Cadence.QUARTERLY, date(2026, 6, 30))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (a_row(class_=""), "class.missing"),
        (a_row(class_="Z"), "class.unknown"),
    ],
)
async def test_a_class_without_a_cadence_is_rejected(
    desk: RecipientDesk, row: RosterHousehold, code: str
) -> None:
    tally = await taken(desk, row, a_row("c-2"))
    assert [(one.row, one.column, one.code) for one in tally.errors] == [(1, "class", code)]
    assert [one.case_reference for one in await stored(desk)] == ["c-2"]


async def test_who_is_known_keeps_the_class_that_a_roster_leaves_out(desk: RecipientDesk) -> None:
    await taken(desk, a_row(class_="C"))
    assert (await taken(desk, a_row(class_=""))).unchanged == 1


async def test_a_case_twice_counts_once(desk: RecipientDesk) -> None:
    tally = await taken(desk, a_row(class_="A"), a_row(class_="B"))
    assert [one.code for one in tally.errors] == ["case.repeated"]
    assert [one.class_ for one in await stored(desk)] == ["B"]


async def test_another_region_is_refused(desk: RecipientDesk) -> None:
    elsewhere = Caller("cl_2", "2202", ("batch",))
    with pytest.raises(NotAllowed):
        await Intake(desk).take_in(a_roster([a_row()]), elsewhere)
    assert await stored(desk) == []


async def test_who_is_absent_ends_only_when_it_is_asked_for(
    desk: RecipientDesk, clock: Clock
) -> None:
    elsewhere = a_row("c-4", a_person("m1", 4), region="220103001")
    await taken(desk, a_row("c-1"), a_row("c-2", a_person("m1", 2)), elsewhere)
    clock.forward(days=30)
    tally = await taken(desk, a_row("c-2", a_person("m1", 2)))
    intake = Intake(desk)
    assert await intake.end_absent("220102", tally, CLERK, dry_run=True) == 1
    assert {one.state for one in await stored(desk)} == {RecipientState.RECEIVING}
    assert await intake.end_absent("220102", tally, CLERK, dry_run=False) == 1
    states = {one.case_reference: one.state.value for one in await stored(desk)}
    assert states == {"c-1": "ended", "c-2": "receiving", "c-4": "receiving"}
    assert tally.ended == 1
    ended = next(one for one in await stored(desk) if one.case_reference == "c-1")
    assert await members_now(desk, ended.id) == 0
    again = await taken(desk, a_row("c-1"))  # it receives again
    one = next(one for one in await stored(desk) if one.case_reference == "c-1")
    assert (again.updated, one.state, one.why_due) == (1, RecipientState.RECEIVING, WhyDue.NEW)
    assert await members_now(desk, one.id) == 1


async def test_nobody_ends_where_rows_were_rejected(desk: RecipientDesk) -> None:
    await taken(desk, a_row("c-1"))
    tally = await taken(desk, RowError(3, "id_number", "id_number.invalid", "no such number"))
    with pytest.raises(Conflict):
        await Intake(desk).end_absent("22", tally, CLERK, dry_run=False)
    assert [one.state for one in await stored(desk)] == [RecipientState.RECEIVING]


async def test_more_than_a_page(desk: RecipientDesk) -> None:
    rows = [a_row(f"c-{nth:04d}", a_person("m1", nth)) for nth in range(1203)]
    assert (await taken(desk, *rows)).added == 1203
    assert (await taken(desk, *rows)).unchanged == 1203
