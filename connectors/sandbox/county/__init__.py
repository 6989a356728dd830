"""A made-up county of Jilin: its people, what they have, and ten registers that keyed it."""

from connectors.sandbox.county.county import County, CountyHousehold, FaultMark
from connectors.sandbox.county.data_faults import DataFault
from connectors.sandbox.county.generate import generate
from connectors.sandbox.county.households import HouseholdType
from connectors.sandbox.county.truth import Person, PersonTruth

__all__ = [
    "County",
    "CountyHousehold",
    "DataFault",
    "FaultMark",
    "HouseholdType",
    "Person",
    "PersonTruth",
    "generate",
]
