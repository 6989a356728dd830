"""A register of beneficiaries beside the ten: what it knows is a finding, silence is silence."""

from pathlib import Path
from typing import Any

from connectors.contract import Outcome, Unknown
from connectors.failure import Failure, FailureKind
from connectors.records import ReliefEnrolment, Subject
from tests.service_parts import NAMES, NUMBERS, ScriptedSource, all_ten, found, running


def enrolled(ref: str, *, active: bool | None = True) -> ReliefEnrolment:
    return ReliefEnrolment(
        subjects=(Subject(name=NAMES[ref], id_number=NUMBERS[ref]),),
        raw={"name": NAMES[ref], "id_number": NUMBERS[ref], "programme": "农村低保"},
        programme="农村低保",
        programme_code="RD",
        enrolled_on=None,
        active=active,
        amount=None,
    )


async def verified(folder: Path, outcome: Outcome) -> dict[str, Any]:
    register = ScriptedSource("relief_register", {"m2": outcome})
    async with running(folder, [*all_ten(), register]) as service:
        document: dict[str, Any] = (await service.post()).json()
    return document


async def test_who_is_enrolled_already_is_a_finding(tmp_path: Path) -> None:
    document = await verified(tmp_path, found(enrolled("m2")))
    states = {
        one["person"]: one for one in document["sources"] if one["source"] == "relief_register"
    }
    assert states["m2"]["records"] == 1
    assert states["m1"]["state"] == "no_record"
    (finding,) = [one for one in document["findings"] if one["code"] == "duplicate_relief"]
    assert finding["person"] == "m2"
    assert finding["severity"] == "warning"
    assert finding["evidence"]


async def test_who_was_enrolled_once_is_none(tmp_path: Path) -> None:
    document = await verified(tmp_path, found(enrolled("m2", active=False)))
    assert "duplicate_relief" not in {one["code"] for one in document["findings"]}


async def test_a_register_that_does_not_answer_is_told_and_changes_no_total(tmp_path: Path) -> None:
    silent = Unknown(Failure(FailureKind.REJECTED, "the registry says no"))
    document = await verified(tmp_path, silent)
    codes = {one["code"]: one for one in document["findings"]}
    assert "relief_register" in codes["source_failed"]["detail"]
    assert codes["source_failed"]["decisive"] is False
    assert isinstance(document["profile"]["totals"]["monthly_income"], str)
