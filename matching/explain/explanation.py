"""What an explanation holds; nothing of it shows a person where it is printed by accident."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from matching.explain.spans import Span
from matching.levels import Level


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a field: as it was written, and in the form it is compared in; None: missing."""

    written: str | None = dataclasses.field(repr=False)
    form: str | None = dataclasses.field(repr=False)


class NoteCode(StrEnum):
    """What is to be known of a field beside its differences."""

    CHECK_WRONG = "check_wrong"
    DATE_IMPOSSIBLE = "date_impossible"
    LENGTH_WRONG = "length_wrong"
    FROM_15 = "from_15"
    FROM_NUMBER = "from_number"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    PRIVATE_USE = "private_use"
    FORMER_NAME = "former_name"
    CHANCE = "chance"


class Counted(StrEnum):
    """How far a field counts beside the others."""

    IN_FULL = "in_full"
    AS_ONE_HOME = "as_one_home"  # weighs as it does among people who live together
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Note:
    """`side` is left, right or None for both; `detail` may tell of the person and is hidden."""

    code: NoteCode
    side: str | None = None
    detail: str = dataclasses.field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldExplanation:
    """One field: its level and weight (log2 Bayes factor), both sides, the aligned differences.

    The spans of a side, one after the other, are that side's form. `sentence` is the level's,
    `words` names the difference too; `share_note` says which field has said the same where the
    field is not counted in full.
    """

    field: str
    level: Level
    weight: float
    left: Side = dataclasses.field(repr=False)
    right: Side = dataclasses.field(repr=False)
    spans: tuple[Span, ...]
    notes: tuple[Note, ...]
    sentence: Mapping[str, str]
    counted: Counted
    share_note: Mapping[str, str] | None
    words: Mapping[str, str] = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Prior and weights add up to `log_odds` (all log2); `weights` names the version used."""

    fields: tuple[FieldExplanation, ...]
    prior: float
    prior_words: Mapping[str, str]
    log_odds: float
    probability: float
    weights: str
    is_masked: bool = False

    def of(self, name: str) -> FieldExplanation:
        """The explanation of one field by its name."""
        return next(one for one in self.fields if one.field == name)
