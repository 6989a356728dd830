"""What came of asking: replies between their stored bytes and the sources' own words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import assert_never

import orjson
from pydantic import TypeAdapter

from app.domain.evidence import SourceState, SourceStatus, Unasked
from app.store.evidence import ReadReply, StoredReply
from connectors.contract import (
    Found,
    NoRecord,
    Outcome,
    Partial,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import Failure, FailureKind
from connectors.records import AnyRecord


@dataclass(frozen=True, slots=True)
class _Body:
    """A stored outcome's JSON."""

    records: tuple[AnyRecord, ...]
    gap: Failure | None
    by_hand: bool = False


_BODY: TypeAdapter[_Body] = TypeAdapter(_Body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One institution's stored reply, read."""

    source: str
    person: str
    institution: str
    outcome: Outcome
    raw_digest: str
    data_as_of: date | None
    answered_at: datetime
    by_hand: bool = False


def to_stored(
    reply: SourceReply, *, where: tuple[str, str], source: str, now: datetime
) -> StoredReply:
    """The row of a reply; `where` is the verification's id and region."""
    state, records, gap = _parts(reply.outcome)
    return StoredReply(
        verification_id=where[0],
        person=reply.person,
        source=source,
        institution=reply.institution,
        region=where[1],
        state=state,
        failure=None if gap is None else gap.kind.value,
        outcome=_BODY.dump_json(_Body(records, gap, reply.by_hand)),
        raw=reply.raw,
        raw_digest=reply.raw_digest,
        data_as_of=reply.as_of,
        answered_at=now,
    )


def from_stored(row: StoredReply | ReadReply) -> Reply:
    """A reply as the flow reads it."""
    body = _BODY.validate_json(row.outcome)
    return Reply(
        source=row.source,
        person=row.person,
        institution=row.institution,
        outcome=_outcome(row.state, body.records, body.gap),
        raw_digest=row.raw_digest,
        data_as_of=row.data_as_of,
        answered_at=row.answered_at,
        by_hand=body.by_hand,
    )


def _parts(outcome: Outcome) -> tuple[str, tuple[AnyRecord, ...], Failure | None]:
    match outcome:
        case Found(records):
            return "found", records, None
        case NoRecord():
            return "no_record", (), None
        case Partial(records, gap):
            return "partial", records, gap
        case Unknown(gap):
            return "unknown", (), gap
        case _:
            assert_never(outcome)


def _outcome(state: str, records: tuple[AnyRecord, ...], gap: Failure | None) -> Outcome:
    if state == "found":
        return Found(records)
    if state == "no_record":
        return NoRecord()
    reason = gap or Failure(FailureKind.MALFORMED, "the stored reply names no reason")
    return Partial(records, reason) if state == "partial" else Unknown(reason)


def ticket_bytes(ticket: Ticket) -> bytes:
    """A ticket as it is stored."""
    return orjson.dumps(
        {
            "reference": ticket.reference,
            "persons": ticket.persons,
            "pause": ticket.pause.total_seconds(),
            "payload": dict(ticket.payload),
        }
    )


def read_ticket(body: bytes) -> Ticket:
    """A stored ticket."""
    document = orjson.loads(body)
    return Ticket(
        reference=document["reference"],
        persons=tuple(document["persons"]),
        pause=timedelta(seconds=document["pause"]),
        payload=document["payload"],
    )


def records_of(outcome: Outcome) -> tuple[AnyRecord, ...]:
    """The records that came, whether or not more may be missing."""
    match outcome:
        case Found(records) | Partial(records, _):
            return records
        case NoRecord() | Unknown(_):
            return ()
        case _:
            assert_never(outcome)


def status_of(
    before: SourceStatus, replies: Sequence[Reply], institutions: Sequence[str]
) -> SourceStatus:
    """One person and source: the state that follows from the replies of its institutions.

    Complete only where every institution answered all; a missing one leaves the source pending, a
    failed one makes it failed, however much the others found (bank coverage: answered / asked).
    """
    by_institution = {reply.institution: reply for reply in replies}
    missing = [name for name in institutions if name not in by_institution]
    known = [by_institution[name] for name in institutions if name in by_institution]
    gaps = [(reply.institution, gap) for reply in known if (gap := _gap(reply.outcome))]
    records = sum(len(records_of(reply.outcome)) for reply in known)
    return SourceStatus(
        source=before.source,
        person=before.person,
        state=_state(known, missing=bool(missing), gaps=bool(gaps)),
        complete=not missing and not gaps,
        records=records,
        answered_at=max((reply.answered_at for reply in known), default=None),
        attempts=before.attempts,
        detail=_detail(gaps, missing if known else []),
        reason=_refused(gaps),
        data_as_of=min((day for reply in known if (day := reply.data_as_of)), default=None),
        by_hand=any(reply.by_hand for reply in known),
    )


def _state(known: Sequence[Reply], *, missing: bool, gaps: bool) -> SourceState:
    if missing:
        return SourceState.PENDING
    if gaps:
        return SourceState.FAILED
    found = any(records_of(reply.outcome) for reply in known)
    return SourceState.ANSWERED if found else SourceState.NO_RECORD


def _refused(gaps: Iterable[tuple[str, Failure]]) -> Unasked | None:
    """Why our own gate kept some institution from being asked, where it did."""
    codes = [gap.code for _, gap in gaps if gap.kind is FailureKind.NOT_PERMITTED]
    return (Unasked(codes[0]) if codes[0] else Unasked.LAPSED) if codes else None


def _gap(outcome: Outcome) -> Failure | None:
    match outcome:
        case Partial(_, gap) | Unknown(gap):
            return gap
        case Found(_) | NoRecord():
            return None
        case _:
            assert_never(outcome)


def _detail(gaps: Iterable[tuple[str, Failure]], missing: Iterable[str]) -> str | None:
    words = [f"{name + ': ' if name else ''}{gap.kind.value}: {gap.detail}" for name, gap in gaps]
    words += [f"{name}: no answer yet" for name in missing]
    return "; ".join(words)[:400] or None


def by_person_and_source(replies: Iterable[Reply]) -> Mapping[tuple[str, str], list[Reply]]:
    grouped: dict[tuple[str, str], list[Reply]] = defaultdict(list)
    for reply in replies:
        grouped[(reply.person, reply.source)].append(reply)
    return grouped
