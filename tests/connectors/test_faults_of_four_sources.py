"""Every fault that the sandbox can show, at four sources: what went wrong is never "none"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from connectors.contract import (
    AskAgain,
    AskedPerson,
    Found,
    IdType,
    Months,
    NoRecord,
    Outcome,
    Partial,
    Progress,
    SourceQuery,
    Unknown,
)
from connectors.housing_fund.client import HousingFundSource
from connectors.insurance.client import InsuranceSource
from connectors.sandbox.faults import ANSWER, CONNECTION, NOT_APPLICABLE, WHOLE, Fault
from connectors.sandbox.register import Entry, Register
from connectors.sandbox.sandbox import run_sandbox
from connectors.social_insurance.client import SocialInsuranceSource
from connectors.transport.limits import Gate, Limits
from connectors.vehicle.client import VehicleSource

AnySource = HousingFundSource | InsuranceSource | SocialInsuranceSource | VehicleSource

NAME: Final = "李明"
NUMBER: Final = "229901198003071236"
KNOWN: Final = AskedPerson("known", NAME, IdType.RESIDENT_ID, NUMBER)
NOBODY: Final = AskedPerson("nobody", "王芳", IdType.RESIDENT_ID, "229903197605074529")
SOURCES: Final[Mapping[str, type[AnySource]]] = {
    "social_insurance": SocialInsuranceSource,
    "housing_fund": HousingFundSource,
    "vehicle": VehicleSource,
    "insurance": InsuranceSource,
}
SI_WHOM: Final = {"xm": NAME, "sfzh": NUMBER}
ROWS: Final[Mapping[str, tuple[tuple[str, Mapping[str, object]], ...]]] = {
    "social_insurance": (
        (
            "PAYMENT",
            SI_WHOM
            | {"xz": "110", "jfny": "202609", "jfjs": 360000, "grjfje": 28800, "dwjfje": 57600}
            | {"dwmc": "某某物业", "dwbh": "91220102MA0Y5X1A2B"},
        ),
        ("BENEFIT", SI_WHOM | {"dylx": "02", "ffny": "202609", "ffje": 142000}),
    ),
    "housing_fund": (
        (
            "account",
            {"GRZH": "1", "XM": "李　明", "ZJHM": f"{NUMBER}  ", "CSRQ": date(1980, 3, 7)}
            | {"DWMC": "某某物业", "DWDM": None, "JCJS": Decimal("4600.00")}
            | {"YJCE": Decimal("700.00"), "ZHYE": Decimal("26700.55"), "ZHZT": "01"}
            | {"JZNY": "202610", "GXSJ": datetime(2026, 10, 15, 9, 30)},  # noqa: DTZ001
        ),
    ),
    "vehicle": (
        (
            "vehicle",
            {"hphm": "吉A3K58C", "hpzl": "02", "cllx": "K33", "clpp1": "某某牌"}
            | {"clsbdh": "LFV2A21K5A3000001", "syr": NAME, "sfzmhm": NUMBER, "syxz": "A"}
            | {"ccdjrq": date(2016, 3, 2), "zt": "A", "pl": "1598", "hdzk": "5"},
        ),
        (
            "vessel",
            {"cm": "吉渔0123", "cbdjh": "220000012345", "cblx": "渔船", "zdw": Decimal("3.2")}
            | {"syr": NAME, "sfzmhm": NUMBER, "djrq": date(2012, 6, 1), "zt": "在籍"},
        ),
    ),
    "insurance": (
        (
            "policy",
            {"bdh": "P1", "gsmc": "某某人寿", "cpmc": "某某年金", "xzfl": "年金"}
            | {"role": "投保人", "bdzt": "有效", "sxrq": date(2017, 8, 1), "jffs": "年缴"}
            | {"ncbf": Decimal("3000.00"), "ljbf": Decimal("27000.00")}
            | {"xjjz": Decimal("19850.00"), "nlqje": Decimal("0.00"), "xm": NAME, "zjhm": NUMBER},
        ),
    ),
}
REGISTERS: Final = {
    source: Register([Entry(NAME, NUMBER, row, kind, "p") for kind, row in rows])
    for source, rows in ROWS.items()
}
LIMITS: Final = Limits(timeout=0.4, tries=1)
CELLS: Final = [
    (source, fault)
    for source in SOURCES
    for fault in Fault
    if (source, fault) not in NOT_APPLICABLE
]
ONLY_THE_ROWS: Final = {
    ("housing_fund", Fault.GARBAGE),
    ("housing_fund", Fault.WRONG_CHARSET),
    ("housing_fund", Fault.TEN_MEGABYTES),
}
"""A view's faults stand in its rows: who has none is not concerned."""


@dataclass
class Answers:
    """All that came of an asking."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    again: list[AskAgain] = field(default_factory=list)

    def add(self, progress: Progress) -> None:
        self.outcomes.update({each.person: each.outcome for each in progress.replies})
        self.again.extend(progress.again)


async def permit() -> None:
    """Always given."""


async def answers_of(source: AnySource) -> Answers:
    """Ask about both persons and collect to the end, without the pauses."""
    query = SourceQuery(
        reference="q-1",
        sequence=1,
        region="220102",
        persons=(KNOWN, NOBODY),
        window=Months(date(2025, 11, 1), date(2026, 10, 31)),
        as_of=date(2026, 11, 1),
        sent_on=date(2026, 11, 24),
    )
    answers = Answers()
    progress = await source.ask(query, permit)
    answers.add(progress)
    while progress.ticket is not None:
        progress = await source.collect(progress.ticket, query, permit)
        answers.add(progress)
    return answers


async def answers_from(name: str, fault: Fault | None, folder: Path) -> Answers:
    pace: dict[str, Any] = {"late_seconds": 1.0, "drip_seconds": 0.05}
    async with run_sandbox(REGISTERS, folder=folder, **pace) as sandbox:
        sandbox.faults.set(name, fault)
        config = sandbox.sources_configuration()[name]
        source = SOURCES[name].from_config(name, config, Gate(name, LIMITS))
        try:
            return await answers_of(source)
        finally:
            await source.aclose()


@pytest.mark.parametrize("name", SOURCES)
async def test_without_a_fault_both_are_answered(name: str, tmp_path: Path) -> None:
    answers = await answers_from(name, None, tmp_path)
    known = answers.outcomes["known"]
    assert isinstance(known, Found)
    assert len(known.records) == len(ROWS[name])
    assert all(each.problems == () for each in known.records)
    assert answers.outcomes["nobody"] == NoRecord()


@pytest.mark.parametrize(("name", "fault"), CELLS)
async def test_a_fault_is_never_no_record(name: str, fault: Fault, tmp_path: Path) -> None:
    answers = await answers_from(name, fault, tmp_path)
    known, nobody = (answers.outcomes.get(each) for each in ("known", "nobody"))
    assert not isinstance(known, NoRecord)
    assert not isinstance(nobody, Found | Partial)
    if fault in CONNECTION | WHOLE and (name, fault) not in ONLY_THE_ROWS:
        assert isinstance(known, Unknown)
        assert isinstance(nobody, Unknown)
    if known is None:
        assert [each.person for each in answers.again] == ["known", "nobody"]
    if isinstance(known, Found):
        assert fault not in ANSWER - {Fault.DUPLICATE}
    told = [each.gap for each in answers.outcomes.values() if isinstance(each, Unknown | Partial)]
    for failure in [*told, *(each.failure for each in answers.again)]:
        assert not any(secret in str(failure) for secret in (NAME, "王芳", "2299"))
