"""Calls of one client at once, in one process: who asks for more waits for itself, not others."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

AT_ONCE: Final = 2
"""Calls of a client that are worked on; others' calls come in between."""
WAITING: Final = 64
"""Calls of a client that wait for one of them to end; what comes beyond that is refused."""


@dataclass(slots=True)
class _Turns:
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    inside: int = 0
    """Worked on or waiting."""


class Turn:
    """One call's; it ends once, whoever says so."""

    def __init__(self, slots: "Slots", client_id: str) -> None:
        self._slots = slots
        self._client_id = client_id
        self._is_open = True

    def end(self) -> None:
        if self._is_open:
            self._is_open = False
            self._slots.leave(self._client_id, has_begun=True)


class Slots:
    """Turns by client; a client that asks for nothing takes no room."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turns] = {}

    def is_full(self, client_id: str) -> bool:
        turns = self._turns.get(client_id)
        return turns is not None and turns.inside >= AT_ONCE + WAITING

    async def turn(self, client_id: str) -> Turn:
        """When it is the call's turn; whoever is given it ends it."""
        turns = self._turns.setdefault(client_id, _Turns())
        turns.inside += 1
        try:
            await turns.free.acquire()
        except asyncio.CancelledError:
            self.leave(client_id, has_begun=False)
            raise
        return Turn(self, client_id)

    def leave(self, client_id: str, *, has_begun: bool) -> None:
        turns = self._turns[client_id]
        if has_begun:
            turns.free.release()
        turns.inside -= 1
        if turns.inside == 0:
            del self._turns[client_id]
