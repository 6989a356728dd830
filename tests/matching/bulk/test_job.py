"""A linkage in its folder: stopped and taken up, done elsewhere, from any kind of file."""

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pytest

from matching.bulk.job import Job, Options, Problem, WorkFolderError
from matching.bulk.parts import Linkage, score_part
from matching.link import Linked, link_people
from matching.people import PeopleFileError
from matching.weights import load_weights
from tests.matching.bulk.rows import Row, csv_of, two_files
from tests.matching.registers import number, registers

DAY = date(2026, 1, 2)
WEIGHTS = load_weights()
OPTIONS = Options(train=False, part=100, workers=1)
Steps = list[tuple[str, int, int]]


@dataclass(frozen=True)
class Done:
    """A finished linkage: its files, its folder and what came of it."""

    left: Path
    right: Path
    folder: Path
    linked: Linked
    steps: Steps


def run(job: Job) -> tuple[Linked, Steps]:
    steps: Steps = []
    linked = link_people(
        job, WEIGHTS, day=DAY, progress=lambda step, done, whole: steps.append((step, done, whole))
    )
    return linked, steps


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("job")
    left, right = two_files(folder, registers(350, seed=2))
    linked, steps = run(Job(folder / "work", left, right, OPTIONS))
    return Done(left, right, folder / "work", linked, steps)


def result(linked: Linked) -> Mapping[str, list[object]]:
    """Everything that a linkage gives, to be compared."""
    return {
        "left": [linked.left[row] for row in range(len(linked.left))],
        "right": [linked.right[row] for row in range(len(linked.right))],
        "i": linked.links.i.tolist(),
        "j": linked.links.j.tolist(),
        "log2_odds": linked.links.log2_odds.tolist(),
        "problems": list(linked.problems),
    }


def copied(done: Done, folder: Path) -> Job:
    """The same job in a folder of its own."""
    shutil.copytree(done.folder, folder)
    return Job(folder, done.left, done.right, OPTIONS)


def test_every_step_says_how_far_it_is(done: Done) -> None:
    assert done.steps == [
        ("read left", 350, 0),
        ("read right", 350, 0),
        *(("score", part, 4) for part in range(1, 5)),
    ]
    assert len(list(done.folder.glob("part-*.npz"))) == 4
    assert not list(done.folder.glob("*.draft*"))


def test_pairs_come_in_order_and_once(done: Done) -> None:
    pairs = list(zip(done.linked.links.i.tolist(), done.linked.links.j.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    assert done.linked.links.log2_odds.min() >= OPTIONS.least_log2_odds


def test_a_finished_job_does_nothing_again(done: Done, tmp_path: Path) -> None:
    linked, steps = run(copied(done, tmp_path / "work"))
    assert steps == []
    assert result(linked) == result(done.linked)


def test_a_stopped_run_does_only_what_is_missing(done: Done, tmp_path: Path) -> None:
    job = copied(done, tmp_path / "work")
    (job.folder / "part-00002.npz").unlink()
    (job.folder / "part-00003.draft.npz").write_bytes(b"cut off")
    kept = {path: path.stat().st_mtime_ns for path in job.folder.rglob("*.np[yz]")}
    linked, steps = run(job)
    assert steps == [("score", 4, 4)]
    assert result(linked) == result(done.linked)
    changed = {path for path, at in kept.items() if path.stat().st_mtime_ns != at}
    assert changed == set()


def test_a_run_stopped_while_names_were_weighed_comes_to_the_same(
    done: Done, tmp_path: Path
) -> None:
    job = copied(done, tmp_path / "work")
    (job.folder / "right.bits.npy").unlink()
    for part in job.folder.glob("part-*.npz"):
        part.unlink()
    assert result(run(job)[0]) == result(done.linked)


def test_a_file_that_was_half_read_is_read_again(done: Done, tmp_path: Path) -> None:
    job = copied(done, tmp_path / "work")
    (job.folder / "right" / "done").unlink()
    (job.folder / "right" / "names.key.npy").write_bytes(b"cut off")
    for part in job.folder.glob("part-*"):
        part.unlink()
    linked, steps = run(job)
    assert [step for step, _, _ in steps] == ["read right", *["score"] * 4]
    assert result(linked) == result(done.linked)


def test_parts_done_out_of_order_by_other_processes(done: Done, tmp_path: Path) -> None:
    job = copied(done, tmp_path / "work")
    for part in job.folder.glob("part-*"):
        part.unlink()
    linkage = Linkage(job, WEIGHTS)
    with linkage.blocks() as blocks:
        pairs = [blocks.pairs(*one) for one in linkage.ranges]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        places = (3, 0, 2, 1)
        least = OPTIONS.least_log2_odds
        waiting = [pool.submit(score_part, job.folder, at, pairs[at], least) for at in places]
        for future in waiting:
            future.result()
    linked, steps = run(job)
    assert steps == []
    assert result(linked) == result(done.linked)


@pytest.mark.parametrize(
    "options",
    [
        replace(OPTIONS, part=50),
        replace(OPTIONS, train=True),
        replace(OPTIONS, seed=9),
        replace(OPTIONS, within=True),
        replace(OPTIONS, least_log2_odds=0.0),
    ],
)
def test_other_options_in_the_same_folder(done: Done, options: Options) -> None:
    with pytest.raises(WorkFolderError, match="other files or options"):
        run(Job(done.folder, done.left, done.right, options))


def test_other_files_in_the_same_folder(done: Done, tmp_path: Path) -> None:
    other = tmp_path / "left.csv"
    other.write_text(done.left.read_text(encoding="utf-8") + "x,李明\n", encoding="utf-8")
    with pytest.raises(WorkFolderError, match="other files or options"):
        run(Job(done.folder, other, done.right, OPTIONS))
    with pytest.raises(WorkFolderError, match="other files or options"):
        run(Job(done.folder, done.right, done.left, OPTIONS))


def test_the_name_of_a_file_workers_and_memory_change_nothing(done: Done, tmp_path: Path) -> None:
    moved = shutil.copy(done.left, tmp_path / "renamed.csv")
    other = replace(OPTIONS, workers=2, memory="100MB")
    linked, steps = run(Job(done.folder, Path(moved), done.right, other))
    assert steps == []
    assert result(linked) == result(done.linked)


def test_gb18030_and_parquet_give_what_utf8_gives(done: Done, tmp_path: Path) -> None:
    left, right = tmp_path / "left.csv", tmp_path / "right.parquet"
    left.write_text(done.left.read_text(encoding="utf-8"), encoding="gb18030")
    with duckdb.connect() as duck:
        duck.read_csv(str(done.right), all_varchar=True).write_parquet(str(right))
    linked, _ = run(Job(tmp_path / "work", left, right, OPTIONS))
    assert result(linked) == result(done.linked)


BORN = date(1980, 3, 7)
PERSON: Row = {"name": "李明", "id_number": number(BORN, 123), "birth_date": "1980-03-07"}
OTHER: Row = {"name": "王芳", "id_number": number(BORN, 244), "birth_date": "1980-03-07"}


@pytest.fixture(scope="module")
def within(tmp_path_factory: pytest.TempPathFactory) -> Linked:
    """One file against itself, with rows that are wrong."""
    folder = tmp_path_factory.mktemp("within")
    unread = {**PERSON, "birth_date": "1980-13-07", "sex": "x"}
    rows = [PERSON, OTHER, PERSON, OTHER, PERSON, unread]
    text = csv_of(rows, ["a", "b", "c", "a", "", "d"]) + "e,f,,,,,,,,,,,\n"
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    job = Job(folder / "work", path, path, replace(OPTIONS, within=True))
    return run(job)[0]


def test_within_one_file_each_pair_stands_once_and_nobody_beside_himself(within: Linked) -> None:
    i, j = within.links.i, within.links.j
    assert (i < j).all()
    ids = [(within.left[int(a)], within.right[int(b)]) for a, b in zip(i, j, strict=True)]
    odds = dict(zip(ids, within.links.log2_odds.tolist(), strict=True))
    assert len(odds) == len(ids)
    assert {pair for pair, found in odds.items() if found > 0} == {
        ("a", "c"),
        ("a", "d"),
        ("c", "d"),
    }


def test_a_row_whose_id_stood_before_is_in_no_pair(within: Linked) -> None:
    assert [within.left[row] for row in range(len(within.left))] == ["a", "b", "c", "a", "d"]
    assert 3 not in {*within.links.i.tolist(), *within.links.j.tolist()}


def test_what_is_wrong_with_rows_is_told_with_their_lines(within: Linked) -> None:
    left = {one for one in within.problems if one.file == "left"}
    assert left == {
        Problem("left", 5, "id", "duplicate_id"),
        Problem("left", 6, "id", "missing_id"),
        Problem("left", 7, "birth_date", "invalid_date"),
        Problem("left", 7, "sex", "invalid_sex"),
        Problem("left", 8, "employer", "too_many_columns"),
    }


def test_what_is_wrong_with_one_file_is_told_once(within: Linked) -> None:
    told = [(one.row, one.column, one.code) for one in within.problems]
    assert len(told) == len(set(told))


def test_what_is_wrong_names_no_person(within: Linked) -> None:
    told = json.dumps([str(one) for one in within.problems], ensure_ascii=False)
    assert not any(text in told for row in (PERSON, OTHER) for text in row.values())


@pytest.mark.parametrize("text", ["id,name\n", "id,name\n,李明\n", "id,name\n\n\n"])
def test_a_file_without_a_usable_row_says_so(text: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PeopleFileError, match=r"people\.csv holds no row"):
        run(Job(tmp_path / "work", path, path, OPTIONS))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Linked]:
    """A linkage large enough to fit its weights to the files."""
    folder = tmp_path_factory.mktemp("trained")
    left, right = two_files(folder, registers(2_000, seed=6))
    job = Job(folder / "work", left, right, replace(OPTIONS, train=True, part=1_000))
    return job, run(job)[0]


def test_weights_are_fitted_to_large_files_and_kept(trained: tuple[Job, Linked]) -> None:
    job, linked = trained
    training = linked.weights.training
    assert training is not None
    assert training.converged
    told = json.loads((job.folder / "job.json").read_bytes())
    assert training.digest == "+".join(told["files"].values())
    assert (linked.weights.date, told["day"]) == (DAY, DAY.isoformat())
    kept = json.loads((job.folder / "weights.json").read_bytes())
    assert kept["training"]["pairs"] == training.pairs > 1_000
    assert linked.weights.fields["name"] != WEIGHTS.fields["name"]


def test_small_files_train_nothing(done: Done) -> None:
    assert done.linked.weights.fields["name"] == WEIGHTS.fields["name"]
    before, after = WEIGHTS.training, done.linked.weights.training
    assert after == before


def test_the_same_files_give_the_same_weights(trained: tuple[Job, Linked], tmp_path: Path) -> None:
    job, _ = trained
    folder = tmp_path / "work"
    shutil.copytree(job.folder, folder)
    (folder / "weights.json").unlink()
    again = Linkage(Job(folder, job.files["left"], job.files["right"], job.options), WEIGHTS)
    with again.blocks() as blocks:
        again.weights(blocks, DAY)
    kept = [(at / "weights.json").read_bytes() for at in (job.folder, folder)]
    assert kept[0] == kept[1]
