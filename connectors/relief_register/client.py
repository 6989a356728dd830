"""Asks a register of beneficiaries 救助对象名册 whether somebody is enrolled already.

The standard calls it an Integrated Beneficiary Registry (IBR). There is no wire but DCI.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from connectors.contract import Source
from connectors.dci.party import SETTING
from connectors.transport.limits import Gate

MAPPING: Final = Path(__file__).with_name("mapping.yaml")


class ReliefRegisterSource:
    """Known by its section `dci` alone. Configuration: `dci`."""

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any], gate: Gate) -> Source:
        """Raises `ValueError`: with the section `dci`, another builder is asked."""
        raise ValueError(f"{name}: {SETTING} is missing")
