"""One fault of each source through the whole service: shown as failed, and never confirmed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from connectors.sandbox.faults import Fault, Step
from connectors.sandbox.register import SOURCES
from tests.acceptance.ill import APPLICATION, KNOWN, registers
from tests.acceptance.service import Document, Service, running
from tests.acceptance.whose import owners_of

pytestmark = pytest.mark.acceptance

FAILING: Final[Mapping[str, tuple[Fault, Step | None]]] = {
    "household_registry": (Fault.HTTP_200_ERROR, None),
    "tax": (Fault.SOAP_CLIENT_FAULT, None),
    "social_insurance": (Fault.JOB_FAILED, Step.RESULT),
    "property": (Fault.TRUNCATED_WITHOUT_LENGTH, None),
    "business_registration": (Fault.TOKEN_WITHDRAWN, None),
    "housing_fund": (Fault.SQL_ERROR, None),
    "vehicle": (Fault.RESET, None),
    "bank": (Fault.DAMAGED_PART, None),
    "insurance": (Fault.GARBAGE, None),
    "securities": (Fault.BROKEN_WORKBOOK, None),
}
"""A fault of each source after which it has told nothing."""
CALLBACKS: Final = (
    Fault.BAD_SIGNATURE_CALLBACK,
    Fault.OLD_TIMESTAMP_CALLBACK,
    Fault.UNKNOWN_INQUIRY_CALLBACK,
    Fault.DUPLICATE,
)
"""Calls of the insurers that change nothing; the answer is fetched, or came before."""
LIMITS: Final = {source: {"timeout": 2.0, "tries": 1, "deadline": 3.0} for source in SOURCES}


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one posting."""

    document: Document
    evidence: list[Document]

    def state(self, source: str) -> str:
        (found,) = [one for one in self.document["sources"] if one["source"] == source]
        return str(found["state"])

    @property
    def outcome(self) -> str:
        (decision,) = self.document["decisions"]
        return str(decision["outcome"])


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Verified]:
    """By what was told: nothing, a source's fault, a spoilt callback; and healed at the end."""
    return asyncio.run(_all(tmp_path_factory.mktemp("faults")))


async def _all(folder: Path) -> Mapping[str, Verified]:
    found: dict[str, Verified] = {}
    async with running(registers(), folder, limits=LIMITS) as service:
        faults = service.sandbox.faults
        found["none"] = await _verified(service, "none")
        for source, (fault, step) in FAILING.items():
            faults.set(source, fault, step=step)
            found[source] = await _verified(service, source)
            faults.set(source, None)
        for fault in CALLBACKS:
            faults.set("insurance", fault, step=Step.CALLBACK)
            found[fault.value] = await _verified(service, fault.value)
            faults.set("insurance", None)
        found["healed"] = await _verified(service, "healed")
    return found


async def _verified(service: Service, case: str) -> Verified:
    document = await service.verify({**APPLICATION, "case_reference": f"case-{case}"}, wait=20)
    return Verified(document, await service.evidence(document["id"]))


@pytest.mark.parametrize("told", ["none", "healed"])
def test_without_a_fault_it_is_confirmed(told: str, verified: Mapping[str, Verified]) -> None:
    one = verified[told]
    assert {one.state(source) for source in SOURCES} == {"answered"}
    assert (one.document["status"], one.outcome) == ("final", "confirmed")


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_fails_is_failed(source: str, verified: Mapping[str, Verified]) -> None:
    one = verified[source]
    assert one.document["status"] in ("final", "in_review")
    assert one.state(source) == "failed"
    assert {one.state(other) for other in SOURCES if other != source} == {"answered"}
    assert one.outcome == "undetermined"
    findings = {(each["code"], each["person"]) for each in one.document["findings"]}
    assert ("source_failed", "m1") in findings


@pytest.mark.parametrize("fault", CALLBACKS)
def test_a_spoilt_callback_changes_nothing(fault: Fault, verified: Mapping[str, Verified]) -> None:
    one, clean = verified[fault.value], verified["none"]
    assert one.state("insurance") == "answered"
    assert one.outcome == "confirmed"
    assert one.document["profile"]["totals"] == clean.document["profile"]["totals"]


def test_only_own_records_are_accepted(verified: Mapping[str, Verified]) -> None:
    held = registers()
    for one in verified.values():
        for row in one.evidence:
            assert row["accepted"] == (owners_of(held, row) == {KNOWN.id}), row
