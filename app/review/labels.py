"""Decided pairs as labels for the matching's calibration 标注样本, naming nobody."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from hashlib import sha256
from typing import IO

from app.domain.review import Choice
from app.store.review_decisions import ReviewDecision

_GROUP_SIGNS = 16


@dataclass(frozen=True, slots=True)
class Label:
    """A person and a record: log2 odds as the model saw them, 1 where it is the person's.

    `group` is the same for all pairs of one person; `weight` is 1 for all.
    """

    log2_odds: float
    same: int
    source: str
    group: str
    weight: float = 1.0


def labels_of(decisions: Iterable[ReviewDecision]) -> Iterator[Label]:
    """One label a decision: records that stand or fall together are one pair."""
    for one in decisions:
        if one.records:
            seen = one.records[0]
            person = f"{one.verification_id}/{seen.person}"
            yield Label(
                log2_odds=round(seen.log2_odds, 6),
                same=int(one.choice is Choice.SAME_PERSON),
                source=seen.source,
                group=sha256(person.encode()).hexdigest()[:_GROUP_SIGNS],
            )


def write_labels(file: IO[str], labels: Iterable[Label]) -> int:
    """The labels as `hedui matching calibrate` reads them (CSV); gives how many there are."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([field.name for field in fields(Label)])
    count = 0
    for label in labels:
        writer.writerow(astuple(label))
        count += 1
    return count
