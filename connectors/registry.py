"""Which sources there are, and how one is built from the configuration: the only list."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from connectors.bank.client import BankSource
from connectors.business_registration.client import BusinessRegistrationSource
from connectors.by_hand import SETTING, ByHand
from connectors.contract import Source
from connectors.dci.party import SETTING as DCI
from connectors.household_registry.client import HouseholdRegistrySource
from connectors.housing_fund.client import HousingFundSource
from connectors.insurance.client import InsuranceSource
from connectors.over_dci import over_dci
from connectors.property.client import PropertySource
from connectors.relief_register.client import ReliefRegisterSource
from connectors.securities.client import SecuritiesSource
from connectors.social_insurance.client import SocialInsuranceSource
from connectors.tax.client import TaxSource
from connectors.transport.limits import Gate, Limits
from connectors.transport.x_road import SETTING as X_ROAD
from connectors.transport.x_road import read_x_road
from connectors.vehicle.client import VehicleSource

Builder = Callable[[str, Mapping[str, Any], Gate], Source]
"""Name, resolved configuration and gate to a source; raises `ValueError` naming a wrong key."""

SOURCES: Final[Mapping[str, Builder]] = {
    "household_registry": HouseholdRegistrySource.from_config,
    "tax": TaxSource.from_config,
    "social_insurance": SocialInsuranceSource.from_config,
    "property": PropertySource.from_config,
    "business_registration": BusinessRegistrationSource.from_config,
    "housing_fund": HousingFundSource.from_config,
    "vehicle": VehicleSource.from_config,
    "bank": BankSource.from_config,
    "insurance": InsuranceSource.from_config,
    "securities": SecuritiesSource.from_config,
    "relief_register": ReliefRegisterSource.from_config,
}

_MEBIBYTE: Final = 1024 * 1024

LIMITS: Final[Mapping[str, Limits]] = {
    # More than 20 calls a second are refused. Two fewer: calls reach it closer than they left.
    "business_registration": Limits(rate=18.0),
    # Statements are cut off after 5 seconds.
    "housing_fund": Limits(timeout=5.0, concurrency=4),
    # One connection to a file server; a part for 50,000 persons holds some 60 bytes a line.
    "bank": Limits(concurrency=1, timeout=60.0, max_bytes=64 * _MEBIBYTE),
    "securities": Limits(concurrency=1, timeout=60.0, max_bytes=32 * _MEBIBYTE),
}
"""What the sources' documents say; what they leave open is as for any source."""

_NOT_OVER_HTTP: Final = frozenset({"housing_fund", "bank", "securities"})
_LIMIT_NAMES: Final = frozenset(each.name for each in fields(Limits))
_WHOLE_LIMITS: Final = frozenset({"concurrency", "tries", "max_bytes", "reuse_days"})
_MAY_BE_MISSING: Final = frozenset({"rate", "window"})

_VERSION: Final = re.compile(r"^version: (\d{4}-\d{2}-\d{2})\b", re.MULTILINE)

Resolve = Callable[[str], str]
"""A text of the configuration to what it stands for."""


def resolve_value(text: str, *, environment: Mapping[str, str] = os.environ) -> str:
    """`env:NAME` and `file:PATH` to what they hold; any other text as it is.

    Raises `ValueError` naming the variable or the file, never what is in it.
    """
    kind, _, name = text.partition(":")
    if kind == "env":
        if name not in environment:
            raise ValueError(f"the variable {name} is not set")
        return environment[name]
    if kind == "file":
        try:
            return Path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"the file {name} cannot be read") from error
    return text


def build_sources(
    config: Mapping[str, Mapping[str, Any]],
    limits: Mapping[str, Mapping[str, Any]],
    *,
    resolve: Resolve = resolve_value,
    builders: Mapping[str, Builder] = SOURCES,
    gate_of: Callable[[str, Limits], Gate] = Gate,
) -> dict[str, Source]:
    """All configured sources by name, in the order of the configuration.

    Raises `ValueError` naming the source and the key, variable or limit at fault.
    """
    for name in [*config, *limits]:
        if name not in builders:
            raise ValueError(f"{name} is no source; there are {', '.join(sorted(builders))}")
    sources: dict[str, Source] = {}
    for name, settings in config.items():
        if isinstance(settings, Mapping) and settings.get(SETTING) is True:
            sources[name] = ByHand.from_config(name, settings)
            continue
        gate = gate_of(name, limits_of(name, limits.get(name, {})))
        its = _with_way(name, resolved(name, settings, resolve), gate)
        sources[name] = (over_dci if DCI in its else builders[name])(name, its, gate)
    return sources


def _with_way(name: str, settings: dict[str, Any], gate: Gate) -> dict[str, Any]:
    """The settings with X-Road's address in the place of the source's own. Raises `ValueError`."""
    section = settings.pop(X_ROAD, None)
    if section is None:
        return settings
    if name in _NOT_OVER_HTTP or not isinstance(section, Mapping):
        raise ValueError(f"{name}: {X_ROAD} is a section of a source over HTTP")
    gate.way = read_x_road(name, section)
    if DCI not in settings:
        return {**settings, "url": gate.way.base_url}
    own = settings[DCI] if isinstance(settings[DCI], Mapping) else {}
    return {**settings, DCI: {**own, "url": gate.way.base_url}}


def limits_of(name: str, given: Mapping[str, Any]) -> Limits:
    """A source's limits: what its document says, and what the configuration says instead.

    Raises `ValueError` naming the limit.
    """
    for limit, value in given.items():
        if limit not in _LIMIT_NAMES:
            raise ValueError(f"{name}: {limit} is no limit; there are {sorted(_LIMIT_NAMES)}")
        may_be = (int,) if limit in _WHOLE_LIMITS else (int, float)
        no_limit = limit in _MAY_BE_MISSING and value is None
        if limit == "window" and isinstance(value, str):
            continue
        if limit == "networks" and _are_texts(value):
            continue
        if not no_limit and (isinstance(value, bool) or not isinstance(value, may_be)):
            raise ValueError(f"{name}: limit {limit} must be a number")
    try:
        texts = {"networks": tuple(given["networks"])} if "networks" in given else {}
        return replace(LIMITS.get(name, Limits()), **{**given, **texts})
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def mapping_version(name: str, settings: Mapping[str, Any]) -> date | None:
    """The version that a source's mapping file names first; None where there is none."""
    given = settings.get("mapping")
    path = Path(str(given)) if given else Path(__file__).parent / name / "mapping.yaml"
    try:
        found = _VERSION.search(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return None if found is None else date.fromisoformat(found[1])


def resolved(name: str, settings: Mapping[str, Any], resolve: Resolve) -> dict[str, Any]:
    """A source's settings with what `env:` and `file:` stand for; raises `ValueError`."""
    if not isinstance(settings, Mapping):
        raise ValueError(f"{name}: its settings are no mapping")
    resolved: dict[str, Any] = {}
    for key, value in settings.items():
        try:
            resolved[key] = _resolved_value(value, resolve)
        except ValueError as error:
            raise ValueError(f"{name}: {key}: {error}") from error
    return resolved


def _resolved_value(value: object, resolve: Resolve) -> object:
    if isinstance(value, str):
        return resolve(value)
    if isinstance(value, Mapping):
        return {key: _resolved_value(each, resolve) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolved_value(each, resolve) for each in value]
    return value
