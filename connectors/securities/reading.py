"""A reply workbook about thousands: its rows in JSON, of which a few at a time are read (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import AskedPerson
from connectors.contract_bulk import PlacedReply
from connectors.failure import FailureKind, SourceError
from connectors.securities.parse import Form, Row, beside_strays, headings_of, reply_of, row_under
from connectors.securities.workbook import row_of


@dataclass(frozen=True, slots=True)
class SecuritiesReading:
    """The one workbook; `lines` are its rows below the headings by 序号."""

    form: Form
    headings: Sequence[str]
    lines: Mapping[int, Sequence[bytes]] = field(repr=False)
    strays: Mapping[int, FailureKind]
    parts: frozenset[int] = frozenset({1})
    complete: bool = True
    final: bool = True

    @classmethod
    def over(cls, form: Form, last: int, lines: Sequence[bytes]) -> "SecuritiesReading":
        """Of the rows; raises `SourceError` where a heading is missing or double."""
        headings = headings_of(row_of(lines[0]) if lines else (), form.layout)
        found: dict[int, list[bytes]] = {}
        sequences: list[int | None] = []
        for line in lines[1:]:
            row = row_under(headings, row_of(line), form.layout)
            if row is None:
                continue
            sequences.append(row.sequence)
            if row.sequence is not None:
                found.setdefault(row.sequence, []).append(line)
        return cls(form, headings, found, beside_strays(sequences, last))

    def settled(self, places: Sequence[int]) -> Sequence[int]:
        """All: the reply comes as a whole."""
        return places

    def about(self, asked: Mapping[int, AskedPerson]) -> Sequence[PlacedReply]:
        """By the rows under each one's 序号."""
        return [
            PlacedReply(
                place, reply_of(self._rows(place), person, self.form, self.strays.get(place))
            )
            for place, person in asked.items()
        ]

    def _rows(self, place: int) -> Sequence[Row]:
        rows = []
        for line in self.lines.get(place, ()):
            row = row_under(self.headings, row_of(line), self.form.layout)
            if row is None:
                raise SourceError.of(FailureKind.MALFORMED, "a row is gone")
            rows.append(row)
        return rows
