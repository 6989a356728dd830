"""Made-up snapshots and changes for the laws of comparison and effect."""

from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from app.alerts.changes import Change
from app.alerts.kinds import ChangeKind
from app.alerts.snapshot import Fact, FactKind, Mark, Snapshot
from tests.alerts.parts import a_snapshot

PERSONS: Final = ("p1", "p2")
INCOME_MARKS: Final = ("tax", "social_insurance")
PLACES: Final = (
    *INCOME_MARKS,
    "vehicle",
    "bank",
    "bank/icbc",
    "property",
    "household_registry",
)
ALL_MARKS: Final = tuple((person, place) for person in PERSONS for place in PLACES)


def marks(person: str, *places: str) -> tuple[Mark, ...]:
    return tuple((person, place) for place in places)


def _part(value: int) -> tuple[Decimal, Decimal]:
    return Decimal(value), Decimal(value)


def _vehicle(person: str, plate: int, _: int) -> Fact:
    return Fact(
        kind=FactKind.VEHICLE,
        person=person,
        thing=f"plate {plate}",
        parts={"vehicles": _part(1)},
        marks=marks(person, "vehicle"),
    )


def _account(person: str, which: int, _: int) -> Fact:
    return Fact(
        kind=FactKind.ACCOUNT,
        person=person,
        thing=f"account {which}",
        marks=marks(person, "bank/icbc"),
    )


def _money(person: str, _: int, value: int) -> Fact:
    return Fact(
        kind=FactKind.MONEY,
        person=person,
        thing="bank",
        parts={"financial_assets": _part(value * 700)},
        marks=marks(person, "bank"),
    )


def _income(person: str, _: int, value: int) -> Fact:
    return Fact(
        kind=FactKind.INCOME,
        person=person,
        parts={"monthly_income": _part(value * 90)},
        marks=marks(person, *INCOME_MARKS),
    )


def _job(person: str, employer: int, value: int) -> Fact:
    return Fact(
        kind=FactKind.JOB,
        person=person,
        thing=f"code {employer}",
        values={"employer": f"works {employer}", "base": f"{3600 + value * 110}.00"},
        marks=marks(person, INCOME_MARKS[value % 2]),
        aliases=(f"code {employer}", f"works {employer}"),
    )


def _building(person: str, unit: int, _: int) -> Fact:
    return Fact(
        kind=FactKind.BUILDING,
        thing=f"unit {unit}",
        values={"home": "true", "owner": person},
        parts={"homes": _part(1)},
        marks=marks(person, "property"),
        aliases=(f"unit {unit}", f"certificate {unit}"),
    )


_MAKES: Final = (_vehicle, _account, _money, _income, _job, _building)


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    chosen = draw(
        st.lists(
            st.tuples(
                st.sampled_from(_MAKES),
                st.sampled_from(PERSONS),
                st.integers(1, 2),
                st.integers(1, 9),
            ),
            max_size=6,
        )
    )
    return [make(person, which, value) for make, person, which, value in chosen]


@st.composite
def snapshots(draw: st.DrawFn, *, whole: bool = False) -> Snapshot:
    """Facts of complete answers alone; `whole`: every answer is complete."""
    known = frozenset(ALL_MARKS if whole else draw(st.sets(st.sampled_from(ALL_MARKS))))
    shown = [fact for fact in draw(facts()) if known.issuperset(fact.marks)]
    gone = {place.split("/")[0] for mark in ALL_MARKS if mark not in known for place in mark[1:]}
    people: list[Any] = [
        Fact(
            kind=FactKind.PERSON,
            person=person,
            values={
                "as": "member",
                "dead": draw(st.sampled_from(("true", "false")))
                if (person, "household_registry") in known
                else "false",
            },
            parts={"household_size": _part(1)},
            marks=marks(person, "household_registry"),
        )
        for person in PERSONS
    ]
    missing = dict.fromkeys(sorted(gone), ("m1",))
    return a_snapshot([*people, *shown], known, missing=missing)


_ADDS: Final = (
    (ChangeKind.BALANCE_UP, "financial_assets", 500),
    (ChangeKind.VEHICLE_NEW, "vehicles", 1),
    (ChangeKind.INCOME_ROSE, "monthly_income", 40),
    (ChangeKind.HOME_NEW, "homes", 1),
    (ChangeKind.BALANCE_DOWN, "financial_assets", -500),
    (ChangeKind.INCOME_FELL, "monthly_income", -40),
    (ChangeKind.DEATH, "household_size", -1),
    (ChangeKind.MEMBER_ADDED, "household_size", 1),
)
_COUNTS: Final = ("vehicles", "homes", "household_size")


@st.composite
def additions(draw: st.DrawFn) -> list[Change]:
    """Changes of exact amounts, each of a thing of its own."""
    chosen = draw(
        st.lists(st.tuples(st.sampled_from(_ADDS), st.integers(1, 60)), min_size=1, max_size=5)
    )
    found = []
    for place, ((kind, total, step), times) in enumerate(chosen):
        value = Decimal(step * (1 if total in _COUNTS else times))
        found.append(
            Change(kind=kind, thing=f"{place}", person="p1", delta={total: (value, value)})
        )
    return found
