"""Finds the households and persons that a search is about, within what the sender may see.

Identity numbers are looked up by their keyed index alone. Whatever else is asked for stands sealed:
candidates are narrowed by the database, then opened and judged one by one, and no more of them than
a bound; past it the search is refused, not cut.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from app.access.consent import comparable as comparable_number
from app.access.limited import Limited, must_concern
from app.access.looking import Looker
from app.dci import attributes
from app.dci.conditions import Compare, Operator, Value, holds, needed
from app.dci.criteria import Search, SortKey
from app.dci.household import Household, read_of
from app.dci.identities import person_of
from app.dci.looks import may_see
from app.dci.records import GROUP
from app.dci.refusals import ItemRefused
from app.domain.consent import Withdrawal
from app.domain.errors import Erased, NotFound
from app.domain.household import Member, VerificationRequest
from app.domain.interval import Truth
from app.programmes.needs import Needs
from app.store.crypto import FieldCipher
from app.store.dci_enrolments import Enrolments
from app.store.dci_households import DciHouseholds, Sought
from app.store.indexes import person_keys
from app.store.verifications import StoredVerification, Verifications
from app.store.withdrawals import Withdrawals
from connectors.dci.codes import ItemCode

MOST_CANDIDATES: Final = 2_000
MOST_OF_ONE: Final = 200
"""Verifications of the persons or households that are named."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A household that fits, or one of its members who does."""

    household: Household
    member: Member | None = None


@dataclass(frozen=True, kw_only=True)
class Households:
    """Reads over the stores; everything in the caller's transaction."""

    stored: DciHouseholds
    enrolments: Enrolments
    verifications: Verifications
    withdrawals: Withdrawals
    needs: Needs
    cipher: FieldCipher

    def hits(
        self, tx: sa.Connection, look: Looker, search: Search, at: tuple[date, datetime]
    ) -> list[Hit]:
        """All that fit, in the order asked for; `at`: the day (China's) and the moment.

        Raises `ItemRefused`.
        """
        today, now = at
        sought = self._sought(look, search)
        most = MOST_CANDIDATES if sought.is_wide else MOST_OF_ONE
        ids = self.stored.ids(tx, sought, most=most)
        if ids is None:
            words = f"more than {most} households are looked through for this: narrow the search"
            raise ItemRefused(ItemCode.TOO_MANY_RECORDS, words)
        households = [
            one
            for one in self._loaded(tx, look, ids, today)
            if not self._is_withdrawn(tx, one, now)
            and may_see(look, one) is not None
            and (one.enrolled or not search.is_ibr)
        ]
        return ordered(_fitting(search, households), search.sort)

    def _sought(self, look: Looker, search: Search) -> Sought:
        names, persons, numbers = list(needed(search.condition)), [], None
        for one in names:
            if one.attribute in attributes.OF_PERSONS:
                keys = (key for value in one.values for key in self._keys(one.attribute, value))
                persons.append(tuple(keys))
            elif one.attribute == attributes.HOUSEHOLD_ID:
                numbers = tuple(map(str, one.values))
        return Sought(
            region=look.region,
            persons=tuple(persons),
            numbers=numbers or (),
            programmes=look.programmes,
            purposes=look.purposes,
            regions=_words(names, "region"),
            outcomes=_words(names, "verification.outcome"),
            of_programmes=_words(names, "verification.programme"),
        )

    def _keys(self, kind: str, value: Value) -> tuple[int, ...]:
        return person_keys(self.cipher, person_of(kind, value))

    def _loaded(
        self, tx: sa.Connection, look: Looker, earlier: Mapping[str, tuple[str, ...]], today: date
    ) -> Iterator[Household]:
        ids = sorted(earlier)
        found = self.verifications.get_many(tx, ids)
        results, reports = self.stored.results(tx, ids), self.stored.reports(tx, ids)
        registered = self.stored.registered(tx, ids)
        cases = {(one.request.region, one.request.case_reference) for one in found.values()}
        enrolled = self.enrolments.of_cases(tx, cases)
        for id_ in ids:
            one = found.get(id_)
            if one is None or not _concerns(look, one):
                continue
            yield Household(
                verification=one,
                result=self._limited(look, one, results.get(id_)),
                report=reports.get(id_),
                registered=registered.get(id_, {}),
                enrolled=[
                    each
                    for each in enrolled.get((one.request.region, one.request.case_reference), ())
                    if not look.programmes or each.programme in look.programmes
                ],
                earlier=earlier[id_],
                today=today,
            )

    def _limited(
        self, look: Looker, one: StoredVerification, result: Mapping[str, Any] | None
    ) -> Mapping[str, Any] | None:
        """Without what none of the caller's programmes needs."""
        if result is None or not look.programmes:
            return result
        document = {
            "sources": [],
            "profile": result.get("profile"),
            "findings": [],
            "decisions": result.get("decisions", []),
            "also_confirmed_for": [],
            "report": None,
        }
        return Limited(self.needs, look, one.request).verification(document, {})

    def may_be_told(self, tx: sa.Connection, ids: Sequence[str], now: datetime) -> bool:
        """Whether all households of these verifications may still be told of: none of them is
        erased, and none took its consent back."""
        today = now.date()  # of no matter to a consent
        try:
            found = self.verifications.get_many(tx, ids) if ids else {}
        except Erased:
            return False
        households = (Household(verification=one, today=today) for one in found.values())
        return len(found) == len(set(ids)) and not any(
            self._is_withdrawn(tx, one, now) for one in households
        )

    def _is_withdrawn(self, tx: sa.Connection, household: Household, now: datetime) -> bool:
        """Somebody of the household took the consent back, whole or for himself: nothing is told
        of it to others any more."""
        request = household.verification.request
        given = self.withdrawals.within(tx, request.region, request.consent.references)
        return any(one.at <= now and _ends(one, request) for one in given)


def _concerns(look: Looker, one: StoredVerification) -> bool:
    try:
        must_concern(look, one.request)
    except NotFound:
        return False
    return True


def _ends(one: Withdrawal, request: VerificationRequest) -> bool:
    if one.source is not None:
        return False
    numbers = {comparable_number(member.id_number) for member in request.household.members}
    return one.number is None or one.number in numbers


def _words(names: Sequence[Compare], attribute: str) -> tuple[str, ...]:
    """What the database may go by: the first comparison's words, of which one must fit."""
    for one in names:
        if one.attribute == attribute and one.operator is Operator.EQUAL:
            return tuple(map(str, one.values))
    return ()


def _fitting(search: Search, households: Sequence[Household]) -> Iterator[Hit]:
    """A household fits where the whole condition holds with one of its members."""
    for household in households:
        fitting = [
            member
            for member in household.members
            if holds(search.condition, read_of(household, member)) is Truth.YES
        ]
        if search.entity == GROUP:
            if fitting:
                yield Hit(household)
        else:
            yield from (Hit(household, member) for member in fitting)


def ordered(hits: Iterator[Hit], sort: Sequence[SortKey]) -> list[Hit]:
    """By the keys in turn; what is not known comes last, and ties stay in order of time."""
    found = sorted(hits, key=lambda hit: (hit.household.id, hit.member.ref if hit.member else ""))
    for key in reversed(sort):
        known = [hit for hit in found if _value(hit, key) is not None]
        rest = [hit for hit in found if _value(hit, key) is None]
        known.sort(key=partial(_rank, key=key), reverse=key.down)
        found = known + rest
    return found


def _value(hit: Hit, key: SortKey) -> Value | None:
    member = hit.member or hit.household.head
    known = read_of(hit.household, member)(key.attribute.name)
    return known[0] if known else None


def _rank(hit: Hit, key: SortKey) -> tuple[Decimal, str]:
    """Values of one attribute are of one kind."""
    value = _value(hit, key)
    if isinstance(value, Decimal):
        return value, ""
    return Decimal(0), value.isoformat() if isinstance(value, date) else str(value)
