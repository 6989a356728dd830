"""The shapes of what-if: by which standards a household is to be judged, and what comes of it."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.answers import DecisionOut
from app.api.schemas.verification import Day

_MOST_SIGNS = 200_000


class WhatIfIn(BaseModel):
    """Which programmes, by which standards: those in force, or with a draft among them.

    Without `programmes`: the draft's own, or else those of the verification. `as_of`: the day whose
    standards judge; the evidence, the months that count and ages stay those of the verification.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    programmes: Annotated[list[str], Field(min_length=1, max_length=60)] | None = None
    standard: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=_MOST_SIGNS,
                description="A programme's file as YAML: a draft that replaces or adds it.",
            ),
        ]
        | None
    ) = None
    as_of: Day | None = None


class WhatIfOut(BaseModel):
    """Decisions from stored evidence alone; nothing is stored, and no source was asked."""

    verification: Annotated[str, Field(pattern="^vf_")]
    as_of: Annotated[date, Field(description="The day whose standards judged")]
    decisions: list[DecisionOut]
    also_confirmed_for: Annotated[
        list[str], Field(description="Other programmes whose standard the household surely meets.")
    ]
    left_to_case_system: Annotated[
        dict[str, list[str]],
        Field(description="Of those others: what only the case system knows and must find true."),
    ]
