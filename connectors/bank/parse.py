"""Reads a person's lines of a bank's reply into an outcome (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connectors.bank.request import ENCODING
from connectors.binding import bind
from connectors.contract import AskedPerson, NoRecord, Outcome, Unknown
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.readers import UNREADABLE
from connectors.records import AnyRecord

COLUMNS: Final = (
    "sequence",
    "result",
    "name",
    "number",
    "account",
    "kind",
    "currency",
    "balance",
    "balance_date",
    "branch",
    "state",
    "money_in",
    "money_out",
)
"""A line's fields by their place: the file has no headings."""

NEEDED: Final = ("kind", "currency", "balance", "state")
"""Without these an account cannot be counted."""

ACCOUNT: Final = "Y"
NOTHING_HELD: Final = "N"
NOT_LOOKED_UP: Final = "E"
OVER: Final = "O"
NOT_OVER: Final = "U"


@dataclass(frozen=True, slots=True)
class Bank:
    """What is needed to read one bank's lines; `limit` (yuan) where it tells no balances."""

    name: str
    limit: Decimal | None
    mapping: FieldMap


@dataclass(frozen=True, slots=True)
class _Said:
    """What a person's lines say together."""

    records: tuple[AnyRecord, ...]
    nothing_held: bool
    gaps: tuple[Failure, ...]


def outcome_of(
    lines: Sequence[bytes], person: AskedPerson, bank: Bank, *, stray: FailureKind | None = None
) -> Outcome:
    """What the lines (without ends) say about the person.

    `stray`: beside them stood lines of nobody, which may have been the person's.
    """
    said = _said(lines, bank)
    if said.nothing_held:
        if said.records or said.gaps:
            return _contradiction("no account stands beside other lines of the same person")
        return NoRecord()
    if _over_and_not_over(said.records):
        return _contradiction("over and not over the limit at once")
    gaps = [*said.gaps]
    if stray is not None:
        gaps.append(Failure(stray, "a line beside the person's belongs to nobody asked about"))
    if not said.records and not gaps:
        gaps.append(Failure(FailureKind.INCOMPLETE, "no line about the person"))
    return bind(person, said.records, gaps[0] if gaps else None)


def _contradiction(detail: str) -> Unknown:
    return Unknown(Failure(FailureKind.MALFORMED, detail))


def _said(lines: Sequence[bytes], bank: Bank) -> _Said:
    records: list[AnyRecord] = []
    gaps: list[Failure] = []
    nothing_held = False
    for line in lines:
        try:
            row = _row(line)
            if row["result"] == NOTHING_HELD:
                _nothing_after(row, "result")
                nothing_held = True
            else:
                records.append(_record(row, bank))
        except SourceError as error:
            gaps.append(error.failure)
    return _Said(tuple(records), nothing_held, tuple(gaps))


def _row(line: bytes) -> Mapping[str, str]:
    # Fields are split after decoding: the second byte of a character may be that of `|`.
    try:
        fields = line.decode(ENCODING).split("|")
    except UnicodeDecodeError:
        raise SourceError.of(FailureKind.MALFORMED, "a line is not GB18030") from None
    if len(fields) != len(COLUMNS):
        raise SourceError.of(
            FailureKind.MALFORMED, f"a line has {len(fields)} fields, not {len(COLUMNS)}"
        )
    return dict(zip(COLUMNS, fields, strict=True))


def _record(row: Mapping[str, str], bank: Bank) -> AnyRecord:
    result = row["result"]
    if result == ACCOUNT:
        return bank.mapping.record("account", row, bank=bank.name, problems=_left_blank(row))
    if result in (OVER, NOT_OVER):
        _nothing_after(row, "number")
        if bank.limit is None:
            raise SourceError.of(
                FailureKind.UNMAPPED, f"{bank.name} tells over or not over a limit: set limit_only"
            )
        return bank.mapping.record(
            "limit", row, bank=bank.name, over=result == OVER, limit=bank.limit
        )
    if result == NOT_LOOKED_UP:
        # Its reason may quote the person, so it stays in the raw reply.
        raise SourceError.of(FailureKind.REJECTED, "could not be looked up")
    raise SourceError.of(FailureKind.MALFORMED, "a line has no result as agreed")


def _left_blank(row: Mapping[str, str]) -> tuple[str, ...]:
    """Problems with fields that an account cannot be without; raises where it has none of them."""
    blank = [name for name in NEEDED if not row[name].strip()]
    if len(blank) == len(NEEDED):
        raise SourceError.of(FailureKind.MALFORMED, "a line tells an account and nothing about it")
    return tuple(f"{UNREADABLE} {name}: nothing stands there" for name in blank)


def _nothing_after(row: Mapping[str, str], column: str) -> None:
    after = COLUMNS[COLUMNS.index(column) + 1 :]
    if any(row[name].strip() for name in after):
        raise SourceError.of(FailureKind.MALFORMED, f"fields after {column} are not empty")


def _over_and_not_over(records: Sequence[AnyRecord]) -> bool:
    """The same name and number, once over and once not."""
    said: dict[object, bool] = {}
    return any(
        said.setdefault(record.subjects, record.over) != record.over
        for record in records
        if record.type == "balance_limit"
    )
