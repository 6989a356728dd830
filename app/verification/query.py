"""Sends what is due: consent gate → intent stored → source asked → replies stored."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
import structlog

from app.domain.errors import HeduiError
from app.domain.evidence import SourceState, SourceStatus
from app.domain.instants import china_day
from app.store.evidence import ReplyHead
from app.store.tickets import StoredTicket
from app.store.verifications import StoredVerification
from app.verification.answers import read_ticket, to_stored
from app.verification.errands import (
    Desk,
    Errand,
    errand_of,
    mandated,
    manual_task,
    not_asked,
    permit_of,
    query_of,
    stored_ticket,
)
from app.verification.intake import Arrival
from app.verification.plan import NOT_CONFIGURED, packed
from connectors.contract import AskAgain, Progress, SourceQuery, SourceReply, Unknown
from connectors.failure import Failure, FailureKind, NotPermitted, SourceError

log = structlog.get_logger()
Institutions = tuple[str, ...] | None
"""Some of a source's institutions; None: all."""
Due = dict[tuple[str, Institutions], list[str]]
"""Whom to ask about, by source and institutions."""


@dataclass(frozen=True, slots=True)
class _Whom:
    """Whom to ask about, at which institutions, for which time, and until when."""

    refs: tuple[str, ...]
    institutions: Institutions
    tries: int
    deadline_at: datetime


async def ask_pending(
    desk: Desk, verification: StoredVerification, statuses: Sequence[SourceStatus]
) -> None:
    """Ask every source about every person still pending, all sources at once.

    What has a stored reply or a waiting ticket is not asked again: nothing is asked twice
    needlessly after a restart.
    """
    gone = [one for one in statuses if one.source not in desk.sources]
    await _not_configured(desk, verification, gone)
    here = [one for one in statuses if one.source in desk.sources]

    def stored(tx: sa.Connection) -> Due:
        waiting = desk.tickets.waiting_of(tx, verification.id)
        return due_of(desk, verification, here, (waiting, desk.replies.heads(tx, verification.id)))

    await ask(desk, verification, await desk.database.read(stored))


async def ask(desk: Desk, verification: StoredVerification, due: Due) -> None:
    """Ask these, all at once; each answer is stored as it comes."""
    async with asyncio.TaskGroup() as group:
        for (name, institutions), refs in due.items():
            deadline = desk.now() + desk.patience[name].deadline
            for some in packed(refs, desk.sources.at(name, institutions).persons_a_query):
                whom = _Whom(some, institutions, 1, deadline)
                group.create_task(_ask(desk, verification, name, whom))


async def _not_configured(
    desk: Desk, verification: StoredVerification, statuses: Sequence[SourceStatus]
) -> None:
    """A source that was taken out of the configuration since the plan was made."""
    pending = [one for one in statuses if one.state is SourceState.PENDING]

    def work(tx: sa.Connection) -> None:
        for one in pending:
            where = (verification.id, one.source)
            desk.tasks.refuse(tx, where, {one.person}, NOT_CONFIGURED)

    if pending:
        await desk.database.write(work)


def due_of(
    desk: Desk,
    verification: StoredVerification,
    statuses: Sequence[SourceStatus],
    there: tuple[Sequence[StoredTicket], Iterable[ReplyHead]],
) -> Due:
    """The persons of whom no reply is stored and none awaited; `there`: tickets and replies."""
    waiting, heads = there
    persons = {one.ref: one for one in verification.request.household.persons}
    done = {(head.source, head.person, head.institution) for head in heads}
    for stored in waiting:
        if stored.ticket is None or stored.source not in desk.sources:
            continue
        institutions = stored.institutions or desk.sources[stored.source].institutions
        for ref in read_ticket(stored.ticket).persons:
            done |= {(stored.source, ref, institution) for institution in institutions}
    due: Due = {}
    for status in statuses:
        if status.state is not SourceState.PENDING:
            continue
        every = desk.sources.institutions_of(status.source, persons.get(status.person))
        left = tuple(one for one in every if (status.source, status.person, one) not in done)
        for some in desk.sources.parted(status.source, left):
            due.setdefault((status.source, some), []).append(status.person)
    return due


async def _ask(desk: Desk, verification: StoredVerification, name: str, whom: _Whom) -> None:
    errand = Errand(
        verification=verification,
        source=desk.sources.at(name, whom.institutions),
        query=await _query(desk, verification, name, whom),
        tries=whom.tries,
        deadline_at=whom.deadline_at,
    )
    try:
        progress = await errand.source.ask(errand.query, permit_of(desk, errand))
    except NotPermitted as refusal:
        if len(whom.refs) == 1:
            await not_asked(desk, errand, refusal)
            return
        # One person's missing signature does not keep the others from being asked about.
        for ref in whom.refs:
            alone = _Whom((ref,), whom.institutions, whom.tries, whom.deadline_at)
            await _ask(desk, verification, name, alone)
        return
    except HeduiError:
        raise
    except Exception as fault:  # noqa: BLE001 - a connector's fault is an unknown answer
        progress = _faulty(errand, fault)
    await take_in(desk, errand, progress)


def _faulty(errand: Errand, fault: Exception) -> Progress:
    """A connector broke its promise to raise nothing: no answer, and nothing is concluded."""
    kind = type(fault).__name__
    log.error("connector_failed", source=errand.source.name, error=kind)
    failure = Failure(FailureKind.MALFORMED, f"the connector failed: {kind}")
    if isinstance(fault, SourceError):
        failure = fault.failure
    return Progress(replies=errand.unknown(failure))


async def _query(
    desk: Desk, verification: StoredVerification, name: str, whom: _Whom
) -> SourceQuery:
    request = verification.request
    region, today = request.region[:6], china_day(desk.now())
    number = 0
    if desk.sources.at(name, whom.institutions).answers_later:
        number = await desk.database.write(
            lambda tx: desk.askings.next_sequence(tx, name, region, today)
        )
    query = query_of(
        request,
        (whom.refs, whom.institutions),
        reference=desk.new_id("aq"),
        sequence=number,
        sent_on=today,
    )
    return mandated(verification, query)


async def take_in(desk: Desk, errand: Errand, progress: Progress) -> None:
    """Store what came, keep the ticket, and ask again what the source may be asked again."""
    again, given_up = _sorted_again(desk, errand, progress.again)
    replies = (*progress.replies, *given_up)

    now, name = desk.now(), errand.source.name
    rows = tuple(to_stored(one, where=errand.where, source=name, now=now) for one in replies)
    ticket = None
    if errand.source.answers_later:
        ticket = stored_ticket(errand, progress.ticket, now)
    arrival = Arrival(errand.verification, rows, ticket)
    if errand.by_hand and ticket is not None:
        arrival = _of_clerks(errand, arrival, now)
    await desk.intake.put(arrival)
    for institution, refs in again.items():
        institutions = (institution,) if institution else None
        whom = _Whom(tuple(refs), institutions, errand.tries + 1, errand.deadline_at)
        await _ask(desk, errand.verification, errand.source.name, whom)


def _of_clerks(errand: Errand, arrival: Arrival, now: datetime) -> Arrival:
    """With the task beside the ticket, or its end."""
    ticket, made = arrival.ticket, ("service", now)
    if ticket is None or ticket.ticket is None:
        return replace(arrival, over=(errand.query.reference,))
    # One person and one institution a ticket: a source answered by hand is asked about no more.
    (person,), (institution,) = errand.refs, errand.institutions
    return replace(arrival, tasks=(manual_task(ticket, person, institution, made),))


def _sorted_again(
    desk: Desk, errand: Errand, again: Sequence[AskAgain]
) -> tuple[dict[str, list[str]], tuple[SourceReply, ...]]:
    """By institution whom to ask again; and, where the tries are used up, the unknown replies."""
    if errand.tries >= desk.patience[errand.source.name].tries or (
        desk.now() >= errand.deadline_at
    ):
        return {}, tuple(
            SourceReply(
                person=one.person, institution=one.institution, outcome=Unknown(one.failure)
            )
            for one in again
        )
    grouped: dict[str, list[str]] = {}
    for one in again:
        grouped.setdefault(one.institution, []).append(one.person)
    return grouped, ()


async def collect(desk: Desk, verification: StoredVerification, stored: StoredTicket) -> None:
    """Look for the outstanding replies of one ticket; past its deadline they count as failed."""
    if stored.ticket is None:
        return
    ticket = read_ticket(stored.ticket)
    errand = errand_of(desk, verification, stored, ticket)
    try:
        progress = await errand.source.collect(ticket, errand.query, permit_of(desk, errand))
    except NotPermitted as refusal:
        await not_asked(desk, errand, refusal)
        return
    except HeduiError:
        raise
    except Exception as fault:  # noqa: BLE001 - a connector's fault is an unknown answer
        progress = _faulty(errand, fault)
    if progress.ticket is not None and desk.now() >= stored.deadline_at:
        progress = _expired(errand, progress)
    await take_in(desk, errand, progress)


def _expired(errand: Errand, progress: Progress) -> Progress:
    """The deadline passed: whoever has no reply of an institution gets an unknown one."""
    return Progress(replies=(*progress.replies, *_missing(errand, progress)), again=progress.again)


def _missing(errand: Errand, progress: Progress) -> Iterator[SourceReply]:
    answered = {(reply.person, reply.institution) for reply in progress.replies}
    answered |= {(one.person, one.institution) for one in progress.again}
    failure = Failure(FailureKind.TIMED_OUT, "no answer within the source's deadline")
    for ref in errand.refs:
        for institution in errand.institutions:
            if (ref, institution) not in answered:
                gap = Unknown(failure)
                yield SourceReply(person=ref, institution=institution, outcome=gap)
