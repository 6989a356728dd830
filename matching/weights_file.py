"""Weights as a file: what a linkage trained, written and read back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matching.levels import Level
from matching.weights import Odds, Weights, WeightsError, probability_of, weights_from


def _entry(odds: Odds) -> dict[str, float]:
    entry = {"m": odds.m}
    if odds.u is not None:
        entry["u"] = odds.u
    elif odds.lift != 1.0:
        entry["lift"] = odds.lift
    return {key: float(f"{value:.6g}") for key, value in entry.items()}


def _entries(fields: Mapping[str, Mapping[Level, Odds]]) -> dict[str, dict[str, dict[str, float]]]:
    return {
        name: {str(level): _entry(odds) for level, odds in levels.items()}
        for name, levels in fields.items()
    }


def document_of(weights: Weights) -> dict[str, Any]:
    """What a weights file holds; `weights_from` reads it back."""
    bits = weights.name_bits
    return {
        "name": weights.name,
        "version": weights.version,
        "date": weights.date.isoformat(),
        "reference": weights.reference,
        "training": None if weights.training is None else asdict(weights.training),
        "prior_probability": float(f"{probability_of(weights.prior):.6g}"),
        "priors": {k: float(f"{probability_of(v):.6g}") for k, v in weights.priors.items()},
        "namesakes": float(f"{weights.namesakes:.6g}"),
        "thresholds": asdict(weights.thresholds),
        "name_frequency": {
            "trusted_bits": bits.trusted,
            "share_beyond": bits.share_beyond,
            "most_bits": bits.most,
            "rare_bits": bits.rare,
        },
        "masked_number": dict(weights.masked_number),
        "fields": _entries(weights.fields),
        "together": _entries(weights.together),
    }


def read_weights(path: Path) -> Weights:
    """The weights of a file that a linkage trained; raises WeightsError, OSError."""
    try:
        return weights_from(json.loads(path.read_bytes()))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path.name} is no weights file: {error}") from error
