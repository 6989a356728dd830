"""What a case consists of: register entries in, the profile worked out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.acceptance.five.rows import Sourced

Amount = str | Mapping[str, str | None] | None
"""Yuan as the interface shows it: exact, from `min` to `max`, or without a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The household's profile; each amount with its arithmetic beside it."""

    income: Sequence[tuple[str, str, Amount, bool]]
    """Person, kind, yuan a month, counted."""
    assets: Sequence[tuple[str, str, Amount, bool]]
    """Person, kind, value in yuan, counted."""
    totals: Mapping[str, object]
    outcomes: Mapping[str, str]
    findings: frozenset[tuple[str, str | None]] = frozenset()
    """Code and person of what must be among the findings."""
    benefits: Mapping[str, str] = field(default_factory=dict)
    """Programme to the monthly gap 补差 where it is confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One application of tests/cases/applications, what the registers hold, what follows."""

    reference: str
    entries: Sequence[Sourced]
    expected: Expected
