"""Facts of decisions: amounts sealed and opened as one array; what is current and what stopped."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Undecipherable
from app.domain.interval import Interval, Truth
from app.domain.profile import COUNT_TOTALS, EMPTY_TOTALS, Totals
from app.programmes.vector import MOST_UNITS, NO_BOUND, OPEN, TOTALS, UNITS, YES
from app.store.case_persons import AskedCase, CasePersons
from app.store.chosen_facts import Chosen
from app.store.counts import Addition, Counts, MoneyAddition
from app.store.crypto import FieldCipher
from app.store.facts import CaseFacts, DecisionFact, DecisionFacts
from app.store.packed_totals import NONE, Amounts, packed, totals_of, unpacked
from app.store.session import Database
from app.store.tables_facts import (
    case_count,
    case_household,
    case_person,
    decision_fact,
    money_count,
    term_count,
)
from tests.builders import a_household, a_member, a_request, a_supporter
from tests.service_parts import NOON

DAY = date(2026, 11, 24)


@pytest.fixture
def facts(cipher: FieldCipher) -> DecisionFacts:
    return DecisionFacts(cipher)


def amounts(**changes: Any) -> Amounts:
    values: dict[str, Any] = {
        "totals": EMPTY_TOTALS,
        "identity": Truth.YES,
        "ethnic_group": 1,
        "minors": 1,
        "gap": Decimal("120.50"),
        "over": Decimal("1.25"),
        "under": None,
    }
    return Amounts(**{**values, **changes})


def a_decision(programme: str = "urban_dibao", **changes: Any) -> DecisionFact:
    values: dict[str, Any] = {
        "programme": programme,
        "standard": f"{programme}@2026-01-01/220102",
        "outcome": "confirmed",
        "favours": "confirmed",
        "error_rate": 0.03,
        "interval": (0.01, 0.06),
        "household_size": 3,
        "amounts": amounts(),
    }
    return DecisionFact(**{**values, **changes})


def a_case(id_: str = "vf_1", *decisions: DecisionFact, **changes: Any) -> CaseFacts:
    values: dict[str, Any] = {
        "verification_id": id_,
        "region": "220102003",
        "area": "urban",
        "purpose": "application",
        "as_of": DAY,
        "household_index": b"household number one",
        "status": "final",
        "at": NOON,
        "decisions": decisions or (a_decision(),),
    }
    return CaseFacts(**{**values, **changes})


async def rows_of(database: Database) -> dict[tuple[str, str], Any]:
    rows = await database.read(lambda tx: tx.execute(sa.select(decision_fact)).all())
    return {(row.verification_id, row.programme): row for row in rows}


async def stopped_by(database: Database, facts: DecisionFacts, *cases: CaseFacts) -> frozenset[str]:
    """Put one after the other; what the last one stops."""
    stopped: frozenset[str] = frozenset()
    for case in cases:
        put = await database.write(lambda tx, case=case: facts.put_many(tx, [case]))  # type: ignore[misc]
        stopped = put.get(case.verification_id, frozenset())
    return stopped


async def test_a_later_final_decision_takes_the_place_of_the_earlier(
    migrated: Database, facts: DecisionFacts
) -> None:
    refused = a_decision(outcome="not_confirmed", favours="not_confirmed")
    stopped = await stopped_by(
        migrated,
        facts,
        a_case("vf_1", a_decision(), a_decision("medical_relief")),
        a_case("vf_2", refused, at=NOON + timedelta(days=30)),
    )
    assert stopped == {"urban_dibao"}
    rows = await rows_of(migrated)
    shown = {key: (row.current, row.stopped) for key, row in rows.items()}
    assert shown == {
        ("vf_1", "urban_dibao"): (False, False),
        ("vf_1", "medical_relief"): (True, False),
        ("vf_2", "urban_dibao"): (True, True),
    }


@pytest.mark.parametrize(
    ("before", "after", "is_stopped"),
    [
        ("confirmed", "not_confirmed", True),
        ("confirmed", "undetermined", False),
        ("confirmed", "confirmed", False),
        ("not_confirmed", "not_confirmed", False),
        ("undetermined", "not_confirmed", False),
    ],
)
async def test_stopped_is_who_was_confirmed_and_is_not(
    migrated: Database, facts: DecisionFacts, before: str, after: str, is_stopped: bool
) -> None:
    stopped = await stopped_by(
        migrated,
        facts,
        a_case("vf_1", a_decision(outcome=before)),
        a_case("vf_2", a_decision(outcome=after)),
    )
    assert stopped == (frozenset({"urban_dibao"}) if is_stopped else frozenset())


async def test_other_households_and_open_verifications_replace_nothing(
    migrated: Database, facts: DecisionFacts
) -> None:
    refused = a_decision(outcome="not_confirmed")
    await stopped_by(
        migrated,
        facts,
        a_case("vf_1"),
        a_case("vf_2", refused, household_index=b"household number two"),
        a_case("vf_3", refused, status="partial"),
    )
    rows = await rows_of(migrated)
    assert {key[0]: (row.current, row.stopped) for key, row in rows.items()} == {
        "vf_1": (True, False),
        "vf_2": (True, False),
        "vf_3": (False, False),
    }
    assert rows["vf_3", "urban_dibao"].final_at is None
    await migrated.write(lambda tx: facts.cancel(tx, "vf_3"))
    assert (await rows_of(migrated))["vf_3", "urban_dibao"].status == "cancelled"


async def test_a_decision_is_kept_as_it_stands_now(
    migrated: Database, facts: DecisionFacts
) -> None:
    later = a_decision(outcome="undetermined", favours="confirmed", error_rate=0.2)
    await stopped_by(migrated, facts, a_case(status="partial"), a_case("vf_1", later))
    (row,) = (await rows_of(migrated)).values()
    assert (row.status, row.outcome, row.error_rate) == ("final", "undetermined", 0.2)
    assert (row.current, row.final_at) == (True, NOON)


async def test_two_of_one_household_at_once_leave_one_current(
    migrated: Database, facts: DecisionFacts
) -> None:
    cases = [a_case(f"vf_{number}") for number in range(6)]
    await asyncio.gather(
        *(migrated.write(lambda tx, case=case: facts.put_many(tx, [case])) for case in cases)  # type: ignore[misc]
    )
    rows = await rows_of(migrated)
    assert sum(row.current for row in rows.values()) == 1


async def test_a_stream_opens_the_regions_current_decisions(
    migrated: Database, facts: DecisionFacts
) -> None:
    await stopped_by(
        migrated,
        facts,
        a_case("vf_1", a_decision(amounts=amounts(gap=Decimal("1.00"))), region="220102003"),
        a_case("vf_2", region="220103001", household_index=b"2"),
        a_case("vf_3", a_decision("charity"), region="220102004", household_index=b"3"),
        a_case("vf_4", region="220102003", household_index=b"4", status="partial"),
        a_case("vf_5", a_decision(amounts=amounts(gap=Decimal("5.00"))), region="220102003"),
    )

    def read(region: str, **chosen: Any) -> dict[str, int]:
        def work(tx: sa.Connection) -> dict[str, int]:
            chunks = list(facts.stream(tx, Chosen(region, **chosen)))
            return {
                id_: int(gap)
                for chunk in chunks
                for id_, gap in zip(chunk.verification_ids, chunk.totals["gap"], strict=True)
            }

        return work  # type: ignore[return-value]

    async def found(region: str, **chosen: Any) -> dict[str, int]:
        return await migrated.read(read(region, **chosen))  # type: ignore[arg-type]

    assert await found("220102", programme="urban_dibao") == {"vf_5": 500}
    assert await found("2201") == {"vf_2": 12050, "vf_3": 12050, "vf_5": 500}
    assert set(await found("", programme="urban_dibao", current=False)) == {"vf_1", "vf_2", "vf_5"}
    assert await found("2299") == {}
    once = await found("2201", one_a_household=True)
    assert once == {"vf_2": 12050, "vf_3": 12050, "vf_5": 500}


async def test_amounts_that_were_moved_do_not_open(
    migrated: Database, facts: DecisionFacts
) -> None:
    await stopped_by(migrated, facts, a_case("vf_1"), a_case("vf_2"))
    first, second = (await rows_of(migrated)).values()
    opened = await migrated.read(lambda tx: facts.open_totals(tx, [first, second]))
    assert opened["gap"].tolist() == [12050, 12050]
    moved = replace(_Row.of(first), sealed_totals=second.sealed_totals)
    with pytest.raises(Undecipherable):
        await migrated.read(lambda tx: facts.open_totals(tx, [moved]))
    other = DecisionFacts(FieldCipher(bytes(32)))
    with pytest.raises(Undecipherable):
        await migrated.read(lambda tx: other.open_totals(tx, [first]))


@dataclass(frozen=True)
class _Row:
    verification_id: str
    programme: str
    sealed_totals: bytes

    @classmethod
    def of(cls, row: Any) -> "_Row":
        return cls(row.verification_id, row.programme, row.sealed_totals)


def _intervals(most: int, places: int) -> st.SearchStrategy[Interval]:
    values = st.decimals(0, most, places=places)
    pairs = st.tuples(values, values).map(lambda pair: Interval(min(pair), max(pair)))
    return pairs | values.map(Interval.at_least)


@given(
    st.lists(
        st.builds(
            Totals,
            **{
                name: _intervals(99, 0) if name in COUNT_TOTALS else _intervals(10**9, 6)
                for name in TOTALS
            },
        ),
        max_size=4,
    ),
    st.sampled_from([Truth.YES, Truth.OPEN]),
)
def test_what_is_packed_is_what_is_read(households: list[Totals], identity: Truth) -> None:
    rows = unpacked([packed(amounts(totals=one, identity=identity)) for one in households])
    array = totals_of(rows)
    assert array.identity.tolist() == [OPEN if identity is Truth.OPEN else YES] * len(households)
    for name in TOTALS:
        scale = 1 if name in COUNT_TOTALS else UNITS
        low, high = array.bounds[name]
        values: Sequence[Interval] = [getattr(one, name) for one in households]
        assert low.tolist() == [int(value.low * scale) for value in values]
        assert high.tolist() == [
            NO_BOUND if value.high is None else int(value.high * scale) for value in values
        ]


def test_amounts_that_are_not_there_are_no_zero() -> None:
    (row,) = unpacked([packed(amounts(gap=None, over=Decimal(0)))])
    assert (row["gap"], row["over"], row["under"]) == (NONE, 0, NONE)
    assert (row["ethnic_group"], row["minors"]) == (1, 1)


def test_a_total_beyond_all_bounds_stays_beyond_them() -> None:
    huge = Interval.exactly(Decimal(10) ** 20)
    totals = replace(EMPTY_TOTALS, financial_assets=huge)
    array = totals_of(unpacked([packed(amounts(totals=totals))]))
    low, high = array.bounds["financial_assets"]
    assert (low[0], high[0]) == (MOST_UNITS, NO_BOUND)


@pytest.mark.parametrize("damage", [lambda row: row[1:], lambda row: b"\x09" + row[1:]])
def test_a_row_of_another_make_is_refused(damage: Any) -> None:
    with pytest.raises(Undecipherable):
        unpacked([damage(packed(amounts()))])


async def test_persons_are_known_again_by_their_documents(
    migrated: Database, cipher: FieldCipher
) -> None:
    persons = CasePersons(cipher)
    household = a_household(a_member(), a_member("m2"), a_supporter())
    nameless = a_household(a_member(id_number=""), a_member("m2"))
    for number, one in enumerate((household, nameless)):
        case = AskedCase(
            verification_id=f"vf_{number}",
            request=replace(a_request(), household=one),
            household_index=bytes(range(32)),
            requested_at=NOON,
        )
        await migrated.write(lambda tx, case=case: persons.add(tx, case))  # type: ignore[misc]
    rows = await migrated.read(lambda tx: tx.execute(sa.select(case_person)).all())
    keys = {(row.verification_id, row.ref): row.person_key for row in rows}
    assert keys["vf_0", "m2"] == keys["vf_1", "m2"]
    assert len(set(keys.values())) == 4
    assert {row.ref for row in rows if not row.is_member} == {"s1"}
    homes = await migrated.read(lambda tx: tx.execute(sa.select(case_household)).all())
    assert len({home.household_key for home in homes}) == 1
    assert await migrated.read(lambda tx: persons.has(tx, "vf_0"))
    assert not await migrated.read(lambda tx: persons.has(tx, "vf_9"))


async def test_counts_grow_by_day_and_county_and_by_month_and_region(migrated: Database) -> None:
    counts = Counts()
    additions = [
        Addition("case_count", ("",), {"requested": 1, "persons": 3}),
        Addition("case_count", ("urban_dibao",), {"requested": 1}),
        Addition("term_count", ("", 4), {"final": 1}),
    ]
    money = [MoneyAddition("urban_dibao", 125, 50)]
    # Many at once, in every order: none waits for another in a ring.
    await asyncio.gather(
        *(
            migrated.write(
                lambda tx, turn=turn: counts.add(  # type: ignore[misc]
                    tx, ("220102003", DAY), additions[:: 1 if turn % 2 else -1], money
                )
            )
            for turn in range(12)
        )
    )
    rows = await migrated.read(lambda tx: tx.execute(sa.select(case_count)).all())
    shown = {(row.span, row.region, row.day, row.programme): row.requested for row in rows}
    month = date(2026, 11, 1)
    assert shown == {
        (span, region, day, programme): 12
        for span, region, day in (("day", "220102", DAY), ("month", "220102003", month))
        for programme in ("", "urban_dibao")
    }
    assert {row.persons for row in rows} == {0, 36}
    terms = await migrated.read(lambda tx: tx.execute(sa.select(term_count)).all())
    assert {(row.days, row.final) for row in terms} == {(4, 12)}
    (sums,) = await migrated.read(lambda tx: tx.execute(sa.select(money_count)).all())
    assert (sums.region, sums.month, sums.decisions) == ("220102", month, 12)
    assert (sums.over_fen, sums.under_fen) == (1500, 600)
