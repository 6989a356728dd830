"""Reads the replies of a job: submitted, running, done, failed; records a person (pure)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from connectors.binding import bind
from connectors.contract import (
    AskedPerson,
    NoRecord,
    Outcome,
    SourceReply,
    Unknown,
)
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.records import AnyRecord
from connectors.transport.documents import read_json

DEFAULT_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=10)
"""A longer pause than this is not believed: results are kept for 24 hours only."""

_KINDS: Final = {"PAYMENT": "contribution", "BENEFIT": "benefit"}


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job was taken on; `pause` before it is looked for."""

    job: str
    pause: timedelta


@dataclass(frozen=True, slots=True)
class Running:
    """The job is not done yet."""

    pause: timedelta


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The job failed; a new one may be submitted."""


@dataclass(frozen=True, slots=True)
class Done:
    """The job's answer for each person asked about."""

    replies: tuple[SourceReply, ...]


JobState: TypeAlias = Running | JobFailed | Done


def read_submitted(body: bytes) -> Submitted:
    """The reply to a submission; raises `SourceError` (`MALFORMED`)."""
    reply = _object(read_json(body))
    job = reply.get("jobId")
    if not isinstance(job, str) or not 0 < len(job) <= 200:
        raise SourceError.of(FailureKind.MALFORMED, "the submission's reply has no jobId")
    return Submitted(job, _pause_of(reply))


def read_job(body: bytes, job: str, persons: Sequence[AskedPerson], mapping: FieldMap) -> JobState:
    """The reply to a poll of `job`; `persons` as submitted.

    Raises `SourceError`: `MALFORMED`, or `MISMATCHED` where the reply is another job's.
    """
    reply = _object(read_json(body))
    if not isinstance(reply.get("jobId"), str):
        raise SourceError.of(FailureKind.MALFORMED, "the reply names no job")
    if reply["jobId"] != job:
        raise SourceError.of(FailureKind.MISMATCHED, "the reply belongs to another job")
    state = reply.get("state")
    if state != "DONE" and "results" in reply and reply["results"]:
        raise SourceError.of(FailureKind.MALFORMED, "results of a job that is not done")
    match state:
        case "RUNNING":
            return Running(_pause_of(reply))
        case "FAILED":
            return JobFailed()
        case "DONE":
            return Done(_replies(_results_by_index(reply, len(persons)), persons, mapping))
        case _:
            raise SourceError.of(FailureKind.MALFORMED, "state is none that is described")


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise SourceError.of(FailureKind.MALFORMED, "the reply is no JSON object")
    return value


def _pause_of(reply: Mapping[str, object]) -> timedelta:
    seconds = reply.get("pollAfterSeconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 0:
        return DEFAULT_PAUSE
    return timedelta(seconds=min(seconds, int(LONGEST_PAUSE.total_seconds())))


def _results_by_index(
    reply: Mapping[str, object], count: int
) -> Mapping[int, list[Mapping[str, object]]]:
    """The results of each index; one outside the submitted persons makes all doubtful."""
    results = reply.get("results")
    if not isinstance(results, list):
        raise SourceError.of(FailureKind.MALFORMED, "a job that is done has no results")
    by_index: dict[int, list[Mapping[str, object]]] = {}
    for result in map(_object, results):
        index = result.get("index")
        if isinstance(index, bool) or not isinstance(index, int):
            raise SourceError.of(FailureKind.MALFORMED, "a result has no index")
        if not 0 <= index < count:
            raise SourceError.of(FailureKind.MISMATCHED, "an index of nobody that was asked about")
        same = by_index.setdefault(index, [])
        if result not in same:
            same.append(result)
    return by_index


def _replies(
    by_index: Mapping[int, list[Mapping[str, object]]],
    persons: Sequence[AskedPerson],
    mapping: FieldMap,
) -> tuple[SourceReply, ...]:
    return tuple(
        SourceReply(
            person=person.ref,
            outcome=outcome_of(by_index.get(index, ()), person, mapping),
            raw=_kept(by_index.get(index, ())),
        )
        for index, person in enumerate(persons)
    )


def outcome_of(
    results: Sequence[Mapping[str, object]], person: AskedPerson, mapping: FieldMap
) -> Outcome:
    """What the results under one index say about the person (there should be one)."""
    if not results:
        return Unknown(Failure(FailureKind.INCOMPLETE, "the job's results leave the person out"))
    if len(results) > 1:
        return Unknown(Failure(FailureKind.MALFORMED, "two different results for one person"))
    found, rows = results[0].get("found"), results[0].get("records")
    if not isinstance(found, bool) or not isinstance(rows, list):
        return Unknown(Failure(FailureKind.MALFORMED, "a result lacks found or records"))
    if found != bool(rows):
        return Unknown(Failure(FailureKind.MALFORMED, "found and records contradict each other"))
    return _outcome_of_rows(rows, person, mapping) if found else NoRecord()


def _outcome_of_rows(rows: Sequence[object], person: AskedPerson, mapping: FieldMap) -> Outcome:
    records: list[AnyRecord] = []
    gaps: list[Failure] = []
    for row in rows:
        try:
            records.append(_record_of(row, mapping))
        except SourceError as error:
            gaps.append(error.failure)
    return bind(person, records, gaps[0] if gaps else None)


def _record_of(row: object, mapping: FieldMap) -> AnyRecord:
    fields = _object(row)
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise SourceError.of(FailureKind.UNMAPPED, "unknown code in type")
    return mapping.record(_KINDS[kind], fields)


def _kept(results: Sequence[Mapping[str, object]]) -> bytes:
    return b"\n".join(_text_of(result).encode() for result in results)


def _text_of(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
