"""Splink on the registers: with its defaults on the fields as they are, and on normal forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from tests.benchmarks.linkage import normal_forms
from tests.benchmarks.linkage.peers.pairs import Stages, read_people, write_pairs

SEED = 1
U_PAIRS = 2e6
EM_PAIRS = 2e6  # of a training block; a million records have tens of millions in one


@dataclass(frozen=True, slots=True)
class Model:
    """What is compared, within which blocks, and what it is trained on."""

    comparisons: Sequence[Any]
    blocks: Sequence[Any]
    certain: Sequence[Any]
    """Rules that hold for true pairs alone, for the share of matches."""
    certain_recall: float
    training: Sequence[Any]
    link_type: str = "link_only"


def run_model(model: Model, files: Sequence[pd.DataFrame], stages: Stages) -> pd.DataFrame:
    """Train without labels, score all pairs of the blocks; the ids are in a column `id`."""
    api = DuckDBAPI()
    names = ("a_left", "b_right")
    tables = [
        api.register(file, dataset_display_name=name)
        for file, name in zip(files, names, strict=False)
    ]
    settings = SettingsCreator(
        link_type=model.link_type,
        comparisons=list(model.comparisons),
        blocking_rules_to_generate_predictions=list(model.blocks),
        unique_id_column_name="id",
        retain_matching_columns=False,
    )
    with stages.stage("train"):
        linker = Linker(tables, settings, log_level=None)
        training = linker.training
        training.estimate_probability_two_random_records_match(
            list(model.certain), recall=model.certain_recall
        )
        training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=SEED)
        for rule in model.training:
            training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=EM_PAIRS)
    with stages.stage("predict"):
        found = linker.inference.predict().as_pandas_dataframe()
    if model.link_type == "link_only":
        swapped = (found.source_dataset_l == names[1]).to_numpy()
    else:
        swapped = (found.id_l > found.id_r).to_numpy()
    return pd.DataFrame(
        {
            "left_id": found.id_l.where(~swapped, found.id_r),
            "right_id": found.id_r.where(~swapped, found.id_l),
            "probability": found.match_probability,
            "log2_odds": found.match_weight,
        }
    )


def _default() -> Model:
    return Model(
        comparisons=[
            cl.NameComparison("name"),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.DamerauLevenshteinAtThresholds("id_number", [1, 2]),
            cl.ExactMatch("sex"),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address", [0.9, 0.8]),
        ],
        blocks=[
            block_on("id_number"),
            block_on("phone"),
            block_on("name"),
            block_on("birth_date"),
            block_on("address"),
        ],
        certain=[block_on("id_number"), block_on("name", "birth_date", "phone")],
        certain_recall=0.7,
        training=[block_on("name"), block_on("birth_date"), block_on("id_number")],
    )


def _name_levels() -> Any:
    return cl.CustomComparison(
        output_column_name="nm",
        comparison_levels=[
            cll.NullLevel("nm"),
            cll.ExactMatchLevel("nm", term_frequency_adjustments=True),
            cll.ExactMatchLevel("py", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("py", 0.92),
            cll.JaroWinklerLevel("nm", 0.75),
            cll.ElseLevel(),
        ],
    )


WIDE_UP_TO = 50_000
WIDE = (block_on("idn"), block_on("phone"), block_on("py"), block_on("dob"), block_on("road"))
NARROW = (
    block_on("idn"),
    block_on("phone"),
    block_on("py", "dob"),
    block_on("nm", "substr(dob, 6, 2)"),
    block_on("nm", "road"),
    block_on("py", "road"),
    block_on("dob", "road"),
)
"""What a million records allow; of fewer, single fields are afforded, which miss less."""


def _tuned(size: int) -> Model:
    return Model(
        comparisons=[
            _name_levels(),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.DamerauLevenshteinAtThresholds("idn", [1, 2]),
            cl.ExactMatch("sex"),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            cl.CustomComparison(
                output_column_name="home",
                comparison_levels=[
                    cll.NullLevel("addr"),
                    cll.ExactMatchLevel("road", term_frequency_adjustments=True),
                    cll.JaroWinklerLevel("addr", 0.9),
                    cll.JaroWinklerLevel("addr", 0.75),
                    cll.ElseLevel(),
                ],
            ),
        ],
        blocks=WIDE if size <= WIDE_UP_TO else NARROW,
        certain=[block_on("idn"), block_on("nm", "dob", "road")],
        certain_recall=0.75,
        training=[block_on("nm"), block_on("dob"), block_on("idn")],
    )


def _none_for_empty(file: pd.DataFrame) -> pd.DataFrame:
    return file.where(file != "", None)


def _normalised(file: pd.DataFrame) -> pd.DataFrame:
    names = [normal_forms.name(each) for each in file.name]
    numbers = [normal_forms.id_number(each) for each in file.id_number]
    addresses = [normal_forms.address(each) for each in file.address]
    births = zip(file.birth_date, numbers, strict=True)
    sexes = zip(file.sex, numbers, strict=True)
    normal = pd.DataFrame(
        {
            "id": file.id,
            "nm": names,
            "py": [normal_forms.pinyin(each) for each in names],
            "idn": numbers,
            "dob": [normal_forms.birth_date(written, number) for written, number in births],
            "sex": [normal_forms.sex(written, number) for written, number in sexes],
            "phone": [normal_forms.phone(each) for each in file.phone],
            "addr": addresses,
            "road": [normal_forms.road_key(each) for each in addresses],
        }
    )
    return _none_for_empty(normal)


def splink_default(left_path: Path, right_path: Path, out: Path) -> None:
    """The fields as they are, comparisons from the library."""
    stages = Stages()
    with stages.stage("read"):
        files = [_none_for_empty(read_people(path)) for path in (left_path, right_path)]
    write_pairs(out, run_model(_default(), files, stages), stages)


def splink_tuned(left_path: Path, right_path: Path, out: Path) -> None:
    """Normal forms of every field, pinyin as a level of the name, term frequencies."""
    stages = Stages()
    with stages.stage("read"):
        files = [read_people(path) for path in (left_path, right_path)]
    with stages.stage("normalise"):
        files = [_normalised(file) for file in files]
    write_pairs(out, run_model(_tuned(len(files[0])), files, stages), stages)
