"""Which reading is due for whom, and what findings teach of outcomes and sources."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Conflict
from app.domain.evidence import SourceState, SourceStatus
from app.review.audit_findings import (
    FINDING,
    Filed,
    Finding,
    Learned,
    Observation,
    TrueOutcome,
    checked,
    lessons,
)
from app.review.audit_worklist import Drawn, Reading, due, reading_of, worklist
from tests.service_parts import NOON


def drawn(position: int = 1, *, second: bool = False) -> Drawn:
    return Drawn(
        verification=f"vf_{position}",
        programme="urban_dibao",
        region="220102003",
        position=position,
        second=second,
    )


ONE_BY_A, TWO_BY_B = Reading(1, "a"), Reading(2, "b")


@pytest.mark.parametrize(
    ("second", "done", "reader", "wanted"),
    [
        (False, (), "a", 1),
        (True, (), "a", 1),
        (False, (ONE_BY_A,), "a", None),
        (False, (ONE_BY_A,), "b", None),
        (True, (ONE_BY_A,), "a", None),  # the second reader is another person
        (True, (ONE_BY_A,), "b", 2),
        (True, (ONE_BY_A, TWO_BY_B), "c", None),
    ],
)
def test_which_reading_is_due(
    second: bool, done: Sequence[Reading], reader: str, wanted: int | None
) -> None:
    assert due(drawn(second=second), done, reader) == wanted


def test_a_worklist_is_what_is_due_in_the_drawn_order() -> None:
    some = [drawn(3, second=True), drawn(1), drawn(2)]
    done = {some[0].key: [ONE_BY_A], some[1].key: [ONE_BY_A]}
    assert [(one.drawn.position, one.reading) for one in worklist(some, done, "b")] == [
        (2, 1),
        (3, 2),
    ]
    assert [one.drawn.position for one in worklist(some, done, "a")] == [2]


@pytest.mark.parametrize(
    ("done", "reader", "said", "wanted"),
    [
        ((), "a", None, 1),
        ((), "a", 1, 1),
        ((ONE_BY_A,), "a", None, 1),  # corrects his own
        ((ONE_BY_A, TWO_BY_B), "a", 1, 1),
        ((ONE_BY_A, TWO_BY_B), "b", None, 2),
        ((ONE_BY_A,), "b", 2, 2),
        ((), "a", 2, None),
        ((ONE_BY_A,), "a", 2, None),
        ((ONE_BY_A,), "b", 1, None),
        ((ONE_BY_A, TWO_BY_B), "c", None, None),
    ],
)
def test_which_reading_a_finding_is(
    done: Sequence[Reading], reader: str, said: int | None, wanted: int | None
) -> None:
    one = drawn(second=True)
    if wanted is None:
        with pytest.raises(Conflict):
            reading_of(one, done, reader, said)
    else:
        assert reading_of(one, done, reader, said) == wanted


def an_observation(
    source: str = "bank", person: str = "m1", kind: Learned = Learned.MISSED, **more: Any
) -> Observation:
    values = {"hits": 1, "trials": 1, **more}
    return Observation(source=source, person=person, kind=kind, **values)


def filed(outcome: str, *seen: Observation, **changes: Any) -> Filed:
    values = Filed(
        sample="as_1",
        programme="urban_dibao",
        reading=1,
        filed_at=NOON,
        inclusion=0.25,
        finding=Finding(true_outcome=TrueOutcome(outcome), observations=seen),
    )
    return replace(values, **changes)


def outcomes(*some: Filed) -> dict[str, str]:
    found = lessons(some).outcomes
    return {programme: one.finding.true_outcome.value for programme, one in found.items()}


LATER = NOON + timedelta(days=1)


@pytest.mark.parametrize(
    ("some", "wanted"),
    [
        ((filed("cannot_tell"),), {}),
        ((filed("confirmed"),), {"urban_dibao": "confirmed"}),
        (
            (filed("not_confirmed", reading=2), filed("confirmed", filed_at=LATER)),
            {"urban_dibao": "not_confirmed"},
        ),
        (
            (filed("confirmed"), filed("cannot_tell", reading=2, filed_at=LATER)),
            {"urban_dibao": "confirmed"},
        ),
        (
            (filed("confirmed"), filed("not_confirmed", sample="as_2", filed_at=LATER)),
            {"urban_dibao": "not_confirmed"},
        ),
        (
            (filed("confirmed"), filed("not_confirmed", programme="dibao_edge")),
            {"urban_dibao": "confirmed", "dibao_edge": "not_confirmed"},
        ),
    ],
)
def test_what_is_known_of_an_outcome(some: tuple[Filed, ...], wanted: dict[str, str]) -> None:
    assert outcomes(*some) == wanted
    assert outcomes(*reversed(some)) == wanted


def test_one_source_and_person_counts_once_however_many_look() -> None:
    """Two programmes of one household are read; the second reader finds another account."""
    clean = an_observation(hits=0)
    some = (
        filed("confirmed", clean),
        filed("confirmed", clean, an_observation("tax"), programme="dibao_edge"),
        filed("confirmed", an_observation(hits=1), reading=2, filed_at=LATER),
    )
    found = lessons(some).observations
    assert sorted((one.source, one.hits, by.reading) for one, by in found) == [
        ("bank", 1, 2),
        ("tax", 1, 1),
    ]


def test_several_amounts_of_one_source_all_count() -> None:
    amounts = [
        an_observation(kind=Learned.AMOUNT, hits=0, log_ratio=ratio) for ratio in (0.0, 0.1, -0.2)
    ]
    found = lessons([filed("confirmed", *amounts)]).observations
    assert [one.log_ratio for one, _ in found] == [0.0, 0.1, -0.2]


FILED = st.builds(
    lambda outcome, reading, hours, sample, programme, seen: filed(
        outcome,
        *seen,
        reading=reading,
        filed_at=NOON + timedelta(hours=hours),
        sample=sample,
        programme=programme,
    ),
    st.sampled_from(["confirmed", "not_confirmed", "cannot_tell"]),
    st.sampled_from([1, 2]),
    st.integers(0, 5),
    st.sampled_from(["as_1", "as_2"]),
    st.sampled_from(["urban_dibao", "dibao_edge"]),
    st.lists(
        st.builds(
            an_observation,
            st.sampled_from(["bank", "tax"]),
            st.sampled_from(["m1", "m2"]),
            st.sampled_from([Learned.MISSED, Learned.FALSE]),
            hits=st.integers(0, 1),
        ),
        max_size=4,
    ),
)


@given(
    st.lists(FILED, max_size=6, unique_by=lambda one: (one.sample, one.programme, one.reading)),
    st.randoms(),
)
def test_the_order_of_findings_changes_nothing(some: list[Filed], random: Any) -> None:
    other = list(some)
    random.shuffle(other)
    assert lessons(other) == lessons(some)


def status(person: str, source: str, state: SourceState, records: int = 0) -> SourceStatus:
    complete = state in (SourceState.ANSWERED, SourceState.NO_RECORD)
    return SourceStatus(
        source=source, person=person, state=state, complete=complete, records=records
    )


def test_a_source_that_was_checked_gives_trials_without_hits() -> None:
    statuses = [
        status("m1", "bank", SourceState.ANSWERED, 2),
        status("m2", "bank", SourceState.NO_RECORD),
        status("m3", "bank", SourceState.FAILED),
        status("m1", "tax", SourceState.ANSWERED, 1),
    ]
    found = checked(["bank"], statuses, [])
    assert {(one.person, one.kind, one.hits, one.trials) for one in found} == {
        ("m1", Learned.MISSED, 0, 1),
        ("m1", Learned.FALSE, 0, 1),
    }
    said = [an_observation("bank", "m1", Learned.MISSED)]
    assert [one.kind for one in checked(["bank"], statuses, said)] == [Learned.FALSE]


def test_a_finding_is_read_back_as_it_was_stored() -> None:
    finding = Finding(
        true_outcome=TrueOutcome.CONFIRMED,
        observations=(an_observation(kind=Learned.AMOUNT, hits=0, log_ratio=0.25),),
    )
    assert FINDING.validate_json(FINDING.dump_json(finding)) == finding
