"""What each source has been asked: its own log, as a consent check reads it."""

from dataclasses import dataclass, field

from connectors.sandbox.faults import Step


@dataclass(frozen=True, slots=True)
class Call:
    """One person asked about, or one poll (then without a person).

    `at` is the event loop's monotonic time; `reference` the source's own number of the request
    (job, inquiry, file), None where it has none; `institution` the bank asked.
    """

    at: float
    source: str
    step: Step
    name: str | None = field(default=None, repr=False)
    id_number: str | None = field(default=None, repr=False)
    reference: str | None = None
    institution: str | None = None


class CallLog:
    """An append-only list of calls, in memory."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def add(self, call: Call) -> None:
        self._calls.append(call)

    def calls(self, source: str | None = None, *, since: int = 0) -> list[Call]:
        """The calls from position `since` on, of one source or of all."""
        return [call for call in self._calls[since:] if source is None or call.source == source]

    def asked(self, source: str | None = None) -> list[Call]:
        """The calls that name a person."""
        return [call for call in self.calls(source) if call.name is not None or call.id_number]

    def __len__(self) -> int:
        return len(self._calls)

    def clear(self) -> None:
        self._calls.clear()
