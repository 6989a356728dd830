"""The steps of a linkage once its files are encoded: weights, candidate pairs, scores, result."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.bulk.columns import Columns
from matching.bulk.compared import PLACE, compared, contradict
from matching.bulk.encode_names import Names
from matching.bulk.job import Job, Progress, ahead, write_json
from matching.bulk.pairs import Blocks, home_pairs, index_of, random_pairs
from matching.bulk.rows import sides_of
from matching.bulk.score import F64, WIDTH, Scored, cells_of, log_odds
from matching.bulk.stored import load
from matching.bulk.train import CONTRADICTING, Pairs, Settings, trained
from matching.levels import Level
from matching.weights import Weights
from matching.weights import log_odds as log_odds_of
from matching.weights_file import document_of, read_weights

TRAINED_ON: Final = 200_000  # blocked pairs at most
STRANGERS: Final = 300_000
AT_HOME: Final = 100_000
FEWEST: Final = 2_000  # rows of the smaller file below which a linkage trains nothing
OVERLAP: Final = 0.5  # share of the smaller file expected in the larger before training
COUNTED: Final = 5_000
MOST_LIKELY: Final = 0.05  # prior of two very small files
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Links:
    """Rows of the left and the right file, and the log2 odds that both are one person."""

    i: I64
    j: I64
    log2_odds: F64


def prior_of(left: int, right: int) -> float:
    """The chance that a pair drawn from files of these sizes is one person, before comparing."""
    return min(OVERLAP / max(left, right, 1), MOST_LIKELY)


def pairs_in(left: int, right: int, *, within: bool) -> int:
    """How many pairs of rows there are."""
    return left * (left - 1) // 2 if within else left * right


def scored(left: Columns, right: Columns, pairs: tuple[I64, I64], weights: Weights) -> Scored:
    """Pairs of rows as the weights see them."""
    sides = sides_of(left, right, *pairs, weights)
    return cells_of(sides, compared(sides), weights)


class Linkage:
    """A job's files, its candidate pairs part by part, and its weights."""

    def __init__(self, job: Job, start: Weights) -> None:
        self._job = job
        self._start = start
        _make_commoner(job)
        self.left, self.right = columns_of(job.folder, "left"), columns_of(job.folder, "right")
        step = job.options.part
        count = len(self.left)
        self.ranges = [(at, min(at + step, count)) for at in range(0, count, step)]

    def blocks(self) -> Blocks:
        """The joined keys of the two files."""
        job = self._job
        return Blocks(
            index_of(self.left, job.repeated("left"), left=True),
            index_of(self.right, job.repeated("right"), left=False),
            memory=job.options.memory,
            folder=job.folder,
            within=job.options.within,
        )

    def weights(self, blocks: Blocks, day: date) -> Weights:
        """The job's weights: as they stand in its folder, or trained on its files, or the given."""
        path = self._job.folder / "weights.json"
        if not path.exists():
            prior = prior_of(len(self.left), len(self.right))
            given = replace(self._start, prior=log_odds_of(prior))
            trains = self._job.options.train and min(len(self.left), len(self.right)) >= FEWEST
            found = self._trained(given, blocks, day) if trains else given
            write_json(path, document_of(found))
        return read_weights(path)

    def _trained(self, start: Weights, blocks: Blocks, day: date) -> Weights:
        seed = self._job.options.seed
        draw = np.random.default_rng(seed)
        pairs, share = self._some_blocked(blocks, draw)
        count = (len(self.left), len(self.right))
        strangers = random_pairs(*count, most=STRANGERS, seed=seed)
        at_home = home_pairs(self.left, self.right, most=AT_HOME, seed=seed)
        data = Pairs(
            blocked=scored(self.left, self.right, pairs, start),
            share=share,
            strangers=scored(self.left, self.right, strangers, start),
            at_home=scored(self.left, self.right, at_home, start),
            pairs=pairs_in(*count, within=self._job.options.within),
            forms=_forms(self.left, self.right),
            numbered=int(self.left.numbers.is_full.sum()) * int(self.right.numbers.is_full.sum()),
        )
        told = json.loads((self._job.folder / "job.json").read_bytes())
        digest = "+".join(told["files"].values())
        settings = Settings(digest=digest, day=day, prior_matches=self._job.options.prior_matches)
        return trained(start, data, settings)

    def _some_blocked(
        self, blocks: Blocks, draw: np.random.Generator
    ) -> tuple[tuple[I64, I64], float]:
        """Candidate pairs of parts drawn at random until there are enough, and their share."""
        order = draw.permutation(len(self.ranges))
        i, j, rows = [], [], 0
        for place in order.tolist():
            start, stop = self.ranges[place]
            found = blocks.pairs(start, stop)
            i.append(found[0])
            j.append(found[1])
            rows += stop - start
            if sum(map(len, i)) >= TRAINED_ON:
                break
        ones, others = np.concatenate(i), np.concatenate(j)
        kept = draw.random(len(ones)) < min(1.0, TRAINED_ON / max(len(ones), 1))
        share = rows / len(self.left) * (kept.sum() / max(len(ones), 1))
        return (ones[kept], others[kept]), float(max(share, 1e-9))

    def score(self, blocks: Blocks, progress: Progress) -> None:
        """Scores every part that is not done, in worker processes."""
        every = range(len(self.ranges))
        todo = [place for place in every if not _part(self._job.folder, place).exists()]
        done = len(self.ranges) - len(todo)
        context = get_context("spawn")
        with ProcessPoolExecutor(self._job.options.workers, mp_context=context) as pool:
            least = self._job.options.least_log2_odds
            # The blocks of a part are joined here while the parts before are scored there.
            scoring = (
                pool.submit(
                    score_part, self._job.folder, place, blocks.pairs(*self.ranges[place]), least
                )
                for place in todo
            )
            for future in ahead(scoring, self._job.options.workers + 1):
                future.result()
                done += 1
                progress("score", done, len(self.ranges))

    def links(self) -> Iterator[Links]:
        """The scored pairs, part by part in the order of the left file."""
        for place in range(len(self.ranges)):
            with np.load(_part(self._job.folder, place)) as part:
                yield Links(part["i"], part["j"], part["log2_odds"])


def _forms(left: Columns, right: Columns) -> dict[tuple[str, Level], float]:
    """How often a pair is written so that these levels can arise."""

    def either(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
        return float(1 - (1 - one.mean()) * (1 - other.mean()))

    masked = either(left.numbers.is_masked, right.numbers.is_masked)
    wild = either(left.names.is_wild, right.names.is_wild)
    spelled = either(left.names.is_latin, right.names.is_latin)
    return {
        ("id_number", Level.MASKED_COMPATIBLE): masked,
        ("name", Level.MASKED_COMPATIBLE): wild,
        ("name", Level.ROMANISED): spelled,
    }


def commoner(left: Names, right: Names) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The bits of both files' names: less where they hold a name oftener than the tables say.

    The share in a file stands beside the packaged one as if that had been counted on `COUNTED`
    people; one record of a name is not counted, for it is the person himself.
    """
    size = (len(left.key), len(right.key))
    keys = np.concatenate([left.key, right.key])
    names, back = np.unique(keys, return_inverse=True)
    ours = np.bincount(back[: size[0]], minlength=len(names))
    theirs = np.bincount(back[size[0] :], minlength=len(names))
    others = np.maximum(np.maximum(ours, theirs) - 1, 0)[back]
    bits = np.concatenate([left.bits, right.bits])
    share = (others + COUNTED * np.exp2(-bits)) / (max(size) + COUNTED)
    found = np.where(keys != 0, np.minimum(bits, -np.log2(share)), bits).astype(np.float32)
    return found[: size[0]], found[size[0] :]


def _make_commoner(job: Job) -> None:
    """Done once a job: every part then reads the bits that both files together give.

    They stand beside the columns, whose own bits stay: a run that stops here can do it again.
    """
    paths = [_bits(job.folder, side) for side in ("left", "right")]
    if not all(path.exists() for path in paths):
        found = commoner(job.columns("left").names, job.columns("right").names)
        for path, bits in zip(paths, found, strict=True):
            draft = path.with_suffix(".draft.npy")
            np.save(draft, bits)
            draft.replace(path)


def _bits(folder: Path, side: str) -> Path:
    return folder / f"{side}.bits.npy"


def columns_of(folder: Path, side: str) -> Columns:
    """One file of a job in columns, its names worth what both files together say."""
    columns = load(folder / side)
    return replace(columns, names=replace(columns.names, bits=np.load(_bits(folder, side))))


def _part(folder: Path, place: int) -> Path:
    return folder / f"part-{place:05d}.npz"


def score_part(folder: Path, place: int, pairs: tuple[I64, I64], least: float) -> None:
    """Scores the candidate pairs of one part and writes those at or above `least` log2 odds.

    Pairs whose whole numbers contradict each other are left out, whatever else agrees.

    Needs nothing but the work folder: any process or machine that sees it can do a part.
    """
    weights = read_weights(folder / "weights.json")
    left, right = columns_of(folder, "left"), columns_of(folder, "right")
    apart = contradict(left, right, *pairs)
    pairs = pairs[0][~apart], pairs[1][~apart]
    cells = scored(left, right, pairs, weights)
    found = log_odds(cells, weights)
    numbers = cells.cells[:, PLACE["id_number"]] % WIDTH
    kept = (found >= least) & ~np.isin(numbers, CONTRADICTING)
    draft = folder / f"part-{place:05d}.draft.npz"
    np.savez(draft, i=pairs[0][kept], j=pairs[1][kept], log2_odds=found[kept])
    draft.replace(_part(folder, place))


def one_to_one(links: Links) -> F64:
    """Probabilities where nobody stands twice in a file: rival pairs share what there is to have.

    Of all pairs of a row at most one is right, so each pair's odds stand beside those of its
    rivals and of none being right; the stricter of the two files holds.
    """
    odds = np.exp2(np.clip(links.log2_odds, -60, 60))
    result = np.ones(len(odds))
    for rows in (links.i, links.j):
        _, row = np.unique(rows, return_inverse=True)
        sums = np.bincount(row, weights=odds)
        result = np.minimum(result, odds / (1 + sums[row]))
    return result
