"""What is measured is what is said: the same calls, whole verifications, sound figures."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from app.api.schemas.verification import VerificationIn
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


@pytest.mark.acceptance
async def test_the_benchmark_runs(tmp_path: Path) -> None:
    out = io.StringIO()
    plan = Plan(households=2, latency=0.0, rounds=1, looking=0.01)
    await measure(plan, tmp_path, Console(file=out, width=100))
    text = out.getvalue()
    for word in ("2 households", "bare", "service", "ratio", "identify", "the demo's household"):
        assert word in text
