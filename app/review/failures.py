"""A source that did not answer 来源失败: what was tried, and what a person does about it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.evidence import SourceStatus, Unasked
from app.domain.instants import rfc3339
from app.domain.review import Choice, ItemState, Role
from app.review.judgement import Reviewing, closed
from app.review.queue import concluded_document
from app.review.rounds import step_of_asking
from app.review.words import Given, Standing, Word
from app.store.review_items import ReviewItem
from app.store.verifications import CLOSED_STATUSES, StoredVerification
from app.verification.answers import to_stored
from app.verification.conclude import conclude
from app.verification.errands import Desk
from app.verification.query import ask
from connectors.contract import SourceReply, Unknown
from connectors.failure import Failure, FailureKind

ACTIONS: Final = frozenset({Choice.RETRY, Choice.NOT_CONNECTED, Choice.CARRY_ON})
"""What is done at once; of the others it is only said that it was done."""
_SECONDS: Final = 20.0
"""How long the answer of a source is waited for here; it is taken in whenever it comes."""
_WHY: Final[Mapping[Choice, Failure]] = {
    Choice.NOT_CONNECTED: Failure(
        FailureKind.NOT_PERMITTED,
        "a reviewer marked the source as not connected",
        code=Unasked.NOT_CONFIGURED.value,
    ),
    Choice.CARRY_ON: Failure(
        FailureKind.TIMED_OUT, "a reviewer carried on without the answer: it stays unknown"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Failures:
    """What reviewers do about missing answers."""

    desk: Desk
    reviewing: Reviewing

    async def document(self, item: ReviewItem) -> dict[str, Any]:
        """What was asked, what became of it, when it is tried next, and what follows unasked."""
        reviewing = self.reviewing
        verification = await reviewing.verifier.load(item.verification_id)
        case, _ = await reviewing.verifier.case_of(verification)
        now = await asyncio.to_thread(conclude, case, reviewing.knowledge)
        status = next(
            one for one in case.statuses if (one.source, one.person) == (item.source, item.person)
        )
        told = await self.desk.database.read(lambda tx: self._tried(tx, item, status))
        source = self.desk.sources.get(status.source)
        return {
            "failure": {
                "source": item.source,
                "person": item.person,
                "state": status.state.value,
                "reason": None if status.reason is None else status.reason.value,
                "attempts": len(told["asked_at"]),
                "institutions": [
                    {"institution": head.institution or None, "state": head.state}
                    for head in told["heads"]
                ],
                "errors": (status.detail or "").split("; ") if status.detail else [],
                "asked_at": [rfc3339(at) for at in told["asked_at"]],
                "next_try": None if told["next_at"] is None else rfc3339(told["next_at"]),
                "deadline": None if told["deadline"] is None else rfc3339(told["deadline"]),
                "connected": source is not None,
            },
            "now": concluded_document(now),
        }

    def _tried(self, tx: sa.Connection, item: ReviewItem, status: SourceStatus) -> dict[str, Any]:
        desk, id_ = self.desk, item.verification_id
        source, person = item.source or "", item.person or ""
        heads = desk.replies.heads(tx, id_)
        waiting = [one for one in desk.tickets.waiting_of(tx, id_) if one.source == source]
        return {
            "heads": sorted(
                (one for one in heads if (one.source, one.person) == (source, person)),
                key=lambda one: one.institution,
            ),
            "asked_at": self._asked(tx, id_, status),
            "next_at": min((one.next_at for one in waiting), default=None),
            "deadline": min((one.deadline_at for one in waiting), default=None),
        }

    def _asked(self, tx: sa.Connection, id_: str, status: SourceStatus) -> list[datetime]:
        """Each attempt's time, in order; what was asked for a verification that this one follows
        on counts, where its answer was kept."""
        askings, of = self.desk.askings, (status.source, status.person)
        asked = list(askings.asked_at(tx, id_, of))
        before = (
            *self.desk.replies.origins(tx, id_, of),
            *self.reviewing.shelf.verifications.followed_by(tx, id_),
        )
        for earlier in dict.fromkeys(before):
            lacking = status.attempts - len(asked)
            if lacking <= 0:
                break
            asked = [*askings.asked_at(tx, earlier, of)[-lacking:], *asked]
        return asked

    async def act(self, item: ReviewItem, word: Word) -> Given:
        """Do it. Raises Conflict where the verification is final: it is rechecked then."""
        verification = await self.reviewing.verifier.load(item.verification_id)
        given = await self.desk.database.write(lambda tx: self._said(tx, verification, item, word))
        if word.choice is Choice.RETRY:
            await self._retry(verification, item)
        await self.reviewing.verifier.settle(verification.id)
        return given

    def _said(
        self, tx: sa.Connection, verification: StoredVerification, item: ReviewItem, word: Word
    ) -> Given:
        status = self.reviewing.shelf.verifications.status_of(tx, verification.id)
        if status in CLOSED_STATUSES:
            raise closed(status)
        current = self.reviewing.book.current(tx, item, word.by)
        step_of_asking(current, word.choice)
        if word.choice is not Choice.RETRY:
            self._unknown(tx, verification, item, _WHY[word.choice])
        state = ItemState.ASKED if word.choice is Choice.RETRY else ItemState.DECIDED
        return self.reviewing.book.write(tx, current, word, Standing(role=Role.FIRST, state=state))

    def _unknown(
        self,
        tx: sa.Connection,
        verification: StoredVerification,
        item: ReviewItem,
        failure: Failure,
    ) -> None:
        """Of each institution that has not answered; nothing more is waited for."""
        desk, source, person = self.desk, item.source or "", item.person or ""
        for one in desk.tickets.waiting_of(tx, verification.id):
            if one.source == source:
                desk.tickets.close(tx, one.reference)
        where = verification.id, verification.request.region
        gaps = [
            to_stored(
                SourceReply(person=person, institution=one, outcome=Unknown(failure)),
                where=where,
                source=source,
                now=desk.now(),
            )
            for one in self._lacking(tx, verification, source, person)
        ]
        desk.replies.put(tx, gaps)

    def _lacking(
        self, tx: sa.Connection, verification: StoredVerification, source: str, ref: str
    ) -> list[str]:
        """Institutions of which nothing is known about the person."""
        heads = self.desk.replies.heads(tx, verification.id)
        answered = {
            one.institution
            for one in heads
            if (one.source, one.person) == (source, ref) and one.state != "unknown"
        }
        if source not in self.desk.sources:
            return []
        person = next((p for p in verification.request.household.persons if p.ref == ref), None)
        every = self.desk.sources.institutions_of(source, person)
        return [one for one in every if one not in answered]

    async def _retry(self, verification: StoredVerification, item: ReviewItem) -> None:
        """Asked again by the same way: consent is checked, and the intent is on record first."""
        source, person = item.source or "", item.person or ""
        if source not in self.desk.sources:
            return
        waiting, lacking = await self.desk.database.read(
            lambda tx: (
                self.desk.tickets.waiting_of(tx, verification.id),
                self._lacking(tx, verification, source, person),
            )
        )
        if any(one.source == source for one in waiting):
            await self.desk.database.write(
                lambda tx: self.desk.tickets.hurry(tx, verification.id, source, self.desk.now())
            )
            return
        due = {
            (source, some): [person] for some in self.desk.sources.parted(source, tuple(lacking))
        }
        task = asyncio.create_task(ask(self.desk, verification, due))
        await asyncio.wait({task}, timeout=_SECONDS)
        if task.done():
            task.result()
        else:
            task.add_done_callback(lambda _: self.reviewing.verifier.tell(verification.id))
