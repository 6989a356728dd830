"""The unusual-access report 异常访问报告 of a day, read from the trail; and once a day, told of."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import sqlalchemy as sa
import structlog

from app.access.looking import Refusal
from app.access.relations import Home, home_of, homes_of
from app.audit.chain import AuditTrail
from app.audit.look_rules import LookCalendar, UnusualRules, day_span
from app.audit.unusual import Day, Seen, Unusual, unusual_of
from app.domain.errors import NotFound
from app.domain.household import VerificationRequest
from app.domain.instants import china_day, rfc3339
from app.store.audit_reads import LIST, RECONCILED, AuditReads, EntryFilter, ReadEntry
from app.store.crypto import FieldCipher
from app.store.relations import ProtectedPersons
from app.store.session import Database
from app.store.staff import Account, StaffAccounts
from app.store.verifications import Verifications
from matching.frequency import frequencies
from matching.names import parse_name

log = structlog.get_logger()
TOLD: Final = "unusual_access_told"
_LOOKS: Final = frozenset({"case", "list", "export"})
_STAFF: Final = "staff"
_OF_REGISTRY: Final = frozenset({"registry_searched", "registry_listed"})
_COUNTY: Final = 6
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LookReader:
    """Reads a day's looks of staff and registry partners, judges them by the rules in force."""

    reads: AuditReads
    verifications: Verifications
    accounts: StaffAccounts
    protected: ProtectedPersons
    calendar: LookCalendar

    @classmethod
    def over(cls, cipher: FieldCipher, calendar: LookCalendar) -> "LookReader":
        return cls(
            reads=AuditReads(cipher),
            verifications=Verifications(cipher),
            accounts=StaffAccounts(cipher),
            protected=ProtectedPersons(cipher),
            calendar=calendar,
        )

    def of_day(self, tx: sa.Connection, day: date, region: str) -> list[Unusual]:
        """By actor and rule, of looks at cases of the region's subtree."""
        rules = self.calendar.in_force(day).unusual
        span = day_span(day, rules.visits_within_days)
        entries = [one for one in self.reads.between(tx, region, span) if _is_look(one)]
        today = [one for one in entries if china_day(one.at) == day]
        objects = {one.object for one in today if not one.object.startswith(LIST)}
        objects |= {case for one in today if _is_looked_for(one) for case in _listed(one)}
        found = self.verifications.get_many(tx, objects)
        requests = {id_: one.request for id_, one in found.items()}
        known = _Known(
            accounts=self._accounts(tx, {one.actor for one in today}),
            requests=requests,
            protected=self.protected.among(tx, sorted(requests)),
            small=self._small_counties(tx, requests.values(), rules),
            rare=rules.rare_surname_percent,
        )
        seen = [
            (known.told_of_all if _is_looked_for(one) else known.told)(_seen(one))
            for one in entries
        ]
        return unusual_of(Day(day, self.calendar), seen)

    def _accounts(self, tx: sa.Connection, ids: Iterable[str]) -> dict[str, Account]:
        """Of those who looked; whoever is no account any more has no name to compare."""
        found = {}
        for id_ in ids:
            with suppress(NotFound):
                found[id_] = self.accounts.get(tx, id_)
        return found

    def _small_counties(
        self, tx: sa.Connection, requests: Iterable[VerificationRequest], rules: UnusualRules
    ) -> frozenset[str]:
        """Where so few are asked about that whoever has the same surname may well be kin."""
        most = rules.small_county_households
        counties = {one.region[:_COUNTY] for one in requests}
        return frozenset(
            county for county in counties if self.reads.households_of(tx, county, most + 1) <= most
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualAccess:
    """The report of a day, and the duty to tell of it."""

    database: Database
    reader: LookReader
    audit: AuditTrail
    now: Callable[[], datetime]

    @property
    def calendar(self) -> LookCalendar:
        return self.reader.calendar

    async def run(self) -> int:
        """Yesterday's, told of once: a line of log and an entry with how often each rule fired."""
        yesterday = china_day(self.now()) - timedelta(days=1)

        def work(tx: sa.Connection) -> Counter[str] | None:
            about = f"day:{yesterday.isoformat()}"
            told = EntryFilter(region="", action=TOLD, object=about, limit=1)
            if self.reader.reads.page(tx, told):
                return None
            found = self.reader.of_day(tx, yesterday, "")
            counts = Counter(one.code.value for one in found)
            details = {code: str(number) for code, number in sorted(counts.items())}
            self.audit.append(tx, actor="hedui", action=TOLD, about=(about, ""), details=details)
            return counts

        counts = await self.database.write(work)
        if counts:
            log.warning("unusual_access", count=counts.total(), kind=",".join(sorted(counts)))
        return 0


def _is_look(entry: ReadEntry) -> bool:
    """By a member of staff: had, or refused; by a partner of the registry interface: had."""
    details = entry.details
    if _is_system(entry):
        return details.get("look") in _LOOKS
    return details.get("kind") == _STAFF and (details.get("look") in _LOOKS or "why" in details)


def _is_looked_for(entry: ReadEntry) -> bool:
    """A list of those whom somebody named 名册比对: each was meant, unlike in a page of a list."""
    return entry.object == f"{LIST}{RECONCILED}"


def _listed(entry: ReadEntry) -> list[str]:
    return list(filter(None, entry.details.get("cases", "").split(",")))


def _is_system(entry: ReadEntry) -> bool:
    return entry.details.get("kind") == "client" and entry.action in _OF_REGISTRY


def _seen(entry: ReadEntry) -> Seen:
    details = entry.details
    look, refused = details.get("look"), details.get("why")
    one = Seen(position=entry.position, at=entry.at, actor=entry.actor, is_system=_is_system(entry))
    if look == "list":
        return replace(one, listed=frozenset(_listed(entry)))
    if look == "export":
        return replace(one, households=int(details.get("count", "0")))
    why = Refusal(refused).value if refused else None
    persons = len(list(filter(None, details.get("persons", "").split(","))))
    return replace(one, case=entry.object, persons=persons, refused=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of those who looked and of whom they looked at."""

    accounts: Mapping[str, Account]
    requests: Mapping[str, VerificationRequest]
    protected: set[str]
    small: frozenset[str]
    rare: Decimal

    def told(self, seen: Seen) -> Seen:
        account, request = self.accounts.get(seen.actor), self.requests.get(seen.case or "")
        if request is None:
            return seen
        return replace(
            seen,
            same_surname=account is not None and self._is_namesake(account, request),
            same_home=account is not None and _is_neighbour(account, request),
            is_protected=seen.case in self.protected,
        )

    def told_of_all(self, seen: Seen) -> Seen:
        """A list whose cases were each looked for; namesakes are many in any roster."""
        account = self.accounts.get(seen.actor)
        known = [self.requests[case] for case in seen.listed if case in self.requests]
        return replace(
            seen,
            same_home=account is not None and any(_is_neighbour(account, one) for one in known),
            is_protected=not self.protected.isdisjoint(seen.listed),
        )

    def _is_namesake(self, account: Account, request: VerificationRequest) -> bool:
        """Of a surname that tells something: a rare one, or any in a small county."""
        own = _surname(account.name)
        if own is None or own not in map(_surname, (one.name for one in request.household.persons)):
            return False
        if request.region[:_COUNTY] in self.small:
            return True
        share = Decimal(str(frequencies().surnames.get(own, 0.0)))
        return share * _HUNDRED <= self.rare


def _surname(name: str) -> str | None:
    parsed = parse_name(name)
    return None if parsed is None else "".join(parsed.plain[: parsed.surname_length])


def _is_neighbour(account: Account, request: VerificationRequest) -> bool:
    if account.address is None:
        return False
    return home_of(Home(region=account.region, address=account.address)) in homes_of(request)


def findings(found: Iterable[Unusual]) -> Iterator[dict[str, object]]:
    """As the interface and the command line show them; no person stands in it."""
    for one in found:
        yield {
            "actor": one.actor,
            "code": one.code.value,
            "count": one.count,
            "first_at": rfc3339(one.first_at),
            "last_at": rfc3339(one.last_at),
            "entries": list(one.entries),
            "cases": list(one.cases),
        }
