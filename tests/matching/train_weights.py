"""Trains the packaged weights on the sandbox's county: `python -m tests.matching.train_weights`.

The left file is the county's people as they apply, the right one every subject that its ten
registers hold, keyed with the sandbox's faults at five times their usual rate so that rare slips
are met. No label is used: u from random pairs, m by expectation-maximisation. Training starts from
matching/data/weights/start.json, set by hand; what the county does not hold (phones) stays as it is
there. Writes matching/data/weights/default.json.
"""

import csv
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from connectors.sandbox.county import County, generate
from connectors.sandbox.register import Entry
from matching.bulk.job import Job, Options
from matching.link import Linked, link_people
from matching.people import COLUMNS
from matching.weights import Weights, load_weights, log_odds
from matching.weights_file import document_of

SEED: Final = 20261124
HOUSEHOLDS: Final = 3_000
BACKGROUND: Final = 30_000
FAULTS: Final = 0.10
DAY: Final = date(2026, 11, 1)
KEPT: Final = 3_000.0
"""Pairs of one person that the start counts for: others make slips that the county does not."""
COUNTY_PEOPLE: Final = 200_000
"""People of a county: what a source's register is drawn from before a record is looked at."""
OUT: Final = Path(__file__).parents[2] / "matching/data/weights/default.json"
WRITTEN: Final = tuple(column for column in COLUMNS if column != "phone")
# Field of a person → what the sources' rows call it.
KEYS: Final = {
    "former_name": ("cym",),
    "birth_date": ("csrq", "CSRQ"),
    "sex": ("xb",),
    "address": ("hjdz", "zl"),
    "household_number": ("hh",),
    "employer": ("DWMC", "dwmc", "kjywrmc"),
}
Row = tuple[str, ...]


def _said(entry: Entry, field: str) -> str:
    for key in KEYS[field]:
        value = entry.row.get(key)
        if value:
            return value.isoformat() if isinstance(value, date) else str(value)
    return ""


def applicants(county: County) -> Iterator[Row]:
    """The people as they apply, with the employer that pays their tax."""
    employers = {
        entry.person: _said(entry, "employer")
        for entry in county.registers["tax"].entries
        if entry.person
    }
    for person in county.people.values():
        yield (
            person.id,
            person.name,
            person.former_name or "",
            person.id_type,
            person.id_number,
            person.birth.isoformat(),
            person.sex,
            person.registered_address,
            person.household,
            employers.get(person.id, ""),
        )


def subjects(county: County) -> Iterator[Row]:
    """Every different subject of every register."""
    for source, register in county.registers.items():
        seen: set[Row] = set()
        for entry in register.entries:
            fields = ["former_name", "birth_date", "sex", "address", "household_number", "employer"]
            former, *rest = (_said(entry, field) for field in fields)
            kind = "passport" if entry.id_number[:1].isalpha() else "resident_id"
            row = (entry.name, former, kind, entry.id_number, *rest)
            if row not in seen:
                seen.add(row)
                yield (f"{source}:{len(seen)}", *row)


def _write(path: Path, rows: Iterator[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(WRITTEN)
        writer.writerows(rows)
    return path


def priors(linked: Linked) -> dict[str, float]:
    """Per source, log2 odds that one of its records is a given person's of the county."""
    found = linked.probabilities()
    ids = [linked.right[row] or "" for row in range(len(linked.right))]
    sources = np.array([one.split(":")[0] for one in ids])
    shares = {
        str(source): found[sources[linked.links.j] == source].sum() / (sources == source).sum()
        for source in np.unique(sources)
    }
    return {source: log_odds(min(share, 1.0) / COUNTY_PEOPLE) for source, share in shares.items()}


def main() -> None:
    """Generates, trains, writes."""
    county = generate(SEED, HOUSEHOLDS, DAY, background=BACKGROUND, fault_rate=FAULTS)
    start = load_weights("start")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        left = _write(folder / "left.csv", applicants(county))
        right = _write(folder / "right.csv", subjects(county))
        job = Job(folder / "work", left, right, Options(prior_matches=KEPT))
        linked = link_people(job, start, day=DAY, progress=lambda *_: None)
    weights = replace(
        linked.weights,
        name="default",
        version=str(int(start.version) + 1),
        prior=log_odds(1 / COUNTY_PEOPLE),
        priors=priors(linked),
        reference=(
            f"trained without labels on the sandbox's county (seed {SEED}, {HOUSEHOLDS} "
            f"households, {BACKGROUND} other people, faults {FAULTS:.0%}) by "
            "tests/matching/train_weights.py; phones, and slips the county never makes, by hand"
        ),
    )
    OUT.write_text(_text(weights), encoding="utf-8")
    print(weights.training)  # noqa: T201 - a developer's command


def _text(weights: Weights) -> str:
    return json.dumps(document_of(weights), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    main()
