"""A roster of recipients taken in: who is new, who changed, and who left 名册导入."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from os.path import commonprefix
from typing import Final

import sqlalchemy as sa

from app.access.tokens import Caller
from app.audit.chain import Entry
from app.batch.roster.households import RosterHousehold
from app.batch.roster.persons import RowError
from app.domain.errors import Conflict, NotAllowed
from app.domain.household import VerificationRequest
from app.domain.instants import china_day
from app.domain.recipient import RecipientState, WhyDue
from app.recipients.asked import as_kept, consent_until
from app.recipients.desk import RecipientDesk
from app.recipients.due import due_by_cadence
from app.recipients.rules import NoCadenceInForce
from app.store.recipients import Case, StoredRecipient

PAGE: Final = 500
"""Households in one transaction."""
_WORDS: Final = {
    "case.repeated": "the same case of the same region stands further down",
    "class.missing": "a new recipient needs a class",
    "class.unknown": "the rules have no cadence for this class in the region",
}


@dataclass(slots=True)
class Tally:
    """What became of a roster; `present` are the recipients that it names."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    ended: int = 0
    errors: list[RowError] = field(default_factory=list)
    present: set[str] = field(default_factory=set, repr=False)

    @property
    def households(self) -> int:
        return self.added + self.updated + self.unchanged


@dataclass(slots=True)
class _Page:
    """What one page writes."""

    new: list[StoredRecipient] = field(default_factory=list)
    changed: list[StoredRecipient] = field(default_factory=list)
    entering: list[tuple[str, str, dict[str, bytes]]] = field(default_factory=list)
    leaving: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of a page's cases."""

    rows: dict[Case, StoredRecipient]
    requests: dict[str, VerificationRequest]
    present: dict[str, set[bytes]]
    verified: dict[Case, tuple[str, date]]


@dataclass(frozen=True, slots=True)
class _Given:
    """Who takes in, and when."""

    who: Caller
    now: datetime


class Intake:
    """Reads rosters into recipients; the same roster again changes nothing."""

    def __init__(self, desk: RecipientDesk) -> None:
        self._desk = desk

    async def take_in(self, rows: AsyncIterator[RosterHousehold | RowError], who: Caller) -> Tally:
        """All of it, a page at a time; raises `NotAllowed` before the page with a foreign region.

        What broke off half-way is taken in by doing it again.
        """
        tally = Tally()
        page: list[RosterHousehold] = []
        async for row in rows:
            if isinstance(row, RowError):
                tally.errors.append(row)
                continue
            page.append(row)
            if len(page) == PAGE:
                await self.take_in_some(page, who, tally)
                page = []
        if page:
            await self.take_in_some(page, who, tally)
        return tally

    async def take_in_some(
        self, rows: Sequence[RosterHousehold], who: Caller, tally: Tally
    ) -> None:
        """One page, in one transaction."""
        for row in rows:
            if not row.request.region.startswith(who.region):
                raise NotAllowed("a region of the roster is outside the client's own")
        done = await self._desk.database.write(lambda tx: self._page(tx, rows, who))
        tally.added += done.added
        tally.updated += done.updated
        tally.unchanged += done.unchanged
        tally.errors += done.errors
        tally.present |= done.present

    def _page(self, tx: sa.Connection, rows: Sequence[RosterHousehold], who: Caller) -> Tally:
        desk, now = self._desk, self._desk.now()
        desk.lists.lock_rosters(tx)
        once = {(row.request.region, row.request.case_reference): row for row in rows}
        known = self._known(tx, list(once))
        page, tally = _Page(), Tally()
        for row in rows:
            if once[row.request.region, row.request.case_reference] is not row:
                tally.errors.append(_error(row, "case_reference", "case.repeated"))
                continue
            self._household(row, known, page, tally, _Given(who, now))
        desk.recipients.add(tx, page.new)
        desk.recipients.replace(tx, page.changed)
        desk.persons.leave(tx, page.leaving, now)
        desk.persons.enter(tx, page.entering, now)
        counts = {"added": str(tally.added), "updated": str(tally.updated)}
        desk.tell(tx, who, "recipients_taken_in", (_common(rows), _common(rows)), **counts)
        return tally

    def _known(self, tx: sa.Connection, cases: Sequence[Case]) -> _Known:
        desk = self._desk
        rows = desk.recipients.by_case(tx, cases)
        stored = list(rows.values())
        requests = desk.recipients.requests(tx, stored)
        desk.persons.renew(tx, requests)
        return _Known(
            rows={
                one.case: replace(one, household_index=desk.persons.household_index(request))
                for one, request in zip(stored, requests, strict=True)
            },
            requests={one.id: request for one, request in zip(stored, requests, strict=True)},
            present=desk.persons.present(tx, [one.id for one in stored]),
            verified=desk.recipients.last_final(tx, [one for one in cases if one not in rows]),
        )

    def _household(
        self, row: RosterHousehold, known: _Known, page: _Page, tally: Tally, given: _Given
    ) -> None:
        """Where its class has no cadence the household is rejected, and what is stored stays."""
        case = row.request.region, row.request.case_reference
        old = known.rows.get(case)
        class_ = row.class_ or ("" if old is None else old.class_)
        if not class_:
            tally.errors.append(_error(row, "class", "class.missing"))
            return
        try:
            if old is None:
                one = self._new(row.request, class_, known.verified.get(case), given)
            else:
                one = self._updated(old, known.requests[old.id], (row.request, class_), given)
        except NoCadenceInForce:
            tally.errors.append(_error(row, "class", "class.unknown"))
            return
        tally.present.add(one.id)
        if old is not None and one == old:
            tally.unchanged += 1
            return
        (page.new if old is None else page.changed).append(one)
        tally.added += old is None
        tally.updated += old is not None
        self._members(one, row.request, known.present.get(one.id, set()), page)

    def _members(
        self, one: StoredRecipient, request: VerificationRequest, here: set[bytes], page: _Page
    ) -> None:
        members = self._desk.persons.members(request)
        entering = {ref: index for ref, index in members.items() if index not in here}
        page.entering.append((one.id, one.region, entering))
        page.leaving += [(one.id, index) for index in here - set(members.values())]

    def _new(
        self,
        request: VerificationRequest,
        class_: str,
        verified: tuple[str, date] | None,
        given: _Given,
    ) -> StoredRecipient:
        """Verified already where its application was; else due at once."""
        desk, today = self._desk, china_day(given.now)
        id_ = desk.new_id("rc")
        last_id, last_on = (None, None) if verified is None else verified
        cadence = desk.rules.cadence(class_, request.region, today)
        due = due_by_cadence(last_on, cadence, today)
        return StoredRecipient(
            id=id_,
            region=request.region,
            client_id=given.who.actor,
            case_reference=request.case_reference,
            class_=class_,
            cadence=cadence,
            state=RecipientState.RECEIVING,
            due_on=due.on,
            why_due=due.why,
            programmes=request.programmes,
            last_verification_id=last_id,
            last_verified_on=last_on,
            consent_until=consent_until(request),
            created_at=given.now,
            changed_at=given.now,
            request=as_kept(request),
            household_index=desk.persons.household_index(request),
        )

    def _updated(
        self,
        old: StoredRecipient,
        stored: VerificationRequest,
        wanted: tuple[VerificationRequest, str],
        given: _Given,
    ) -> StoredRecipient:
        """The same object's values where nothing changed; other members are due at once."""
        desk, today, (request, class_) = self._desk, china_day(given.now), wanted
        one = old
        if class_ != old.class_:
            one = desk.classed(old, class_, today)
        if as_kept(replace(request, as_of=stored.as_of)) != stored:
            one = replace(
                one,
                programmes=request.programmes,
                consent_until=consent_until(request),
                request=as_kept(request),
                household_index=desk.persons.household_index(request),
            )
        why = None
        if old.state is RecipientState.ENDED:
            why, one = WhyDue.NEW, replace(one, state=RecipientState.RECEIVING)
        elif one.household_index != old.household_index:
            why = WhyDue.MEMBER_CHANGED
        return one if why is None else replace(one, due_on=today, why_due=why, changed_at=given.now)

    async def end_absent(self, region: str, tally: Tally, who: Caller, *, dry_run: bool) -> int:
        """End those of the region's subtree that a whole roster does not name; gives how many.

        Raises `Conflict` where rows were rejected: whom they name is not known.
        """
        if tally.errors:
            raise Conflict("rows of the roster were rejected: nobody is ended for being absent")
        after, absent = "", 0
        while page := await self._not_ended(region, after):
            after = page[-1][0]
            gone = [one for one in page if one[0] not in tally.present]
            absent += len(gone)
            if gone and not dry_run:
                tally.ended += await self._end(gone, who)
        return absent

    async def _not_ended(self, region: str, after: str) -> list[tuple[str, str]]:
        lists = self._desk.lists
        return await self._desk.database.read(
            lambda tx: lists.not_ended(tx, region, after=after, limit=PAGE)
        )

    async def _end(self, gone: Sequence[tuple[str, str]], who: Caller) -> int:
        desk, ids = self._desk, [id_ for id_, _ in gone]

        def work(tx: sa.Connection) -> int:
            now = desk.now()
            desk.recipients.end_many(tx, ids, now)
            desk.persons.leave_all(tx, ids, now)
            entries = [_ended(who, id_, region) for id_, region in gone]
            desk.audit.append_many(tx, entries)
            return len(gone)

        return await desk.database.write(work)


def _ended(who: Caller, id_: str, region: str) -> Entry:
    return Entry(
        actor=who.actor,
        action="recipient_ended",
        object=id_,
        region=region,
        details={"why": "not on the roster"},
    )


def _error(row: RosterHousehold, column: str, code: str) -> RowError:
    return RowError(row.rows[0], column, code, _WORDS[code])


def _common(rows: Iterable[RosterHousehold]) -> str:
    """The region around all of them."""
    regions = [row.request.region for row in rows]
    return commonprefix(regions)
