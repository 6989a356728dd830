"""Submits a job to the social insurance 社会保险 and polls it."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, assert_never
from urllib.parse import quote

import orjson

from connectors.config import mapping_of, texts_of
from connectors.contract import (
    AskAgain,
    Json,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.social_insurance.parse import (
    LONGEST_PAUSE,
    Done,
    JobFailed,
    JobState,
    Running,
    Submitted,
    read_job,
    read_submitted,
)
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate
from connectors.transport.retry import repeated

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
JOBS: Final = "/sb/v2/jobs"
LOST_POLLS: Final = 5
"""Polls in a row that may fail before the job's answer is given up (a minute or so)."""
RETRIED: Final = frozenset(
    {
        FailureKind.UNREACHABLE,
        FailureKind.TIMED_OUT,
        FailureKind.UNAVAILABLE,
        FailureKind.RATE_LIMITED,
    }
)
"""A poll is a read, and a job submitted twice only costs the source work: both may be repeated."""


class SocialInsuranceSource:
    """Social insurance; answers by jobs.

    Configuration: `url`, `key`. Ticket: `job`, and `lost`, the polls in a row that failed.
    """

    institutions: tuple[str, ...] = ("",)
    persons_a_query: int = 100
    answers_later: bool = True

    def __init__(
        self,
        config: Mapping[str, Any],
        gate: Gate,
        mapping: FieldMap,
        *,
        name: str = "social_insurance",
    ) -> None:
        self.name = name
        headers = {"Authorization": f"Bearer {config['key']}"}
        self._wire = Wire(config["url"], gate, headers=headers)
        self._tries = gate.limits.tries
        self._mapping = mapping

    @classmethod
    def from_config(
        cls, name: str, config: Mapping[str, Any], gate: Gate
    ) -> "SocialInsuranceSource":
        """Raises `ValueError` naming a key that is missing or unknown."""
        texts = texts_of(name, config, ("url", "key"))
        return cls(texts, gate, mapping_of(config, MAPPING), name=name)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """Submit a job for all persons of the query."""
        head = {"Content-Type": "application/json"}
        call = HttpCall("POST", JOBS, head, _submission(query), issue=query.reference)

        async def submitted() -> Submitted:
            reply = await self._wire.send(call, permit)
            _check_status(reply, 202)
            return read_submitted(reply.body)

        try:
            taken = await repeated(submitted, tries=self._tries, on=RETRIED)
        except SourceError as error:
            return Progress(_unknown(_refs(query), error.failure))
        payload: dict[str, Json] = {"job": taken.job, "lost": 0}
        return Progress(ticket=Ticket(query.reference, _refs(query), taken.pause, payload))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """Poll the job once; a failed poll says nothing about the job and is made again."""
        job = str(ticket.payload["job"])
        call = HttpCall("GET", f"{JOBS}/{quote(job, safe='')}", issue=query.reference)

        async def polled() -> JobState | Failure:
            reply = await self._wire.send(call, permit)
            if reply.status == 404:
                return Failure(FailureKind.EXPIRED, "the source does not keep the job any more")
            _check_status(reply, 200)
            return read_job(reply.body, job, query.persons, self._mapping)

        try:
            state = await repeated(polled, tries=self._tries, on=RETRIED)
        except SourceError as error:
            return _after_lost_poll(ticket, error.failure)
        return _after_poll(ticket, state)

    async def aclose(self) -> None:
        await self._wire.aclose()


def _check_status(reply: HttpReply, wanted: int) -> None:
    if reply.status != wanted:
        kind = FailureKind.REJECTED if reply.status >= 400 else FailureKind.MALFORMED
        raise SourceError.of(kind, f"HTTP {reply.status}")


def _submission(query: SourceQuery) -> bytes:
    persons = [{"xm": person.name, "sfzh": person.id_number} for person in query.persons]
    months = {"from": f"{query.window.first:%Y%m}", "to": f"{query.window.last:%Y%m}"}
    return orjson.dumps({**months, "persons": persons})


def _after_poll(ticket: Ticket, state: JobState | Failure) -> Progress:
    match state:
        case Running(pause):
            payload = {**ticket.payload, "lost": 0}
            return Progress(ticket=Ticket(ticket.reference, ticket.persons, pause, payload))
        case Done(replies):
            return Progress(tuple(reply for reply in replies if reply.person in ticket.persons))
        case JobFailed():
            failure = Failure(FailureKind.UNAVAILABLE, "the job failed at the source")
            return Progress(again=_again(ticket, failure))
        case Failure():
            return Progress(again=_again(ticket, state))
        case _:
            assert_never(state)


def _after_lost_poll(ticket: Ticket, failure: Failure) -> Progress:
    """Wait longer each time, by the source's word where it gives one; then give up."""
    lost = int(str(ticket.payload["lost"]))
    if not failure.repeatable or lost >= LOST_POLLS:
        return Progress(_unknown(ticket.persons, failure))
    pause = min(failure.retry_after or timedelta(seconds=2**lost), LONGEST_PAUSE)
    payload = {**ticket.payload, "lost": lost + 1}
    return Progress(ticket=Ticket(ticket.reference, ticket.persons, pause, payload))


def _refs(query: SourceQuery) -> tuple[str, ...]:
    return tuple(person.ref for person in query.persons)


def _unknown(persons: tuple[str, ...], failure: Failure) -> tuple[SourceReply, ...]:
    return tuple(SourceReply(person=person, outcome=Unknown(failure)) for person in persons)


def _again(ticket: Ticket, failure: Failure) -> tuple[AskAgain, ...]:
    return tuple(AskAgain(person, "", failure) for person in ticket.persons)
