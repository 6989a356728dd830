"""A county without faults: what the service says of its households holds the truth."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from connectors.sandbox.county import County, CountyHousehold, generate
from tests.acceptance.service import Document, Service, running
from tests.acceptance.truth import is_keyed, is_shown, totals_of
from tests.acceptance.whose import owners_of

pytestmark = pytest.mark.acceptance

AS_OF: Final = date(2026, 11, 24)
HOUSEHOLDS: Final = 40
AT_ONCE: Final = 8
CENT: Final = Decimal("0.01")
FED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "monthly_income": ("tax", "social_insurance", "housing_fund", "insurance"),
    "financial_assets": ("bank", "insurance", "securities"),
    "homes": ("property",),
    "floor_area": ("property",),
    "vehicles": ("vehicle",),
    "vessels": ("vehicle",),
    "businesses": ("business_registration",),
    "business_capital": ("business_registration",),
    "housing_fund_balance": ("housing_fund",),
}
"""The sources whose records a total is made from."""
EXACT_AT_LEAST: Final[Mapping[str, float]] = {
    "monthly_income": 0.9,
    "financial_assets": 0.4,  # one bank of four tells no amounts
    "homes": 0.9,
    "floor_area": 0.9,
    "vehicles": 0.9,
    "vessels": 0.9,
    "businesses": 0.9,
    "business_capital": 0.9,
    "housing_fund_balance": 0.9,
}
"""Share of the totals compared that must be known exactly, not only from at least to at most."""


@pytest.fixture(scope="module")
def county() -> County:
    return generate(11, HOUSEHOLDS, AS_OF, background=3_000, fault_rate=0)


@pytest.fixture(scope="module")
def answers(
    county: County, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Document, list[Document]]]:
    """Each household's verification and evidence, in the county's order."""
    return asyncio.run(_all(county, tmp_path_factory.mktemp("county")))


async def _all(county: County, folder: Path) -> list[tuple[Document, list[Document]]]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(service: Service, household: CountyHousehold) -> tuple[Document, list[Document]]:
        async with turn:
            document = await service.verify(household.application)
            return document, await service.evidence(document["id"])

    async with running(county.registers, folder) as service:
        return await asyncio.gather(*(one(service, each) for each in county.households))


def _comparable(county: County, household: CountyHousehold, total: str) -> bool:
    """Truth is visible: no record lacks the number, and no income stays in the dark."""
    living = [pid for pid in _members(household) if household.truth[pid].alive]
    asked = [*living, *(household.refs[ref] for ref in _signed_supporters(household))]
    whose = asked if total == "monthly_income" else living
    if not all(is_keyed(county, pid, source) for pid in whose for source in FED_BY[total]):
        return False
    return total != "monthly_income" or all(is_shown(county, household.truth[pid]) for pid in whose)


def _members(household: CountyHousehold) -> list[str]:
    members: Any = household.application["household"]
    return [household.refs[one["ref"]] for one in members["members"]]


def _signed_supporters(household: CountyHousehold) -> list[str]:
    body: Any = household.application
    signed = body["consent"]["signatories"]
    return [one["ref"] for one in body["household"]["supporters"] if one["ref"] in signed]


def _bounds(shown: object) -> tuple[Decimal, Decimal | None]:
    if isinstance(shown, dict):
        high = shown["max"]
        return Decimal(shown["min"]), None if high is None else Decimal(high)
    return Decimal(str(shown)), Decimal(str(shown))


def test_every_household_is_done(answers: list[tuple[Document, list[Document]]]) -> None:
    assert len(answers) == HOUSEHOLDS
    assert {document["status"] for document, _ in answers} <= {"final", "in_review"}
    states = {one["state"] for document, _ in answers for one in document["sources"]}
    assert states <= {"answered", "no_record", "not_asked"}


@pytest.mark.parametrize("total", FED_BY)
def test_a_total_holds_the_truth(
    total: str, county: County, answers: list[tuple[Document, list[Document]]]
) -> None:
    seen: Counter[str] = Counter()
    for household, (document, _) in zip(county.households, answers, strict=True):
        if not _comparable(county, household, total):
            continue
        living = [pid for pid in _members(household) if household.truth[pid].alive]
        true = Decimal(getattr(totals_of(household, living), total))
        low, high = _bounds(document["profile"]["totals"][total])
        where = f"{household.application['case_reference']} {household.type}: {low} {true} {high}"
        assert low - CENT <= true, where
        assert high is None or true <= high + CENT, where
        seen["compared"] += 1
        seen["exact"] += low == high
    assert seen["compared"] >= HOUSEHOLDS // 3, seen
    assert seen["exact"] >= EXACT_AT_LEAST[total] * seen["compared"], seen


def test_no_record_of_another_is_accepted(
    county: County, answers: list[tuple[Document, list[Document]]]
) -> None:
    accepted = 0
    for household, (_, evidence) in zip(county.households, answers, strict=True):
        for row in evidence:
            if row["accepted"]:
                accepted += 1
                assert household.refs[row["person"]] in owners_of(county.registers, row), row
    assert accepted > HOUSEHOLDS * 10


def test_a_full_number_and_name_are_enough(
    county: County, answers: list[tuple[Document, list[Document]]]
) -> None:
    """Without faults, no own record under the full number and the very name is turned away."""
    seen = 0
    for household, (_, evidence) in zip(county.households, answers, strict=True):
        for row in evidence:
            levels = {one["field"]: one["level"] for one in row["comparison"]}
            if levels["name"] == "equal" and levels["id_number"] in ("equal", "equal_15_18"):
                assert row["accepted"], row
                assert household.refs[row["person"]] in owners_of(county.registers, row)
                seen += 1
    assert seen > HOUSEHOLDS * 10
