"""Exact agreement of the number, and one string score of the names."""

from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz

from tests.benchmarks.linkage import normal_forms
from tests.benchmarks.linkage.peers.pairs import Stages, read_people, write_pairs


def _same_number(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    known = left[left.id_number != ""][["id", "id_number"]]
    pairs = known.merge(right[["id", "id_number"]], on="id_number", suffixes=("_l", "_r"))
    return pd.DataFrame(
        {"left_id": pairs.id_l, "right_id": pairs.id_r, "probability": 1.0, "log2_odds": 1.0}
    )


def exact_raw(left_path: Path, right_path: Path, out: Path) -> None:
    """The numbers are equal as they are written."""
    stages = Stages()
    with stages.stage("all"):
        pairs = _same_number(read_people(left_path), read_people(right_path))
    write_pairs(out, pairs, stages)


def exact_normalised(left_path: Path, right_path: Path, out: Path) -> None:
    """The numbers are equal in their normal form: 15 digits completed, no blanks, a capital X."""
    stages = Stages()
    with stages.stage("all"):
        files = [read_people(left_path), read_people(right_path)]
        for file in files:
            file["id_number"] = [normal_forms.id_number(each) for each in file.id_number]
        pairs = _same_number(*files)
    write_pairs(out, pairs, stages)


def wratio_names(left_path: Path, right_path: Path, blocks: Path, out: Path) -> None:
    """rapidfuzz WRatio of the names, of the pairs that another tool has compared (its blocks)."""
    stages = Stages()
    with stages.stage("all"):
        left = dict(read_people(left_path)[["id", "name"]].itertuples(index=False))
        right = dict(read_people(right_path)[["id", "name"]].itertuples(index=False))
        pairs = pd.read_csv(blocks, dtype=str)[["left_id", "right_id"]]
        scores = [
            fuzz.WRatio(left[one], right[other]) for one, other in pairs.itertuples(index=False)
        ]
    write_pairs(out, pairs.assign(probability=0.0, log2_odds=scores), stages)
