"""What a verification leaves behind: amounts by each programme's counting, and counts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.evidence import SourceState, Unasked
from app.domain.household import VerificationRequest
from app.programmes.vector import OPEN, YES, in_units
from app.store.chosen_facts import Chosen
from app.store.crypto import FieldCipher
from app.store.migrate import sync_engine
from app.store.statistics import CountQuery, Statistics
from app.store.verifications import StoredVerification, Verifications
from app.verification.conclude import conclude
from app.verification.facts import FactWriter, Kept
from tests.builders import a_member, a_request, a_supporter
from tests.concluding import Told, knowledge, told
from tests.new_databases import brought_up
from tests.records import (
    AS_OF,
    PEOPLE,
    WINDOW,
    a_registered_person,
    a_tax_entry,
    an_account,
    subject,
)
from tests.service_parts import NOON

YEAR = CountQuery(region="22", since=AS_OF.replace(month=1, day=1), until=AS_OF.replace(day=30))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    url = f"sqlite:///{tmp_path / 'facts.sqlite3'}"
    brought_up(url)
    engine = sync_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        yield connection
    engine.dispose()


@pytest.fixture
def writer() -> FactWriter:
    cipher = FieldCipher(bytes(range(32)))
    return FactWriter.over(cipher, Verifications(cipher).household_index)


def kept(what: Told, status: str = "final", **changes: Any) -> Kept:
    case = replace(what.case(), **changes)
    conclusion = conclude(case, knowledge())
    return Kept(
        stored(case.request), case, conclusion, status, moved=True, at=NOON + timedelta(days=2)
    )


def stored(request: VerificationRequest) -> StoredVerification:
    return StoredVerification(
        id="vf_test",
        client_id="cl_1",
        status="querying",
        request=request,
        requested_at=NOON,
        changed_at=NOON,
        final_at=None,
        recheck_of=None,
    )


def written(connection: sa.Connection, writer: FactWriter, one: Kept) -> Mapping[str, Any]:
    """The one decision's row with its amounts."""
    verification = stored(one.case.request)
    writer.begun(connection, verification)
    writer.kept_many(connection, [one])
    (chunk,) = writer.decisions.stream(connection, Chosen("22"))
    amounts = {name: chunk.totals[name][0] for name in chunk.totals.dtype.names or ()}
    return {"outcome": chunk.outcomes[0], "size": chunk.household_sizes[0], **amounts}


def a_family(**changes: Any) -> VerificationRequest:
    return a_request(a_member(), a_member("m2"), a_member("m3"), a_supporter(), **changes)


def test_amounts_are_those_of_the_decision(connection: sa.Connection, writer: FactWriter) -> None:
    wages = [a_tax_entry("1000.01", month) for month in WINDOW[:5]]
    one = kept(told(*wages, an_account("500.55"), request=a_family()))
    row = written(connection, writer, one)
    (decision,) = one.conclusion.decisions
    assert row["outcome"] == decision.outcome.value == "confirmed"
    assert f"{row['gap'] / 100:.2f}" == decision.benefit["monthly_gap"]
    assert (row["size"], row["minors"], row["ethnic_group"]) == (3, 1, 1)
    assert row["identity"] == YES
    income = one.conclusion.profile.totals.monthly_income
    assert row["monthly_income"].tolist() == [in_units(income.low)] * 2
    assert decision.error.money is not None
    assert row["over"] == int(decision.error.money.over * 100)


def test_who_is_not_sure_to_be_alive_is_open(connection: sa.Connection, writer: FactWriter) -> None:
    unsure = told(registered={"m1": ()}, failed=[("m1", "household_registry")])
    row = written(connection, writer, kept(unsure))
    assert (row["identity"], row["ethnic_group"]) == (OPEN, 0)
    assert (row["outcome"], row["gap"]) == ("undetermined", -1)


@pytest.mark.parametrize(
    ("code", "group"), [("10", 10), ("97", 97), (None, 0), ("朝", 0), ("1", 0)]
)
def test_the_heads_ethnic_group_is_the_registrys(
    connection: sa.Connection, writer: FactWriter, code: str | None, group: int
) -> None:
    registered = {"m1": (a_registered_person(ethnic_group=code),)}
    row = written(connection, writer, kept(told(registered=registered)))
    assert row["ethnic_group"] == group


def test_totals_are_counted_as_each_programme_counts() -> None:
    """A supporter's payment rests on the local standard, which town and country differ in."""
    wages = [a_tax_entry("3000.00", month, subjects=(subject("s1"),)) for month in WINDOW]
    programmes = ("urban_dibao", "rural_dibao", "charity")
    request = a_request(a_member(), a_supporter(), programmes=programmes)
    what = Told(request=request, records={"s1": wages})
    case = what.case()
    found = conclude(case, knowledge()).totals
    for programme in programmes:
        alone = replace(case, request=replace(request, programmes=(programme,)))
        assert found[programme] == conclude(alone, knowledge()).profile.totals
    assert found["urban_dibao"] != found["rural_dibao"]
    assert found["urban_dibao"] is found["charity"]


def test_consent_that_ended_is_a_suspension(connection: sa.Connection, writer: FactWriter) -> None:
    def suspended(reason: Unasked) -> int:
        what = told()
        statuses = [
            replace(one, state=SourceState.NOT_ASKED, complete=False, reason=reason)
            if one.source == "bank"
            else one
            for one in what.case().statuses
        ]
        one = kept(what, statuses=tuple(statuses), id=f"vf_{reason.value}")
        writer.kept_many(connection, [one])
        return Statistics().cases(connection, YEAR)[""]["suspended"]

    assert suspended(Unasked.SUPPORTER_NOT_SIGNED) == 0
    assert suspended(Unasked.NOT_CONFIGURED) == 0
    assert suspended(Unasked.WITHDRAWN) == 1


def test_it_is_counted_when_it_moves_to_final_and_only_then(
    connection: sa.Connection, writer: FactWriter
) -> None:
    what, counts = told(an_account("500.00")), Statistics()
    verification = stored(what.request)
    writer.begun(connection, verification)
    writer.kept_many(connection, [kept(what, "partial")])
    writer.kept_many(connection, [replace(kept(what), moved=False)])
    assert counts.cases(connection, YEAR)[""]["final"] == 0
    writer.kept_many(connection, [kept(what)])
    assert counts.cases(connection, YEAR)[""]["final"] == 1
    assert counts.terms(connection, YEAR) == {"": {2: 1}}


def test_records_that_a_person_judged_are_counted(
    connection: sa.Connection, writer: FactWriter
) -> None:
    """A namesake's account, of which a person had to say whose it is."""
    name, number = PEOPLE["m1"]
    slip = subject("m1", name=name, id_number=f"{number[:16]}{(int(number[16]) + 1) % 10}0")
    what = told(an_account("500.00", subjects=(slip,)))
    one = kept(what)
    judged = [row for row in one.conclusion.evidence if row.link.value == "in_review"]
    writer.kept_many(connection, [one])
    sums = Statistics().sources(connection, replace(YEAR, source="bank"))[""]
    assert (sums["records"], sums["judged"]) == (1, len(judged)) == (1, 1)


def test_one_that_nobody_began_is_begun_when_it_ends(
    connection: sa.Connection, writer: FactWriter
) -> None:
    writer.cancelled(connection, stored(a_family()), NOON)
    sums = Statistics().cases(connection, YEAR)[""]
    assert (sums["requested"], sums["cancelled"], sums["persons"]) == (1, 1, 4)
