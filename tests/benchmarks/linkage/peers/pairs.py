"""What a peer hands back: pairs with a probability and log2 odds, and the seconds of its stages."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd


class Stages:
    """Seconds by stage, in the order in which they ran."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def read_people(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def write_pairs(out: Path, pairs: pd.DataFrame, stages: Stages) -> None:
    """`out` (left_id, right_id, probability, log2_odds) and beside it the seconds as JSON."""
    columns = ["left_id", "right_id", "probability", "log2_odds"]
    with stages.stage("write"):
        pairs[columns].to_csv(out, index=False)
    out.with_suffix(".json").write_text(json.dumps(stages.seconds), "utf-8")
