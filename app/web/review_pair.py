"""What the match pair shows: rows with their bars, the scale, what each choice leads to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from markupsafe import Markup

from app.web.charts import (
    HeadWords,
    Percents,
    ScaleWords,
    Waterfall,
    Zone,
    prob_scale,
)
from app.web.formats import Formats
from app.web.i18n import translator
from app.web.review_words import SEXES

_MINUS: Final = "−"
_SIGNS: Final = {"same": "equal", "near": "near", "diff": "differ", "void": "void"}
_TOTALS: Final = (
    "financial_assets",
    "financial_assets_per_person",
    "monthly_income_per_person",
    "monthly_income",
    "homes",
    "vehicles",
    "vessels",
    "businesses",
    "business_capital",
    "housing_fund_balance",
    "floor_area",
)
_MONEY: Final = frozenset(_TOTALS) - {"homes", "vehicles", "vessels", "businesses", "floor_area"}
_MOST_TOTALS: Final = 2
_SURE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class PairRow:
    """One field as the table shows it."""

    key: str
    name: str
    sign: str
    left: Sequence[Mapping[str, Any]]
    right: Sequence[Mapping[str, Any]]
    words: str
    more: str
    note: str = field(default="", kw_only=True)
    full: str = field(default="", kw_only=True)
    is_reduced: bool = field(default=False, kw_only=True)
    points: Sequence[str]
    weight: str
    direction: str
    chart: Markup | None


@dataclass(frozen=True, slots=True)
class Pair:
    """One record beside the person; without numbers where they are not for the viewer yet."""

    record: Mapping[str, Any]
    rows: Sequence[PairRow]
    head: Markup | None
    scale: Markup | None
    sum_chart: Markup | None
    total: str
    direction: str
    odds: str
    probability: float | None


def signed(weight: float) -> str:
    """One decimal and a true minus sign; what rounds to nothing has no sign."""
    text = f"{weight:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", _MINUS)


def pair_of(record: Mapping[str, Any], language: str) -> Pair:
    """A record of the interface's document, for the page's language."""
    numbers = record["numbers"]
    fields = record["fields"]
    if numbers is None:
        rows = [_row(one, language, None) for one in fields]
        return Pair(record, rows, None, None, None, "", "", "", None)
    weights = [numbers["prior"], *(one["weight"] for one in fields)]
    if numbers["correction"]:
        weights.append(numbers["correction"])
    fall = Waterfall.of(weights, Zone(numbers["review_from"], numbers["accept_from"]))
    rows = [_prior(record, language, fall)]
    rows += [_row(one, language, fall.row(place)) for place, one in enumerate(fields, 1)]
    if numbers["correction"]:
        rows.append(_correction(numbers["correction"], language, fall))
    _, form = translator(language, "review"), Formats(language)
    shown = form.percent(numbers["probability"])
    return Pair(
        record=record,
        rows=rows,
        head=fall.head(_head_words(_, shown, signed(fall.total))),
        scale=_scale(numbers, fall.zone, _, form),
        sum_chart=fall.sum_row(),
        total=signed(fall.total),
        direction="pos" if fall.total >= 0 else "neg",
        odds=_odds(fall.total, _),
        probability=numbers["probability"],
    )


def _head_words(_: Callable[..., str], shown: str, total: str) -> HeadWords:
    label = _("累计证据权重刻度，合计 %(total)s，对应概率 %(shown)s", total=total, shown=shown)
    return HeadWords(_("累计证据 → 概率"), _("人工判断区"), label, Percents())


def _scale(numbers: Mapping[str, Any], zone: Zone, _: Callable[..., str], form: Formats) -> Markup:
    label = _(
        "匹配概率 %(shown)s，人工判断区为 %(low)s 至 %(high)s",
        shown=form.percent(numbers["probability"]),
        low=Percents()[zone.review_from],
        high=Percents()[zone.accept_from],
    )
    low, high = numbers["interval"]
    words = ScaleWords(_("自动排除"), _("人工判断"), _("自动采信"), label)
    return prob_scale(numbers["probability"], (low, high), zone, words)


def _odds(total: float, _: Callable[..., str]) -> str:
    """`约 5.7 比 1 支持同一人`; beyond a million nobody needs the number."""
    ratio = 2.0 ** min(abs(total), 64.0)
    shown = f"{ratio:.1f}" if ratio < 100 else f"{ratio:,.0f}"
    if ratio > _SURE:
        shown = f"{_SURE:,}+"
    if total >= 0:
        return _("约 %(ratio)s 比 1 支持同一人", ratio=shown)
    return _("约 %(ratio)s 比 1 支持不是同一人", ratio=shown)


def _row(one: Mapping[str, Any], language: str, chart: Markup | None) -> PairRow:
    return PairRow(
        key=one["field"],
        name=one["name"][language],
        sign=_SIGNS[one["sign"]],
        left=_values(one, "left", language),
        right=_values(one, "right", language),
        words=one["words"].get(language, ""),
        more=one["more"].get(language, ""),
        note=one["note"].get(language, ""),
        full=one["full"].get(language, ""),
        is_reduced=one["counted"] != "in_full",
        points=one["points"],
        weight="" if one["weight"] is None else signed(one["weight"]),
        direction=_direction(one["weight"]),
        chart=chart,
    )


def _values(one: Mapping[str, Any], side: str, language: str) -> Sequence[Mapping[str, Any]]:
    """A code is shown by its word."""
    pieces: Sequence[Mapping[str, Any]] = one[side]
    if one["field"] != "sex":
        return pieces
    _ = translator(language, "review")
    return [{**piece, "text": _(SEXES.get(piece["text"], piece["text"]))} for piece in pieces]


def _direction(weight: float | None) -> str:
    if weight is None or signed(weight) == "0.0":
        return ""
    return "pos" if weight > 0 else "neg"


def _prior(record: Mapping[str, Any], language: str, fall: Waterfall) -> PairRow:
    _ = translator(language, "review")
    return PairRow(
        key="prior",
        name=_("起点"),
        sign="void",
        left=[{"text": record["prior_words"][language], "differs": False}],
        right=[],
        words=_("未看字段前"),
        more="",
        points=(),
        weight=signed(fall.bars[0].weight),
        direction="",
        chart=fall.row(0),
    )


def _correction(weight: float, language: str, fall: Waterfall) -> PairRow:
    _ = translator(language, "review")
    return PairRow(
        key="correction",
        name=_("校准"),
        sign="void",
        left=[{"text": _("按以往人工判断的结果校正"), "differs": False}],
        right=[],
        words=_("校正后与实际相符"),
        more="",
        points=(),
        weight=signed(weight),
        direction=_direction(weight),
        chart=fall.row(len(fall.bars) - 1),
    )


@dataclass(frozen=True, slots=True)
class EffectCell:
    """A total under one choice, with its limit where a test has one."""

    value: Any
    limit: Any
    is_money: bool


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One choice: totals that differ, and the outcome of each programme."""

    choice: str
    two_persons: bool
    cells: Sequence[EffectCell]
    outcomes: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class EffectTable:
    """What each choice leads to."""

    totals: Sequence[str]
    programmes: Sequence[str]
    rows: Sequence[EffectRow]

    def needs_second(self, choice: str) -> bool:
        """Whether another person must say the same."""
        return any(one.two_persons for one in self.rows if one.choice == choice)


def effects_of(effects: Sequence[Mapping[str, Any]]) -> EffectTable:
    """The totals that are others by the choice, those with a limit first; all programmes."""
    every = [one["totals"] for one in effects]
    differing = [
        name for name in _TOTALS if any(total.get(name) != every[0].get(name) for total in every)
    ]
    limits = {
        name: limit
        for one in effects
        for each in one["decisions"]
        for name, limit in each["limits"].items()
    }
    ranked = sorted(differing, key=lambda name: (name not in limits, _TOTALS.index(name)))
    totals = sorted(ranked[:_MOST_TOTALS], key=_TOTALS.index)
    return EffectTable(
        totals=totals,
        programmes=[one["programme"] for one in effects[0]["decisions"]],
        rows=[
            EffectRow(
                choice=one["choice"],
                two_persons=one["two_persons"],
                cells=[
                    EffectCell(one["totals"][name], limits.get(name), name in _MONEY)
                    for name in totals
                ],
                outcomes=one["decisions"],
            )
            for one in effects
        ],
    )
