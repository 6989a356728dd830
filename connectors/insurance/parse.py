"""Reads the results about a person: policies, none, an error, or unknown (pure)."""

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum

from connectors.binding import bind
from connectors.contract import AskedPerson, NoRecord, Outcome, Unknown
from connectors.failure import Failure, FailureKind, SourceError
from connectors.insurance.parts import Entry
from connectors.mapping import FieldMap
from connectors.records import AnyRecord
from connectors.transport.documents import read_json


class Status(StrEnum):
    """What a result says 状态."""

    FOUND = "FOUND"
    NONE = "NONE"
    ERROR = "ERROR"


FAILED_AT_SOURCE = Failure(FailureKind.UNAVAILABLE, "the source could not answer for the person")
PARTS_MISSING = Failure(FailureKind.INCOMPLETE, "parts of the answer have not come")


def read_accepted(body: bytes, inquiry: str) -> None:
    """The reply to a submission; raises `SourceError` unless the inquiry was accepted."""
    reply = read_json(body)
    if not isinstance(reply, dict) or not isinstance(reply.get("accepted"), bool):
        raise SourceError.of(FailureKind.MALFORMED, "the submission's reply is none")
    if reply.get("inquiryNo") != inquiry:
        raise SourceError.of(FailureKind.MISMATCHED, "the reply belongs to another inquiry")
    if not reply["accepted"]:
        raise SourceError.of(FailureKind.REJECTED, "the source did not accept the inquiry")


def outcome_of(
    entries: Sequence[Entry], person: AskedPerson, mapping: FieldMap, *, complete: bool
) -> Outcome | None:
    """What the results say; None where the source only tells that it could not answer.

    `complete` tells whether all parts have come: before, nothing is concluded from what is absent.
    """
    if not entries:
        detail = "the answer leaves the person out"
        return Unknown(Failure(FailureKind.INCOMPLETE, detail) if complete else PARTS_MISSING)
    try:
        statuses = {_status_of(entry) for entry in entries}
    except SourceError as error:
        return Unknown(error.failure)
    if Status.NONE in statuses and len(statuses) > 1:
        return Unknown(Failure(FailureKind.MALFORMED, "results contradict each other"))
    if statuses == {Status.ERROR}:
        return None if complete else Unknown(PARTS_MISSING)
    if statuses == {Status.NONE}:
        return NoRecord() if complete else Unknown(PARTS_MISSING)
    gaps = [] if complete else [PARTS_MISSING]
    if Status.ERROR in statuses:
        gaps.append(FAILED_AT_SOURCE)
    return _outcome_of_policies(tuple(_policies(entries)), person, mapping, gaps)


def _status_of(entry: Entry) -> Status:
    """The status, checked against the policies beside it."""
    status, policies = entry.get("status"), entry.get("policies", [])
    if not isinstance(policies, list):
        raise SourceError.of(FailureKind.MALFORMED, "policies are no list")
    known = next((each for each in Status if each.value == status), None)
    if known is None:
        raise SourceError.of(FailureKind.UNMAPPED, "unknown code in status")
    if (known is Status.FOUND) != bool(policies):
        raise SourceError.of(FailureKind.MALFORMED, "status and policies contradict each other")
    return known


def _policies(entries: Sequence[Entry]) -> Iterator[object]:
    for entry in entries:
        policies = entry.get("policies")
        if isinstance(policies, list):
            yield from policies


def _outcome_of_policies(
    rows: Sequence[object], person: AskedPerson, mapping: FieldMap, gaps: list[Failure]
) -> Outcome:
    records: list[AnyRecord] = []
    for row in rows:
        try:
            if not isinstance(row, dict):
                raise SourceError.of(FailureKind.MALFORMED, "a policy is no JSON object")
            records.append(mapping.record("policy", row))
        except SourceError as error:
            gaps.append(error.failure)
    return bind(person, records, gaps[0] if gaps else None)


def text_of(value: object) -> str:
    """The value as JSON, the same for the same content."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
