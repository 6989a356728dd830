"""Reads what a person directs, owns or manages 工商登记: found, none, or unknown (pure)."""

from collections.abc import Mapping
from typing import Final

from connectors.binding import bind
from connectors.contract import AskedPerson, Outcome
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.records import AnyRecord, InterestRole
from connectors.transport.documents import read_json

LISTS: Final[Mapping[str, InterestRole]] = {
    "legalRepresentative": InterestRole.LEGAL_REPRESENTATIVE,
    "shareholder": InterestRole.SHAREHOLDER,
    "manager": InterestRole.MANAGER,
}


def read_reply(body: bytes, person: AskedPerson, mapping: FieldMap) -> Outcome:
    """What the reply says about the person.

    Raises `SourceError` for a failure that the reply tells, and for a reply that is none.
    """
    reply = read_json(body)
    if not isinstance(reply, dict):
        raise SourceError.of(FailureKind.MALFORMED, "the reply is no JSON object")
    status, data = reply.get("status"), reply.get("data")
    if isinstance(status, bool) or status != 200:
        raise SourceError.of(_kind_of(status), "the reply's status is not 200")
    if not isinstance(data, dict) or not data.keys() & LISTS.keys():
        raise SourceError.of(FailureKind.MALFORMED, "the reply has none of the lists")
    records: list[AnyRecord] = []
    gap = _unknown_list(data)
    for name, role in LISTS.items():
        try:
            records += [mapping.record(name, row, role=role) for row in _rows(data, name)]
        except SourceError as error:
            gap = error.failure
    return bind(person, records, gap)


def _rows(data: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """The rows of a list; without the list nothing is known of that role."""
    rows = data.get(name)
    if not isinstance(rows, list):
        raise SourceError.of(FailureKind.INCOMPLETE, f"the reply has no list {name}")
    if not all(isinstance(row, dict) for row in rows):
        raise SourceError.of(FailureKind.MALFORMED, f"a row of {name} is no record")
    return rows


def _unknown_list(data: Mapping[str, object]) -> Failure | None:
    """The gap where the source tells of a role that the mapping does not know."""
    if any(rows for name, rows in data.items() if name not in LISTS):
        return Failure(FailureKind.UNMAPPED, "the reply has a list of an unknown role")
    return None


def _kind_of(status: object) -> FailureKind:
    """What a status in the body says, as under HTTP."""
    if isinstance(status, bool) or not isinstance(status, int):
        return FailureKind.MALFORMED
    if status in {401, 403}:
        return FailureKind.REFUSED
    if status == 429:
        return FailureKind.RATE_LIMITED
    return FailureKind.UNAVAILABLE if status >= 500 else FailureKind.REJECTED
