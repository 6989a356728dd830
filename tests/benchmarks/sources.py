"""The ten made-up sources in a process of their own.

`python -m tests.benchmarks.sources FOLDER HOUSEHOLDS`: writes applications and `sources.yaml`.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.demo import write_sources
from connectors.sandbox.county import generate
from connectors.sandbox.county.applications import write_applications
from connectors.sandbox.sandbox import PaceOptions, run_sandbox
from tests.benchmarks.processes import answering

PACE: Final[PaceOptions] = {
    "token_seconds": 86_400,
    # What a source refuses by its document would be measured instead of the service.
    "household_registry_rate": 1_000_000,
    "business_registration_rate": 1_000_000,
}
_BACKGROUND: Final = 5_000
_NOBODY: Final = "http://127.0.0.1:9"
"""No service is called back: the insurers' answers are fetched."""


async def main(folder: Path, households: int) -> None:
    """Serves until the input ends."""
    county = generate(1, households, datetime.now(UTC).date(), _BACKGROUND)
    write_applications(county, folder / "applications")
    async with run_sandbox(county.registers, folder=folder / "sandbox", **PACE) as sandbox:
        sources = write_sources(sandbox, folder, _NOBODY)
        await answering({"sources": str(sources), "control": sandbox.control_url}, {})


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
