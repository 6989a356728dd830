"""A source without a connection 人工录入: nothing is sent, its clerks look up what it holds.

A question waits as a ticket until clerks have answered it or its deadline has passed. The same
ticket serves where a connected source failed and somebody has it answered by hand instead.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from connectors.contract import Permit, Progress, SourceQuery, Ticket

SETTING: Final = "manual"
LIMITS: Final[Mapping[str, Any]] = {"deadline": 10 * 86_400.0}
"""People need days where machines need seconds; a county's own limits say otherwise."""
_MARK: Final = "by_hand"
_PAUSE: Final = timedelta(hours=1)
"""How often it is looked whether the consent still holds; a withdrawal is looked at at once."""


def ticket_by_hand(reference: str, persons: tuple[str, ...]) -> Ticket:
    """What waits for clerks."""
    return Ticket(reference, persons, _PAUSE, {_MARK: True})


def is_by_hand(ticket: Ticket) -> bool:
    return ticket.payload.get(_MARK) is True


class ByHand:
    """As any source, but that `permit` is asked before anybody may look, and nothing leaves."""

    persons_a_query = 1
    answers_later = True

    def __init__(self, name: str, institutions: tuple[str, ...] = ("",)) -> None:
        self.name = name
        self.institutions = institutions

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any]) -> "ByHand":
        """Raises `ValueError` for a setting beside `manual`: none of the others is used."""
        others = sorted(config.keys() - {SETTING})
        if others:
            raise ValueError(f"{name}: {others[0]} is no setting of a source answered by hand")
        return cls(name)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        await permit()
        refs = tuple(person.ref for person in query.persons)
        return Progress(ticket=ticket_by_hand(query.reference, refs))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        await permit()
        return Progress(ticket=ticket)

    async def aclose(self) -> None:
        """Nothing is held."""
