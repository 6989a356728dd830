"""What judges: standards, match weights, error-rate models, exchange rates."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.alerts.raising import Raising
from app.alerts.rules_file import load_rules
from app.audit.chain import AuditTrail
from app.domain.instants import china_day
from app.error_rate.versions import Models
from app.programmes.standard import Standards
from app.settings import Settings
from app.store.crypto import FieldCipher
from app.verification.conclude import Knowledge
from app.verification.library import Library
from app.verification.persist import Shelf
from app.wiring_sources import (
    exchange_rates,
    system_clock,
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


def raising_of(
    settings: Settings,
    shelf: Shelf,
    cipher: FieldCipher,
    standards: Standards,
    audit: AuditTrail,
) -> Raising:
    """Rules of alerts as of the day the process starts, by the machine's clock."""
    return Raising.over(
        cipher,
        shelf.outbox,
        load_rules(settings.alerts, china_day(system_clock())),
        standards=standards,
        audit=audit,
        household_index=shelf.verifications.household_index,
    )
