"""The service in a process of its own, which tells the CPU time it has used.

`python -m tests.benchmarks.serving FOLDER SOURCES_YAML [DATABASE]`.
"""

import asyncio
import sys
import time
from dataclasses import asdict
from pathlib import Path

from app.demo import add_client, free_port
from app.logs import configure
from app.serving import served
from app.settings import Settings
from tests.benchmarks.processes import answering
from tests.service_parts import UNLIMITED


async def main(folder: Path, sources: Path, database: str) -> None:
    """Serves until the input ends; `cpu` is answered with seconds of all threads."""
    configure()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings(
        data_dir=folder / "data",
        database_url=database,
        sources=sources,
        port=port,
        public_url=url,
        worker="bench",
        batch_workers=0,
        rates=UNLIMITED,
    )
    async with served(settings) as parts:
        remote = await add_client(parts, url)
        await answering(asdict(remote), {"cpu": time.process_time})


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(main(Path(given[0]), Path(given[1]), given[2] if len(given) > 2 else ""))
