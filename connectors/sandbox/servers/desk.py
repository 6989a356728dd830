"""What every source has at hand: its register, its log, its faults and its pace."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from connectors.sandbox.faults import Fault, FaultBoard, Step
from connectors.sandbox.register import Entry, Register
from connectors.sandbox.servers.calls import Call, CallLog

STRANGER_NAME: Final = "某某某"
STRANGER_NUMBER: Final = "229999199001010018"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast the sources work, seconds; and in how many parts they answer."""

    poll_after: int = 0
    running_polls: int = 1
    file_delay: float = 0.0
    callback_delay: float = 0.0
    callback_pause: float = 0.05
    """The first pause before a callback is repeated; each next one is twice as long."""
    bank_parts: int = 1
    insurance_parts: int = 1
    token_seconds: int = 600
    household_registry_rate: int = 200
    """Calls a second before code 90; the document names no number."""
    business_registration_rate: int = 20
    late_seconds: float = 5.0
    drip_seconds: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One source's register and what it has been told to get wrong.

    `clock` gives seconds since 1970, for what is signed; all waiting goes by the event loop.
    """

    source: str
    register: Register
    board: FaultBoard
    log: CallLog
    rng: Random
    pace: Pace
    clock: Callable[[], float]

    def choose(self, step: Step, among: Collection[Fault]) -> Fault | None:
        """The fault to show at this step, if it is one of those."""
        return self.board.choose(self.source, self.rng, among, step)

    async def think(self) -> None:
        """Waits for the latency that is set."""
        seconds = self.board.latency_of(self.source)
        if seconds > 0:
            await asyncio.sleep(seconds)

    def note(
        self,
        step: Step,
        person: tuple[str, str] | None,
        reference: str | None = None,
        institution: str | None = None,
    ) -> None:
        """Writes a call, with the name and number asked for, into the log."""
        name, number = person or (None, None)
        at = asyncio.get_running_loop().time()
        self.log.add(Call(at, self.source, step, name, number, reference, institution))

    def entries(self, name: str, id_number: str, fault: Fault | None) -> list[Entry]:
        """What the register holds, or what the fault puts in its place."""
        own = self.register.find(name, id_number)
        match fault:
            case Fault.WRONG_PERSON | Fault.OTHER_REQUEST:
                return self.stranger(name, id_number)
            case Fault.TWO_PERSONS:
                return own + self.stranger(name, id_number)
            case Fault.DUPLICATE:
                return own + own
            case _:
                return own

    def stranger(self, name: str, id_number: str) -> list[Entry]:
        """All records of one other person: the name and the number both differ."""
        asked = {id(entry) for entry in self.register.find(name, id_number)}
        entries = self.register.entries
        start = self.rng.randrange(len(entries)) if entries else 0
        for offset in range(len(entries)):
            entry = entries[(start + offset) % len(entries)]
            if id(entry) not in asked and entry.name and entry.id_number.strip():
                return [
                    other
                    for other in self.register.find(entry.name, entry.id_number)
                    if (other.name, other.id_number) == (entry.name, entry.id_number)
                ]
        return [_renamed(entry) for entry in entries[:1]]


def _renamed(entry: Entry) -> Entry:
    """The same record under a name and a number that nobody has."""
    swapped = {entry.name: STRANGER_NAME, entry.id_number: STRANGER_NUMBER}
    row: Mapping[str, object] = {
        field: swapped.get(value, value) if isinstance(value, str) and value else value
        for field, value in entry.row.items()
    }
    return replace(entry, name=STRANGER_NAME, id_number=STRANGER_NUMBER, row=row, person=None)


class RateLimit:
    """At most so many calls in any second."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self._recent: deque[float] = deque()

    def admits(self, now: float) -> bool:
        """Whether this call is let in; one that is not does not count."""
        while self._recent and now - self._recent[0] >= 1:
            self._recent.popleft()
        if len(self._recent) >= self._calls:
            return False
        self._recent.append(now)
        return True
