"""Shipped priors 先验参数: what sources miss, how amounts spread and age, what applicants have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from app.domain import yaml_text
from app.domain.errors import ConfigurationError
from app.error_rate.parameters_file import ParametersFile, prior_of
from app.error_rate.priors import OTHER, HandPrior, Holding, Newcomer, Size, SourcePrior
from app.error_rate.variables import Chance

SHIPPED: Final = Path(__file__).parent / "data" / "parameters.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """All priors of one version."""

    version: str
    since: date
    example: bool
    sources: Mapping[str, SourcePrior]
    by_hand: HandPrior
    undeclared_member: Chance
    registered_member: Mapping[str, Chance]  # not declared, by relation to the head, and `other`
    newcomer: Newcomer
    undeclared_share: Chance  # of what applicants have, what they do not declare
    declared_held: Chance  # what they declare is there
    declared_unseen: Chance  # an income declared is there though complete answers show none
    declared_sigma: float
    deposit_at_a_bank: Size  # of an account holder, yuan
    unseen_income: Holding  # that neither a source nor the declaration shows
    business_income: Size  # of a trader without taxed receipts, yuan a month
    supporter_payment: Holding
    doubtful_counts: Chance  # a thing counts of which state or kind could not be read
    more_where_open: (
        Chance  # of what is had, more behind an answer that is missing, where some came
    )
    another: Chance  # who has one of a kind has another
    link_weight: float  # observations that a match probability stands for
    imputed_off: Chance  # that an imputed or only declared income is another one
    imputed_sigma: float
    conflict_sigma: float

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "Parameters":
        """The file's priors. Raises ConfigurationError with file, key and fault."""
        try:
            document = yaml_text.load(path.read_text("utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise ConfigurationError(f"{path.name}: cannot be read as YAML") from error
        return cls.of(document, file=path.name)

    @classmethod
    def of(cls, document: object, *, file: str) -> "Parameters":
        """The priors that a file's content holds. Raises ConfigurationError like `load`."""
        try:
            content = ParametersFile.model_validate(document)
        except ValidationError as error:
            fault = error.errors()[0]
            key = ".".join(str(part) for part in fault["loc"]) or "file"
            raise ConfigurationError(f"{file}: {key}: {fault['msg']}") from error
        return cls(
            version=content.version,
            since=content.since,
            example=content.example,
            sources={name: prior_of(name, one) for name, one in content.sources.items()},
            by_hand=content.by_hand.prior,
            undeclared_member=content.undeclared_member.chance("undeclared_member"),
            registered_member={
                relation: one.chance(f"registered {relation}")
                for relation, one in content.registered_member.items()
            },
            newcomer=Newcomer(
                means=content.newcomer.means.chance("newcomer"),
                income=content.newcomer.income.size,
                assets=content.newcomer.assets.size,
            ),
            undeclared_share=content.undeclared_share.chance("undeclared_share"),
            declared_held=content.declared_held.chance("declared_held"),
            declared_unseen=content.declared_unseen.chance("declared_unseen"),
            declared_sigma=content.declared_sigma,
            deposit_at_a_bank=content.deposit_at_a_bank.size,
            unseen_income=content.unseen_income.holding("unseen_income"),
            business_income=content.business_income.size,
            supporter_payment=content.supporter_payment.holding("supporter_payment"),
            doubtful_counts=content.doubtful_counts.chance("doubtful_counts"),
            more_where_open=content.more_where_open.chance("more_where_open"),
            another=content.another.chance("another"),
            link_weight=content.wrong_link.weight,
            imputed_off=content.imputed_off.chance("imputed_off"),
            imputed_sigma=content.imputed_sigma,
            conflict_sigma=content.conflict_sigma,
        )

    def registered(self, relation: str | None) -> Chance:
        """That somebody registered in the household and not declared belongs to it."""
        return self.registered_member.get(relation or OTHER, self.registered_member[OTHER])

    def link(self, probability: float) -> Chance:
        """A record's match probability as a chance of its being the person's."""
        return Chance(probability, self.link_weight)
