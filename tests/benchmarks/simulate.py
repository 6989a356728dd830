"""A draft of a standard over a million stored profiles: seconds of each part, and memory.

`python -m tests.benchmarks.simulate [--profiles 1000000] [--folder FOLDER]`
"""

import argparse
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from app.programmes.folder import SHIPPED
from app.programmes.standard import Standards
from app.report.simulation import Draft, Simulation
from app.report.simulation_tally import Tally
from app.store.crypto import FieldCipher
from app.store.facts import DecisionFacts, FactChunk
from app.store.migrate import sync_engine
from tests.benchmarks.filled import AS_OF, PROGRAMME, Filler, database_in

REGION: Final = "22"
_KEY: Final = bytes(range(32))
_MIB: Final = 1024
_STANDARD: Final = """parameters:
  local_standard:
    reference: a draft
    urban: {all: {2014-07-01: "800.00"}}
    rural: {all: {2014-07-01: "560.00"}}
  asset_months:
    reference: a draft
    values: {all: {2014-07-01: "20"}}
"""


class Timed(DecisionFacts):
    """As it is, with a clock around the opening of the sealed amounts."""

    seconds = 0.0

    def open_joined(self, tx: Any, rows: Any) -> Any:
        began = time.perf_counter()
        opened = super().open_joined(tx, rows)
        self.seconds += time.perf_counter() - began
        return opened


@contextmanager
def clocked(parts: Counter[str], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    parts[name] += time.perf_counter() - began  # type: ignore[assignment]  # seconds


def a_draft() -> Draft:
    """A higher standard with fewer assets."""
    current = Standards.load()
    text = (SHIPPED / f"{PROGRAMME}.yaml").read_text("utf-8") + _STANDARD
    drafted, programme = current.with_draft(text)
    return Draft(current=current, drafted=drafted, programme=programme, day=AS_OF)


def parts_of(connection: sa.Connection) -> tuple[Counter[str], dict[str, Any]]:
    """Seconds of reading, opening, judging and adding up; and what came of it."""
    parts: Counter[str] = Counter()
    facts, simulation = Timed(FieldCipher(_KEY)), Simulation(a_draft(), Tally(6))
    chunks = facts.stream(connection, simulation.draft.chosen(REGION))
    while True:
        chunk: FactChunk | None
        with clocked(parts, "read and open"):
            chunk = next(chunks, None)
        if chunk is None:
            break
        with clocked(parts, "judge and add up"):
            simulation.add(chunk)
    with clocked(parts, "report"):
        document = simulation.tally.document()
    parts["open"] = facts.seconds  # type: ignore[assignment]  # seconds
    parts["read"] = parts.pop("read and open") - facts.seconds  # type: ignore[assignment]
    return parts, document


def main() -> None:
    """Fill where nothing is there, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=None, help="Kept; by default a new one.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        url = database_in(folder)
        if not (folder / "hedui.sqlite3").exists():
            Filler(url, FieldCipher(_KEY), chosen.profiles).fill()
        engine = sync_engine(url)
        with engine.connect() as connection:
            began, used = time.perf_counter(), time.process_time()
            parts, document = parts_of(connection)
            whole, cpu = time.perf_counter() - began, time.process_time() - used
        engine.dispose()
    table = Table(title=f"{document['households']} profiles", title_justify="left")
    table.add_column("part")
    table.add_column("seconds", justify="right")
    for name in ("read", "open", "judge and add up", "report"):
        table.add_row(name, f"{parts[name]:.2f}")
    table.add_row("all", f"{whole:.2f}", style="bold")
    table.add_row("CPU", f"{cpu:.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB
    table.caption = f"peak memory {peak:.0f} MiB; cost {document['cost']}"
    Console().print(table)


if __name__ == "__main__":
    main()
