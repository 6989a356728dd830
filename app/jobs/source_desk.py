"""The health of all sources as a region sees it, and a source's breaker closed by hand."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

import sqlalchemy as sa

from app.access.tokens import Caller
from app.audit.chain import AuditTrail
from app.domain.errors import NotFound
from app.domain.instants import CHINA, china_day
from app.jobs.breakers import Action
from app.jobs.presence import DEAD_AFTER
from app.jobs.source_states import Health, Seen, healths, stopped
from app.store.session import Database
from app.store.source_breakers import OpenBreaker, SourceBreakers
from app.store.source_health import FailedReply, SourceHealth
from app.verification.elsewhere import Connected
from app.verification.plan import SOURCES
from app.verification.terms import SourceTerms

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_JUDGED: Final = timedelta(days=30)
_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """A kind of failure within a week, the newest examples first."""

    failure: str
    replies: int
    examples: Sequence[FailedReply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """All that is told of one source."""

    healths: Sequence[Health]
    terms: SourceTerms | None
    breakers: Sequence[OpenBreaker]
    errors: Sequence[ErrorKind]
    attempts: Mapping[int, int]
    problems: Mapping[str, int]
    looked_at: int


@dataclass(frozen=True, kw_only=True)
class SourceDesk:
    """Reads in the caller's region; orders go to all processes."""

    database: Database
    health: SourceHealth
    breakers: SourceBreakers
    sources: Connected
    terms: Mapping[str, SourceTerms]
    audit: AuditTrail
    now: Callable[[], datetime]
    keeps: timedelta = timedelta(0)
    """So old may be what `all` gives: a day's replies are counted for it, and many ask."""
    _kept: dict[str, tuple[datetime, Sequence[Health]]] = field(
        default_factory=dict, init=False, repr=False
    )
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The ten, and what is connected besides."""
        return (*SOURCES, *(one for one in self.sources if one not in SOURCES))

    async def all(self, region: str) -> Sequence[Health]:
        """A row a source and institution."""
        async with self._counting:
            begun = self.now()
            for old in [one for one, (at, _) in self._kept.items() if begun - at >= self.keeps]:
                del self._kept[old]
            if region not in self._kept:
                rows = await self.database.read(lambda tx: self._healths(tx, self.names, region))
                self._kept[region] = (begun, rows)
            return self._kept[region][1]

    def failing(self, tx: sa.Connection) -> int:
        """How many sources are left alone just now, by any process; cheap."""
        return len(self.breakers.all(tx, self.now() - DEAD_AFTER))

    async def whole(self, source: str, region: str) -> Whole:
        """Raises NotFound."""
        self._check(source)
        now = self.now()

        def load(tx: sa.Connection) -> Whole:
            problems, looked_at = self.health.problems(tx, source, region, now - _WEEK)
            return Whole(
                healths=self._healths(tx, (source,), region),
                terms=self.terms.get(source),
                breakers=self.breakers.all(tx, now - DEAD_AFTER).get(source, ()),
                errors=_kinds(self.health.failed(tx, source, region, now - _WEEK)),
                attempts=self.health.attempts(tx, source, region, now - _WEEK),
                problems=problems,
                looked_at=looked_at,
            )

        return await self.database.read(load)

    async def order(self, who: Caller, source: str, action: Action) -> None:
        """Raises NotFound for what is not connected."""
        self._check(source)
        if source not in self.sources:
            raise NotFound("this source is not connected")
        now = self.now()

        def work(tx: sa.Connection) -> None:
            self.breakers.order(tx, source, action.value, (who.actor, now))
            word = "source_probed" if action is Action.PROBE else "source_restored"
            about = (f"source:{source}", who.region)
            self.audit.append(tx, actor=who.actor, action=word, about=about, details={})

        await self.database.write(work)
        self._kept.clear()

    def _check(self, source: str) -> None:
        if source not in self.names:
            raise NotFound("no such source")

    def _healths(self, tx: sa.Connection, names: Iterable[str], region: str) -> list[Health]:
        now = self.now()
        today = china_day(now)
        midnight = datetime.combine(today, time.min, CHINA)
        here = [one for one in names if one in self.sources]
        said = self.health.said(tx, here, region, now - _DAY)
        asked = self.health.asked(tx, here, region, midnight)
        waiting = self.health.waiting(tx, here, region)
        judged = self.health.judged(tx, here, region, today - _JUDGED)
        breakers = self.breakers.all(tx, now - DEAD_AFTER)
        rows: list[Health] = []
        for name in names:
            if name not in self.sources:
                rows.append(stopped(name))
                continue
            seen = Seen(
                source=name,
                said=[one for one in said if one.source == name],
                timed=self.health.timed(tx, name, region, now - _DAY),
                waiting=[one for one in waiting if one.source == name],
                asked=asked.get(name, 0),
                judged=judged.get(name),
                breakers=breakers.get(name, ()),
                terms=self.terms[name],
            )
            rows += healths(seen, self.sources.all_institutions(name), now, midnight)
        return rows


def _kinds(failed: Sequence[FailedReply]) -> list[ErrorKind]:
    counted = Counter(one.failure for one in failed)
    return [
        ErrorKind(kind, number, [one for one in failed if one.failure == kind][:_EXAMPLES])
        for kind, number in counted.most_common()
    ]
