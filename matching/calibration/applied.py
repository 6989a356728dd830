"""Adjustments learned from reviewers, applied to the weights that judge records."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from matching.calibration.labelled import CalibrationError
from matching.calibration.sources import Adjustments, SourceAdjustment, from_document
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


def _corrected(adjustment: SourceAdjustment) -> Callable[[float], float]:
    def corrected(log2_odds: float) -> float:
        return float(adjustment.log2_odds(np.array([log2_odds]))[0])

    return corrected
