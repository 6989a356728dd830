"""Versions of what predicts error rates 模型版本: parameters and calibrations, as dated files.

`parameters-<version>.yaml` and `calibration-<version>.yaml` in one folder, beside the parameters
that are shipped. A version is in force from its `since` on; none is ever changed or taken away, so
that every result can be computed again by the versions that it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from app.domain import yaml_text
from app.domain.errors import ConfigurationError, MissingModel
from app.error_rate.calibration import IDENTITY, Calibration, Certain, RateMap, Recalibrated
from app.error_rate.explained import Explained
from app.error_rate.observed import LearnedFrom
from app.error_rate.parameters import SHIPPED, Parameters
from app.error_rate.skill import Skill
from matching.calibration.fit import Method
from matching.calibration.labelled import CalibrationError

_STRICT: Final = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedFile:
    """A file of learned parameters; `assumed` is the version they were learned from.

    Parts of `parameters` that a later release added, and that it lacks, are as shipped.
    """

    __pydantic_config__: ClassVar = _STRICT
    format: Literal["hedui-error-rate-parameters"] = "hedui-error-rate-parameters"
    version: str
    since: date
    assumed: str
    learned_from: LearnedFrom
    parameters: dict[str, Any]
    explained: tuple[Explained, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationFile:
    """A file of a calibration; `before` and `after`: held-out skill without and with it."""

    __pydantic_config__: ClassVar = _STRICT
    format: Literal["hedui-error-rate-calibration"] = "hedui-error-rate-calibration"
    version: str
    since: date
    parameters: str
    learned_from: LearnedFrom
    method: Method
    before: Skill
    after: Skill
    certain: Certain
    maps: tuple[RateMap, ...]

    @property
    def calibration(self) -> Calibration:
        return Calibration(
            version=self.version, parameters=self.parameters, since=self.since, maps=self.maps
        )


_PARAMETERS: Final = TypeAdapter(LearnedFile)
_CALIBRATION: Final = TypeAdapter(CalibrationFile)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParametersVersion:
    """Parameters, their file's content as a version is learned from it; `file` None if assumed."""

    parameters: Parameters
    document: Mapping[str, Any]
    file: LearnedFile | None = None

    @property
    def explained(self) -> tuple[Explained, ...]:
        """How each number came about; nothing of what is shipped."""
        return () if self.file is None else self.file.explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """All versions there are, oldest first; the shipped parameters are the first."""

    parameters: tuple[ParametersVersion, ...]
    calibrations: tuple[CalibrationFile, ...] = ()

    @classmethod
    def load(cls, folder: Path | None = None, shipped: Path = SHIPPED) -> "Models":
        """What is shipped and what is in the folder, which need not exist.

        Raises ConfigurationError with file, key and fault.
        """
        first = _shipped(shipped)
        learned, calibrations = [], []
        for path in sorted(folder.glob("*.yaml")) if folder is not None else ():
            if path.name.startswith("parameters-"):
                learned.append(_from_folder(path, first))
            elif path.name.startswith("calibration-"):
                calibrations.append(_calibration(path))
            else:
                raise ConfigurationError(
                    f"{path.name}: is no model: they are named parameters-… or calibration-….yaml"
                )
        models = cls(
            parameters=(first, *sorted(learned, key=lambda one: _age(one.parameters))),
            calibrations=tuple(sorted(calibrations, key=lambda one: (one.since, one.version))),
        )
        models._refuse_doubles()
        return models

    @property
    def shipped(self) -> ParametersVersion:
        """What was assumed before anything was observed: what every version is learned from."""
        return self.parameters[0]

    def in_force(self, day: date) -> tuple[Parameters, Calibration]:
        """The newest parameters on the day, and the newest calibration of just these.

        A calibration corrects the rates of the parameters that it was learned with; with others
        nothing is corrected until audits say how. Raises ConfigurationError before the first day.
        """
        begun = [one.parameters for one in self.parameters if one.parameters.since <= day]
        if not begun:
            first = min(one.parameters.since for one in self.parameters)
            raise ConfigurationError(
                f"error-rate parameters: none in force on {day}, the first begin on {first}"
            )
        parameters = max(begun, key=_age)
        fitting = [
            one
            for one in self.calibrations
            if one.since <= day and one.parameters == parameters.version
        ]
        return parameters, fitting[-1].calibration if fitting else IDENTITY

    def named(self, parameters: str, calibration: str) -> tuple[Parameters, Calibration]:
        """The versions that a stored result names. Raises MissingModel, naming what is not here."""
        found = [one.parameters for one in self.parameters if one.parameters.version == parameters]
        if not found:
            raise _missing("parameters", parameters)
        if calibration == IDENTITY.version:
            return found[0], IDENTITY
        for one in self.calibrations:
            if one.version == calibration:
                return found[0], one.calibration
        raise _missing("calibration", calibration)

    def _refuse_doubles(self) -> None:
        named = [one.parameters.version for one in self.parameters]
        for names in (named, [IDENTITY.version, *(one.version for one in self.calibrations)]):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ConfigurationError(f"error-rate models: two versions are named {twice[0]}")


def _age(parameters: Parameters) -> tuple[date, str]:
    return parameters.since, parameters.version


def _missing(kind: str, version: str) -> MissingModel:
    return MissingModel(
        f"{kind} {version}: not among the error-rate models; put {kind}-{version}.yaml back "
        "into the folder of HEDUI_MODELS"
    )


def calibration_file(found: Recalibrated) -> CalibrationFile:
    """What audits taught, as a version. Raises ValueError without a day from which it holds."""
    if found.calibration.since is None:
        raise ValueError("a calibration is in force from a day on")
    return CalibrationFile(
        version=found.calibration.version,
        since=found.calibration.since,
        parameters=found.calibration.parameters,
        learned_from=found.learned_from,
        method=found.method,
        before=found.before,
        after=found.after,
        certain=found.certain,
        maps=found.calibration.maps,
    )


def name_of(file: LearnedFile | CalibrationFile) -> str:
    """The file's name in the folder of models."""
    kind = "parameters" if isinstance(file, LearnedFile) else "calibration"
    return f"{kind}-{file.version}.yaml"


def version_of(since: date, digest: str) -> str:
    """A version's name: its first day, and what it was learned from."""
    return f"{since.isoformat()}-{digest.removeprefix('sha256:')[:8]}"


def text_of(file: LearnedFile | CalibrationFile) -> str:
    """The file's YAML, which is read back exactly."""
    if isinstance(file, LearnedFile):
        document = _PARAMETERS.dump_python(file, mode="json")
    else:
        document = _CALIBRATION.dump_python(file, mode="json")
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def _document(path: Path) -> dict[str, Any]:
    try:
        document = yaml_text.load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path.name}: cannot be read as YAML") from error
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path.name}: must hold a mapping")
    return document


def _shipped(path: Path) -> ParametersVersion:
    document = _document(path)
    return ParametersVersion(parameters=Parameters.of(document, file=path.name), document=document)


def _from_folder(path: Path, shipped: ParametersVersion) -> ParametersVersion:
    """A learned version, or one as another release shipped it, which has no `format`."""
    document = _document(path)
    file = _learned(path, document) if "format" in document else None
    inner = document if file is None else dict(file.parameters)
    inner = _filled(inner, shipped.document)
    if file is not None:
        inner |= {"version": file.version, "since": file.since}
    parameters = Parameters.of(inner, file=path.name)
    _refuse_other_name(path, f"parameters-{parameters.version}.yaml")
    return ParametersVersion(parameters=parameters, document=inner, file=file)


def _learned(path: Path, document: Mapping[str, Any]) -> LearnedFile:
    try:
        return _PARAMETERS.validate_python(document)
    except ValidationError as error:
        raise _fault(path, error) from error


def _filled(learned: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
    """The learned content, with the shipped one where it has nothing."""
    filled = dict(shipped) | dict(learned)
    for key, value in shipped.items():
        if isinstance(value, Mapping) and isinstance(learned.get(key), Mapping):
            filled[key] = _filled(learned[key], value)
    return filled


def _calibration(path: Path) -> CalibrationFile:
    try:
        file = _CALIBRATION.validate_python(_document(path))
        _ = file.calibration
    except ValidationError as error:
        raise _fault(path, error) from error
    except (CalibrationError, ValueError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    _refuse_other_name(path, name_of(file))
    return file


def _refuse_other_name(path: Path, wanted: str) -> None:
    if path.name != wanted:
        raise ConfigurationError(f"{path.name}: holds the version of {wanted}: name it so")


def _fault(path: Path, error: ValidationError) -> ConfigurationError:
    fault = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in fault["loc"]) or "file"
    return ConfigurationError(f"{path.name}: {key}: {fault['msg']}")
