"""The parameters' file 参数文件 as it is written: every key closed, every number in its bounds."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.errors import ConfigurationError
from app.domain.profile import COUNT_TOTALS, MONEY_TOTALS
from app.error_rate.priors import HandPrior, Holding, Size, SourcePrior
from app.error_rate.variables import Chance


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChanceIn(_Strict):
    mean: float = Field(ge=0.0, le=1.0)
    weight: float = Field(gt=0.0)

    def chance(self, shared: str) -> Chance:
        return Chance(self.mean, self.weight, shared)


class WeightIn(_Strict):
    weight: float = Field(gt=0.0)


class SizeIn(_Strict):
    median: float = Field(gt=0.0)
    sigma: float = Field(ge=0.0)

    @property
    def size(self) -> Size:
        return Size(self.median, self.sigma)


class NewcomerIn(_Strict):
    means: ChanceIn
    income: SizeIn
    assets: SizeIn


class AmountIn(SizeIn):
    probability: ChanceIn

    def holding(self, kind: str) -> Holding:
        return Holding(
            kind=kind,
            total="monthly_income",
            probability=self.probability.chance(kind),
            whole=False,
            median=self.median,
            sigma=self.sigma,
            floor_area=0.0,
        )


class HoldingIn(_Strict):
    total: str
    probability: ChanceIn
    whole: bool = False
    median: float = Field(default=1.0, gt=0.0)
    sigma: float = Field(default=0.0, ge=0.0)
    floor_area: float = Field(default=0.0, ge=0.0)


class SourceIn(_Strict):
    miss_rate: ChanceIn
    false_record_rate: ChanceIn
    amount_sigma: float = Field(ge=0.0)
    amount_off: ChanceIn
    sigma_per_month: float = Field(ge=0.0)
    change_per_month: ChanceIn
    has: dict[str, HoldingIn]


class HandIn(_Strict):
    missed: ChanceIn
    false_record: ChanceIn
    amount_off: ChanceIn
    amount_sigma: float = Field(ge=0.0)

    @property
    def prior(self) -> HandPrior:
        return HandPrior(
            missed=self.missed.chance("missed by hand"),
            false_record=self.false_record.chance("false record by hand"),
            amount_off=self.amount_off.chance("amount off by hand"),
            amount_sigma=self.amount_sigma,
        )


class ParametersFile(_Strict):
    version: str
    since: date
    example: bool
    reference: str = Field(min_length=1)
    sources: dict[str, SourceIn]
    by_hand: HandIn
    undeclared_member: ChanceIn
    registered_member: dict[Literal["spouse", "child", "other"], ChanceIn] = Field(min_length=3)
    newcomer: NewcomerIn
    undeclared_share: ChanceIn
    declared_held: ChanceIn
    declared_unseen: ChanceIn
    declared_sigma: float = Field(ge=0.0)
    deposit_at_a_bank: SizeIn
    unseen_income: AmountIn
    business_income: SizeIn
    supporter_payment: AmountIn
    doubtful_counts: ChanceIn
    more_where_open: ChanceIn
    another: ChanceIn
    wrong_link: WeightIn
    imputed_off: ChanceIn
    imputed_sigma: float = Field(ge=0.0)
    conflict_sigma: float = Field(ge=0.0)


def prior_of(source: str, content: SourceIn) -> SourcePrior:
    return SourcePrior(
        source=source,
        miss_rate=content.miss_rate.chance(f"miss_rate of {source}"),
        false_record_rate=content.false_record_rate.chance(f"false_record_rate of {source}"),
        amount_sigma=content.amount_sigma,
        amount_off=content.amount_off.chance(f"amount_off of {source}"),
        sigma_per_month=content.sigma_per_month,
        change_per_month=content.change_per_month.chance(f"change_per_month of {source}"),
        has={kind: _holding(source, kind, one) for kind, one in content.has.items()},
    )


def _holding(source: str, kind: str, content: HoldingIn) -> Holding:
    if content.total not in MONEY_TOTALS | COUNT_TOTALS:
        raise ConfigurationError(f"{source}.has.{kind}.total: {content.total} is no total")
    return Holding(
        kind=kind,
        total=content.total,
        probability=content.probability.chance(f"{kind} in {source}"),
        whole=content.whole,
        median=content.median,
        sigma=content.sigma,
        floor_area=content.floor_area,
    )
