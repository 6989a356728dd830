"""On which terms a source is asked: its limits, its agreement 共享协议, how old its data may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import Any, Final

from app.domain.errors import ConfigurationError
from connectors.transport.limits import Limits

_KEYS: Final = frozenset({"number", "ends", "contact", "fresh_days", "institutions"})
_MOST_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed with who runs the source; None: the configuration does not say it.

    `ends`: its last day; `fresh_days`: so many days old may its data be; `institutions`: names by
    the codes that the source gives them.
    """

    number: str | None = None
    ends: date | None = None
    contact: str | None = field(default=None, repr=False)
    fresh_days: int | None = None
    institutions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceTerms:
    """A connected source: what it bears, what was agreed, which mapping reads it."""

    limits: Limits = Limits()  # noqa: RUF009 - frozen
    agreement: Agreement = Agreement()
    mapping_version: date | None = None
    persons_a_query: int = 1

    def quickest(self, persons: int) -> timedelta | None:
        """How long asking about so many takes at the least; None where nothing bounds it."""
        if self.limits.rate is None:
            return None
        batches = self.limits.rate * (1 - self.limits.interactive_share)
        return timedelta(seconds=ceil(ceil(persons / self.persons_a_query) / batches))


def agreements_of(document: Mapping[str, Any]) -> dict[str, Agreement]:
    """The part `agreements` of the sources' file. Raises ConfigurationError naming the key."""
    found = document.get("agreements") or {}
    if not isinstance(found, dict):
        raise ConfigurationError("agreements: must be a mapping by source")
    return {str(source): _agreement(str(source), given) for source, given in found.items()}


def _agreement(source: str, given: object) -> Agreement:
    where = f"agreements: {source}"
    if not isinstance(given, dict):
        raise ConfigurationError(f"{where}: must be a mapping")
    unknown = sorted(set(map(str, given)) - _KEYS)
    if unknown:
        raise ConfigurationError(f"{where}: {unknown[0]} is not known; there are {sorted(_KEYS)}")
    ends, fresh = given.get("ends"), given.get("fresh_days")
    if ends is not None and type(ends) is not date:
        raise ConfigurationError(f"{where}: ends must be a day, such as 2027-06-30")
    if fresh is not None and (type(fresh) is not int or fresh < 0):
        raise ConfigurationError(f"{where}: fresh_days must be a whole number")
    texts = {name: _text(where, name, given.get(name)) for name in ("number", "contact")}
    return Agreement(
        number=texts["number"],
        ends=ends,
        contact=texts["contact"],
        fresh_days=fresh,
        institutions=_institutions(where, given.get("institutions")),
    )


def _institutions(where: str, given: object) -> Mapping[str, str]:
    """Names by code."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ConfigurationError(f"{where}: institutions must be a mapping from code to name")
    named = (
        (str(code), _text(where, f"institutions: {code}", name)) for code, name in given.items()
    )
    return {code: name for code, name in named if name is not None}


def _text(where: str, name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= _MOST_TEXT:
        raise ConfigurationError(f"{where}: {name} must be a text of at most {_MOST_TEXT} letters")
    return value
