"""Queries of a tool as they come, read and bounded: whom a roster's row means."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from app.domain.errors import FieldError, InvalidRequest
from app.domain.household import IdType
from app.reconciliation.entities import OF_CASES, EntityType
from matching.identity import Identity
from matching.people import SEXES, date_of, former_names

MOST_QUERIES: Final = 50
"""Of a batch; OpenRefine sends ten."""
MOST_CANDIDATES: Final = 10
_USUAL: Final = 3  # as many as OpenRefine keeps of each
_MOST_TEXT: Final = 400
_MODEL: Final = ConfigDict(extra="forbid", hide_input_in_errors=True, strict=True, frozen=True)
Text = Annotated[str, Field(max_length=_MOST_TEXT)]


class Reference(BaseModel):
    """A value that was reconciled itself."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, strict=True, frozen=True)
    id: Text
    name: Text = ""


Value = Text | bool | int | float | Reference


class PropertyIn(BaseModel):
    """One property of a query; a property of none of ours is left aside."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, strict=True, frozen=True)
    pid: Text
    v: Value | Annotated[list[Value], Field(max_length=20)]

    @property
    def texts(self) -> tuple[str, ...]:
        """What is written, blanks around it taken away; what is a name for a thing by its id."""
        values = self.v if isinstance(self.v, list) else [self.v]
        texts = (_text(one, by_id=self.pid == "region") for one in values)
        return tuple(text for text in texts if text)


def _text(value: Value, *, by_id: bool) -> str:
    if isinstance(value, Reference):
        return (value.id if by_id or not value.name else value.name).strip()
    return "" if isinstance(value, bool) else str(value).strip()


class QueryIn(BaseModel):
    """A query of the standard; a text or at least one property is needed."""

    model_config = _MODEL
    query: Text | None = None
    type: Text | Annotated[list[Text], Field(max_length=20)] | None = None
    limit: Annotated[float, Field(ge=1, multiple_of=1, allow_inf_nan=False)] | None = None
    properties: Annotated[list[PropertyIn], Field(max_length=30)] | None = None
    type_strict: Literal["any", "should", "all"] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "QueryIn":
        if self.query is None and not self.properties:
            raise ValueError("a query or at least one property is needed")
        return self


Key = Annotated[str, Field(max_length=100)]
_BATCH: Final[TypeAdapter[dict[str, QueryIn]]] = TypeAdapter(
    Annotated[dict[Key, QueryIn], Field(max_length=MOST_QUERIES)],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a query comes to; `types` that are not known leave none."""

    text: str = field(repr=False)
    types: tuple[EntityType, ...]
    limit: int
    given: Mapping[str, tuple[str, ...]] = field(repr=False)

    @property
    def asks_of_people(self) -> bool:
        return any(one in OF_CASES for one in self.types)

    def first(self, name: str) -> str | None:
        return next(iter(self.given.get(name, ())), None)

    def identity(self) -> Identity:
        """As a claim on somebody; what cannot be read is missing."""
        born, sex = self.first("birth_date"), self.first("sex")
        kind = self.first("id_type") or IdType.RESIDENT_ID.value
        former = (name for text in self.given.get("former_name", ()) for name in former_names(text))
        return Identity(
            name=self.text or None,
            former_names=tuple(former),
            id_number=self.first("id_number"),
            birth_date=None if born is None else date_of(born.removesuffix("Z").split("T")[0]),
            sex=None if sex is None else SEXES.get(sex.lower()),
            address=self.first("address"),
            phone=self.first("phone"),
            employer=self.first("employer"),
            id_type=kind if kind in set(IdType) else IdType.RESIDENT_ID.value,
        )


def read_queries(text: bytes) -> dict[str, Query]:
    """By the keys of the batch. Raises `InvalidRequest`, which quotes nothing that was sent."""
    try:
        batch = _BATCH.validate_json(text)
    except ValidationError as error:
        raise InvalidRequest(tuple(faults_of("queries", error))) from None
    return {key: _query(one) for key, one in batch.items()}


def faults_of(name: str, error: ValidationError) -> Iterator[FieldError]:
    """Where and what; keys and names that a caller made up are left out of the place."""
    for one in error.errors(include_url=False, include_input=False, include_context=False)[:20]:
        known = [str(part) for part in one["loc"] if str(part) in _NAMES]
        words = "not valid JSON" if one["type"] == "json_invalid" else str(one["msg"])
        yield FieldError("/".join(("", name, *known)), str(one["type"]), _plain(words))


_NAMES: Final = frozenset({*QueryIn.model_fields, *PropertyIn.model_fields, "ids", "id"})


def _plain(words: str) -> str:
    return words.removeprefix("Value error, ")[:200]


def _query(sent: QueryIn) -> Query:
    given: dict[str, tuple[str, ...]] = {}
    for one in sent.properties or ():
        given[one.pid] = (*given.get(one.pid, ()), *one.texts)
    limit = _USUAL if sent.limit is None else int(min(sent.limit, MOST_CANDIDATES))
    return Query(
        text=(sent.query or "").strip(),
        types=_types(sent.type),
        limit=limit,
        given=given,
    )


def _types(sent: str | Sequence[str] | None) -> tuple[EntityType, ...]:
    if not sent:
        return (EntityType.PERSON,)
    asked: tuple[Any, ...] = (sent,) if isinstance(sent, str) else tuple(sent)
    return tuple(one for one in EntityType if one.value in asked)
