"""Which versions judge: those in force, and for a result computed again those that it names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.domain.errors import MissingModel
from app.error_rate.calibration import IDENTITY, Calibration
from app.error_rate.parameters import Parameters
from app.error_rate.versions import Models
from app.verification.conclude import Knowledge


@dataclass(frozen=True, slots=True)
class Library:
    """`knowledge` is what judges now; `models` are all versions of what predicts error rates."""

    knowledge: Knowledge
    models: Models

    def named(self, model: Mapping[str, str]) -> Knowledge:
        """What computed a stored result, by the versions in its `model`.

        Raises MissingModel, naming the one that is not here any more.
        """
        weights = self.knowledge.weights.version
        if model["weights"] != weights:
            raise MissingModel(
                f"match weights {model['weights']}: the service judges by {weights}; point "
                "HEDUI_MATCHING_WEIGHTS and HEDUI_MATCHING_ADJUSTMENTS to the former"
            )
        calibration = model.get("calibration", IDENTITY.version)
        return knowing(self.knowledge, *self.models.named(model["error_rate"], calibration))


def knowing(knowledge: Knowledge, parameters: Parameters, calibration: Calibration) -> Knowledge:
    """The same with other versions of what predicts error rates."""
    return replace(knowledge, parameters=parameters, calibration=calibration)
