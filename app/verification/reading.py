"""Reads all that is stored of a case, for a conclusion and for what that rests on."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import Person
from app.store.evidence import ReplyHead
from app.store.tickets import StoredTicket
from app.store.verifications import StoredVerification
from app.verification.answers import (
    Reply,
    by_person_and_source,
    from_stored,
    read_ticket,
    status_of,
)
from app.verification.conclude import Case
from app.verification.elsewhere import Connected
from app.verification.persist import Basis, Shelf, basis_from


def read_case(
    shelf: Shelf, sources: Connected, tx: sa.Connection, verification: StoredVerification
) -> tuple[Case, Basis]:
    """The case as it stands in this transaction, with the basis of a conclusion from it."""
    return read_cases(shelf, sources, tx, [verification])[0]


def read_cases(
    shelf: Shelf,
    sources: Connected,
    tx: sa.Connection,
    verifications: Sequence[StoredVerification],
) -> list[tuple[Case, Basis]]:
    """Many cases in their order; each statement asks for all of them."""
    ids = [one.id for one in verifications]
    replies = shelf.replies.of_many(tx, ids)
    statuses = shelf.tasks.of_many(tx, ids)
    tickets = shelf.tickets.waiting_of_many(tx, ids)
    judgements = shelf.judgements.of_many(tx, ids)
    settled = shelf.settlements.of_many(tx, ids)
    others = shelf.verifications.others_of_many(tx, verifications)
    read = []
    for one in verifications:
        rows, waiting = replies.get(one.id, ()), tickets.get(one.id, ())
        stands = settled.get(one.id, {})
        case = Case(
            id=one.id,
            request=one.request,
            replies=tuple(from_stored(row) for row in rows),
            statuses=statuses.get(one.id, ()),
            judgements=judgements.get(one.id, {}),
            other_cases=others[one.id],
            settlements={key: of.settled for key, of in stands.items()},
        )
        basis = basis_from(
            [ReplyHead(r.source, r.person, r.institution, r.state, r.raw_digest) for r in rows],
            [ticket.reference for ticket in waiting],
            case.statuses,
            (case.judgements, [of.id for of in stands.values()]),
        )
        read.append((_brought_up(case, sources, _outstanding(waiting)), basis))
    return read


def _brought_up(case: Case, sources: Connected, waiting: frozenset[tuple[str, str]]) -> Case:
    """With the statuses that follow from the replies."""
    grouped = by_person_and_source(case.replies)
    persons = {one.ref: one for one in case.request.household.persons}
    statuses = tuple(
        _updated(
            status,
            grouped.get((status.person, status.source), ()),
            (
                _institutions(sources, status, persons.get(status.person)),
                (status.source, status.person) in waiting,
            ),
        )
        for status in case.statuses
    )
    return replace(case, statuses=statuses)


def _institutions(
    sources: Connected, status: SourceStatus, person: Person | None
) -> tuple[str, ...] | None:
    """Whose answers are needed; None of a source that was taken out."""
    if status.source not in sources:
        return None
    return sources.institutions_of(status.source, person)


def _updated(
    status: SourceStatus, replies: Sequence[Reply], asked: tuple[tuple[str, ...] | None, bool]
) -> SourceStatus:
    """What the replies say now; of a source that was taken out, what was known last.

    What a ticket is open for stays pending, whatever part of it has come.
    """
    institutions, is_waiting = asked
    if institutions is None or (status.state is SourceState.NOT_ASKED and not replies):
        return status
    updated = status_of(status, replies, institutions)
    if is_waiting:
        return replace(updated, state=SourceState.PENDING, complete=False)
    return updated


def _outstanding(tickets: Sequence[StoredTicket]) -> frozenset[tuple[str, str]]:
    """(source, person) for whom more is to come."""
    return frozenset(
        (one.source, ref)
        for one in tickets
        if one.ticket is not None
        for ref in read_ticket(one.ticket).persons
    )
