"""Sums of counts and counts of different ones, by region, period, programme and source."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.report.statistic_rows import Row
from app.report.statistics import disclosed, time_before
from app.store.case_persons import AskedCase, CasePersons
from app.store.counts import Addition, Counts, MoneyAddition
from app.store.crypto import FieldCipher
from app.store.distinct import Distinct
from app.store.objections import Objections, StoredObjection
from app.store.session import Database
from app.store.statistics import By, CountQuery, Period, Statistics, instant, period_of
from app.store.tables_review import review_decision
from app.store.verifications import Verifications
from tests.builders import a_household, a_member, a_request
from tests.service_parts import NOON
from tests.store.test_verifications import a_verification

DAY = timedelta(days=1)
YEAR = CountQuery(region="22", since=date(2026, 1, 1), until=date(2026, 12, 31))
TOLD = Statistics()


async def add(database: Database, *happened: tuple[str, date, Sequence[Addition]]) -> None:
    def work(tx: sa.Connection) -> None:
        for region, day, additions in happened:
            Counts().add(tx, (region, day), additions, [MoneyAddition("urban_dibao", 100, 30)])

    await database.write(work)


def a_case(programme: str, **values: int) -> Addition:
    return Addition("case_count", (programme,), values)


HAPPENED: tuple[tuple[str, date, Sequence[Addition]], ...] = (
    (
        "220102003",
        date(2026, 3, 31),
        [
            a_case("", requested=1, final=1),
            a_case("urban_dibao", requested=1, confirmed=1),
            Addition("source_count", ("bank",), {"answered": 2, "records": 3}),
            Addition("finding_count", ("deceased",), {"households": 1, "decisive": 1}),
            Addition("term_count", ("", 3), {"final": 1}),
        ],
    ),
    (
        "220102003",
        date(2026, 4, 1),
        [
            a_case("", requested=1, final=1),
            a_case("charity", requested=1, not_confirmed=1),
            Addition("source_count", ("bank",), {"answered": 1}),
            Addition("source_count", ("tax",), {"no_record": 4}),
            Addition("term_count", ("", 3), {"final": 2}),
        ],
    ),
    ("220103001002", date(2026, 4, 1), [a_case("", requested=5), a_case("urban_dibao")]),
    ("220202001", date(2025, 12, 31), [a_case("", requested=7)]),
)


async def test_sums_are_those_of_the_region_and_the_time(migrated: Database) -> None:
    await add(migrated, *HAPPENED)

    async def requested(query: CountQuery) -> dict[str, int]:
        found = await migrated.read(lambda tx: TOLD.cases(tx, query))
        return {name: sums["requested"] for name, sums in found.items()}

    assert await requested(YEAR) == {"": 7}
    assert await requested(replace(YEAR, region="")) == {"": 7}
    assert await requested(replace(YEAR, region="220102003")) == {"": 2}
    assert await requested(replace(YEAR, region="2299")) == {}
    assert await requested(replace(YEAR, since=date(2025, 12, 31))) == {"": 14}
    assert await requested(replace(YEAR, until=date(2026, 3, 31))) == {"": 1}
    assert await requested(replace(YEAR, programme="charity")) == {"": 1}
    by = {
        4: {"2201": 7},
        6: {"220102": 2, "220103": 5},
        9: {"220102003": 2, "220103001": 5},
        12: {"220102003": 2, "220103001002": 5},
    }
    for level, expected in by.items():
        assert await requested(replace(YEAR, by=By.REGION, level=level)) == expected
    by_programme = await requested(replace(YEAR, by=By.PROGRAMME))
    assert by_programme == {"urban_dibao": 1, "charity": 1}
    periods = {
        Period.DAY: {"2026-03-31": 1, "2026-04-01": 6},
        Period.MONTH: {"2026-03": 1, "2026-04": 6},
        Period.QUARTER: {"2026-Q1": 1, "2026-Q2": 6},
        Period.YEAR: {"2026": 7},
    }
    for period, expected in periods.items():
        assert await requested(replace(YEAR, by=By.PERIOD, period=period)) == expected
    street = replace(YEAR, region="220102003", by=By.PERIOD)
    assert await requested(street) == {"2026-03": 1, "2026-04": 1}


async def test_every_count_has_its_own_keys(migrated: Database) -> None:
    await add(migrated, *HAPPENED)

    async def told(work: Any, query: CountQuery = YEAR) -> Any:
        return await migrated.read(lambda tx: work(tx, query))

    decisions = await told(TOLD.decisions)
    assert (decisions[""]["confirmed"], decisions[""]["not_confirmed"]) == (1, 1)
    by_source = await told(TOLD.sources, replace(YEAR, by=By.SOURCE))
    assert {name: sums["answered"] for name, sums in by_source.items()} == {"bank": 3, "tax": 0}
    one = await told(TOLD.sources, replace(YEAR, source="tax"))
    assert one[""]["no_record"] == 4
    findings = await told(TOLD.findings, replace(YEAR, by=By.REGION))
    assert findings == {"220102": {"deceased": {"households": 1, "decisive": 1}}}
    assert await told(TOLD.terms) == {"": {3: 3}}
    april = replace(YEAR, since=date(2026, 4, 10), until=date(2026, 4, 20))
    money = await told(TOLD.money, replace(april, by=By.REGION))  # the whole of April
    assert {name: sums["over_fen"] for name, sums in money.items()} == {
        "220102": 100,
        "220103": 100,
    }
    assert (await told(TOLD.money, replace(YEAR, programme="charity"))) == {}


async def test_objections_and_words_are_counted_by_chinas_days(
    migrated: Database, cipher: FieldCipher
) -> None:
    evening = instant(date(2026, 4, 1)) - timedelta(seconds=1)  # the last of March

    def work(tx: sa.Connection) -> None:
        for place, (state, at) in enumerate(
            [("filed", evening), ("upheld", evening + DAY), ("upheld", evening + 2 * DAY)]
        ):
            filed = StoredObjection(
                id=f"ob_{place}",
                verification_id="vf_1",
                region="220102003",
                client_id="cl_1",
                state=state,
                text=b"",
                filed_at=at,
                recheck_id=None,
            )
            Objections(cipher).add(tx, filed)
            tx.execute(review_decision.insert(), _a_word(place, at, place or None))

    await migrated.write(work)
    months = replace(YEAR, by=By.PERIOD)
    told = await migrated.read(lambda tx: TOLD.objections(tx, months))
    assert told == {"2026-03": {"filed": 1}, "2026-04": {"upheld": 2}}
    words = await migrated.read(lambda tx: TOLD.reviews(tx, months))
    assert words == {"2026-03": {"decided": 1}, "2026-04": {"reversed": 2}}
    regions = replace(YEAR, by=By.REGION)
    assert await migrated.read(lambda tx: TOLD.objections(tx, regions)) == {
        "220102": {"filed": 1, "upheld": 2}
    }


def _a_word(place: int, at: Any, reverses: int | None) -> dict[str, Any]:
    return {
        "id": f"rd_{place}",
        "item_id": "ri_1",
        "verification_id": "vf_1",
        "region": "220102003",
        "version": place,
        "choice": "same_person",
        "role": "first",
        "reviewer": "cl_1",
        "reason_code": "other",
        "sealed_reason": b"",
        "adverse": False,
        "judged": True,
        "reverses": reverses,
        "details": "{}",
        "decided_at": at,
    }


async def test_what_is_open_too_long_is_what_is_not_closed(
    migrated: Database, cipher: FieldCipher
) -> None:
    store = Verifications(cipher)

    def work(tx: sa.Connection) -> None:
        for place, status in enumerate(("accepted", "partial", "in_review", "final", "cancelled")):
            store.add(tx, a_verification(f"vf_{place}", status=status))

    await migrated.write(work)
    query = replace(YEAR, region="220102")
    for before, expected in ((NOON, 0), (NOON + DAY, 3)):
        found = await migrated.read(lambda tx, b=before: TOLD.open_since(tx, query, b))  # type: ignore[misc]
        assert found == expected
    elsewhere = replace(query, region="220103")
    assert await migrated.read(lambda tx: TOLD.open_since(tx, elsewhere, NOON + DAY)) == 0


async def test_who_comes_twice_is_one_person_in_each_group(
    migrated: Database, cipher: FieldCipher
) -> None:
    persons = CasePersons(cipher)
    cases = [
        ("220102003", date(2026, 1, 5), ("m1", "m2"), b"a"),
        ("220102004", date(2026, 2, 5), ("m1",), b"b"),
        ("220103001", date(2026, 2, 5), ("m1", "m3"), b"c"),
        ("220202001", date(2026, 8, 5), ("m2",), b"d"),
        ("220202001", date(2025, 8, 5), ("m4",), b"a"),
    ]

    def work(tx: sa.Connection) -> None:
        for place, (region, day, refs, household) in enumerate(cases):
            request = a_request(region=region, household=a_household(*map(a_member, refs)))
            case = AskedCase(
                verification_id=f"vf_{place}",
                request=request,
                household_index=household * 32,
                requested_at=instant(day),
            )
            persons.add(tx, case)

    await migrated.write(work)

    async def told(query: CountQuery) -> tuple[dict[str, int], dict[str, int]]:
        def both(tx: sa.Connection) -> tuple[dict[str, int], dict[str, int]]:
            return dict(Distinct().persons(tx, query)), dict(Distinct().households(tx, query))

        return await migrated.read(both)

    assert await told(YEAR) == ({"": 3}, {"": 4})
    assert await told(replace(YEAR, since=date(2025, 1, 1))) == ({"": 4}, {"": 4})
    short = replace(YEAR, since=date(2026, 2, 1), until=date(2026, 2, 28))
    assert await told(short) == ({"": 2}, {"": 2})
    for region, expected in (("220102", 2), ("220102004", 1), ("2202", 1), ("220199", 0)):
        assert (await told(replace(YEAR, region=region)))[0] == {"": expected}
    regions = {
        4: {"2201": 3, "2202": 1},
        6: {"220102": 2, "220103": 2, "220202": 1},
        9: {"220102003": 2, "220102004": 1, "220103001": 2, "220202001": 1},
    }
    for level, by_region in regions.items():
        assert (await told(replace(YEAR, by=By.REGION, level=level)))[0] == by_region
    quarters = await told(replace(YEAR, by=By.PERIOD, period=Period.QUARTER))
    assert quarters[0] == {"2026-Q1": 3, "2026-Q2": 0, "2026-Q3": 1, "2026-Q4": 0}


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 800))
def test_the_time_before_ends_where_the_time_begins(since: date, days: int) -> None:
    query = replace(YEAR, since=since, until=since + days * DAY)
    before = time_before(query)
    assert before.until + DAY == query.since
    assert before.since <= before.until
    assert abs((before.until - before.since).days - days) <= 3  # months differ in length


@pytest.mark.parametrize(
    ("since", "until", "before"),
    [
        (date(2026, 3, 1), date(2026, 3, 31), date(2026, 2, 1)),
        (date(2026, 1, 1), date(2026, 12, 31), date(2025, 1, 1)),
        (date(2026, 3, 2), date(2026, 3, 31), date(2026, 1, 31)),
    ],
)
def test_whole_months_are_compared_with_whole_months(
    since: date, until: date, before: date
) -> None:
    assert time_before(replace(YEAR, since=since, until=until)).since == before


SIZES = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 12))


@given(SIZES)
def test_no_single_small_place_can_be_told_from_the_total(sizes: dict[str, int]) -> None:
    rows = {name: Row(size, {"n": size}) for name, size in sizes.items()}
    shown = disclosed(rows, replace(YEAR, by=By.REGION, level=9))
    hidden = [name for name, row in shown.items() if row.values is None]
    assert all(name in hidden for name, size in sizes.items() if 0 < size < 5)
    others = [name for name, size in sizes.items() if size]
    assert len(hidden) != 1 or others == hidden
    assert disclosed(rows, replace(YEAR, by=By.REGION, level=6)) == rows


@pytest.mark.parametrize(
    ("day", "quarter"), [(date(2026, 1, 1), "2026-Q1"), (date(2026, 12, 31), "2026-Q4")]
)
def test_quarters(day: date, quarter: str) -> None:
    assert period_of(day, Period.QUARTER) == quarter
