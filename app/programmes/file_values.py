"""A dated parameter as a file writes it, and what its values must be."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Final, Generic, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from app.domain.profile import FEEDS
from app.programmes.parameters import PROVINCES, REGION_LENGTHS, WHOLE_COUNTRY, Kind, value_of

_DAY: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_REGION: Final = r"^(all|[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$"
_AMOUNT: Final = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$", "examples": ["371.24"]}
_DAYS: Final = {"type": "string", "format": "date", "pattern": _DAY}
_COUNT: Final = {"type": "integer", "minimum": 0}


def _of_kind(kind: Kind, *, nullable: bool = False) -> PlainValidator:
    def valid(raw: object) -> object:
        return None if nullable and raw is None else value_of(raw, kind)

    return PlainValidator(valid)


def _day(raw: object) -> date:
    """A day as YAML has it, or as text where the file is JSON."""
    if type(raw) is date:
        return raw
    if not isinstance(raw, str) or not re.match(_DAY, raw):
        raise ValueError("must be a date, YYYY-MM-DD")
    return date.fromisoformat(raw)


def _day_or_none(raw: object) -> date | None:
    return None if raw is None else _day(raw)


def _region(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError('must be a region\'s code in quotes, as "22"')
    if raw == WHOLE_COUNTRY:
        return raw
    if not re.match(_REGION, raw):
        lengths = ", ".join(str(length) for length in sorted(REGION_LENGTHS))
        raise ValueError(f"must be a region's code of {lengths} digits, or {WHOLE_COUNTRY}")
    if raw[:2] not in PROVINCES:
        raise ValueError(f"must be a region's code: no province has the code {raw[:2]}")
    return raw


def _days_by_source(raw: object) -> object:
    days = value_of(raw, Kind.DAYS_BY_SOURCE)
    assert isinstance(days, dict)  # noqa: S101 - what values of this kind are
    for source in days:
        if source not in FEEDS:
            raise ValueError(f"{source} is no source; there are {', '.join(FEEDS)}")
    return days


Day: TypeAlias = Annotated[date, PlainValidator(_day), WithJsonSchema(_DAYS)]
Region: TypeAlias = Annotated[
    str, PlainValidator(_region), WithJsonSchema({"type": "string", "pattern": _REGION})
]
_Amount: TypeAlias = Annotated[Decimal, _of_kind(Kind.AMOUNT), WithJsonSchema(_AMOUNT)]
_AmountOrNone: TypeAlias = Annotated[
    Decimal | None,
    _of_kind(Kind.AMOUNT, nullable=True),
    WithJsonSchema({**_AMOUNT, "type": ["string", "null"]}),
]
_Count: TypeAlias = Annotated[int, _of_kind(Kind.COUNT), WithJsonSchema(_COUNT)]
_DayOrNone: TypeAlias = Annotated[
    date | None,
    PlainValidator(_day_or_none),
    WithJsonSchema({**_DAYS, "type": ["string", "null"]}),
]
_Words: TypeAlias = Annotated[
    tuple[str, ...],
    _of_kind(Kind.WORDS),
    WithJsonSchema({"type": "array", "items": {"type": "string"}}),
]
_DaysBySource: TypeAlias = Annotated[
    dict[str, int],
    PlainValidator(_days_by_source),
    WithJsonSchema(
        {"type": "object", "propertyNames": {"enum": [*FEEDS]}, "additionalProperties": _COUNT}
    ),
]
_Value = TypeVar("_Value")
_Regions: TypeAlias = Annotated[
    dict[Region, Annotated[dict[Day, _Value], Field(min_length=1)]], Field(min_length=1)
]


class Strict(BaseModel):
    """Takes the keys it names and no others, and turns no type into another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ParameterIn(Strict, Generic[_Value]):
    """A dated value: by region, and by the day from which it is in force.

    `values` holds in town and country alike; else `urban` and `rural` are both given.
    """

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["values"]}, {"required": ["urban", "rural"]}]}
    )
    kind: ClassVar[Kind]
    nullable: ClassVar[bool] = False

    reference: str = Field(
        min_length=1, description="Where the value comes from: regulation, clause, notice. 依据"
    )
    unit: str | None = Field(None, description="What one of it is, as `yuan a month`. 单位")
    example: bool = Field(False, description="A made-up value that a county replaces. 示例值")
    values: _Regions[_Value] | None = Field(
        None, description="Region → day of effect → value, in town and country alike."
    )
    urban: _Regions[_Value] | None = Field(None, description="The same, for towns alone. 城市")
    rural: _Regions[_Value] | None = Field(
        None, description="The same, for the country alone. 农村"
    )

    @model_validator(mode="after")
    def _alike_or_apart(self) -> "ParameterIn[_Value]":
        alike, town, country = self.values, self.urban, self.rural
        if (alike is None) == (town is None) or (town is None) != (country is None):
            raise ValueError("needs either values, or urban and rural")
        return self


class AmountParameter(ParameterIn[_Amount]):
    """Yuan, a share, a multiple or a limit: a decimal in quotes."""

    kind = Kind.AMOUNT


class AmountOrNoneParameter(ParameterIn[_AmountOrNone]):
    """A decimal in quotes, or null where there is none."""

    kind = Kind.AMOUNT
    nullable = True


class CountParameter(ParameterIn[_Count]):
    """A whole number."""

    kind = Kind.COUNT


class DayOrNoneParameter(ParameterIn[_DayOrNone]):
    """A day, or null where there is none."""

    kind = Kind.DAY
    nullable = True


class WordsParameter(ParameterIn[_Words]):
    """A list of words."""

    kind = Kind.WORDS


class DaysBySourceParameter(ParameterIn[_DaysBySource]):
    """Whole days for each source."""

    kind = Kind.DAYS_BY_SOURCE
