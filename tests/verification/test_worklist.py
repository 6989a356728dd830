"""What waits for a person after a conclusion, and how stored items follow the newest one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import Action, ActionKind
from app.domain.review import STILL_TO_DO, ItemState, WhyClosed
from app.store.review_items import ReviewItem
from app.verification.conclude import Conclusion
from app.verification.worklist import Occasion, brought_up, items_of
from tests.builders import NOON, REGION, a_member, a_request
from tests.concluding import Told, told
from tests.records import a_registered_person, a_vehicle, an_account, number, subject
from tests.review_parts import a_gain, an_item

NEAR = (subject(id_number=number("22990119800307125")),)
OCCASION = Occasion("vf_1", REGION, NOON)
LATER = NOON + timedelta(hours=1)


def with_actions(conclusion: Conclusion, *actions: Action) -> Conclusion:
    """The same, each of its decisions with these actions."""
    return replace(
        conclusion,
        decisions=tuple(
            replace(one, error=replace(one.error, rate=0.4, actions=actions))
            for one in conclusion.decisions
        ),
    )


def an_action(subject: str, reduction: float, kind: ActionKind = ActionKind.ASK_SOURCE) -> Action:
    return Action(kind=kind, subject=subject, expected_rate=0.4 - reduction, reduction=reduction)


def items(conclusion: Conclusion) -> dict[str, ReviewItem]:
    return {one.subject: one for one in items_of(conclusion, OCCASION)}


def records(conclusion: Conclusion) -> list[ReviewItem]:
    """The items that ask whose records are."""
    return [one for one in items(conclusion).values() if one.kind is ActionKind.REVIEW_RECORD]


def test_one_item_a_subject_over_all_programmes() -> None:
    request = a_request(programmes=("urban_dibao", "dibao_edge"))
    bank = an_action("source:bank:m1", 0.25)
    consent = an_action("household:consent:m2", 0.125, ActionKind.ASK_HOUSEHOLD)
    members = an_action("household:members", 0.0625, ActionKind.ASK_HOUSEHOLD)
    found = items(with_actions(told(request=request).conclusion(), bank, consent, members))
    assert list(found) == ["source:bank:m1", "household:consent:m2", "household:members"]
    item = found["source:bank:m1"]
    assert (item.kind, item.source, item.person) == (ActionKind.ASK_SOURCE, "bank", "m1")
    assert item.expected_reduction == 0.5
    assert item.error_rate == 0.4
    assert [gain.programme for gain in item.gains] == ["dibao_edge", "urban_dibao"]
    assert not item.needed
    asked = found["household:consent:m2"]
    assert (asked.source, asked.person) == (None, "m2")
    assert found["household:members"].person is None


@pytest.mark.parametrize(("reduction", "made"), [(0.0, False), (4e-7, False), (1e-6, True)])
def test_what_saves_nothing_is_no_item(reduction: float, made: bool) -> None:
    found = items(with_actions(told().conclusion(), an_action("source:bank:m1", reduction)))
    assert bool(found) is made


def test_what_an_outcome_hangs_on_must_be_decided() -> None:
    found = items(told(a_vehicle(subjects=NEAR)).conclusion())
    item = found["review:ev_vehicle_m1_1"]
    assert (item.needed, item.source, item.person) == (True, "vehicle", "m1")
    assert item.evidence == ("ev_vehicle_m1_1",)
    assert [gain.programme for gain in item.gains] == ["urban_dibao"]


def test_records_that_stand_or_fall_together_are_one_item_however_they_are_named() -> None:
    rows = tuple(an_account("90.00", account=f"622200000000{n}", subjects=NEAR) for n in (1, 2))
    conclusion = told(a_vehicle(subjects=NEAR), *rows).conclusion()
    ids = sorted(row.id for row in conclusion.evidence if row.source == "bank")
    backwards = "review:" + "|".join(reversed(ids))
    action = an_action(backwards, 0.25, ActionKind.REVIEW_RECORD)
    found = items(with_actions(conclusion, action))
    assert set(found) == {"review:" + "|".join(ids), "review:ev_vehicle_m1_1"}
    assert found["review:" + "|".join(ids)].evidence == tuple(ids)


def test_a_death_in_doubt_must_be_decided_though_it_changes_nothing() -> None:
    """The car refuses the household whoever is dead."""
    about = subject(name="赵四海", birth_date=date(1971, 2, 14))
    death = a_registered_person("m1", dead=True, subjects=(about,))
    case = Told(
        request=a_request(a_member("m1"), a_member("m2")),
        registered={"m1": [a_registered_person("m1"), death], "m2": [a_registered_person("m2")]},
        records={"m2": [a_vehicle(subjects=(subject("m2"),))]},
    )
    [item] = records(case.conclusion())
    assert (item.subject, item.needed) == ("review:ev_household_registry_m1_2", True)
    assert item.expected_reduction == 0.0


def test_what_a_stranger_may_own_must_be_decided() -> None:
    """A right number under another name, while the own car refuses already."""
    strange = an_account("90.00", subjects=(subject(name="赵四海"),))
    [item] = records(told(a_vehicle(), strange).conclusion())
    assert (item.source, item.needed) == ("bank", True)


def test_of_what_is_surely_the_persons_nobody_is_asked() -> None:
    assert records(told(an_account("90.00")).conclusion()) == []


# Stored items and the newest conclusion


def after(
    stored: ReviewItem, wanted: Sequence[ReviewItem] = (), present: Sequence[str] = ("ev_1",)
) -> ReviewItem | None:
    """How the item changes; None where it stays as it is."""
    changed = list(brought_up((stored,), wanted, present, now=LATER))
    assert len(changed) <= 1
    return changed[0] if changed else None


def test_what_is_named_again_has_its_newest_worth() -> None:
    new = an_item(gains=(a_gain(0.25),), needed=False)
    changed = after(an_item(gains=(a_gain(0.125),)), (new,))
    assert changed is not None
    assert (changed.gains, changed.needed) == (new.gains, False)
    assert (changed.created_at, changed.state) == (NOON, ItemState.OPEN)
    assert after(new, (new,)) is None


@pytest.mark.parametrize("state", [ItemState.OPEN, ItemState.ASKED])
def test_what_is_not_named_any_more_is_closed(state: ItemState) -> None:
    changed = after(an_item(state=state, locked_by="cl_1", locked_until=LATER))
    assert changed is not None
    assert (changed.state, changed.why_closed) == (ItemState.CLOSED, WhyClosed.NOT_NAMED)
    assert (changed.locked_by, changed.locked_until) == (None, None)


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        (None, None, ItemState.OPEN),
        ("cl_1", None, ItemState.AWAITING_SECOND),
        ("cl_1", "cl_2", ItemState.DISAGREED),
    ],
)
def test_what_was_closed_goes_on_where_it_stood(
    first: str | None, second: str | None, state: ItemState
) -> None:
    closed = an_item(
        state=ItemState.CLOSED,
        why_closed=WhyClosed.NOT_NAMED,
        first_reviewer=first,
        second_reviewer=second,
    )
    changed = after(closed, (an_item(),))
    assert changed is not None
    assert (changed.state, changed.why_closed) == (state, None)


@pytest.mark.parametrize("state", [ItemState.AWAITING_SECOND, ItemState.DISAGREED])
def test_a_word_waits_for_the_next_while_its_records_are_there(state: ItemState) -> None:
    spoken_of = an_item(state=state, first_reviewer="cl_1")
    assert after(spoken_of) is None
    gone = after(spoken_of, present=("ev_2",))
    assert gone is not None
    assert gone.state is ItemState.CLOSED


def test_what_was_decided_of_records_that_came_anew_is_open_again() -> None:
    decided = an_item(state=ItemState.DECIDED, first_reviewer="cl_1")
    assert after(decided) is None
    changed = after(decided, (an_item(),))
    assert changed is not None
    assert (changed.state, changed.first_reviewer) == (ItemState.OPEN, None)


def test_what_nobody_can_obtain_is_not_asked_again() -> None:
    changes = {"kind": ActionKind.ASK_SOURCE, "subject": "source:bank:m1"}
    stored = an_item(state=ItemState.DECIDED, first_reviewer="cl_1", **changes)
    assert after(stored, (an_item(**changes),)) is None


@given(st.sampled_from(list(ItemState)), st.booleans(), st.booleans())
def test_bringing_up_twice_is_bringing_up_once(state: ItemState, named: bool, there: bool) -> None:
    why = WhyClosed.NOT_NAMED if state is ItemState.CLOSED else None
    stored = an_item(state=state, why_closed=why)
    wanted = (an_item(gains=(a_gain(0.25),)),) if named else ()
    present = ("ev_1",) if there else ()
    once = after(stored, wanted, present) or stored
    assert after(once, wanted, present) is None
    if named:
        assert once.state in STILL_TO_DO
