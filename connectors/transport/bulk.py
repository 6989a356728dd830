"""A reply to a request about many persons that says the same of all of them (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import AskedPerson, SourceReply, Unknown
from connectors.contract_bulk import PlacedReply
from connectors.failure import Failure


@dataclass(frozen=True, slots=True)
class SaidOfAll:
    """The whole request failed; `again`: a new one may fare better."""

    failure: Failure
    institution: str = ""
    raw: bytes = field(default=b"", repr=False)
    again: bool = False
    parts: frozenset[int] = frozenset()
    complete: bool = True
    final: bool = True

    def settled(self, places: Sequence[int]) -> Sequence[int]:
        """All of them."""
        return places

    def about(self, asked: Mapping[int, AskedPerson]) -> Sequence[PlacedReply]:
        """The one failure for each."""
        outcome = Unknown(self.failure)
        return [
            PlacedReply(
                place,
                SourceReply(
                    person=person.ref,
                    institution=self.institution,
                    outcome=outcome,
                    raw=self.raw,
                ),
                self.again,
            )
            for place, person in asked.items()
        ]
