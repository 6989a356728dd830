"""Reads the household registry 户籍管理: rows, none, or a failure told by `code` (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connectors.binding import bind, distinct, same_number
from connectors.contract import AskedPerson, Found, NoRecord, Outcome, Partial, Unknown
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap, unmapped_in
from connectors.records import AnyRecord, RegisteredPerson
from connectors.transport.documents import read_json

FOUND: Final = "00"
NONE: Final = "01"

_FAILURES: Final[Mapping[str, Failure]] = {
    "90": Failure(FailureKind.RATE_LIMITED, "too many requests (code 90)", timedelta(seconds=1)),
    "98": Failure(FailureKind.REFUSED, "the token is refused (code 98)"),
    "99": Failure(FailureKind.UNAVAILABLE, "the source has a system error (code 99)"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """The records of a reply, and what of it is missing or could not be read."""

    records: tuple[AnyRecord, ...]
    gap: Failure | None = None


def read_reply(body: bytes, mapping: FieldMap, *, in_household: bool = False) -> Page:
    """The reply to a query of either kind; no records where the source holds none.

    Raises `SourceError` for a failure that the reply tells, and for a reply that is none.
    """
    reply = read_json(body)
    if not isinstance(reply, dict) or not isinstance(reply.get("code"), str):
        raise SourceError.of(FailureKind.MALFORMED, "the reply has no code")
    code, rows, count = reply["code"], reply.get("rows"), reply.get("count")
    if code not in {FOUND, NONE}:
        other = Failure(FailureKind.UNAVAILABLE, "the source tells a failure of its own")
        raise SourceError(_FAILURES.get(code, other))
    if not isinstance(rows, list) or isinstance(count, bool) or not isinstance(count, int):
        raise SourceError.of(FailureKind.MALFORMED, "the reply has no rows or no count")
    if code == NONE and (rows or count):
        raise SourceError.of(FailureKind.MALFORMED, "rows stand beside the code for no record")
    if code == FOUND and not rows:
        kind = FailureKind.INCOMPLETE if count else FailureKind.MALFORMED
        raise SourceError.of(kind, "the code says found, and there are no rows")
    return _page(rows, count, mapping, in_household=in_household)


def _page(rows: Sequence[object], count: int, mapping: FieldMap, *, in_household: bool) -> Page:
    records: list[AnyRecord] = []
    gap: Failure | None = None
    for row in rows:
        if not isinstance(row, dict):
            gap = Failure(FailureKind.MALFORMED, "a row is no record")
            continue
        try:
            records.append(mapping.record("person", row, in_household=in_household))
        except SourceError as error:
            gap = error.failure
    once = distinct(records)
    if gap is None and count not in {len(rows), len(once)}:
        gap = Failure(FailureKind.INCOMPLETE, "count is not the number of rows")
    return Page(once, gap)


def households_of(person: AskedPerson, page: Page) -> tuple[str, ...]:
    """Numbers of the households in which the person's own number stands."""
    numbers = [
        record.household_number
        for record in page.records
        if isinstance(record, RegisteredPerson)
        and record.household_number
        and any(same_number(person, subject.id_number) for subject in record.subjects)
    ]
    return tuple(dict.fromkeys(numbers))


def household(number: str, page: Page) -> Page:
    """The rows of one household; those of another do not belong to the reply.

    Nobody at all contradicts the person's own record, which named the household.
    """
    own = tuple(
        record
        for record in page.records
        if isinstance(record, RegisteredPerson) and record.household_number == number
    )
    gap = page.gap
    if len(own) < len(page.records):
        gap = Failure(FailureKind.MISMATCHED, "rows of another household than asked for")
    elif not own and gap is None:
        gap = Failure(FailureKind.INCOMPLETE, "the household's list is empty")
    return Page(own, gap)


def outcome_of(person: AskedPerson, page: Page, households: Sequence[Page]) -> Outcome:
    """What the person's rows and the lists of their households say together."""
    outcome = bind(person, page.records, page.gap)
    gaps = [each.gap or unmapped_in(each.records) for each in households]
    gap = next((gap for gap in gaps if gap is not None), None)
    members = tuple(record for each in households for record in each.records)
    match outcome:
        case Found(records):
            together = (*records, *members)
            return Found(together) if gap is None else Partial(together, gap)
        case Partial(records, own_gap):
            return Partial((*records, *members), own_gap)
        case NoRecord() | Unknown():
            return outcome
