"""A linkage as a folder of work: encoded files, weights, parts that are done; to be taken up again.

Every step leaves a file that the next one reads, so a stopped run goes on where it stood, and the
parts can be scored by other processes or machines that see the folder.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.bulk import stored
from matching.bulk.columns import Columns, encode
from matching.bulk.files import Chunk, read_chunks
from matching.bulk.texts import Texts, hashes
from matching.people import PeopleFileError, RowProblem

PART: Final = 100_000  # rows of the left file whose pairs make one part
T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Step, how many of it are done, how many there are."""


class WorkFolderError(ValueError):
    """The work folder belongs to other files or other options."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run depends on besides the two files. `workers` and `memory` change no result."""

    train: bool = True
    within: bool = False  # one file against itself: each pair once, nobody against himself
    prior_matches: float = 50.0  # how many pairs of one person the given weights count for
    least_log2_odds: float = -10.0
    part: int = PART
    seed: int = 1
    workers: int = 2
    memory: str = "1GB"


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wrong with a row of one of the files."""

    file: str
    row: int
    column: str
    code: str


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Encoded:
    """A chunk with its fields in columns."""

    ids: list[str]
    lines: list[int]
    columns: Columns
    problems: list[RowProblem]


def _encoded(chunk: Chunk) -> _Encoded:
    return _Encoded(chunk.ids, chunk.lines, encode(chunk.fields), chunk.problems)


class Job:
    """One linkage of two files in a work folder."""

    def __init__(self, folder: Path, left: Path, right: Path, options: Options) -> None:
        self.folder = folder
        self.files = {"left": left, "right": right}
        self.options = options

    def begin(self, day: date) -> None:
        """Makes the folder, or takes up the one that is there; raises WorkFolderError."""
        told = {
            "files": {side: digest_of(path) for side, path in self.files.items()},
            "options": {
                key: value
                for key, value in asdict(self.options).items()
                if key not in ("workers", "memory")
            },
        }
        path = self.folder / "job.json"
        self.folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_json(path, {**told, "day": day.isoformat()})
            return
        found = json.loads(path.read_bytes())
        if {key: found.get(key) for key in told} != told:
            raise WorkFolderError(
                f"{self.folder} holds the work on other files or options: "
                "name another folder or remove it"
            )

    def prepare(self, progress: Progress) -> None:
        """Encodes both files, each once; raises PeopleFileError, OSError."""
        context = get_context("spawn")
        todo = [side for side in self.files if not (self.folder / side / "done").exists()]
        if not todo:
            return
        with ProcessPoolExecutor(self.options.workers, mp_context=context) as pool:
            for side in todo:
                self._encode(side, pool, progress)

    def _encode(self, side: str, pool: ProcessPoolExecutor, progress: Progress) -> None:
        folder = self.folder / side
        shutil.rmtree(folder, ignore_errors=True)
        parts: list[_Encoded] = []
        read = 0
        encoding = (pool.submit(_encoded, chunk) for chunk in read_chunks(self.files[side]))
        for found in ahead(encoding, self.options.workers + 2):
            parts.append(found.result())
            read += len(parts[-1].ids)
            progress(f"read {side}", read, 0)
        if not read:
            raise PeopleFileError(f"{self.files[side].name} holds no row that can be used")
        ids = [key for part in parts for key in part.ids]
        lines = [line for part in parts for line in part.lines]
        repeated = _repeated(ids)
        wrong = [one for part in parts for one in part.problems]
        wrong += [RowProblem(lines[row], "id", "duplicate_id") for row in repeated.tolist()]
        columns = [part.columns for part in parts]
        parts.clear()
        stored.save(columns, folder)
        texts = Texts.of(ids)
        np.save(folder / "ids.blob.npy", texts.blob)
        np.save(folder / "ids.ends.npy", texts.ends)
        np.save(folder / "repeated.npy", repeated)
        write_json(folder / "problems.json", [asdict(one) for one in wrong])
        (folder / "done").touch()

    def repeated(self, side: str) -> NDArray[np.int64]:
        """Rows whose id stood before; they are in no pair."""
        return np.asarray(np.load(self.folder / side / "repeated.npy"))

    def problems(self) -> list[Problem]:
        """What was wrong with rows of the two files; of one against itself told once."""
        return [
            Problem(side, **one)
            for side in (["left"] if self.options.within else self.files)
            for one in json.loads((self.folder / side / "problems.json").read_bytes())
        ]

    def columns(self, side: str) -> Columns:
        """One file in columns, mapped from the folder."""
        return stored.load(self.folder / side)

    def ids(self, side: str) -> Texts:
        """The rows' ids in their order."""
        folder = self.folder / side
        return Texts(np.load(folder / "ids.blob.npy"), np.load(folder / "ids.ends.npy"))


def write_json(path: Path, value: Any) -> None:
    """Writes the whole file or nothing."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


def ahead(begun: Iterator["Future[T]"], most: int) -> Iterator["Future[T]"]:
    """Work in its order while what comes next is already begun, never more than `most` at once.

    `begun` begins a piece of work each time it is asked for one.
    """
    waiting: list[Future[T]] = []
    for one in begun:
        waiting.append(one)
        if len(waiting) >= most:
            yield waiting.pop(0)
    yield from waiting


def _repeated(ids: list[str]) -> NDArray[np.int64]:
    """Rows whose id stood before; the first row of an id is kept."""
    _, first = np.unique(hashes(ids), return_index=True)
    kept = np.zeros(len(ids), dtype=bool)
    kept[first] = True
    return np.flatnonzero(~kept)
