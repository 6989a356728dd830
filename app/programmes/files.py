"""Reads programme files 标准文件 and says in which file and key a fault is."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.decision import Comparison
from app.domain.errors import InvalidStandard
from app.programmes.parameters import (
    REGION_LENGTHS,
    WHOLE_COUNTRY,
    Area,
    ByRegion,
    Kind,
    Parameter,
    Series,
    value_of,
)

NULLABLE: Final = frozenset(
    {"residents_pension_counted_from", "imputed_sole_trader_monthly", "medical_limit_yearly"}
)
KINDS: Final[Mapping[str, Kind]] = {
    "window_months": Kind.COUNT,
    "lookback_months": Kind.COUNT,
    "supporters_many": Kind.COUNT,
    "residents_pension_counted_from": Kind.DAY,
    "exempt_vehicle_kinds": Kind.WORDS,
    "counted_vehicle_states": Kind.WORDS,
    "stale_after_days": Kind.DAYS_BY_SOURCE,
}
"""Parameters that are not amounts; every other one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestLine:
    """One test as the file has it; the limit is the product of the parameters named."""

    __test__ = False  # not a test case of the test runner

    test: str
    comparison: Comparison
    limit: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFile:
    """What a programme's file holds; `local.yaml` holds parameters alone."""

    file: str
    programme: str
    name: Mapping[str, str]
    clause: str
    area: Area | None  # None: the township decides
    holds_one_of: tuple[str, ...]
    tests: tuple[TestLine, ...]
    left_to_case_system: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    benefits: Mapping[str, Parameter]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


_Values = dict[str, dict[date, Any]]


class _ParameterIn(_Strict):
    reference: str = Field(min_length=1)
    unit: str | None = None
    example: bool = False
    values: _Values | None = None
    urban: _Values | None = None
    rural: _Values | None = None


class _TestIn(_Strict):
    test: str
    comparison: Literal["below", "at_most"]
    limit: str | list[str]


class _LocalIn(_Strict):
    parameters: dict[str, _ParameterIn]


class _ProgrammeIn(_Strict):
    programme: str
    name: dict[str, str]
    clause: str
    area: Literal["urban", "rural", "by_township"]
    holds_one_of: list[str] = []
    tests: list[_TestIn] = []
    left_to_case_system: list[str] = []
    parameters: dict[str, _ParameterIn] = {}
    benefits: dict[str, _ParameterIn] = {}


_Content = TypeVar("_Content", bound=_Strict)


class _Loader(yaml.SafeLoader):
    """Refuses a key that is written twice: one of two values of a date would be lost in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the library's signature
        keys = [key_node.value for key_node, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {min(twice)} is written twice", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def read_local(path: Path) -> Mapping[str, Parameter]:
    """The parameters that programmes share; InvalidStandard names file, key and fault."""
    content = _validated(_LocalIn, path)
    return _parameters(content.parameters, path.name, "parameters")


def read_programme(path: Path) -> ProgrammeFile:
    """One programme's file; InvalidStandard names file, key and fault."""
    content = _validated(_ProgrammeIn, path)
    if content.programme != path.stem:
        raise InvalidStandard(f"{path.name}: programme: must be {path.stem}, as the file is called")
    if not content.tests and not content.holds_one_of:
        raise InvalidStandard(f"{path.name}: tests: a programme needs tests or holds_one_of")
    return ProgrammeFile(
        file=path.name,
        programme=content.programme,
        name=content.name,
        clause=content.clause,
        area=None if content.area == "by_township" else content.area,
        holds_one_of=tuple(content.holds_one_of),
        tests=tuple(_test(line) for line in content.tests),
        left_to_case_system=tuple(content.left_to_case_system),
        parameters=_parameters(content.parameters, path.name, "parameters"),
        benefits=_parameters(content.benefits, path.name, "benefits"),
    )


def _validated(model: type[_Content], path: Path) -> _Content:
    try:
        raw = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
        return model.model_validate(raw)
    except yaml.YAMLError as error:
        raise InvalidStandard(f"{path.name}: not readable as YAML: {error}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"]) or "file"
        raise InvalidStandard(f"{path.name}: {key}: {fault['msg']}") from error


def _parameters(
    lines: Mapping[str, _ParameterIn], file: str, section: str
) -> Mapping[str, Parameter]:
    return {name: _parameter(name, line, f"{file}: {section}") for name, line in lines.items()}


def _parameter(name: str, line: _ParameterIn, place: str) -> Parameter:
    key = f"{place}.{name}"
    alike, town, country = line.values, line.urban, line.rural
    if (alike is None) == (town is None) or (town is None) != (country is None):
        raise InvalidStandard(f"{key}: needs either values, or urban and rural")
    kind = KINDS.get(name, Kind.AMOUNT)
    by_area: dict[Area, ByRegion] = {
        "urban": _regions(town if alike is None else alike, kind, key),
        "rural": _regions(country if alike is None else alike, kind, key),
    }
    return Parameter(name=name, reference=line.reference, example=line.example, by_area=by_area)


def _regions(values: _Values | None, kind: Kind, key: str) -> ByRegion:
    if not values:
        raise InvalidStandard(f"{key}: has no values")
    for region in values:
        is_code = region.isdecimal() and len(region) in REGION_LENGTHS
        if region != WHOLE_COUNTRY and not is_code:
            raise InvalidStandard(f"{key}.{region}: must be a region's code or {WHOLE_COUNTRY}")
    return {region: _series(dated, kind, f"{key}.{region}") for region, dated in values.items()}


def _series(dated: Mapping[date, Any], kind: Kind, key: str) -> Series:
    if not dated:
        raise InvalidStandard(f"{key}: has no date of effect")
    name = key.split(".")[-2]
    pairs = []
    for since in sorted(dated):
        raw = dated[since]
        try:
            value = None if raw is None and name in NULLABLE else value_of(raw, kind)
        except ValueError as error:
            raise InvalidStandard(f"{key}.{since}: {error}") from error
        pairs.append((since, value))
    return tuple(pairs)


def _test(line: _TestIn) -> TestLine:
    limit = (line.limit,) if isinstance(line.limit, str) else tuple(line.limit)
    return TestLine(test=line.test, comparison=Comparison(line.comparison), limit=limit)
