"""The file of alert rules 预警规则文件 read: every key closed, every fault with file and line."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, PlainValidator, ValidationError
from pydantic_core import ErrorDetails

from app.alerts.changes import Tolerances
from app.alerts.kinds import ChangeKind
from app.alerts.rules import (
    WHOLE_COUNTRY,
    AlertRules,
    Condition,
    CustomRule,
    Relation,
    Rules,
)
from app.domain.errors import ConfigurationError
from app.domain.profile import COUNT_TOTALS, MONEY_TOTALS
from app.programmes.document import KEY, Document, read_text
from app.programmes.faults import Fault, in_order, nearest
from app.programmes.file_faults import faults_of_dates
from app.programmes.file_values import Day, Region, Strict
from app.programmes.parameters import Kind, value_of

SHIPPED: Final = Path(__file__).parent / "data" / "rules.yaml"
_LONGEST_DAYS: Final = 366
_KEY: Final = r"^[a-z][a-z0-9_]{0,59}$"


class FaultyRulesError(ConfigurationError):
    """The file does not hold what it must; `faults` are all of them, by place."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"alert rules: {faults[0]}{more}")


def _amount(raw: object) -> Decimal:
    value = value_of(raw, Kind.AMOUNT)
    assert isinstance(value, Decimal)  # noqa: S101 - what values of this kind are
    return value


def _total(raw: object) -> str:
    known = MONEY_TOTALS | COUNT_TOTALS
    if not isinstance(raw, str) or raw not in known:
        like = nearest(str(raw), known)
        raise ValueError(f"is no total; there are {', '.join(sorted(known))}{like}")
    return raw


def _kind(raw: object) -> ChangeKind:
    if raw not in tuple(ChangeKind):
        like = nearest(str(raw), list(ChangeKind))
        raise ValueError(f"is no kind of change; there are {', '.join(ChangeKind)}{like}")
    return ChangeKind(str(raw))


def _relation(raw: object) -> Relation:
    if raw not in tuple(Relation):
        raise ValueError(f"must be one of {', '.join(Relation)}")
    return Relation(str(raw))


Amount = Annotated[Decimal, PlainValidator(_amount)]
Days = Annotated[int, Field(ge=0, le=_LONGEST_DAYS)]


class TolerancesIn(Strict):
    """From which differences on something has changed; decimals in quotes, yuan."""

    balance: Amount
    fund: Amount
    monthly_income: Amount
    contribution_base: Amount
    medical_yearly: Amount


class ConditionIn(Strict):
    total: Annotated[str, PlainValidator(_total)]
    is_: Annotated[Relation, PlainValidator(_relation)] = Field(alias="is")
    value: Amount


class CustomRuleIn(Strict):
    key: str = Field(pattern=_KEY)
    name: dict[str, str] = Field(min_length=1)
    conditions: list[ConditionIn] = Field(min_length=1)


class RulesIn(Strict):
    """What holds from a day on."""

    reference: str = Field(min_length=1)
    example: bool = False
    explanation_days: Days
    handling_days: Days
    compatibility: bool
    grace_months_most: Annotated[int, Field(ge=0, le=60)]
    tolerances: TolerancesIn
    missed_relief_programmes: list[str]
    kinds: dict[Annotated[ChangeKind, PlainValidator(_kind)], bool]
    custom_rules: list[CustomRuleIn]


class RulesFile(Strict):
    rules: dict[Region, Annotated[dict[Day, RulesIn], Field(min_length=1)]] = Field(min_length=1)


def load_rules(path: Path | None, today: date) -> Rules:
    """The shipped rules, or those of a file that replaces them.

    Raises ConfigurationError with file and line of the first fault, and where no rules are in
    force today.
    """
    file = SHIPPED if path is None else path
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(f"HEDUI_ALERTS: {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"HEDUI_ALERTS: {file} is not UTF-8") from None
    rules = read_rules(text, str(file))
    rules.in_force("", today)
    return rules


def read_rules(text: str, file: str) -> Rules:
    """The rules of a YAML text. Raises FaultyRulesError."""
    document = read_text(text, file)
    faults = list(document.faults)
    content: RulesFile | None = None
    try:
        content = RulesFile.model_validate(document.content)
    except ValidationError as error:
        unread = {fault.place for fault in faults}
        found = (_fault(detail, document) for detail in error.errors(include_url=False))
        faults += [one for one in found if one.place is None or one.place not in unread]
    faults += faults_of_dates(document)
    if content is not None:
        faults += _faults_of_whole(content, document)
    if content is None or faults:
        raise FaultyRulesError(in_order(faults))
    return _rules(content)


def _fault(detail: ErrorDetails, document: Document) -> Fault:
    of_key = detail["type"] == "extra_forbidden"
    loc = [step for step in detail["loc"] if step != "[key]"]
    named = of_key or len(loc) != len(detail["loc"])
    words = detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    if of_key:
        words = "is not known here"
    if detail["type"] == "missing":
        words = "is missing"
    return document.fault((*loc, KEY) if named else loc, words)


def _faults_of_whole(content: RulesFile, document: Document) -> Iterator[Fault]:
    if WHOLE_COUNTRY not in content.rules:
        words = f"has no part {WHOLE_COUNTRY}: regions that are not named need rules, too"
        yield document.fault(("rules",), words)
    for region, by_day in content.rules.items():
        for day, rules in by_day.items():
            keys = [one.key for one in rules.custom_rules]
            for place, key in enumerate(keys):
                if key in keys[:place]:
                    path = ("rules", region, day, "custom_rules", place, "key")
                    yield document.fault(path, f"{key} is there twice")


def _rules(content: RulesFile) -> Rules:
    return Rules(
        {
            region: tuple(_in_force(region, day, by_day[day]) for day in sorted(by_day))
            for region, by_day in content.rules.items()
        }
    )


def _in_force(region: str, since: date, content: RulesIn) -> AlertRules:
    given: Mapping[str, Any] = {
        name: getattr(content, name)
        for name in (
            "reference",
            "example",
            "explanation_days",
            "handling_days",
            "compatibility",
            "grace_months_most",
        )
    }
    return AlertRules(
        region=region,
        since=since,
        tolerances=Tolerances(**content.tolerances.model_dump()),
        missed_relief_programmes=frozenset(content.missed_relief_programmes),
        switched=content.kinds,
        custom_rules=tuple(
            CustomRule(
                key=one.key,
                name=one.name,
                conditions=tuple(
                    Condition(each.total, each.is_, each.value) for each in one.conditions
                ),
            )
            for one in content.custom_rules
        ),
        **given,
    )
