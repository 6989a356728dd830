"""A source by its section `dci` alone: which registry is asked, and what its records become."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from connectors.contract import Source
from connectors.dci.party import SETTING, Party, read_party
from connectors.dci.people import flat_rows
from connectors.dci.registry import Registry
from connectors.dci.source import ByMapping, DciLaterSource, DciSource, Reads
from connectors.household_registry.dci import MAPPING as REGISTERED
from connectors.household_registry.dci import Registered
from connectors.mapping import FieldMap
from connectors.relief_register.client import MAPPING as ENROLLED
from connectors.relief_register.parse import Enrolled
from connectors.transport.http import Wire
from connectors.transport.limits import Gate

SETTINGS: Final = frozenset({SETTING, "mapping"})
OTHER_IDS: Final = ("UIN", "NID", "NATIONAL_ID", "national_id")
"""What registries call a national number, besides what the configuration says."""


def over_dci(name: str, config: Mapping[str, Any], gate: Gate) -> Source:
    """Raises `ValueError` naming the key at fault.

    The household registry and the register of beneficiaries have mappings of their own; any other
    source needs a mapping file with one kind of record, `record`.
    """
    others = sorted(config.keys() - SETTINGS)
    if others:
        raise ValueError(f"{name}: {others[0]} is no setting of a source over DCI")
    section = config[SETTING]
    if not isinstance(section, Mapping):
        raise ValueError(f"{name}: {SETTING} is a section")
    party = read_party(name, section)
    registry = Registry(party, Wire(party["url"], gate), gate)
    reads = _reads(name, party, config.get("mapping"))
    if party.is_async:
        return DciLaterSource(name, registry, reads)
    return DciSource(name, registry, reads)


def _reads(name: str, party: Party, mapping: object) -> Reads:
    ids = (*party.id_types.values(), *OTHER_IDS)
    given = None if mapping is None else Path(str(mapping))
    if name == "household_registry":
        return Registered(FieldMap.load(given or REGISTERED), ids)
    if name == "relief_register":
        return Enrolled(FieldMap.load(given or ENROLLED), ids)
    if given is None:
        raise ValueError(f"{name}: mapping is missing: no other says what its records are")
    return ByMapping(FieldMap.load(given), flat_rows)
