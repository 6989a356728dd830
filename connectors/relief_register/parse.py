"""Reads beneficiaries: one record for each programme that a person is enrolled in (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.binding import bind
from connectors.contract import AskedPerson, Outcome
from connectors.dci.people import Row, enrolment_rows, number_in
from connectors.dci.source import KIND
from connectors.failure import Failure
from connectors.mapping import FieldMap

YUAN: Final = frozenset({"", "CNY", "RMB"})


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Makes enrolments of a register's records; `ids`: its kinds of our documents."""

    mapping: FieldMap
    ids: tuple[str, ...]

    def __call__(
        self, person: AskedPerson, records: Iterable[Mapping[str, Any]], gap: Failure | None
    ) -> Outcome:
        rows = [row for each in records for row in enrolment_rows(each)]
        named = [
            _prepared(row, self.ids) for row in rows if row["programme"] or row["programme_id"]
        ]
        return bind(person, [self.mapping.record(KIND, row) for row in named], gap)


def _prepared(row: Row, ids: Iterable[str]) -> Row:
    """With the number of a document that is known here; amounts in yuan alone."""
    amount = row["amount"] if str(row["currency"]).upper() in YUAN else ""
    return {**row, "id_number": number_in(row, ids), "yuan": amount}
