"""The shape of a programme file: every key and what it means."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from app.domain.profile import COUNT_TOTALS, MONEY_TOTALS
from app.programmes.faults import nearest
from app.programmes.file_values import (
    AmountOrNoneParameter,
    AmountParameter,
    CountParameter,
    Day,
    DayOrNoneParameter,
    DaysBySourceParameter,
    ParameterIn,
    Strict,
    WordsParameter,
)
from app.programmes.parameters import Kind
from app.programmes.words import PARAMETERS, both

TESTABLE: Final = MONEY_TOTALS | COUNT_TOTALS
KEY: Final = r"^[a-z][a-z0-9_]*$"


def _test(name: str) -> str:
    if name not in TESTABLE:
        known = ", ".join(sorted(TESTABLE))
        raise ValueError(f"{name} is none of {known}{nearest(name, TESTABLE)}")
    return name


def _benefit(name: str) -> str:
    if name in KINDS:
        raise ValueError(f"{name} is a counting rule and no amount: a benefit has another name")
    return name


def _as_list(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


def _known(name: str) -> Any:
    return Field(None, description=both(PARAMETERS, name))


Key: TypeAlias = Annotated[str, Field(pattern=KEY)]


class Parameters(Strict):
    """Dated values by name; a name that is not among these is an amount of the programme's own."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"propertyNames": {"pattern": KEY}})
    __pydantic_extra__: dict[Key, AmountParameter]

    local_standard: AmountParameter | None = _known("local_standard")
    minimum_wage: AmountParameter | None = _known("minimum_wage")
    contribution_floor: AmountParameter | None = _known("contribution_floor")
    contribution_ceiling: AmountParameter | None = _known("contribution_ceiling")
    window_months: CountParameter | None = _known("window_months")
    residents_pension_counted_from: DayOrNoneParameter | None = _known(
        "residents_pension_counted_from"
    )
    wage_difference_tolerance: AmountParameter | None = _known("wage_difference_tolerance")
    imputed_sole_trader_monthly: AmountOrNoneParameter | None = _known(
        "imputed_sole_trader_monthly"
    )
    supporter_share: AmountParameter | None = _known("supporter_share")
    supporter_share_many: AmountParameter | None = _known("supporter_share_many")
    supporters_many: CountParameter | None = _known("supporters_many")
    medical_above_yearly: AmountParameter | None = _known("medical_above_yearly")
    medical_limit_yearly: AmountOrNoneParameter | None = _known("medical_limit_yearly")
    education_limit_yearly: AmountParameter | None = _known("education_limit_yearly")
    disability_limit_yearly: AmountParameter | None = _known("disability_limit_yearly")
    own_contribution_rate_most: AmountParameter | None = _known("own_contribution_rate_most")
    own_fund_rate_most: AmountParameter | None = _known("own_fund_rate_most")
    exempt_vehicle_kinds: WordsParameter | None = _known("exempt_vehicle_kinds")
    counted_vehicle_states: WordsParameter | None = _known("counted_vehicle_states")
    stale_after_days: DaysBySourceParameter | None = _known("stale_after_days")
    declared_tolerance: AmountParameter | None = _known("declared_tolerance")
    lookback_months: CountParameter | None = _known("lookback_months")
    income_multiple: AmountParameter | None = _known("income_multiple")
    asset_months: AmountParameter | None = _known("asset_months")
    homes_most: AmountParameter | None = _known("homes_most")
    floor_area_below: AmountParameter | None = _known("floor_area_below")
    vehicles_most: AmountParameter | None = _known("vehicles_most")
    vessels_most: AmountParameter | None = _known("vessels_most")
    business_capital_most: AmountParameter | None = _known("business_capital_most")

    @property
    def given(self) -> dict[str, ParameterIn[Any]]:
        """The parameters that the file gives."""
        everything = {**dict(self), **(self.model_extra or {})}
        return {name: one for name, one in everything.items() if one is not None}


def _classes() -> dict[str, type[ParameterIn[Any]]]:
    fields = Parameters.model_fields.items()
    return {name: get_args(field.annotation)[0] for name, field in fields}


KINDS: Final[Mapping[str, Kind]] = {
    name: one.kind for name, one in _classes().items() if one.kind is not Kind.AMOUNT
}
"""Parameters that are not amounts; every other one is."""
NULLABLE: Final = frozenset(name for name, one in _classes().items() if one.nullable)
AMOUNTS: Final = frozenset(PARAMETERS) & frozenset(_classes()) - KINDS.keys() - NULLABLE
"""The known parameters that a limit can be made of."""

_AMOUNT_NAME: Final = {"anyOf": [{"enum": sorted(AMOUNTS)}, {"type": "string", "pattern": KEY}]}
Test: TypeAlias = Annotated[
    str, AfterValidator(_test), WithJsonSchema({"type": "string", "enum": sorted(TESTABLE)})
]
Limit: TypeAlias = Annotated[
    list[str],
    BeforeValidator(_as_list),
    WithJsonSchema(
        {"anyOf": [*_AMOUNT_NAME["anyOf"], {"type": "array", "items": _AMOUNT_NAME, "minItems": 1}]}
    ),
]


class TestIn(Strict):
    """One test: a total of the household held against a limit. 核对项"""

    __test__ = False  # not a test case of the test runner

    test: Test = Field(description="The total.")
    comparison: Literal["below", "at_most"] = Field(description="below: total < limit; at_most: ≤.")
    limit: Limit = Field(description="A parameter, or several whose product is the limit.")


class SourceIn(Strict):
    """What the programme rests on: a regulation, notice or clause. 依据"""

    title: str = Field(min_length=1, description="Name and number, as 国发〔2014〕47号.")
    articles: list[str] = Field([], description="Articles or clauses of it. 条款")


class LocalIn(Strict):
    """What programmes share: `local.yaml`."""

    parameters: Parameters


class NameIn(Strict):
    """What the programme is called."""

    zh: str = Field(min_length=1)
    en: str | None = None


class ProgrammeIn(Strict):
    """One relief programme: tests, counting rules of its own, figures of its benefits."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["tests"]}, {"required": ["holds_one_of"]}]}
    )

    programme: Key = Field(description="Its key, which is the file's name too.")
    name: NameIn
    clause: str | None = Field(None, description="Its clause in the founding document of 2014.")
    area: Literal["urban", "rural", "by_township"] = Field(
        description="Where it holds; by_township: in both, the township's code tells which."
    )
    until: Day | None = Field(None, description="Its last day in force; none where it goes on.")
    sources: list[SourceIn] = Field([], description="What it rests on. 依据")
    valid_months: CountParameter | None = Field(
        None, description="For how many months a decision holds. 有效期"
    )
    holds_one_of: list[Key] = Field(
        [], description="Programmes of which one that is held suffices. 已属救助类别"
    )
    tests: list[TestIn] = Field([], description="All of them must pass.")
    left_to_case_system: list[str] = Field(
        [], description="What no source can tell and the relief office looks at."
    )
    parameters: Parameters = Field(
        Parameters(), description="Its own values; a shared one given again counts here."
    )
    benefits: dict[Annotated[Key, AfterValidator(_benefit)], AmountParameter] = Field(
        {}, description="Figures from which the amount is computed. 救助标准"
    )
    targets: dict[Key, AmountParameter] = Field(
        {}, description="What the founding document asks of the province; no test rests on it. 目标"
    )
