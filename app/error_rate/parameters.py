"""Shipped priors 先验参数: what sources miss, how amounts spread and age, what applicants have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import hypot
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.decision import Cause
from app.domain.errors import ConfigurationError
from app.domain.profile import COUNT_TOTALS, MONEY_TOTALS
from app.error_rate.variables import Chance, Hidden, Presence

SHIPPED: Final = Path(__file__).parent / "data" / "parameters.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What an adult applicant may have in a source: one more of a count, or a lognormal amount."""

    kind: str
    total: str
    probability: Chance  # before the source is asked
    whole: bool
    median: float
    sigma: float
    floor_area: float  # square metres of a home, else 0

    def hidden(self, cause: Cause, probability: Chance) -> Hidden | Presence:
        """The thing as something uncertain that the totals do not hold."""
        if self.whole and self.floor_area > 0.0:
            effects = {self.total: 1.0, "floor_area": self.floor_area}
            return Presence(cause=cause, probability=probability, effects=effects, counted=False)
        return Hidden(
            cause=cause,
            total=self.total,
            probability=probability,
            median=self.median,
            sigma=self.sigma,
            whole=self.whole,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePrior:
    """One source: rates of missed and false records, spread and ageing of amounts, holdings."""

    source: str
    miss_rate: Chance
    false_record_rate: Chance
    amount_sigma: float
    sigma_per_month: float
    change_per_month: Chance
    has: Mapping[str, Holding]

    def sigma_after(self, months: float) -> float:
        """Spread of the logarithm of an amount that is so many months old."""
        return hypot(self.amount_sigma, self.sigma_per_month * max(0.0, months))

    def unasked(self, cause: Cause) -> tuple[Hidden | Presence, ...]:
        """What one adult may have where the source did not answer or was not asked."""
        return tuple(one.hidden(cause, one.probability) for one in self.has.values())

    def missed(self, cause: Cause) -> tuple[Hidden | Presence, ...]:
        """What one adult may have although the source answered that it has nothing of the kind.

        By Bayes: had and missed, among missed and not had.
        """
        return tuple(one.hidden(cause, self._missed(one.probability)) for one in self.has.values())

    def missed_another(self, cause: Cause, another: Chance) -> tuple[Hidden | Presence, ...]:
        """What one adult may have besides what the source returned: one more of a kind, missed."""
        more = another.and_(self.miss_rate)
        return tuple(one.hidden(cause, one.probability.and_(more)) for one in self.has.values())

    def _missed(self, had: Chance) -> Chance:
        both = had.and_(self.miss_rate)
        mean = both.mean / (1.0 - had.mean + both.mean) if both.mean > 0.0 else 0.0
        return Chance(min(mean, 1.0), both.weight, self.miss_rate.shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """All priors of one version."""

    version: str
    since: date
    example: bool
    sources: Mapping[str, SourcePrior]
    undeclared_member: Chance
    registered_member: Chance  # registered in the household and not declared
    another: Chance  # who has one of a kind has another
    link_weight: float  # observations that a match probability stands for
    imputed_sigma: float
    conflict_sigma: float

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "Parameters":
        """The file's priors. Raises ConfigurationError with file, key and fault."""
        try:
            content = _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except ValidationError as error:
            fault = error.errors()[0]
            key = ".".join(str(part) for part in fault["loc"]) or "file"
            raise ConfigurationError(f"{path.name}: {key}: {fault['msg']}") from error
        except (OSError, yaml.YAMLError) as error:
            raise ConfigurationError(f"{path.name}: cannot be read as YAML") from error
        return cls(
            version=content.version,
            since=content.since,
            example=content.example,
            sources={name: _prior(name, one) for name, one in content.sources.items()},
            undeclared_member=content.undeclared_member.chance("undeclared_member"),
            registered_member=content.registered_member.chance(""),
            another=content.another.chance("another"),
            link_weight=content.wrong_link.weight,
            imputed_sigma=content.imputed_sigma,
            conflict_sigma=content.conflict_sigma,
        )

    def link(self, probability: float) -> Chance:
        """A record's match probability as a chance of its being the person's."""
        return Chance(probability, self.link_weight)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ChanceIn(_Strict):
    mean: float = Field(ge=0.0, le=1.0)
    weight: float = Field(gt=0.0)

    def chance(self, shared: str) -> Chance:
        return Chance(self.mean, self.weight, shared)


class _WeightIn(_Strict):
    weight: float = Field(gt=0.0)


class _HoldingIn(_Strict):
    total: str
    probability: _ChanceIn
    whole: bool = False
    median: float = Field(default=1.0, gt=0.0)
    sigma: float = Field(default=0.0, ge=0.0)
    floor_area: float = Field(default=0.0, ge=0.0)


class _SourceIn(_Strict):
    miss_rate: _ChanceIn
    false_record_rate: _ChanceIn
    amount_sigma: float = Field(ge=0.0)
    sigma_per_month: float = Field(ge=0.0)
    change_per_month: _ChanceIn
    has: dict[str, _HoldingIn]


class _File(_Strict):
    version: str
    since: date
    example: bool
    reference: str = Field(min_length=1)
    sources: dict[str, _SourceIn]
    undeclared_member: _ChanceIn
    registered_member: _ChanceIn
    another: _ChanceIn
    wrong_link: _WeightIn
    imputed_sigma: float = Field(ge=0.0)
    conflict_sigma: float = Field(ge=0.0)


def _prior(source: str, content: _SourceIn) -> SourcePrior:
    return SourcePrior(
        source=source,
        miss_rate=content.miss_rate.chance(f"miss_rate of {source}"),
        false_record_rate=content.false_record_rate.chance(f"false_record_rate of {source}"),
        amount_sigma=content.amount_sigma,
        sigma_per_month=content.sigma_per_month,
        change_per_month=content.change_per_month.chance(f"change_per_month of {source}"),
        has={kind: _holding(source, kind, one) for kind, one in content.has.items()},
    )


def _holding(source: str, kind: str, content: _HoldingIn) -> Holding:
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
