"""Five households through the whole service: every amount to the cent, every outcome."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.five.case import Case
from tests.acceptance.five.cases import CASES, registers
from tests.acceptance.service import Document, running
from tests.acceptance.whose import owners_of

pytestmark = pytest.mark.acceptance

APPLICATIONS: Final = Path(__file__).parents[1] / "cases" / "applications"
TROUBLE: Final = frozenset(
    {
        "source_failed",
        "implausible_value",
        "identity_uncertain",
        "identity_mismatch",
        "duplicate_relief",
        "registered_not_declared",
    }
)
"""Findings that none of the five gives reason for."""

by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.reference)


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one application."""

    application: Document
    document: Document
    evidence: list[Document]

    @property
    def profile(self) -> Document:
        profile: Document = self.document["profile"]
        return profile


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verified]:
    """All five, posted at once, by their case references."""
    return asyncio.run(_all_verified(tmp_path_factory.mktemp("five")))


async def _all_verified(folder: Path) -> dict[str, Verified]:
    bodies = {case.reference: _application(case) for case in CASES}
    async with running(registers(), folder) as service:
        documents = await asyncio.gather(*(service.verify(body) for body in bodies.values()))
        evidence = [await service.evidence(document["id"]) for document in documents]
    found = zip(bodies.items(), documents, evidence, strict=True)
    return {
        reference: Verified(body, document, rows) for (reference, body), document, rows in found
    }


def _application(case: Case) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((APPLICATIONS / f"{case.reference}.json").read_text("utf-8"))
    return body


def _lines(lines: list[Document], amount: str) -> list[str]:
    """What the lines say, in an order of its own: their numbering is not compared."""
    return _sorted((one["person"], one["kind"], one[amount], one["counted"]) for one in lines)


def _sorted(lines: Iterable[tuple[object, ...]]) -> list[str]:
    return sorted(json.dumps(line, sort_keys=True) for line in lines)


@by_case
def test_every_source_answered(case: Case, verified: dict[str, Verified]) -> None:
    document = verified[case.reference].document
    assert document["status"] == "final"
    assert {one["state"] for one in document["sources"]} <= {"answered", "no_record"}


@by_case
def test_everybody_is_who_they_say(case: Case, verified: dict[str, Verified]) -> None:
    for person in verified[case.reference].profile["persons"]:
        assert person["identity"]["state"] == "verified", person
        assert person["alive"] is True


@by_case
def test_every_income_line_to_the_cent(case: Case, verified: dict[str, Verified]) -> None:
    assert _lines(verified[case.reference].profile["income"], "monthly") == _sorted(
        case.expected.income
    )


@by_case
def test_every_asset_to_the_cent(case: Case, verified: dict[str, Verified]) -> None:
    assert _lines(verified[case.reference].profile["assets"], "value") == _sorted(
        case.expected.assets
    )


@by_case
def test_totals_to_the_cent(case: Case, verified: dict[str, Verified]) -> None:
    assert verified[case.reference].profile["totals"] == case.expected.totals


@by_case
def test_outcomes(case: Case, verified: dict[str, Verified]) -> None:
    decisions = verified[case.reference].document["decisions"]
    assert {one["programme"]: one["outcome"] for one in decisions} == case.expected.outcomes
    for decision in decisions:
        low, high = decision["error_rate_interval"]
        assert 0 <= low <= decision["error_rate"] <= high <= 1


@by_case
def test_benefits(case: Case, verified: dict[str, Verified]) -> None:
    gaps = {
        one["programme"]: one["benefit"]["monthly_gap"]
        for one in verified[case.reference].document["decisions"]
        if "monthly_gap" in one["benefit"]
    }
    assert gaps == case.expected.benefits


@by_case
def test_findings(case: Case, verified: dict[str, Verified]) -> None:
    found = {(one["code"], one["person"]) for one in verified[case.reference].document["findings"]}
    assert case.expected.findings <= found
    assert not {code for code, _ in found} & TROUBLE


@by_case
def test_only_own_records_are_accepted_and_all_of_them(
    case: Case, verified: dict[str, Verified]
) -> None:
    one = verified[case.reference]
    household = one.application["household"]
    numbers = {
        person["ref"]: person["id_number"]
        for person in [*household["members"], *household["supporters"]]
    }
    held = registers()
    refused = 0
    for row in one.evidence:
        owners = owners_of(held, row)
        assert owners, row
        assert row["accepted"] == (numbers[row["person"]] in owners), row
        refused += not row["accepted"]
    assert refused > 0  # each of the five has a namesake


@by_case
def test_the_report_is_issued(case: Case, verified: dict[str, Verified]) -> None:
    report = verified[case.reference].document["report"]
    assert report["number"].startswith("HD-220102-2026-")
    assert report["verification_code"]
