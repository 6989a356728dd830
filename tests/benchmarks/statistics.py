"""How long each statistic takes on a county's, a city's and a province's million of cases.

`python -m tests.benchmarks.statistics [--cases 1000000] [--rounds 3] [--folder FOLDER]`
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from app.report.statistics import BREAKDOWNS, Question, Reader, Topic
from app.store.crypto import FieldCipher
from app.store.distinct import Distinct
from app.store.migrate import sync_engine
from app.store.statistics import By, CountQuery, Period
from tests.benchmarks.filled import AS_OF, SINCE, UNTIL, Filler, database_in

PROVINCE, CITY, COUNTY, STREET = "22", "2203", "220304", "220304005"
_WHOLE: Final = CountQuery(region=PROVINCE, since=SINCE, until=UNTIL)
_TERM: Final = 30


def queries(topic: Topic) -> Iterator[tuple[str, CountQuery]]:
    """What is asked most, with words for it."""
    for region in (PROVINCE, CITY, COUNTY, STREET):
        yield f"{region} as a whole", replace(_WHOLE, region=region)
    yield f"{PROVINCE} by region 4", replace(_WHOLE, by=By.REGION, level=4)
    yield f"{PROVINCE} by region 6", replace(_WHOLE, by=By.REGION, level=6)
    yield f"{CITY} by region 9", replace(_WHOLE, region=CITY, by=By.REGION, level=9)
    yield f"{COUNTY} by region 9", replace(_WHOLE, region=COUNTY, by=By.REGION, level=9)
    for period in (Period.MONTH, Period.QUARTER):
        yield f"{PROVINCE} by {period.value}", replace(_WHOLE, by=By.PERIOD, period=period)
    for by in sorted(BREAKDOWNS[topic] - {By.REGION, By.PERIOD}):
        yield f"{PROVINCE} by {by.value}", replace(_WHOLE, by=by)


def timed(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Medians of seconds by the clock and of CPU."""
    clock, cpu = [], []
    for _ in range(rounds):
        began, used = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - began)
        cpu.append(time.process_time() - used)
    return statistics.median(clock), statistics.median(cpu)


def measured(connection: sa.Connection, rounds: int) -> Table:
    """Every topic by what it is asked by, and the distinct counts alone."""
    table = Table(title="statistics; medians, seconds", title_justify="left")
    table.add_column("topic")
    table.add_column("asked")
    for name in ("seconds", "CPU"):
        table.add_column(name, justify="right")
    reader, distinct = Reader(), Distinct()
    for topic in Topic:
        for words, query in queries(topic):
            asked = Question(query, _TERM, AS_OF)
            found = timed(lambda t=topic, q=asked: reader.read(connection, t, q), rounds)  # type: ignore[misc]
            table.add_row(topic.value, words, *(f"{one:.3f}" for one in found))
        table.add_section()
    for words, query in queries(Topic.FINDINGS):
        for name, work in (("persons", distinct.persons), ("households", distinct.households)):
            found = timed(lambda w=work, q=query: w(connection, q), rounds)  # type: ignore[misc]
            table.add_row(f"different {name}", words, *(f"{one:.3f}" for one in found))
    return table


@contextmanager
def filled(cases: int, folder: Path) -> Iterator[sa.Connection]:
    """A connection to the folder's database, which is filled where it is not there."""
    url = database_in(folder)
    if not (folder / "hedui.sqlite3").exists():
        Filler(url, FieldCipher(bytes(range(32))), cases).fill()
    engine = sync_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def main() -> None:
    """Fill where nothing is there, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None, help="Kept; by default a new one.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        with filled(chosen.cases, folder) as connection:
            Console().print(measured(connection, chosen.rounds))


if __name__ == "__main__":
    main()
