"""What is kept of a reply for another centre, and the answer that is made of it. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from pydantic import TypeAdapter

from app.store.assistance import StoredAssistance
from connectors.centre.messages import Answer, Reason, State
from connectors.contract import Found, NoRecord, Outcome, Partial, SourceReply, Unknown
from connectors.failure import FailureKind
from connectors.records import AnyRecord


@dataclass(frozen=True, slots=True)
class Replied:
    """The smallest answer as it is kept; `reason`: ours, where it was we who did not ask."""

    state: State
    records: tuple[AnyRecord, ...] = ()
    failure: FailureKind | None = None
    reason: Reason | None = None
    as_of: date | None = None
    source_digest: str | None = None


_REPLIED: TypeAdapter[Replied] = TypeAdapter(Replied)


def replied_of(outcome: Outcome, reply: SourceReply | None = None) -> Replied:
    """`reply`: the source's, for its day and the digest of what stays here."""
    state, records, failure = _parts(outcome)
    return Replied(
        state,
        records,
        failure,
        as_of=None if reply is None else reply.as_of,
        source_digest=None if reply is None or not reply.raw else reply.raw_digest,
    )


def refused_for(reason: Reason) -> Replied:
    return Replied(State.UNKNOWN, failure=FailureKind.REJECTED, reason=reason)


def _parts(outcome: Outcome) -> tuple[State, tuple[AnyRecord, ...], FailureKind | None]:
    match outcome:
        case Found(records):
            return State.FOUND, records, None
        case NoRecord():
            return State.NO_RECORD, (), None
        case Partial(records, gap):
            return State.PARTIAL, records, gap.kind
        case Unknown(gap):
            return State.UNKNOWN, (), gap.kind
        case _:
            assert_never(outcome)


def replied_bytes(replied: Replied) -> bytes:
    return _REPLIED.dump_json(replied)


def answer_of(stored: StoredAssistance, *, nonce: str, question: str) -> Answer:
    """What is said just now; `question`: the digest of the question as it came."""
    replied = Replied(State.PENDING)
    if stored.is_answered:
        replied = _REPLIED.validate_json(stored.answer or b"")
    return Answer(
        id=stored.id,
        request_id=stored.request_id,
        nonce=nonce,
        question=question,
        source=stored.source,
        state=replied.state,
        records=replied.records,
        failure=replied.failure,
        reason=replied.reason,
        as_of=replied.as_of,
        source_digest=replied.source_digest,
        answered_at=stored.answered_at,
    )
