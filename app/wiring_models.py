"""What judges: standards, match weights, error-rate models, exchange rates."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.error_rate.versions import Models
from app.programmes.standard import Standards
from app.settings import Settings
from app.verification.conclude import Knowledge
from app.verification.library import Library
from app.wiring_sources import (
    exchange_rates,
)
from matching.calibration.applied import adjusted, read_adjustments
from matching.weights import Weights, load_weights
from matching.weights_file import read_weights


def _weights(settings: Settings) -> Weights:
    """The packaged match weights or those of a file, corrected as reviewers' decisions taught."""
    path = settings.matching_weights
    weights = load_weights() if path is None else read_weights(path)
    learned = settings.matching_adjustments
    return weights if learned is None else adjusted(weights, read_adjustments(learned))


def library_of(settings: Settings, document: Mapping[str, Any], today: date) -> Library:
    """What judges from now on: the models that are in force on the day the service starts."""
    models = Models.load(settings.models_folder)
    parameters, calibration = models.in_force(today)
    knowledge = Knowledge(
        standards=Standards.load(settings.programmes),
        weights=_weights(settings),
        parameters=parameters,
        calibration=calibration,
        rates=exchange_rates(document),
    )
    return Library(knowledge, models)
