"""What was learned for each source (信息源): its prior and its map, drawn to those of all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from scipy.special import expit

from matching.calibration.band import LEVEL, Band, learned, without_labels
from matching.calibration.crossfit import FOLDS, Choice, Predict, choose, held_out
from matching.calibration.fit import FITS, MODEL_SPREAD, SOURCE_SPREAD, Method, fit_line
from matching.calibration.labelled import (
    ANY,
    CalibrationError,
    Floats,
    Labelled,
    refuse_one_kind,
)
from matching.calibration.maps import LN2, MOST, STRICT, Curve, Identity, Map, Shared, Steepened
from matching.calibration.near import PLACES


@dataclass(frozen=True, slots=True)
class SourceAdjustment:
    """How the model's log2 odds are corrected for records of one source.

    `prior_log2_odds` (bits) is added to what the map gives: how much likelier a record of this
    source is the person's than over all sources, before it is looked at. `labels_n` pairs of the
    source were labelled by `date`; `digest` names them.
    """

    __pydantic_config__: ClassVar = STRICT
    source: str
    prior_log2_odds: float
    map: Map
    band: Band
    labels_n: int
    date: date
    digest: str

    def log2_odds(self, raw: Floats) -> Floats:
        """The corrected log2 odds, never beyond ±50."""
        return np.clip(self.map.log2_odds(raw) + self.prior_log2_odds, -MOST, MOST)

    def probabilities(self, raw: Floats) -> Floats:
        """The corrected probabilities: above 0, below 1."""
        return np.asarray(expit(self.log2_odds(raw) * LN2), dtype=np.float64)

    def intervals(self, raw: Floats) -> tuple[Floats, Floats]:
        """Lower and upper ends between which the true probabilities are, at the band's level."""
        return self.band.limits(raw, self.log2_odds(raw))


@dataclass(frozen=True, slots=True)
class Adjustments:
    """The adjustments of all sources, as stored; `digest` names the labelled pairs."""

    __pydantic_config__: ClassVar = STRICT
    date: date
    digest: str
    labels_n: int
    method: Method
    any_source: SourceAdjustment
    sources: tuple[SourceAdjustment, ...] = ()
    format: Literal["hedui-matching-adjustments"] = "hedui-matching-adjustments"
    version: Literal[1] = 1

    def __post_init__(self) -> None:
        names = [one.source for one in self.sources]
        if len(set(names)) < len(names) or ANY in names or self.any_source.source != ANY:
            raise CalibrationError('every source stands once, and "*" for the others')

    def of(self, source: str) -> SourceAdjustment:
        """The adjustment of a source; of all together where it had no labels."""
        return next((one for one in self.sources if one.source == source), self.any_source)

    def probabilities(self, raw: Floats, sources: Sequence[str] | NDArray[np.str_]) -> Floats:
        """The corrected probability of each pair by its source."""
        names = np.asarray(sources, dtype=np.str_)
        found = np.empty(len(names))
        for name in np.unique(names):
            here = names == name
            found[here] = self.of(str(name)).probabilities(np.asarray(raw)[here])
        return found


_STORED: Final = TypeAdapter(Adjustments)


def to_document(adjustments: Adjustments) -> dict[str, Any]:
    """The adjustments as JSON data; `from_document` reads them back exactly."""
    document: dict[str, Any] = _STORED.dump_python(adjustments, mode="json")
    return document


def from_document(document: Mapping[str, Any]) -> Adjustments:
    """The adjustments that JSON data holds; raises CalibrationError naming place and fault."""
    try:
        return _STORED.validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "document"
        raise CalibrationError(f"adjustments: {place}: {first['msg']}") from None


def without_any(day: date) -> Adjustments:
    """Before the first label: the model's own odds, within the wide default band."""
    band = without_labels(MODEL_SPREAD).band(PLACES)
    digest = _no_pairs().digest
    all_together = SourceAdjustment(ANY, 0.0, Identity(), band, 0, day, digest)
    return Adjustments(day, digest, 0, Method.IDENTITY, all_together)


def _no_pairs() -> Labelled:
    nothing = np.empty(0)
    return Labelled(nothing, nothing, np.empty(0, np.int64), np.empty(0, np.str_), nothing)


def _named(pairs: Labelled) -> list[str]:
    return [str(name) for name in np.unique(pairs.sources) if name]


def _of_source(shared: Shared, pairs: Labelled) -> tuple[Steepened, float]:
    """The source's map and prior (bits): a line on what the shared map says, drawn to itself."""
    line = fit_line(shared.log2_odds(pairs.log2_odds) * LN2, pairs, SOURCE_SPREAD)
    return Steepened(shared, line.slope), line.intercept


@dataclass(frozen=True, slots=True)
class _Fit:
    """Learns the maps alone, without bands, and predicts: for held-out pairs."""

    method: Method

    def __call__(self, pairs: Labelled) -> Predict:
        shared = FITS[self.method](pairs)
        own = {
            name: _of_source(shared, pairs.where(pairs.sources == name)) for name in _named(pairs)
        }
        unknown: tuple[Curve, float] = (shared, 0.0)

        def predict(others: Labelled) -> Floats:
            found = np.empty(len(others))
            for name in np.unique(others.sources):
                here = others.sources == name
                curve, prior = own.get(str(name), unknown)
                odds = np.clip(curve.log2_odds(others.log2_odds[here]) + prior, -MOST, MOST)
                found[here] = expit(odds * LN2)
            return found

        return predict


def adjust(pairs: Labelled, method: Method, day: date, *, level: float = LEVEL) -> Adjustments:
    """What labelled pairs teach by a method; raises CalibrationError if all are of one kind."""
    refuse_one_kind(pairs)
    pairs = pairs.ordered()
    shared = FITS[method](pairs)
    errors = learned(without_labels(MODEL_SPREAD), pairs)
    beside = errors.spread_by(SOURCE_SPREAD)
    own = []
    for name in _named(pairs):
        theirs = pairs.where(pairs.sources == name)
        curve, prior = _of_source(shared, theirs)
        band = learned(beside, theirs).band(curve.log2_odds(PLACES) + prior, level)
        count, digest = len(theirs), theirs.digest
        own.append(SourceAdjustment(name, prior, curve, band, count, day, digest))
    # Where sources are told apart, one without labels is less sure than all of them together.
    band = (beside if own else errors).band(shared.log2_odds(PLACES), level)
    count, digest = len(pairs), pairs.digest
    all_together = SourceAdjustment(ANY, 0.0, shared, band, count, day, digest)
    return Adjustments(day, digest, count, method, all_together, tuple(own))


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """The adjustments, how the method was chosen, and what they give for pairs held out."""

    adjustments: Adjustments
    choice: Choice
    held_out: Floats


def learn(pairs: Labelled, day: date, *, folds: int = FOLDS, seed: int = 0) -> Learned:
    """Chooses a method, learns all adjustments, and predicts every pair without it."""
    if not len(pairs):
        return Learned(without_any(day), choose(pairs), np.empty(0))
    refuse_one_kind(pairs)
    choice = choose(pairs, folds=folds, seed=seed)
    predicted = held_out(pairs, _Fit(choice.method), folds=folds, seed=seed)
    return Learned(adjust(pairs, choice.method, day), choice, predicted)
