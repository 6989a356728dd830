"""The life of an alert: who may do what in which state, four eyes, nothing stops unheard."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.alerts.life import (
    ADVERSE,
    AlertOutcome,
    AlertState,
    Past,
    Result,
    assigned,
    checked,
    explained,
    handled,
)
from app.domain.errors import Conflict, InvalidRequest, NotAllowed
from app.store.alerts import StoredAlert
from tests.alerts.stored import an_alert
from tests.builders import NOON

A, B = "cl_a", "cl_b"
UNHEARD, HEARD = Past(frozenset(), is_explained=False), Past(frozenset(), is_explained=True)
LATE = NOON + timedelta(days=11)


def in_state(state: AlertState, **changes: Any) -> StoredAlert:
    return an_alert(state=state.value, assigned_to=A, **changes)


def a_result(outcome: AlertOutcome, **changes: Any) -> Result:
    evidence = "DOC-1" if outcome in ADVERSE else None
    return Result(
        **{"outcome": outcome, "reason": "seen", "evidence_reference": evidence} | changes
    )


@pytest.mark.parametrize("outcome", AlertOutcome)
@pytest.mark.parametrize(
    ("past", "at", "is_over"),
    [
        (UNHEARD, NOON, False),
        (UNHEARD, NOON + timedelta(days=10) - timedelta(microseconds=1), False),
        (UNHEARD, NOON + timedelta(days=10), True),
        (HEARD, NOON, True),
    ],
)
def test_nothing_is_lowered_or_stopped_before_the_household_was_heard(
    outcome: AlertOutcome, past: Past, at: datetime, *, is_over: bool
) -> None:
    alert = in_state(AlertState.ASSIGNED)
    if outcome in ADVERSE and not is_over:
        with pytest.raises(Conflict, match="heard"):
            handled(alert, a_result(outcome), past, (A, at))
    else:
        after = handled(alert, a_result(outcome), past, (A, at))
        assert (after.state, after.outcome, after.version) == ("handled", outcome.value, 2)


@pytest.mark.parametrize("outcome", AlertOutcome)
def test_only_who_it_is_assigned_to_handles_it(outcome: AlertOutcome) -> None:
    with pytest.raises(NotAllowed, match="assigned to somebody else"):
        handled(in_state(AlertState.ASSIGNED), a_result(outcome), HEARD, (B, LATE))


@pytest.mark.parametrize("state", AlertState)
def test_steps_are_taken_in_their_order(state: AlertState) -> None:
    alert = in_state(state, outcome="no_change")
    result, who = a_result(AlertOutcome.NO_CHANGE), (A, LATE)
    early = state in (AlertState.RAISED, AlertState.ASSIGNED)
    allowed: dict[str, tuple[Callable[[], StoredAlert], bool]] = {
        "assign": (lambda: assigned(alert, B, NOON), early),
        "explain": (lambda: explained(alert, NOON), early),
        "handle": (lambda: handled(alert, result, UNHEARD, who), state is AlertState.ASSIGNED),
        "check": (
            lambda: checked(alert, UNHEARD, (B, LATE), agrees=True),
            state is AlertState.HANDLED,
        ),
    }
    for step, is_allowed in allowed.values():
        if is_allowed:
            assert step().version == alert.version + 1
        else:
            with pytest.raises(Conflict):
                step()


def test_who_handled_it_in_any_round_does_not_check_it() -> None:
    alert = in_state(AlertState.HANDLED, outcome="stop")
    past = Past(frozenset({A, B}), is_explained=True)
    for who in (A, B):
        with pytest.raises(NotAllowed, match="another person"):
            checked(alert, past, (who, LATE), agrees=True)
    assert checked(alert, past, ("cl_c", LATE), agrees=True).outcome == "stop"


def test_what_is_sent_back_is_handled_again_by_the_same() -> None:
    alert = in_state(AlertState.HANDLED, outcome="stop")
    after = checked(alert, UNHEARD, (B, LATE), agrees=False)
    assert (after.state, after.outcome, after.assigned_to) == ("assigned", None, A)


@pytest.mark.parametrize(
    ("kind", "positive", "result", "code"),
    [
        ("vehicle_new", False, a_result(AlertOutcome.STOP, evidence_reference=None), "no_evidence"),
        ("job_ended", True, a_result(AlertOutcome.STOP), "positive"),
        ("vehicle_new", False, a_result(AlertOutcome.STOP, grace_months=6), "no_grace"),
        ("job_started", False, a_result(AlertOutcome.NO_CHANGE, grace_months=6), "no_grace"),
    ],
)
def test_a_result_fits_the_alert(kind: str, result: Result, code: str, *, positive: bool) -> None:
    alert = in_state(AlertState.ASSIGNED, kind=kind, positive=positive)
    with pytest.raises(InvalidRequest) as caught:
        handled(alert, result, HEARD, (A, LATE))
    assert [fault.code for fault in caught.value.errors] == [f"alert.{code}"]


def test_a_grace_period_is_granted_for_income_from_work() -> None:
    alert = in_state(AlertState.ASSIGNED, kind="job_started")
    result = a_result(AlertOutcome.STOP, grace_months=6)
    assert handled(alert, result, HEARD, (A, NOON)).state == "handled"
