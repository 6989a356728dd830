"""The five cases together, and the ten registers that hold all their people."""

from typing import Final

from connectors.sandbox.register import SOURCES, Register
from tests.acceptance.five import (
    case_000001,
    case_000002,
    case_000003,
    case_000004,
    case_000020,
)
from tests.acceptance.five.case import Case

CASES: Final[tuple[Case, ...]] = (
    case_000001.CASE,
    case_000002.CASE,
    case_000003.CASE,
    case_000004.CASE,
    case_000020.CASE,
)


def registers() -> dict[str, Register]:
    """What the ten sources hold."""
    sourced = [entry for case in CASES for entry in case.entries]
    return {
        source: Register(entry for name, entry in sourced if name == source) for source in SOURCES
    }
