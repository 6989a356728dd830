"""Adjustments learned from reviewers, applied to the weights that judge records."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from matching.calibration.labelled import CalibrationError
from matching.calibration.sources import Adjustments, SourceAdjustment, from_document, without_any
from matching.weights import ANY, Weights


def read_adjustments(path: Path) -> Adjustments:
    """The adjustments that `hedui matching calibrate` wrote; raises CalibrationError, OSError."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise CalibrationError(f"{path.name} is not JSON") from error
    return from_document(document)


def adjusted(weights: Weights, adjustments: Adjustments) -> Weights:
    """The weights with a calibration for each source that has one, and one for all others.

    The version tells which labels taught it, so that a decision can be computed again.
    """
    found = {one.source: _corrected(one) for one in adjustments.sources}
    found[ANY] = _corrected(adjustments.of(ANY))
    taught_by = adjustments.digest.removeprefix("sha256:")[:12]
    version = f"{weights.version}+{taught_by}"
    return replace(weights, calibrations=found, version=version)


def interval_of(weights: Weights, log2_odds: float) -> tuple[float, float]:
    """Between which probabilities the truth is, by the labels that taught the weights.

    Before any label: within the wide band of the model itself.
    """
    taught = weights.calibration
    if not isinstance(taught, _Corrected):
        taught = _Corrected(without_any(weights.date).of(ANY))
    low, high = taught.adjustment.intervals(np.array([log2_odds]))
    return float(low[0]), float(high[0])


@dataclass(frozen=True, slots=True)
class _Corrected:
    """The correction of one source's log2 odds."""

    adjustment: SourceAdjustment

    def __call__(self, log2_odds: float) -> float:
        return float(self.adjustment.log2_odds(np.array([log2_odds]))[0])


def _corrected(adjustment: SourceAdjustment) -> Callable[[float], float]:
    return _Corrected(adjustment)
