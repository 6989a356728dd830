"""What happened with a case 办理过程, from the audit trail, for those who work on it. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.access.looking import OVERSIGHT
from app.domain.instants import rfc3339
from app.store.audit_reads import ReadEntry

_TOLD: Final = ("purpose", "look", "why", "wanted", "source", "sources", "from", "office", "fields")
"""Of the details of an entry. Nothing of what a reviewer chose: a second one must not know."""
_OVERSIGHT: Final = frozenset(one.value for one in OVERSIGHT)


def history_document(
    entries: Iterable[ReadEntry], names: Mapping[str, str], *, oversees: bool
) -> list[dict[str, Any]]:
    """The newest first. Looks of oversight are for those who oversee alone."""
    shown = [
        _entry(one, names)
        for one in entries
        if oversees or one.details.get("purpose") not in _OVERSIGHT
    ]
    return shown[::-1]


def _entry(one: ReadEntry, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "position": one.position,
        "at": rfc3339(one.at),
        "actor": one.actor,
        "actor_name": names.get(one.actor),
        "action": one.action,
        "person": one.details.get("person"),
        "details": {name: one.details[name] for name in _TOLD if name in one.details},
    }
