"""Answers used again: the same person, source and purpose, within the source's days.

Nothing is asked, so there is no asking on record and no attempt; the copy keeps its own age.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.access.consent import consent_holds, withdrawn_since
from app.audit.chain import AuditTrail, Entry
from app.domain.consent import Withdrawal
from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import Person, Purpose, VerificationRequest
from app.domain.instants import china_day
from app.domain.period import Window
from app.store.case_persons import CasePersons
from app.store.crypto import FieldCipher
from app.store.evidence import Replies, StoredReply
from app.store.reuse import Answered, Asked, ReusableAnswers
from app.store.scope import Crossing, across_in
from app.store.verifications import StoredVerification, Verifications
from app.verification.errands import Desk

_TELL_OF_NOW: Final = frozenset(
    {
        "household_registry",
        "property",
        "business_registration",
        "vehicle",
        "bank",
        "insurance",
        "securities",
    }
)
"""What these answer does not depend on the months asked about; the others' answers are used again
only for the same months: of one that is missing nobody would know that it is."""
_LOOKED_AT_ANEW: Final = frozenset({Purpose.OBJECTION})
_Lack = tuple[int, str, str]
"""A person (by key), a source, an institution."""


@dataclass(frozen=True, slots=True)
class _Lacking:
    """What a verification still lacks of one person and source."""

    verification: StoredVerification
    person: Person
    key: int
    source: str


class Reuse:
    """Copies answers into new verifications, in the transaction that makes them."""

    def __init__(self, desk: Desk, cipher: FieldCipher) -> None:
        """A source's limits say for how many days its answers are used again; 0: never."""
        self._days = {
            name: timedelta(days=its.reuse_days)
            for name, its in desk.patience.items()
            if its.reuse_days
        }
        self._institutions = {name: desk.sources[name].institutions for name in self._days}
        self._answers = ReusableAnswers(cipher)
        self._persons = CasePersons(cipher)
        self._replies: Replies = desk.replies
        self._verifications: Verifications = desk.verifications
        self._audit: AuditTrail = desk.audit
        self._gate = desk.gate
        self._now = desk.now

    def copy(
        self,
        tx: sa.Connection,
        verifications: Sequence[StoredVerification],
        statuses: Mapping[str, Sequence[SourceStatus]],
    ) -> set[tuple[str, str, str]]:
        """(verification, source, person) of which some institution's answer was copied.

        Only where the consent covers the person now; for an objection or a recheck never. Answers
        of a consent that was withdrawn, and those that another county was given, are not used.
        """
        if not self._days:
            return set()
        now = self._now()
        self._persons.renew(tx, [one.request for one in verifications])
        lacking = [one for each in verifications for one in self._lacking(each, statuses)]
        copies: list[StoredReply] = []
        with across_in(tx, Crossing.REUSE):
            for (county, purpose), some in _grouped(lacking).items():
                copies += self._copies(tx, (county, purpose), some, now)
        self._replies.put(tx, copies)
        self._audit.append_many(tx, list(_entries(verifications, copies)))
        return {(one.verification_id, one.source, one.person) for one in copies}

    def _lacking(
        self, verification: StoredVerification, statuses: Mapping[str, Sequence[SourceStatus]]
    ) -> Iterator[_Lacking]:
        request = verification.request
        if request.purpose in _LOOKED_AT_ANEW or verification.recheck_of is not None:
            return
        persons = {person.ref: person for person in request.household.persons}
        keys = {ref: self._persons.key_of(person) for ref, person in persons.items()}
        for status in statuses.get(verification.id, ()):
            if status.state is SourceState.PENDING and status.source in self._days:
                ref = status.person
                yield _Lacking(verification, persons[ref], keys[ref], status.source)

    def _copies(
        self,
        tx: sa.Connection,
        where: tuple[str, str],
        lacking: Sequence[_Lacking],
        now: datetime,
    ) -> list[StoredReply]:
        asked = Asked(
            county=where[0],
            purpose=where[1],
            persons=frozenset(one.key for one in lacking),
            sources=frozenset(one.source for one in lacking),
            since=now - max(self._days[one.source] for one in lacking),
        )
        answers: dict[_Lack, list[Answered]] = defaultdict(list)
        for one in self._answers.of(tx, asked):
            if one.answered_at >= now - self._days[one.source]:
                answers[one.person_key, one.source, one.institution].append(one)
        if not answers:
            return []
        checks = self._checks(tx, lacking, answers, now)
        chosen = [(one, answer) for one in lacking for answer in self._first(one, answers, checks)]
        opened = self._answers.opened(tx, [answer.id for _, answer in chosen])
        return [_copy(opened[answer.id], one) for one, answer in chosen]

    def _checks(
        self,
        tx: sa.Connection,
        lacking: Sequence[_Lacking],
        answers: Mapping[_Lack, Sequence[Answered]],
        now: datetime,
    ) -> "_Checks":
        ids = {one.verification_id for some in answers.values() for one in some}
        old = {id_: one.request for id_, one in self._verifications.get_many(tx, ids).items()}
        new = [one.verification.request for one in lacking]
        references = {
            reference
            for request in (*old.values(), *new)
            for reference in request.consent.references
        }
        taken = self._gate.withdrawals.of(tx, references)
        given = [one for some in taken.values() for one in some]
        return _Checks(old, given, now)

    def _first(
        self, one: _Lacking, answers: Mapping[_Lack, Sequence[Answered]], checks: "_Checks"
    ) -> Iterator[Answered]:
        """Of each institution the newest that may be used, if any."""
        for institution in self._institutions[one.source]:
            some = answers.get((one.key, one.source, institution), ())
            yield from [answer for answer in some if checks.may_use(one, answer)][:1]


@dataclass(frozen=True, slots=True)
class _Checks:
    """Whether an answer may be used, by the request that it was given to and by the new one."""

    old: Mapping[str, VerificationRequest]
    withdrawals: Sequence[Withdrawal]
    now: datetime
    told: dict[tuple[str, ...], bool] = field(default_factory=dict)
    """What was found of one person and source in two verifications."""

    def may_use(self, one: _Lacking, answer: Answered) -> bool:
        key = (one.verification.id, one.person.ref, answer.verification_id, answer.ref, one.source)
        if key not in self.told:
            self.told[key] = self._may_use(one, answer)
        return self.told[key] and (one.source in _TELL_OF_NOW or self._same_months(one, answer))

    def _may_use(self, one: _Lacking, answer: Answered) -> bool:
        new, old = one.verification.request, self.old[answer.verification_id]
        asked = next(person for person in old.household.persons if person.ref == answer.ref)
        if not _is_same(asked, one.person):
            return False
        since = withdrawn_since(old, answer.ref, one.source, self.withdrawals)
        if since is not None and since <= self.now:
            return False
        return consent_holds(
            new, (one.person.ref,), one.source, withdrawals=self.withdrawals, now=self.now
        ).covered

    def _same_months(self, one: _Lacking, answer: Answered) -> bool:
        asked, wanted = self.old[answer.verification_id].as_of, one.verification.request.as_of
        return Window.before(asked) == Window.before(wanted)


def _is_same(asked: Person, person: Person) -> bool:
    """The source was asked about just this name and document."""
    return (asked.name, asked.id_type, asked.id_number.upper()) == (
        person.name,
        person.id_type,
        person.id_number.upper(),
    )


def _grouped(lacking: Iterable[_Lacking]) -> Mapping[tuple[str, str], list[_Lacking]]:
    """By county and purpose."""
    found: dict[tuple[str, str], list[_Lacking]] = defaultdict(list)
    for one in lacking:
        request = one.verification.request
        found[request.region[:6], request.purpose.value].append(one)
    return found


def _copy(answer: StoredReply, one: _Lacking) -> StoredReply:
    """The same answer, as old as it is: of a source that names no day, of the day it answered."""
    return replace(
        answer,
        verification_id=one.verification.id,
        person=one.person.ref,
        region=one.verification.request.region,
        data_as_of=answer.data_as_of or china_day(answer.answered_at),
        reused_from=answer.reused_from or answer.id,
    )


def _entries(
    verifications: Iterable[StoredVerification], copies: Iterable[StoredReply]
) -> Iterator[Entry]:
    """One a verification: which answers about whom; whence, the replies themselves tell."""
    by_verification: dict[str, list[StoredReply]] = defaultdict(list)
    for one in copies:
        by_verification[one.verification_id].append(one)
    for verification in verifications:
        its = by_verification.get(verification.id)
        if its:
            yield Entry(
                actor=verification.client_id,
                action="answers_reused",
                object=verification.id,
                region=verification.request.region,
                details={
                    "answers": ",".join(sorted({f"{one.source}/{one.person}" for one in its})),
                    "purpose": verification.request.purpose.value,
                },
            )
