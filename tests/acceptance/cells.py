"""Asks a source about one person while it shows a fault, and concludes from what came."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Final

from app.api.schemas.verification import VerificationIn
from app.domain.evidence import SourceState, SourceStatus
from app.error_rate.parameters import Parameters
from app.programmes.standard import Standards
from app.verification.answers import Reply, from_stored, status_of, to_stored
from app.verification.conclude import Case, Conclusion, Knowledge, conclude
from app.verification.errands import query_of
from app.verification.merge.records import Rates
from connectors.contract import Outcome, Progress, Source, SourceReply, Unknown
from connectors.failure import Failure, FailureKind
from connectors.registry import build_sources
from connectors.sandbox.faults import CONNECTION, Fault, Step
from connectors.sandbox.sandbox import Sandbox
from matching.weights import load_weights
from tests.acceptance.ill import APPLICATION

PERSON: Final = "m1"
SHORT: Final = 0.4
"""Seconds a call may take where the source is going to be silent or slow."""
AMPLE: Final = 10.0
"""Seconds a call may take where the source answers at once, whatever the machine is doing."""
DEADLINE: Final = 0.8
"""Seconds after which an answer that is still outstanding counts as failed."""
HANGS: Final = 30.0
"""Seconds after which a cell counts as hanging."""
SILENT: Final = CONNECTION | {Fault.LATE, Fault.SQL_SLOW}
OUTSTANDING: Final = SILENT | {Fault.MISSING_OK}
PAUSE: Final = 0.02
REQUEST: Final = VerificationIn.model_validate(APPLICATION).to_domain()
_NOW: Final = datetime(2026, 11, 24, 10, tzinfo=UTC)
_TODAY: Final = date(2026, 11, 24)
_PAGE: Final = 4096
_NOWHERE: Final = re.compile(r"(://(?:[^/@]*@)?)[^/:@?]+")
"""The host of an address, which `no-such-host.invalid` (RFC 6761) takes the place of."""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of one source under one fault."""

    source: str
    replies: tuple[Reply, ...] = ()
    hung: bool = False
    growth: int = 0
    """Bytes by which the process grew at most while it was asked."""
    seconds: float = 0.0
    """How long it was asked, by the event loop's clock."""
    allowed: float = AMPLE
    """Seconds after which it must have ended."""

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """By institution."""
        return {reply.institution: reply.outcome for reply in self.replies}


@dataclass(frozen=True, slots=True)
class Told:
    """One setting of the fault board."""

    source: str
    fault: Fault | None
    step: Step | None = None
    nowhere: bool = False
    """The configured host has no address (DNS)."""

    def __str__(self) -> str:
        shown = "none" if self.fault is None else self.fault.value
        if self.nowhere:
            shown = "no_such_host"
        return f"{self.source}-{shown}" + (f"-{self.step}" if self.step else "")


@dataclass(slots=True, eq=False)
class _Growth:
    """The most that the process has held above what it held at first, bytes."""

    first: int
    most: int = 0


@dataclass(slots=True)
class _Scale:
    """One thread that weighs the process for all cells that are asked just now.

    A thread for each would fight the others and the event loop for the interpreter.
    """

    weighed: list[_Growth] = field(default_factory=list)
    changing: threading.Lock = field(default_factory=threading.Lock)
    watched: bool = False

    def watch(self) -> None:
        """Until nothing is left to weigh."""
        while True:
            with self.changing:
                if not self.weighed:
                    self.watched = False
                    return
                now = _resident()
                for one in self.weighed:
                    one.most = max(one.most, now - one.first)
            time.sleep(_BETWEEN)

    @contextmanager
    def growing(self) -> Iterator[_Growth]:
        growth = _Growth(_resident())
        with self.changing:
            begins, self.watched = not self.watched, True
            self.weighed.append(growth)
        if begins:
            threading.Thread(target=self.watch).start()
        try:
            yield growth
        finally:
            with self.changing:
                growth.most = max(growth.most, _resident() - growth.first)
                self.weighed.remove(growth)


_scale: Final = _Scale()
_BETWEEN: Final = 0.005
"""Seconds between two weighings."""


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE


async def _permit() -> None:
    """Always given: consent is not what is tested here."""


async def asked(sandbox: Sandbox, told: Told) -> Cell:
    """Tell the source what to get wrong, ask it about the person, collect to the deadline."""
    sandbox.faults.set(told.source, told.fault, step=told.step)
    config = sandbox.sources_configuration()[told.source]
    if told.nowhere:
        config = {**config, "url": _NOWHERE.sub(r"\1no-such-host.invalid", str(config["url"]))}
    timeout = SHORT if told.fault in SILENT else AMPLE
    limits = {"timeout": timeout, "tries": 1}
    source = build_sources({told.source: config}, {told.source: limits})[told.source]
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        with _scale.growing() as growth:
            try:
                async with asyncio.timeout(HANGS):
                    replies = await _replies(source, told)
            except TimeoutError:
                return Cell(told.source, hung=True)
    finally:
        await source.aclose()
        sandbox.faults.set(told.source, None)
    allowed = DEADLINE if told.fault in OUTSTANDING else AMPLE
    seconds = loop.time() - began
    return Cell(told.source, replies, growth=growth.most, seconds=seconds, allowed=allowed)


async def _replies(source: Source, told: Told) -> tuple[Reply, ...]:
    number = next(_numbers)
    query = query_of(
        REQUEST,
        ((PERSON,), None),
        reference=f"aq-{number}",
        sequence=number,
        sent_on=_TODAY,
    )
    loop = asyncio.get_running_loop()
    end = loop.time() + (DEADLINE if told.fault in OUTSTANDING else AMPLE)
    progress = await source.ask(query, _permit)
    replies = [*_told(progress)]
    while progress.ticket is not None and loop.time() < end:
        await asyncio.sleep(PAUSE)
        progress = await source.collect(progress.ticket, query, _permit)
        replies += _told(progress)
    return tuple(_stored(source, replies, outstanding=progress.ticket is not None))


def _told(progress: Progress) -> Sequence[SourceReply]:
    """What is to be asked again is not known; here it is asked once only."""
    again = (
        SourceReply(person=one.person, institution=one.institution, outcome=Unknown(one.failure))
        for one in progress.again
    )
    return (*progress.replies, *again)


def _stored(source: Source, replies: list[SourceReply], *, outstanding: bool) -> Iterator[Reply]:
    """The newest reply of each institution, as the service keeps it."""
    newest = {reply.institution: reply for reply in replies}
    late = Failure(FailureKind.TIMED_OUT, "no answer within the source's deadline")
    for institution in source.institutions:
        reply = newest.get(institution)
        if reply is None:
            assert outstanding, f"{source.name} gave neither an answer nor a ticket"
            reply = SourceReply(person=PERSON, institution=institution, outcome=Unknown(late))
        where = ("vf_cell", REQUEST.region)
        yield from_stored(to_stored(reply, where=where, source=source.name, now=_NOW))


def knowledge() -> Knowledge:
    """What judges, as shipped."""
    return Knowledge(
        standards=Standards.load(),
        weights=load_weights(),
        parameters=Parameters.load(),
        rates=Rates({}),
    )


def status(cell: Cell) -> SourceStatus:
    """The state that the service shows for the cell's source."""
    before = SourceStatus(
        source=cell.source, person=PERSON, state=SourceState.PENDING, complete=False
    )
    return status_of(before, cell.replies, [reply.institution for reply in cell.replies])


def concluded(cells: Sequence[Cell], judges: Knowledge) -> Conclusion:
    """Profile and decision from these ten cells."""
    case = Case(
        id="vf_cell",
        request=REQUEST,
        replies=tuple(reply for cell in cells for reply in cell.replies),
        statuses=tuple(map(status, cells)),
        judgements={},
    )
    return conclude(case, judges)
