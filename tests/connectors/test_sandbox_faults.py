"""The sources that answer at once against the sandbox: each of its faults is told as what it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.contract import Found, NoRecord, Outcome, Partial, Source, Unknown
from connectors.failure import FailureKind
from connectors.registry import build_sources
from connectors.sandbox.faults import NOT_APPLICABLE, Fault
from connectors.sandbox.register import Entry, Register
from connectors.sandbox.sandbox import Sandbox, run_sandbox
from tests.connectors.asked import LI_MING, STRANGER, CountingPermit, a_person, a_query

SOURCES = ("household_registry", "tax", "property", "business_registration")
PERSONS = (("李明", LI_MING), ("王芳", STRANGER))
SHORT = 0.4
"""Seconds given to a source that is going to be late; every other one gets as many as it needs."""


def registered(name: str, number: str) -> Entry:
    row: dict[str, object] = {
        "xm": name,
        "cym": None,
        "gmsfhm": number,
        "xb": "1",
        "mz": "01",
        "yhzgx": "02",
    }
    row |= {"csrq": date(1980, 3, 7), "hh": f"22010200{number[-4:]}", "hkxz": "2", "hyzk": "20"}
    row |= {"hjdz": "民康街道7委3组12号", "swbs": "0", "swrq": None, "qczxbs": "0"}
    return Entry(name, number, row, "person", None)


def taxed(name: str, number: str) -> Entry:
    row: dict[str, object] = {"xm": name, "zjhm": number, "sdxmdm": "0101", "gzbz": "0"}
    row |= {"sre": Decimal("2600.00"), "yjse": Decimal("0.00"), "skssqq": date(2026, 9, 1)}
    row |= {"skssqz": date(2026, 9, 30), "kjywrmc": "某某<物业>", "kjywrsbh": "91220102MA0Y5X1A2B"}
    return Entry(name, number, row, "item", None)


def owned(name: str, number: str) -> Entry:
    row: dict[str, object] = {"bdcdyh": f"220102003041GB00012F0003{number[-4:]}", "mj": Decimal(58)}
    row |= {"bdcqzh": "长房权证南字第12345号", "zl": "平阳街12号3栋2单元501室", "ghyt": "住宅"}
    row |= {"gyfs": "单独所有", "qlrmc": name, "qlrzjh": number, "qlbl": "", "qszt": "现势"}
    row |= {"djsj": datetime(2019, 5, 6, 10, 22, 31)}  # noqa: DTZ001 - as the register keys it
    return Entry(
        name, number, row | {"dyzt": "有抵押", "cfzt": "无查封", "dj": None}, "ownership", None
    )


def directed(name: str, number: str) -> Entry:
    row: dict[str, object] = {"entName": "某某小吃店", "uniscid": "92220102MA15XK3T7D"}
    row |= {"entType": "9600", "entStatus": "1", "estDate": date(2021, 4, 2)}
    row |= {"regCap": Decimal("20.5"), "personName": name, "idNo": number}
    return Entry(name, number, row, "legalRepresentative", None)


ENTRIES = dict(zip(SOURCES, (registered, taxed, owned, directed), strict=True))


@asynccontextmanager
async def connected(
    folder: Path, name: str, seconds: float = 15.0
) -> AsyncIterator[tuple[Sandbox, Source]]:
    registers = {name: Register([ENTRIES[name](*person) for person in PERSONS])}
    async with run_sandbox(
        registers, folder=folder, late_seconds=1.0, drip_seconds=0.02
    ) as sandbox:
        config = {name: sandbox.sources_configuration()[name]}
        limits = {name: {"timeout": seconds, "tries": 1, "max_bytes": 1_000_000}}
        source = build_sources(config, limits)[name]
        try:
            yield sandbox, source
        finally:
            await source.aclose()


async def outcome_of(source: Source, name: str = "李明", number: str = LI_MING) -> Outcome:
    async with asyncio.timeout(60):
        progress = await source.ask(a_query(a_person(name, number)), CountingPermit())
    return progress.replies[0].outcome


UNREADABLE = {FailureKind.MALFORMED, FailureKind.UNREACHABLE}
TOLD = {
    Fault.REFUSED: {FailureKind.UNREACHABLE},
    Fault.STALL: {FailureKind.TIMED_OUT},
    Fault.DRIP_HEADERS: {FailureKind.TIMED_OUT},
    Fault.DRIP_BODY: {FailureKind.TIMED_OUT},
    Fault.LATE: {FailureKind.TIMED_OUT},
    Fault.RESET: {FailureKind.UNREACHABLE},
    Fault.HTTP_500: {FailureKind.UNAVAILABLE},
    Fault.HTTP_429: {FailureKind.RATE_LIMITED},
    Fault.HTTP_200_ERROR: {FailureKind.UNAVAILABLE},
    Fault.TEN_MEGABYTES: {FailureKind.TOO_LARGE},
    Fault.WRONG_PERSON: {FailureKind.MISMATCHED},
    Fault.OTHER_REQUEST: {FailureKind.MISMATCHED},
    Fault.TWO_PERSONS: {FailureKind.MISMATCHED},
    Fault.SOAP_CLIENT_FAULT: {FailureKind.REJECTED},
    Fault.TOKEN_WITHDRAWN: {FailureKind.REFUSED},
    Fault.NAN: {FailureKind.MALFORMED, FailureKind.UNMAPPED},
}
CELLS = [
    (source, fault)
    for source in SOURCES
    for fault in Fault
    if (source, fault) not in NOT_APPLICABLE and fault is not Fault.DUPLICATE
]


@pytest.mark.parametrize("name", SOURCES)
async def test_a_healthy_source_finds_finds_none_and_repeats_harmlessly(
    tmp_path: Path, name: str
) -> None:
    async with connected(tmp_path, name) as (sandbox, source):
        found = await outcome_of(source)
        assert isinstance(found, Found)
        assert all(record.problems == () for record in found.records)
        assert await outcome_of(source, "赵无", "229912199001010011") == NoRecord()
        sandbox.faults.set(name, Fault.DUPLICATE)
        assert await outcome_of(source) == found


@pytest.mark.parametrize(("name", "fault"), CELLS, ids=str)
async def test_a_fault_is_never_read_as_nothing(tmp_path: Path, name: str, fault: Fault) -> None:
    told = TOLD.get(fault, UNREADABLE)
    is_late = FailureKind.TIMED_OUT in told
    async with connected(tmp_path, name, SHORT if is_late else 15.0) as (sandbox, source):
        sandbox.faults.set(name, fault)
        outcome = await outcome_of(source)
        assert isinstance(outcome, Unknown | Partial)
        assert outcome.gap.kind in told
        assert "李明" not in outcome.gap.detail
        if isinstance(outcome, Partial):
            assert fault in {Fault.TWO_PERSONS, Fault.NAN}
            assert all("王芳" not in f"{record.subjects}" for record in outcome.records)
        sandbox.faults.set(name, None)
        assert is_late or isinstance(await outcome_of(source), Found)
