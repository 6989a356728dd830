"""More about reconciled rows 数据扩展: what is asked for of which entities, and what is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.access.masking import masked_name
from app.domain.errors import InvalidRequest
from app.domain.household import Person
from app.reconciliation.candidates import OpenedCase
from app.reconciliation.entities import ASKED, TOLD_OF_CASES, Property
from app.reconciliation.queries import faults_of

MOST_ENTITIES: Final = 50
Cell = dict[str, Any]
_MODEL: Final = ConfigDict(extra="ignore", hide_input_in_errors=True, strict=True, frozen=True)
_Id = Annotated[str, Field(max_length=60)]


class WantedProperty(BaseModel):
    """A property that is asked for; settings are none of ours."""

    model_config = _MODEL
    id: _Id
    settings: dict[str, Any] | None = None


class ExtensionIn(BaseModel):
    """A data extension query of the standard."""

    model_config = _MODEL
    ids: Annotated[list[_Id], Field(max_length=MOST_ENTITIES)]
    properties: Annotated[list[WantedProperty], Field(max_length=30)]


def read_extension(text: bytes) -> ExtensionIn:
    """Raises `InvalidRequest`, which quotes nothing that was sent."""
    try:
        return ExtensionIn.model_validate_json(text)
    except ValidationError as error:
        raise InvalidRequest(tuple(faults_of("extend", error))) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a case stands: of a verification, or of a household that receives relief."""

    status: str
    verified_on: date | None
    outcomes: Sequence[tuple[str, str]] = ()
    """Programme and outcome, of those that the caller decides on."""


def meta(wanted: ExtensionIn) -> list[dict[str, Any]]:
    """The columns, as they were asked for; one that is none of ours has its id for a name."""
    known = {one.id: one for one in (*ASKED, *TOLD_OF_CASES)}
    return [_column(one.id, known.get(one.id)) for one in wanted.properties]


def _column(id_: str, known: Property | None) -> dict[str, Any]:
    document: dict[str, Any] = {"id": id_, "name": id_ if known is None else known.name}
    if known is not None and known.type is not None:
        document["type"] = {"id": known.type.value, "name": known.type.value}
    return document


def row_of(
    wanted: ExtensionIn,
    case: OpenedCase,
    person: Person | None,
    standing: Standing,
    programmes: Mapping[str, str],
) -> dict[str, list[Cell]]:
    """The cells of a row by property; of what is not told, none.

    `programmes`: those that the caller may know of the case, by key with their names.
    """
    who = case.head if person is None else person
    told: dict[str, list[Cell]] = {
        "name": [{"str": masked_name(who.name)}],
        "relationship": [] if person is None else [{"str": person.relationship.value}],
        "case_reference": [{"str": case.request.case_reference}],
        "region": [{"id": case.request.region, "name": case.request.region}],
        "programme": [
            {"id": key, "name": programmes[key]}
            for key in case.request.programmes
            if key in programmes
        ],
        "status": [{"str": standing.status}],
        "verified_on": _day(standing.verified_on),
        "outcome": [{"str": f"{programme}: {outcome}"} for programme, outcome in standing.outcomes],
    }
    return {one.id: told.get(one.id, []) for one in wanted.properties}


def row_of_reference(wanted: ExtensionIn, name: str) -> dict[str, list[Cell]]:
    """Of a region or a programme: its name."""
    return {one.id: [{"str": name}] if one.id == "name" else [] for one in wanted.properties}


def empty_row(wanted: ExtensionIn) -> dict[str, list[Cell]]:
    """Of what is not there for the caller."""
    return {one.id: [] for one in wanted.properties}


def _day(day: date | None) -> list[Cell]:
    return [] if day is None else [{"date": f"{day.isoformat()}T00:00:00Z"}]
