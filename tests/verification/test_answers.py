"""Replies between their stored bytes and the sources' words; a person's state at a source."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.evidence import SourceState, SourceStatus
from app.verification.answers import (
    Reply,
    by_person_and_source,
    from_stored,
    read_ticket,
    records_of,
    status_of,
    ticket_bytes,
    to_stored,
)
from connectors.contract import Found, NoRecord, Outcome, Partial, SourceReply, Ticket, Unknown
from connectors.failure import Failure, FailureKind
from connectors.records import AnyRecord
from tests.builders import NOON, SOURCE_OF
from tests.concluding import GAP, a_reply
from tests.records import (
    AS_OF,
    a_benefit,
    a_business_interest,
    a_contribution,
    a_fund_account,
    a_holding,
    a_home,
    a_limit,
    a_policy,
    a_registered_person,
    a_tax_entry,
    a_vehicle,
    a_vessel,
    an_account,
    shares,
)

OF_ALL_KINDS: tuple[AnyRecord, ...] = (
    a_registered_person(died_on=date(2026, 1, 1), dead=True),
    a_tax_entry("-2600.00"),
    a_tax_entry(None, None, item=None, problems=("unreadable in sre",)),
    a_contribution(),
    a_benefit(None, "1420.00"),
    a_home("m1", "m2", shares=shares("1/3", None), raw={"mj": "58.42", "dj": None, "n": 3}),
    a_business_interest(),
    a_fund_account(),
    a_vehicle(),
    a_vessel(),
    an_account("0.0005", currency="USD"),
    a_limit(over=True),
    a_policy(),
    a_holding(),
)
OUTCOMES: tuple[Outcome, ...] = (
    Found(OF_ALL_KINDS),
    NoRecord(),
    Partial(OF_ALL_KINDS[:2], Failure(FailureKind.UNMAPPED, "unknown code in zt")),
    Partial((), GAP),
    Unknown(Failure(FailureKind.RATE_LIMITED, "busy", timedelta(seconds=90))),
)


def test_every_kind_of_record_is_here() -> None:
    assert {type(record) for record in OF_ALL_KINDS} == set(SOURCE_OF)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda one: type(one).__name__)
def test_what_is_stored_is_read_as_it_was(outcome: Outcome) -> None:
    reply = SourceReply(
        person="m1", outcome=outcome, institution="icbc", as_of=AS_OF, raw="原文".encode()
    )
    row = to_stored(reply, where=("vf_1", "220102003"), source="bank", now=NOON)
    assert (row.verification_id, row.region, row.person) == ("vf_1", "220102003", "m1")
    read = from_stored(row)
    assert read == Reply(
        source="bank",
        person="m1",
        institution="icbc",
        outcome=outcome,
        raw_digest=reply.raw_digest,
        data_as_of=AS_OF,
        answered_at=NOON,
    )


def test_a_stored_failure_without_a_reason_is_still_a_failure() -> None:
    reply = SourceReply(person="m1", outcome=Unknown(GAP))
    row = to_stored(reply, where=("vf_1", "2201"), source="tax", now=NOON)
    nameless = replace(row, outcome=b'{"records": [], "gap": null}')
    assert isinstance(from_stored(nameless).outcome, Unknown)


@given(
    st.builds(
        Ticket,
        st.text(min_size=1),
        st.lists(st.text(min_size=1)).map(tuple),
        st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
        st.dictionaries(
            st.text(), st.one_of(st.none(), st.booleans(), st.text(), st.lists(st.text()))
        ),
    )
)
@settings(max_examples=50)
def test_a_ticket_is_read_as_it_was(ticket: Ticket) -> None:
    assert read_ticket(ticket_bytes(ticket)) == ticket


@pytest.mark.parametrize(
    ("outcome", "count"), [(OUTCOMES[0], 14), (OUTCOMES[1], 0), (OUTCOMES[2], 2), (OUTCOMES[4], 0)]
)
def test_records_that_came_are_there_even_if_more_may_be_missing(
    outcome: Outcome, count: int
) -> None:
    assert len(records_of(outcome)) == count


# One person at one source


ONE = (an_account(),)
BEFORE = SourceStatus(
    source="bank", person="m1", state=SourceState.PENDING, complete=False, attempts=2
)


def status(**outcomes: Outcome) -> SourceStatus:
    """What follows where the banks icbc and psbc are asked and these have answered."""
    replies = [a_reply("bank", "m1", outcome, bank) for bank, outcome in outcomes.items()]
    return status_of(BEFORE, replies, ("icbc", "psbc"))


@pytest.mark.parametrize(
    ("outcomes", "state", "complete", "records"),
    [
        ({}, SourceState.PENDING, False, 0),
        ({"icbc": Found(ONE)}, SourceState.PENDING, False, 1),
        ({"icbc": Unknown(GAP)}, SourceState.PENDING, False, 0),
        ({"icbc": Found(ONE), "psbc": Found(ONE * 2)}, SourceState.ANSWERED, True, 3),
        ({"icbc": Found(ONE), "psbc": NoRecord()}, SourceState.ANSWERED, True, 1),
        ({"icbc": NoRecord(), "psbc": NoRecord()}, SourceState.NO_RECORD, True, 0),
        ({"icbc": Found(ONE), "psbc": Unknown(GAP)}, SourceState.FAILED, False, 1),
        ({"icbc": Found(ONE), "psbc": Partial(ONE, GAP)}, SourceState.FAILED, False, 2),
        ({"icbc": NoRecord(), "psbc": Unknown(GAP)}, SourceState.FAILED, False, 0),
    ],
)
def test_a_source_is_complete_only_where_every_institution_told_all(
    outcomes: dict[str, Outcome], state: SourceState, complete: bool, records: int
) -> None:
    found = status(**outcomes)
    assert (found.state, found.complete, found.records) == (state, complete, records)
    assert found.attempts == 2
    assert found.is_open is not complete


def test_a_failure_says_where_and_why() -> None:
    found = status(icbc=NoRecord(), psbc=Unknown(GAP))
    assert found.detail == "psbc: timed_out: no answer within the deadline"


def test_a_missing_bank_is_named_once_another_has_answered() -> None:
    assert status(icbc=NoRecord()).detail == "psbc: no answer yet"
    assert status().detail is None


def test_the_data_are_as_old_as_the_oldest_part() -> None:
    replies = [
        replace(a_reply("bank", "m1", NoRecord(), "icbc"), data_as_of=date(2026, 11, 20)),
        replace(a_reply("bank", "m1", NoRecord(), "psbc"), data_as_of=None),
    ]
    assert status_of(BEFORE, replies, ("icbc", "psbc")).data_as_of == date(2026, 11, 20)


def test_replies_are_grouped_by_person_and_source() -> None:
    replies = [
        a_reply("bank", "m1", NoRecord(), "icbc"),
        a_reply("tax", "m1", NoRecord()),
        a_reply("bank", "m1", NoRecord(), "psbc"),
    ]
    grouped = by_person_and_source(replies)
    assert {key: len(some) for key, some in grouped.items()} == {
        ("m1", "bank"): 2,
        ("m1", "tax"): 1,
    }
