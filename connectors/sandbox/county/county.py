"""The county as it is handed over: ten registers, and the truth behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from connectors.sandbox.county.data_faults import DataFault
from connectors.sandbox.county.households import HouseholdType
from connectors.sandbox.county.truth import Person, PersonTruth
from connectors.sandbox.register import Register


@dataclass(frozen=True, slots=True)
class CountyHousehold:
    """A household that applies: what it declares, and what is true."""

    type: HouseholdType
    application: Mapping[str, object]
    """A complete request body."""
    truth: Mapping[str, PersonTruth]
    """By person id: declared members, registered ones left out, supporters."""
    refs: Mapping[str, str]
    """The application's `ref` to the person id; registered members left out have none."""
    composition: tuple[str, ...]
    """Person ids of the living people who really are the family."""


@dataclass(frozen=True, slots=True)
class FaultMark:
    """A fault that a register was given, by the place of the entry in `Register.entries`."""

    source: str
    entry: int
    fault: DataFault


@dataclass(frozen=True)
class County:
    """A made-up county; the same seed, day and sizes make the same one."""

    seed: int
    as_of: date
    months: tuple[str, ...]
    """The window of `as_of`: twelve whole months, YYYYMM."""
    registers: Mapping[str, Register]
    people: Mapping[str, Person]
    households: tuple[CountyHousehold, ...]
    faults: tuple[FaultMark, ...]
