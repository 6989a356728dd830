"""Asks another centre 异地协查 about one person at one of its sources, and checks what it answers.

A question is a read that may be sent again: the same asking has the same `request_id`, under which
the other centre gives the same answer. An answer counts only where its signature holds and it names
the very question, the person's source, and the nonce of the message that it answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final, get_args, get_type_hints

from connectors.binding import bind
from connectors.centre.keys import CentreKeys
from connectors.centre.messages import (
    ANSWERING,
    ASKING,
    PATH,
    TAG,
    Answer,
    Reason,
    State,
    question_of,
    read_answer,
)
from connectors.contract import (
    AskedPerson,
    NoRecord,
    Outcome,
    Partial,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import Failure, FailureKind, SourceError
from connectors.record_forms import TYPES, field_texts
from connectors.records import AnyRecord
from connectors.transport.asking import READ_AGAIN, SEPARATOR
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Limits
from connectors.transport.retry import repeated
from connectors.transport.signatures import (
    Expected,
    MessageSigner,
    ReplyHead,
    RequestHead,
    SignatureRefused,
    check_signature,
    content_digest,
)
from connectors.transport.tokens import TokenKeeper

_PAUSE: Final = timedelta(seconds=20)
_JSON: Final = "application/json"
_WORDS: Final = {
    Reason.NOT_RESPONSIBLE: "that centre does not answer for the region",
    Reason.NOT_CONNECTED: "that centre does not ask the source, or has it answered by hand",
    Reason.NO_CONSENT: "that centre holds that the consent does not cover the question",
    Reason.NOT_NEEDED: "that centre holds that no programme of the request rests on the source",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """The connection to one centre, shared by all that it is asked about."""

    region: str
    wire: Wire
    limits: Limits
    tokens: TokenKeeper
    keys: CentreKeys
    signer: MessageSigner
    now: Callable[[], datetime]

    @property
    def institution(self) -> str:
        return f"centre:{self.region}"


@dataclass(frozen=True, slots=True)
class _Bound:
    """What an answer has to name: the question's digest and its id."""

    question: str
    request_id: str


class CentreSource:
    """One source of another centre's, about the persons of its region."""

    persons_a_query = 1
    answers_later = True

    def __init__(self, name: str, line: Line) -> None:
        self.name = name
        self.institutions: tuple[str, ...] = (line.institution,)
        self._line = line

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """Put the question; what is still outstanding there is looked for with the ticket."""
        try:
            question = question_of(self.name, self._line.region, query)
        except ValueError:
            # What a field holds must not stand in an error: neither does the validator's own.
            gap = Failure(FailureKind.REJECTED, "the question cannot be put to another centre")
            return self._unknown(query, gap)
        body = question.to_bytes()
        bound = _Bound(content_digest(body), question.request_id)
        return await self._put(query, HttpCall("POST", PATH, body=body), bound, permit)

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """Look for the answer: it names nobody, so that it needs no new permit."""
        place = str(ticket.payload.get("id", ""))
        bound = _Bound(
            str(ticket.payload.get("question", "")), str(ticket.payload.get("request_id", ""))
        )
        progress = await self._put(query, HttpCall("GET", f"{PATH}/{place}"), bound, None)
        failed = [one.outcome for one in progress.replies if isinstance(one.outcome, Unknown)]
        if any(one.gap.kind in READ_AGAIN for one in failed):
            return Progress(ticket=ticket)  # the line failed, not the question: looked at again
        return progress

    async def aclose(self) -> None:
        """The line is closed by whoever opened it."""

    async def _put(
        self, query: SourceQuery, call: HttpCall, bound: _Bound, permit: Permit | None
    ) -> Progress:
        async def once() -> tuple[Answer, bytes]:
            return await self._exchange(call, bound, permit)

        try:
            answer, raw = await repeated(once, tries=self._line.limits.tries, on=READ_AGAIN)
            return self._progress(query, answer, raw, bound)
        except SourceError as error:
            return self._unknown(query, error.failure)

    async def _exchange(
        self, call: HttpCall, bound: _Bound, permit: Permit | None
    ) -> tuple[Answer, bytes]:
        token = await self._line.tokens.token()
        nonce = token_hex(16)
        reply = await self._line.wire.send(self._signed(call, nonce, token), permit)
        if reply.status == 401:  # a token can be withdrawn before it ends: a new one, once
            token = await self._line.tokens.token(refused=token)
            nonce = token_hex(16)
            reply = await self._line.wire.send(self._signed(call, nonce, token), permit)
        if reply.status not in (200, 202):
            raise SourceError.of(_kind(reply.status), f"the centre answered HTTP {reply.status}")
        await self._check(reply)
        answer = read_answer(reply.body)
        whose = (answer.nonce, answer.question, answer.request_id, answer.source)
        if whose != (nonce, bound.question, bound.request_id, self.name):
            raise SourceError.of(FailureKind.MISMATCHED, "an answer to another question")
        return answer, _kept(reply)

    def _signed(self, call: HttpCall, nonce: str, token: str) -> HttpCall:
        body = call.body or b""
        head = RequestHead(call.method, call.path, {"content-digest": content_digest(body)})
        self._line.signer.sign_message(head, self._line.now(), ASKING, tag=TAG, nonce=nonce)
        headers = {**head.headers, "Authorization": f"Bearer {token}", "Content-Type": _JSON}
        return replace(call, headers=headers, answers=frozenset({401, 404, 409, 422}))

    async def _check(self, reply: HttpReply) -> None:
        """Raises `SourceError`: an answer that nobody known has signed is none."""
        keys = await self._line.keys.all()
        head = ReplyHead(reply.status, dict(reply.headers))
        expected = Expected(covered=ANSWERING, tag=TAG, body=reply.body, now=self._line.now())
        try:
            check_signature(head, keys, expected)
        except SignatureRefused as refused:
            words = str(refused)
        else:
            return
        raise SourceError.of(FailureKind.MISMATCHED, f"the centre's answer: {words}")

    def _progress(self, query: SourceQuery, answer: Answer, raw: bytes, bound: _Bound) -> Progress:
        (person,) = query.persons
        if answer.state is State.PENDING:
            payload = {
                "id": answer.id,
                "question": bound.question,
                "request_id": bound.request_id,
            }
            return Progress(ticket=Ticket(query.reference, (person.ref,), _PAUSE, {**payload}))
        reply = SourceReply(
            person=person.ref,
            institution=self._line.institution,
            outcome=outcome_of(self.name, person, answer),
            as_of=answer.as_of,
            raw=raw,
        )
        return Progress((reply,))

    def _unknown(self, query: SourceQuery, gap: Failure) -> Progress:
        return Progress(
            tuple(
                SourceReply(
                    person=one.ref, institution=self._line.institution, outcome=Unknown(gap)
                )
                for one in query.persons
            )
        )


def outcome_of(source: str, person: AskedPerson, answer: Answer) -> Outcome:
    """What the answer says of the person (pure): bound again, for whose it is is judged here.

    Raises `SourceError` where the answer contradicts itself.
    """
    kinds = tuple(get_args(get_type_hints(one)["type"])[0] for one in TYPES[source])
    if any(one.type not in kinds for one in answer.records):
        raise SourceError.of(FailureKind.MISMATCHED, "records of another source than asked")
    has_gap = answer.failure is not None
    has_records = bool(answer.records)
    match answer.state:
        case State.FOUND if has_records and not has_gap:
            return bind(person, _readable(answer.records))
        case State.NO_RECORD if not has_records and not has_gap:
            return NoRecord()
        case State.PARTIAL if has_gap:
            outcome = bind(person, _readable(answer.records), _gap(answer))
            return outcome if isinstance(outcome, Partial) else Unknown(_gap(answer))
        case State.UNKNOWN if has_gap and not has_records:
            return Unknown(_gap(answer))
    raise SourceError.of(FailureKind.MALFORMED, "the answer contradicts itself")


def _readable(records: tuple[AnyRecord, ...]) -> tuple[AnyRecord, ...]:
    """The source's own fields stayed there: what is shown beside a record are ours."""
    return tuple(replace(one, raw={**field_texts(one)}) for one in records)


def _gap(answer: Answer) -> Failure:
    """In our own words: nothing that another centre writes is shown as it came."""
    kind = answer.failure or FailureKind.MALFORMED
    if answer.reason is not None:
        return Failure(FailureKind.REJECTED, _WORDS[answer.reason])
    if kind is FailureKind.NOT_PERMITTED:  # our own gate's word, not another's
        kind = FailureKind.REJECTED
    return Failure(kind, f"the source there: {kind.value}")


def _kind(status: int) -> FailureKind:
    match status:
        case 401:
            return FailureKind.REFUSED
        case 404:
            return FailureKind.EXPIRED
        case _:
            return FailureKind.REJECTED


def _kept(reply: HttpReply) -> bytes:
    """The answer with its signature, so that both can be checked again."""
    signature = [reply.headers.get(one, "").encode() for one in ("signature-input", "signature")]
    return SEPARATOR.join((reply.body, str(reply.status).encode(), *signature))
