"""Laws of comparing: nothing from nothing, no order, no change from what is not known."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.alerts.accepted import accepted
from app.alerts.compare import compare
from app.alerts.kinds import OPPOSITES, ChangeKind
from app.alerts.snapshot import Fact, Key, Snapshot, dumped, loaded
from tests.alerts.made_up import ALL_MARKS, snapshots
from tests.alerts.parts import FEW, NONE, turned

BOTH_WAYS = {**OPPOSITES, **{gone: came for came, gone in OPPOSITES.items()}}


@given(snapshots())
def test_nothing_changed_against_itself(one: Snapshot) -> None:
    assert compare(one, one, NONE) == ()
    assert compare(one, turned(one), NONE) == ()


@given(snapshots(), snapshots())
def test_the_order_of_facts_changes_nothing(old: Snapshot, new: Snapshot) -> None:
    assert compare(old, new, FEW) == compare(turned(old), turned(new), FEW)


@given(snapshots(), snapshots())
def test_what_is_accepted_is_told_no_more(old: Snapshot, new: Snapshot) -> None:
    for tolerances in (FEW, NONE):
        kept = accepted(old, new, tolerances)
        assert compare(kept, new, tolerances) == ()
        assert accepted(kept, new, tolerances).facts == kept.facts


@given(snapshots(whole=True), snapshots(whole=True))
def test_the_other_way_round_the_opposite_is_seen(old: Snapshot, new: Snapshot) -> None:
    there = sorted(
        (BOTH_WAYS[one.kind].value, one.person, one.thing) for one in compare(old, new, NONE)
    )
    back = sorted(one.order for one in compare(new, old, NONE))
    assert there == back


@given(snapshots(), snapshots(), st.sampled_from(ALL_MARKS))
def test_an_unknown_answer_shows_nothing_new_and_nothing_gone(
    old: Snapshot, new: Snapshot, mark: tuple[str, str]
) -> None:
    """Whatever both would show of it: where one does not know it, only that it is unknown."""
    shown = {
        (fact.person, fact.thing)
        for one in (old, new)
        for fact in one.facts.values()
        if fact.marks == (mark,) and fact.kind.value != "person"
    }
    for blind in (_without(old, mark), old), (new, _without(new, mark)):
        changes = compare(*blind, NONE)
        told = {(one.person, one.thing) for one in changes}
        assert not told & shown or mark in blind[0].known & blind[1].known


def _without(one: Snapshot, mark: tuple[str, str]) -> Snapshot:
    """The same where that answer did not come."""
    facts = {key: fact for key, fact in one.facts.items() if mark not in fact.marks}
    return replace(one, known=one.known - {mark}, facts={**facts, **_people(one)})


def _people(one: Snapshot) -> dict[Key, Fact]:
    return {key: fact for key, fact in one.facts.items() if key[0].value == "person"}


@given(snapshots(whole=True), snapshots(whole=True), st.sampled_from(ALL_MARKS))
def test_what_was_not_known_for_a_while_is_compared_with_what_was_before(
    old: Snapshot, new: Snapshot, mark: tuple[str, str]
) -> None:
    """A failure in between neither loses a change nor makes one."""
    between = _without(old, mark)
    kept = accepted(old, between, NONE)
    assert compare(kept, new, NONE) == compare(old, new, NONE)


@given(snapshots(), snapshots())
def test_gaps_are_told_once_for_each_source(old: Snapshot, new: Snapshot) -> None:
    gaps = [one for one in compare(old, new, NONE) if one.kind is ChangeKind.DATA_INCOMPLETE]
    assert {one.thing for one in gaps} == set(new.missing) - set(old.missing)
    assert len({one.thing for one in gaps}) == len(gaps)


@given(snapshots())
def test_a_stored_snapshot_reads_as_it_was_written(one: Snapshot) -> None:
    assert loaded(dumped(one)) == one
