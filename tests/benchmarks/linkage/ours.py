"""hedui as a user runs it: `hedui link` in a process, and the public functions of `matching`."""

import csv
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from matching.alike import name_score
from matching.identity import Identity
from matching.names import parse_name
from matching.pair import compare
from matching.people import SEXES
from matching.prepared import prepare
from matching.reply import Against, columns_of
from matching.weights import load_weights
from tests.benchmarks.linkage.process import Cost, run_measured

HEDUI: Final = Path(sys.executable).parent / "hedui"
LEAST: Final = 1e-12
LEAST_SCORE: Final = -100.0  # one of the two is no name


def run_hedui(left: Path, right: Path, out: Path, spec: Path | None) -> Path:
    """Link the files; the pairs are a CSV of left_id, right_id, probability, log2_odds.

    `spec` names the fields where they are not those of a register. Two files that hold the same
    are one that is linked with itself. Raises ToolFailed.
    """
    return run_hedui_measured(left, right, out, spec)[0]


def run_hedui_measured(left: Path, right: Path, out: Path, spec: Path | None) -> tuple[Path, Cost]:
    """As `run_hedui`, with what it cost."""
    fields = [] if spec is None else ["--fields", str(spec)]
    files = [str(left)] if left.read_bytes() == right.read_bytes() else [str(left), str(right)]
    command = [str(HEDUI), "link", *files, "--threshold", "0", *fields, "--out", str(out)]
    cost = run_measured(command)
    return _with_log2_odds(out), cost


def _with_log2_odds(pairs: Path) -> Path:
    """Adds the column if the file has none: probabilities near 1 tell pairs apart only so."""
    with pairs.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        if "log2_odds" in header:
            return pairs
        at = header.index("probability")
        lines = [[*row, f"{_log2_odds(float(row[at])):.6f}"] for row in rows]
    out = pairs.with_name(f"{pairs.stem}-odds.csv")
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*header, "log2_odds"])
        writer.writerows(lines)
    return out


def _log2_odds(probability: float) -> float:
    p = min(max(probability, LEAST), 1 - LEAST)
    return math.log2(p / (1 - p))


def name_scores(pairs: Sequence[tuple[str, str]]) -> list[float]:
    """How much likelier two names are one person's than two people's, in bits."""
    found = []
    for left, right in pairs:
        one, other = parse_name(left), parse_name(right)
        found.append(name_score(one, other) if one and other else LEAST_SCORE)
    return found


def identity(row: Mapping[str, str]) -> Identity:
    """A row of a register as hedui knows a person."""
    born = row["birth_date"]
    return Identity(
        name=row["name"],
        former_names=tuple(name for name in (row["former_name"],) if name),
        id_number=row["id_number"] or None,
        birth_date=date.fromisoformat(born) if born else None,
        sex=SEXES.get(row["sex"]),
        address=row["address"] or None,
        phone=row["phone"] or None,
        employer=row["employer"] or None,
    )


def one_against_many(
    person: Mapping[str, str], records: Sequence[Mapping[str, str]]
) -> Callable[[], object]:
    """What is called again and again to judge one person against prepared records.

    The person has met the values before, as from the second source on; see `first_reply`.
    """
    one = Against(identity(person), load_weights())
    reply = columns_of([identity(record) for record in records])
    return lambda: one.probabilities(reply)


def first_reply(
    person: Mapping[str, str], records: Sequence[Mapping[str, str]]
) -> Callable[[], object]:
    """The same where no value was met before; preparing the person is in it."""
    weights = load_weights()
    reply = columns_of([identity(record) for record in records])
    return lambda: Against(identity(person), weights).probabilities(reply)


def one_by_one(
    person: Mapping[str, str], records: Sequence[Mapping[str, str]]
) -> Callable[[], object]:
    """The same with every explanation, one comparison after the other."""
    weights = load_weights()
    prepared = prepare(identity(person))
    others = [prepare(identity(record)) for record in records]
    return lambda: [compare(prepared, other, weights).probability for other in others]


def reading_a_reply(records: Sequence[Mapping[str, str]]) -> Callable[[], object]:
    """What a reply's records cost before they can be compared."""
    people = [identity(record) for record in records]
    return lambda: columns_of(people)
