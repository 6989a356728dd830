"""Erases what is over by the rules, page by page, and tells it; cleans the files afterwards."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from app.audit.chain import AuditTrail, Entry
from app.domain.instants import china_day
from app.erasure.rules import ENDINGS, WORK, RetentionRules
from app.store.assistance import Assistances
from app.store.crypto import FieldCipher
from app.store.erasure_due import Due, Ending, count_due, due
from app.store.erasures import ErasedSubject, Erasures, Why
from app.store.remains import PLACE, State, clean
from app.store.retention import forget_work
from app.store.session import Database
from app.verification.errands import Desk

ACTOR: Final = "retention"
_PAGE: Final = 50
"""Subjects of one transaction: others want to write, too."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a rule would erase now, and what is held though its time is over."""

    ending: Ending
    before: datetime
    due: int
    held: int


@dataclass(frozen=True, slots=True)
class OnDisk:
    """How far the database's files are clean: of all that was erased until then."""

    erased_last_at: datetime | None
    clean_until: datetime | None
    state: str

    @property
    def is_clean(self) -> bool:
        last = self.erased_last_at
        return last is None or (self.clean_until is not None and self.clean_until >= last)


@dataclass(frozen=True, kw_only=True)
class Erasing:
    """Retention on the stores; `url` is the database's, for cleaning it by itself."""

    database: Database
    url: str
    erasures: Erasures
    asked: Assistances
    trail: AuditTrail
    rules: RetentionRules
    now: Callable[[], datetime]

    @classmethod
    def over(cls, desk: Desk, cipher: FieldCipher, url: str, rules: Path | None) -> "Erasing":
        """On the stores of the desk; `rules` as a file, None: those that are shipped."""
        return cls(
            database=desk.database,
            url=url,
            erasures=Erasures(cipher),
            asked=Assistances(cipher),
            trail=desk.audit,
            rules=RetentionRules.load(rules),
            now=desk.now,
        )

    async def plan(self, region: str = "") -> list[Planned]:
        """Nothing is changed."""
        wanted = [self._due(ending, region) for ending in ENDINGS]

        def work(tx: sa.Connection) -> list[Planned]:
            return [Planned(one.ending, one.before, *count_due(tx, one)) for one in wanted]

        return await self.database.read(work)

    async def run_page(self, region: str = "") -> int:
        """One page of each rule; gives how many subjects went."""
        gone = 0
        for ending in ENDINGS:
            wanted = self._due(ending, region)
            gone += await self.database.write(lambda tx, wanted=wanted: self._page(tx, wanted))  # type: ignore[misc]
        return gone

    async def run(self, region: str = "") -> int:
        """All that is due, then the files; gives how many subjects went."""
        gone = 0
        some = await self.run_page(region)
        while some:
            gone += some
            some = await self.run_page(region)
        await self.clean()
        return gone

    async def forget_work(self) -> int:
        """A page of rows that only told where work stood, and of what other centres asked.

        Of that, contents go as soon, and who asked whom about whom when nobody objects any more.
        """
        now = self.now()
        before = now - self.rules.term(WORK, china_day(now))
        objected = now - self.rules.term("refused", china_day(now))
        gone = await self.database.write(lambda tx: forget_work(tx, before))
        gone += await self.database.write(lambda tx: self.asked.forget(tx, objected))
        return gone + await self.database.write(
            lambda tx: self.asked.forget_contents(tx, before, now)
        )

    def _due(self, ending: Ending, region: str) -> Due:
        now = self.now()
        return Due(ending, now - self.rules.term(ending, china_day(now)), region)

    def _page(self, tx: sa.Connection, wanted: Due) -> int:
        subjects = due(tx, wanted, limit=_PAGE)
        erased = self.erasures.erase(tx, subjects, Why(wanted.ending), self.now())
        self.tell(tx, erased, ACTOR)
        return len(erased)

    def tell(self, tx: sa.Connection, erased: Iterable[ErasedSubject], actor: str) -> None:
        """Each on the audit trail; the last thing that a transaction does."""
        self.trail.append_many(tx, [_entry(one, actor) for one in erased])

    async def on_disk(self) -> OnDisk:
        """How far the files are clean, as of the last cleaning."""

        def work(tx: sa.Connection) -> OnDisk:
            until, state = self.erasures.cleaned(tx, PLACE) or (None, "never")
            return OnDisk(self.erasures.last_at(tx), until, state)

        return await self.database.read(work)

    async def clean(self) -> State | None:
        """Where something was erased since the last time; gives what came of it, None: nothing."""
        before = await self.on_disk()
        if before.is_clean or before.erased_last_at is None:
            return None
        state = await asyncio.to_thread(clean, self.url)
        until = before.erased_last_at if state == "clean" else before.clean_until
        at = until or datetime.fromtimestamp(0, tz=before.erased_last_at.tzinfo)
        await self.database.write(lambda tx: self.erasures.note_cleaned(tx, PLACE, at, state))
        return state


def _entry(one: ErasedSubject, actor: str) -> Entry:
    details = {"rule": one.why.rule, "rows": str(sum(one.rows.values())), "digest": one.digest}
    if one.why.request_id is not None:
        details["request"] = one.why.request_id
    return Entry(actor, "erased", one.subject.id, one.subject.region, details)
