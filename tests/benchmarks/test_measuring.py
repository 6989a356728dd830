"""What is measured is what is said: the same calls, whole verifications, sound figures."""

import asyncio
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from app.api.schemas.verification import VerificationIn
from tests.benchmarks.batch import Plan as BatchPlan
from tests.benchmarks.batch import measure as measure_batch
from tests.benchmarks.batch_tables import Ran, batch_table
from tests.benchmarks.cpu import peak_memory, tree_cpu
from tests.benchmarks.households import Measured
from tests.benchmarks.load import one_round, percentile, unlike
from tests.benchmarks.verification import Plan, measure
from tests.service_parts import a_body

_DONE = frozenset({"final"})


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [([3.0], 0.99, 3.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0), (list(range(1, 101)), 0.99, 99)],
)
def test_a_percentile_is_one_of_the_values(
    values: list[float], share: float, wanted: float
) -> None:
    assert percentile(values, share) == wanted


@pytest.mark.parametrize(
    ("status", "state", "spoilt"),
    [("final", "answered", False), ("partial", "pending", True), ("final", "failed", True)],
)
def test_half_a_verification_is_not_measured(status: str, state: str, spoilt: bool) -> None:
    document: dict[str, Any] = {"status": status, "sources": [{"source": "tax", "state": state}]}
    assert (unlike(document, _DONE) is not None) is spoilt


def _a_household() -> Measured:
    request = VerificationIn.model_validate(a_body()).to_domain()
    return Measured(body=b"{}", request=request, chains=(), replies=(), statuses=())


async def test_every_household_is_sent_once_and_no_more_than_so_many_at_once() -> None:
    under_way, most = 0, 0

    async def verify(_household: Measured) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    async def cpu() -> float:
        return 0.0

    done = await one_round([_a_household()] * 7, verify, cpu, at_once=3, latency=0.0)
    assert (len(done.elapsed), most) == (7, 3)


def test_ratios_are_of_medians() -> None:
    def ran(seconds: float, cpu: float) -> Ran:
        return Ran(100, seconds, cpu, server_cpu=0.1, stub_cpu=0.1, memory=5_000_000)

    runs = {
        "raw ceiling": [ran(1.0, 0.1), ran(2.0, 0.1), ran(50.0, 9.0)],
        "plain client, 1": [ran(4.0, 0.4)],
        "whole service, 1": [ran(8.0, 0.8)],
    }
    out = io.StringIO()
    Console(file=out, width=160).print(batch_table("sqlite", 0.02, runs))
    row = next(line for line in out.getvalue().splitlines() if "whole service" in line)
    assert [cell.strip() for cell in row.split("│")[2:-1]] == [
        *("12", "8.00", "1.00", "1.00", "5"),
        *("0.50", "0.25", "8.0"),
    ]


def test_cpu_of_a_process_and_its_children_is_counted() -> None:
    """A child that has been waited for counts, and so does what is still running."""
    before = tree_cpu(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(20_000_000))"], check=True)
    assert tree_cpu(os.getpid()) > before
    assert peak_memory(os.getpid()) > 1_000_000


@pytest.mark.timeout(300)
@pytest.mark.acceptance
async def test_the_benchmark_of_batches_runs(tmp_path: Path) -> None:
    out = io.StringIO()
    plan = BatchPlan(
        households=4, latency=0.0, rounds=1, databases=("sqlite",), workers=(1,), warm=4
    )
    await measure_batch(plan, tmp_path, Console(file=out, width=140))
    for variant in ("raw ceiling", "plain client, 1", "asking and storing, 1", "whole service, 1"):
        assert variant in out.getvalue()


@pytest.mark.acceptance
async def test_the_benchmark_runs(tmp_path: Path) -> None:
    out = io.StringIO()
    plan = Plan(households=2, latency=0.0, rounds=1, looking=0.01)
    await measure(plan, tmp_path, Console(file=out, width=100))
    text = out.getvalue()
    for word in ("2 households", "bare", "service", "ratio", "identify", "the demo's household"):
        assert word in text
