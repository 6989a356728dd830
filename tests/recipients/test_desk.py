"""One household's life: reported, suspended, ended; and the lists of a region."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.access.tokens import Caller
from app.domain.errors import Conflict, NotFound
from app.domain.recipient import Cadence, RecipientState, WhyDue
from app.recipients.desk import REPORTABLE, RecipientDesk, Summary
from app.recipients.intake import Intake, Tally
from app.recipients.rules import NoCadenceInForce
from app.store.audit_entries import AuditEntries
from app.store.recipient_lists import Wanted
from app.store.recipients import StoredRecipient
from tests.builders import a_consent
from tests.recipients.rosters import CLERK, TODAY, a_person, a_row
from tests.service_parts import Clock

ELSEWHERE = Caller("cl_2", "2202", ("batch",))


@pytest.fixture
async def one(desk: RecipientDesk) -> StoredRecipient:
    """Verified on the last of August, next due on the last of February."""
    await Intake(desk).take_in_some([a_row("c-1", class_="C")], CLERK, Tally())
    (row,) = await desk.database.read(lambda tx: desk.lists.page(tx, Wanted(region="22"), limit=2))
    verified = replace(
        row,
        cadence=Cadence.QUARTERLY,
        due_on=date(2026, 11, 30),
        why_due=WhyDue.CADENCE,
        last_verified_on=date(2026, 8, 31),
    )
    await desk.database.write(lambda tx: desk.recipients.replace(tx, [verified]))
    return verified


async def actions(desk: RecipientDesk) -> list[str]:
    return await desk.database.read(lambda tx: [row.action for row in AuditEntries().all(tx)])


@pytest.mark.parametrize("why", REPORTABLE)
async def test_what_is_told_of_makes_it_due_at_once(
    desk: RecipientDesk, one: StoredRecipient, clock: Clock, why: WhyDue
) -> None:
    clock.forward(hours=20)  # the next day in China
    told = await desk.report_change(one.id, CLERK, why)
    assert (told.due_on, told.why_due) == (TODAY + timedelta(days=1), why)
    assert await desk.get(one.id, CLERK) == told
    assert (await actions(desk))[-2:] == [f"recipient_{why.value}", "recipient_read"]


async def test_who_is_suspended_is_not_due_until_resumed(
    desk: RecipientDesk, one: StoredRecipient, clock: Clock
) -> None:
    clock.forward(days=30)
    due = Wanted(region="22", due_by=desk.today)

    async def ids() -> list[str]:
        return [row.id for row in await desk.page(CLERK, due, after="", limit=9)]

    assert await ids() == [one.id]
    assert (await desk.suspend(one.id, CLERK)).state is RecipientState.SUSPENDED
    assert await ids() == []
    assert (await desk.resume(one.id, CLERK)).due_on == one.due_on
    assert await ids() == [one.id]
    await desk.end(one.id, CLERK)
    assert await ids() == []


Step = Callable[[RecipientDesk, str], Awaitable[object]]
STEPS: dict[str, Step] = {
    "report": lambda desk, id_: desk.report_change(id_, CLERK, WhyDue.REPORTED),
    "suspend": lambda desk, id_: desk.suspend(id_, CLERK),
    "resume": lambda desk, id_: desk.resume(id_, CLERK),
    "end": lambda desk, id_: desk.end(id_, CLERK),
    "reclass": lambda desk, id_: desk.reclass(id_, CLERK, "A"),
}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (None, "resume"),
        ("suspend", "suspend"),
        *(("end", step) for step in STEPS),
    ],
)
async def test_a_step_that_its_state_does_not_allow_is_a_conflict(
    desk: RecipientDesk, one: StoredRecipient, first: str | None, second: str
) -> None:
    if first is not None:
        await STEPS[first](desk, one.id)
    before = await actions(desk)
    with pytest.raises(Conflict):
        await STEPS[second](desk, one.id)
    assert await actions(desk) == before


async def test_another_regions_is_as_if_there_were_none(
    desk: RecipientDesk, one: StoredRecipient
) -> None:
    told = set()
    for who, id_ in ((ELSEWHERE, one.id), (CLERK, "rc_none"), (CLERK, "rc_\x00")):
        for use in (desk.get, desk.end, desk.suspend):
            with pytest.raises(NotFound) as refusal:
                await use(id_, who)
            told.add(str(refusal.value))
    assert len(told) == 1


async def test_another_class_counts_from_the_last_verification(
    desk: RecipientDesk, one: StoredRecipient
) -> None:
    changed = await desk.reclass(one.id, CLERK, "A")
    assert (changed.cadence, changed.due_on) == (Cadence.YEARLY, date(2027, 8, 31))
    with pytest.raises(NoCadenceInForce):
        await desk.reclass(one.id, CLERK, "Z")
    await desk.report_change(one.id, CLERK, WhyDue.REPORTED)
    changed = await desk.reclass(one.id, CLERK, "C")
    assert (changed.cadence, changed.why_due) == (Cadence.QUARTERLY, WhyDue.REPORTED)


async def test_lists_are_of_a_region_in_pages(desk: RecipientDesk) -> None:
    places = ["220102001", "220102003", "220103001", "220202001"]
    rows = [
        a_row(f"c-{nth:02d}", a_person("m1", nth), region=places[nth % 4], class_="ABC"[nth % 3])
        for nth in range(24)
    ]
    await Intake(desk).take_in_some(rows, Caller("cl_1", "22", ("batch",)), Tally())
    seen: list[StoredRecipient] = []
    wanted = Wanted(region="2201")
    while page := await desk.page(CLERK, wanted, after=seen[-1].id if seen else "", limit=5):
        seen += page
    assert [one.case for one in seen] == sorted(
        (row.request.region, row.request.case_reference)
        for row in rows
        if row.request.region < "2202"
    )
    of_class = Wanted(region="220102", class_="B", state=RecipientState.RECEIVING)
    found = await desk.page(CLERK, of_class, after="", limit=50)
    assert {one.class_ for one in found} == {"B"}
    assert {one.region[:6] for one in found} == {"220102"}
    assert await desk.page(CLERK, wanted, after="rc_none", limit=5) == []


async def test_whose_consent_ends_is_told_up_front(desk: RecipientDesk) -> None:
    ends = [TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=30), TODAY + timedelta(31)]
    rows = [
        a_row(
            f"c-{nth}",
            a_person("m1", nth),
            consent=a_consent(valid_until=day, signatories=("m1",)),
        )
        for nth, day in enumerate(ends)
    ]
    await Intake(desk).take_in_some(rows, CLERK, Tally())
    assert await desk.summary("2201") == Summary(
        receiving=4, due=4, consent_expiring=2, consent_expired=1
    )
    wanted = Wanted(region="2201", consent_ends_by=TODAY + timedelta(days=30))
    found = await desk.page(CLERK, wanted, after="", limit=9)
    assert [one.case_reference for one in found] == ["c-0", "c-1", "c-2"]
