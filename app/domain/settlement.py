"""What a person settled of a verification 核定: which value holds, and what is not counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class SettledAs(StrEnum):
    """How a question was settled."""

    USE = "use"  # the value of one of the sources holds
    AMOUNT = "amount"  # a value that a person set holds 人工核定
    EXPLAINED = "explained"  # the household's explanation is accepted
    STANDS = "stands"  # it is not: what the sources tell stands
    LEFT_OUT = "left_out"  # the record is not counted at all
    TRUE = "true"  # unusual, and true all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One question, settled about these very records: where they are others by now, it is open.

    `records`: keys of records (id and digest of the reply). `option`: the record, or the source,
    whose value holds. `amount`: yuan (a month, for income) or square metres. `proofs`: their ids.
    """

    subject: str
    how: SettledAs
    records: frozenset[str]
    option: str | None = None
    amount: Decimal | None = field(default=None, repr=False)
    explanation: str | None = None
    proofs: tuple[str, ...] = ()

    @property
    def evidence(self) -> frozenset[str]:
        """Ids of the records."""
        return frozenset(key.rpartition("/")[0] for key in self.records)

    @property
    def in_words(self) -> str:
        """How it was settled, as a finding says it: no amount."""
        more = self.option or self.explanation
        return self.how.value if more is None else f"{self.how.value}: {more}"


Settlements = Mapping[str, Settlement]
"""By subject: those that stand."""
